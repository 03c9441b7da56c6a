import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportOnnx } from '../src/index.js';
import { catalogue, prepare, volumes } from './catalogue.js';
import { findPython } from './python.js';

const python = findPython('onnx');
if (python === undefined) console.warn("skipped: no Python with onnx (npm test's set-up makes one)");

/**
 * Full check of each file: ops, attributes, types, and shapes inferred strictly; then how its output's shape is
 * inferred.
 */
const script = `
import json, sys, onnx
out = []
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    rank = len(inferred.graph.output[0].type.tensor_type.shape.dim)
    metadata = {p.key: p.value for p in model.metadata_props}
    out.append({"rank": rank, "opset": model.opset_import[0].version, "metadata": metadata})
print(json.dumps(out))
`;

describe.skipIf(python === undefined)("ONNX's own checker", () => {
  it('accepts every export in full, and reads its metadata', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-onnx-'));
    try {
      const entries = [...catalogue, ...volumes];
      const paths = entries.flatMap((entry, i) =>
        (['float32', 'float16'] as const).map((precision) => {
          const path = join(folder, `${i}-${precision}.onnx`);
          writeFileSync(path, exportOnnx({ ...prepare(entry), precision }));
          return path;
        }),
      );
      const found = JSON.parse(execFileSync(python!, ['-c', script, ...paths], { encoding: 'utf8' })) as {
        rank: number;
        opset: number;
        metadata: Record<string, string>;
      }[];
      const ranks = entries.flatMap(({ factor }) => (typeof factor === 'number' ? [4, 4] : [5, 5]));
      expect(found.map(({ rank }) => rank)).toEqual(ranks);
      for (const { opset } of found) expect(opset).toBe(18);
      expect(found[0].metadata).toMatchObject({
        factor: '2',
        channels: '1',
        normalisation: '{"low":100,"high":4000}',
        data_range: '[0,65535]',
        range: '[0,1]',
        pixel_size: '{"x":0.1,"y":0.1,"unit":"um"}',
        licence: 'Apache-2.0',
        commit: '0123abc',
        spec: '{"seed":1}',
        layout: 'nchw',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
