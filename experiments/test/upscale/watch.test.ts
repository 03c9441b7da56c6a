import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readImage, writeTiff } from '@lacuna/datasets';
import { describe, expect, it } from 'vitest';
import { defaultOptions } from '../../src/upscale/options.js';
import { watchFolder } from '../../src/upscale/watch.js';
import { picture, writeModel } from './fixtures.js';
import { at, said, useSession } from './session.js';

useSession();

const options = { ...defaultOptions, device: 'cpu' as const };

/** Runs a watch until `done` holds, then ends it. */
async function watchUntil(done: () => boolean): Promise<void> {
  const stop = new AbortController();
  const place = { model: at('m.safetensors'), input: at('in'), output: at('out') };
  const watch = watchFolder(place, options, { everyMs: 20, signal: stop.signal });
  while (!done()) await new Promise((turn) => setTimeout(turn, 10));
  stop.abort();
  await watch;
}

describe('--watch', () => {
  it('enlarges each file once, when it is whole, and says and leaves what cannot be', async () => {
    writeModel(at('m.safetensors'));
    mkdirSync(at('in'));
    writeTiff(at('whole.tif'), picture(), { type: 'uint8' });
    const bytes = readFileSync(at('whole.tif'));
    writeFileSync(at('in/a.tif'), bytes);
    writeFileSync(at('in/cut.tif'), bytes.subarray(0, 300));
    writeFileSync(at('in/empty.tif'), '');
    await watchUntil(() => existsSync(at('out/a.tif')) && said().includes('left: '));
    expect((await readImage(at('out/a.tif'))).width).toBe(80);
    expect(said().match(/left: .*cut\.tif: got a damaged or truncated TIFF/g)).toHaveLength(1);
    expect(said().match(/a\.tif {2}80 x 60/g)).toHaveLength(1);
    expect(said()).not.toContain('empty');
    expect(existsSync(at('out/cut.tif'))).toBe(false);

    // The rest of the cut one arrives; what was finished is found done.
    writeFileSync(at('in/cut.tif'), bytes);
    await watchUntil(() => existsSync(at('out/cut.tif')) && said().includes('a.tif: done before'));
    expect(said().match(/a\.tif {2}80 x 60/g)).toHaveLength(1);
  });

  it('refuses what is no folder', async () => {
    const place = { model: 'm', input: at('none'), output: at('out') };
    const watch = watchFolder(place, options, { everyMs: 20, signal: AbortSignal.abort() });
    await expect(watch).rejects.toThrow(
      /--watch: got .*none, which is no folder, wanted the folder that images appear/,
    );
  });
});
