// Steps of both sides in turn, of one model after the other.
import { availableParallelism } from 'node:os';
import { run } from '../../setup/shell.mjs';
import { cases } from '../train-step/cases.mjs';
import { median, openSide, programOf } from '../train-step/side.mjs';

/** Steps before the first that counts: TensorFlow and cuDNN try their algorithms there. */
const WARM_UP = 3;

const VERSIONS = 'import torch; print(torch.__version__, torch.version.cuda, torch.cuda.is_available())';

/**
 * How each side is started, on the GPU or on the CPU: a process for each model and memory layout.
 * @throws where one of them computes elsewhere: a comparison would mean nothing.
 */
export async function findSides({ python, onGpu }) {
  const threads = String(availableParallelism());
  const device = onGpu ? { TF_FORCE_GPU_ALLOW_GROWTH: 'true' } : { CUDA_VISIBLE_DEVICES: '' };
  const env = { OMP_NUM_THREADS: threads, ...device };
  const { output } = await run(python, ['-c', VERSIONS]);
  const [torch, cuda, available] = output.trim().split(/\s+/);
  if (onGpu && available !== 'True')
    throw new Error(`got PyTorch ${torch} (CUDA ${cuda}), which sees no GPU here, wanted one that does (--python)`);
  const sizes = cases.join(',');
  const lacunaArgs = [programOf('lacuna.mjs'), threads, sizes, 'plain'];
  const peerArgs = [programOf('peer.py'), threads, sizes, onGpu ? 'cuda' : 'cpu'];
  const openLacuna = () => openSide(process.execPath, lacunaArgs, env);
  const probe = openLacuna();
  const isOnGpu = (await probe.ask('gpu')) === 1;
  probe.close();
  if (onGpu && !isOnGpu)
    throw new Error('got TensorFlow on the CPU, wanted it on the GPU: its libraries of CUDA were not found');
  return {
    openLacuna,
    openTorch: () => openSide(python, peerArgs, env),
    versions: { torch, cuda: onGpu ? cuda : null, threads },
  };
}

/**
 * Medians of one model's steps, ms; of PyTorch's memory layouts the faster counts. `failed` says why there are none.
 * Models of different numbers of parameters are not compared.
 */
export async function measure({ openLacuna, openTorch }, { name, rounds, compile }) {
  const layouts = ['contiguous', 'channels_last', ...(compile ? ['compile'] : [])];
  const sides = [
    { key: 'lacuna', side: openLacuna(), preparation: `prepare ${name} float32` },
    ...layouts.map((key) => ({ key, side: openTorch(), preparation: `prepare ${name} float32 ${key}` })),
  ];
  try {
    const counts = [];
    for (const { side, preparation } of sides) {
      await side.ask(preparation);
      counts.push(await side.ask('parameters'));
    }
    const [parameters, others] = counts;
    if (others !== parameters) throw new Error(`${parameters} parameters here, ${others} in PyTorch`);
    const times = Object.fromEntries(sides.map(({ key }) => [key, []]));
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const { key, side } of sides) {
        const ms = await side.ask('step');
        if (round >= 0) times[key].push(ms);
      }
    }
    const medians = Object.fromEntries(Object.entries(times).map(([key, list]) => [key, median(list)]));
    return { name, parameters, ...medians, torch: Math.min(medians.contiguous, medians.channels_last) };
  } catch (error) {
    return { name, failed: error.message };
  } finally {
    for (const { side } of sides) side.close();
  }
}
