import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it("YAML's library is loaded for the first text, and not with the package", () => {
  const script = fileURLToPath(new URL('./loaded-packages.mjs', import.meta.url));
  expect(JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }))).toEqual({
    before: false,
    after: true,
  });
});
