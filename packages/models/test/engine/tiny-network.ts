import { createRng } from '@lacuna/core';
import {
  Graph,
  adam,
  conv,
  createProgram,
  instanceNorm,
  movingAverage,
  prelu,
  stepNumbers,
  upsample,
} from '../../src/index.js';

/**
 * A little of everything that generators are made of: reflected borders, strides, norms, pooling, both ways up, AdamW,
 * EMA.
 */
export function tinyNetwork() {
  const graph = new Graph();
  const lr = graph.input('lr', [2, 8, 8, 1]);
  const hr = graph.input('hr', [2, 16, 16, 1]);
  const sr = graph.scope('net', () => {
    const first = prelu(graph, 'in', conv(graph, 'in', lr, { filters: 8, kernel: 3, padding: 'reflect' }));
    const down = graph.leakyRelu(
      instanceNorm(graph, 'norm', conv(graph, 'down', first, { filters: 8, kernel: 4, stride: 2 }), { affine: true }),
    );
    const up = graph.concat([upsample(graph, down, 2, 'nearest'), first], 3);
    const shuffled = graph.depthToSpace(conv(graph, 'out', up, { filters: 4, kernel: 3 }), 2);
    return graph.add(shuffled, upsample(graph, lr, 2, 'bicubic'));
  });
  const loss = graph.mean(graph.square(graph.sub(sr, hr)));
  const names = [...graph.variables.keys()];
  const { updates, gradientNorm } = adam(graph, loss, names, stepNumbers(graph), {
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-4,
    weightDecay: 0.01,
    clipNorm: 1,
  });
  const program = createProgram(graph, {
    step: { fetches: { loss, norm: gradientNorm! }, updates: [...updates, ...movingAverage(graph, names, 0.9)] },
  });
  const rng = createRng(11);
  const draw = (size: number, label: string) => {
    const stream = rng.fork(label);
    return Float32Array.from({ length: size }, () => stream.uniform());
  };
  const patches = { lr: draw(128, 'lr'), hr: draw(512, 'hr') };
  const feedsAt = (step: number) => ({
    ...patches,
    learningRate: Float32Array.of(0.01),
    beta1Power: Float32Array.of(0.9 ** step),
    beta2Power: Float32Array.of(0.99 ** step),
  });
  return { graph, program, feedsAt };
}
