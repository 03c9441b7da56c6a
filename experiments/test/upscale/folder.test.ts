import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readImage, writeTiff } from '@lacuna/datasets';
import { picture, writeModel } from './fixtures.js';
import { at, forget, run, said, useSession } from './session.js';

useSession();

describe('a folder', () => {
  const fill = () => {
    mkdirSync(at('in'));
    for (const name of ['a', 'b', 'c'])
      writeTiff(at(`in/${name}.tif`), picture({ width: 40 + (name.charCodeAt(0) % 7) }), { type: 'uint8' });
  };

  it('that was killed goes on where it stopped', async () => {
    writeModel(at('best.safetensors'));
    fill();
    await run('best.safetensors', 'in', 'out');
    const before = statSync(at('out/a.tif')).mtimeMs;
    const whole = readFileSync(at('out/b.tif'));
    // As a killed process leaves it: one result missing, its beginning beside it under another name.
    truncateSync(at('out/b.tif'), 100);
    copyFileSync(at('out/b.tif'), at('out/b.tif.999999999-0123456789abcdef.part'));
    rmSync(at('out/b.tif'));
    forget();
    const again = await run('best.safetensors', 'in', 'out');
    expect(again.map(({ skipped }) => skipped)).toEqual([true, false, true]);
    expect(statSync(at('out/a.tif')).mtimeMs).toBe(before);
    expect(readFileSync(at('out/b.tif'))).toEqual(whole);
    expect(readdirSync(at('out')).sort()).toEqual(['.lacuna-upscale.json', 'a.tif', 'b.tif', 'c.tif']);
    expect(said()).toContain('a.tif: done before');
  });

  it('is not mixed with results of another model: --force writes over them', async () => {
    writeModel(at('1.safetensors'), { seed: 1 });
    writeModel(at('2.safetensors'), { seed: 2 });
    fill();
    await run('1.safetensors', 'in', 'out');
    await expect(run('2.safetensors', 'in', 'out')).rejects.toThrow(
      'a.tif: got a file that is there already (the result of another model or setting), ' +
        'wanted a new name; name another output, or write over it with --force',
    );
    expect((await run('2.safetensors', 'in', 'out', { force: true })).every(({ skipped }) => !skipped)).toBe(true);
  });

  it('is made again where the content of inputs changed and their size and time did not', async () => {
    writeModel(at('best.safetensors'));
    mkdirSync(at('in'));
    const time = new Date(2026, 1, 1);
    const write = (name: string, phase: number) => {
      writeTiff(
        at(`in/${name}.tif`),
        { ...picture(), data: picture().data.map((v) => (v + phase) % 256) },
        { type: 'uint8' },
      );
      utimesSync(at(`in/${name}.tif`), time, time);
    };
    write('a', 0);
    write('b', 50);
    await run('best.safetensors', 'in', 'out');
    const [a, b] = ['a', 'b'].map((name) => readFileSync(at(`out/${name}.tif`)));
    write('a', 50);
    write('b', 0);
    const again = await run('best.safetensors', 'in', 'out');
    expect(again.map(({ skipped }) => skipped)).toEqual([false, false]);
    expect((await readImage(at('out/a.tif'))).data).not.toEqual((await readImage(at('out/b.tif'))).data);
    write('a', 0);
    write('b', 50);
    await run('best.safetensors', 'in', 'out');
    expect([readFileSync(at('out/a.tif')), readFileSync(at('out/b.tif'))]).toEqual([a, b]);
    expect((await run('best.safetensors', 'in', 'out')).every(({ skipped }) => skipped)).toBe(true);
  });

  it('is made again where a result was damaged, and refused where another image lies in its place', async () => {
    writeModel(at('best.safetensors'));
    fill();
    await run('best.safetensors', 'in', 'out');
    const whole = readFileSync(at('out/b.tif'));
    writeFileSync(at('out/b.tif'), Buffer.from(whole).fill(0, whole.length / 2, whole.length / 2 + 1000));
    writeFileSync(at('out/c.tif'), Buffer.alloc(whole.length));
    const again = await run('best.safetensors', 'in', 'out');
    expect(again.map(({ skipped }) => skipped)).toEqual([true, false, false]);
    expect(readFileSync(at('out/b.tif'))).toEqual(whole);
    writeTiff(at('out/b.tif'), picture(), { type: 'uint8' });
    await expect(run('best.safetensors', 'in', 'out')).rejects.toThrow('b.tif: got a file that is there already');
  });
});
