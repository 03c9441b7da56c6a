import { mkdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { load, loadText, messageOf, specFolder } from './spec.js';

const head = 'name: a\nmodel: { name: fsrcnn }\n';
const list = (count: number, item: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(', ');

describe('how much a spec may hold', () => {
  it('aliases that grow are counted as what they stand for', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i <= 9; i++) lines.push(`a${i}: &a${i} [${list(10, () => `*a${i - 1}`)}]`);
    expect(messageOf(() => loadText(lines.join('\n')))).toMatch(
      /^spec\.yaml:\d+:\d+: got more than 50,000 values, with what aliases stand for, wanted fewer$/,
    );
  });

  it('brackets inside brackets', () => {
    expect(messageOf(() => loadText(`a: ${'['.repeat(60)}${']'.repeat(60)}`))).toMatch(
      /^spec\.yaml:1:\d+: got the 51st level, wanted maps and lists at most 50 deep$/,
    );
    // Far beyond the limit they are refused where they pass it, before anything descends by calls.
    for (const open of ['[', '{', '- ', '? '])
      expect(messageOf(() => loadText(`name: a\nb:\n  ${open.repeat(20_000)}`))).toMatch(
        /^spec\.yaml:3:\d{3}: got values nested too deeply to be read, wanted maps and lists at most 50 deep$/,
      );
  });

  it('points of axes, methods and seeds, before any is made', () => {
    const axes = list(9, (i) => `x${i}.y: [${list(10, String)}]`);
    expect(messageOf(() => loadText(`${head}axes: { cross: { ${axes} } }\n`))).toBe(
      'spec.yaml: methods times axes times seeds: got 1,000,000,000 trials, wanted at most 100,000',
    );
    const many = `methods: { ${list(1001, (i) => `m${i}: {}`)} }\nseeds: [${list(100, String)}]\n`;
    expect(messageOf(() => loadText(`${head}${many}`))).toBe(
      'spec.yaml: methods times axes times seeds: got 100,100 trials, wanted at most 100,000',
    );
  });

  it('a file that is too large, a device, a pipe, a folder', () => {
    const at = specFolder({
      'large.yaml': `name: a\n${'# comment\n'.repeat(100_001)}`,
      'device.yaml': 'extends: /dev/zero\nname: a\n',
      'pipe.yaml': 'extends: fifo\nname: a\n',
      'folder.yaml': 'extends: below\nname: a\n',
    });
    execFileSync('mkfifo', [at('fifo')]);
    mkdirSync(at('below'));
    expect(messageOf(() => load(at('large.yaml')))).toMatch(/^large\.yaml: got 1,000,018 bytes \(at most 1,000,000\)/);
    expect(messageOf(() => load(at('device.yaml')))).toMatch(/^device\.yaml:1:10: got \/dev\/zero: a device or a pipe/);
    expect(messageOf(() => load(at('pipe.yaml')))).toMatch(/^pipe\.yaml:1:10: got fifo: a device or a pipe/);
    expect(messageOf(() => load(at('folder.yaml')))).toMatch(/^folder\.yaml:1:10: got below: a folder/);
  });

  it('files that extend one another twice each', () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`s${i}.yaml`, `extends: [s${i + 1}.yaml, s${i + 1}.yaml]\n`]),
    );
    const at = specFolder({ ...files, 's30.yaml': head });
    expect(messageOf(() => load(at('s0.yaml')))).toMatch(/got more than 50 files by extends, wanted fewer$/);
  });

  it('problems: the first forty are shown', () => {
    const keys = list(60, (i) => `k${i}: 1`);
    const lines = messageOf(() => loadText(`${head}training: { ${keys} }\n`)).split('\n');
    expect(lines[0]).toBe('60 problems in the spec:');
    expect(lines).toHaveLength(42);
    expect(lines.at(-1)).toBe('  and 20 more');
  });
});
