// Sums what vitest ("Tests  2 failed | 12 passed | 1 skipped (15)") and node --test ("# pass 3" or "ℹ pass 3") say at
// their ends.

/** @returns {{passed: number, failed: number, skipped: number}} */
export function countTests(output) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const line of stripColours(output).split('\n')) {
    if (/^\s*Tests\s+.*\(\d+\)\s*$/.test(line)) {
      for (const [, number, word] of line.matchAll(/(\d+) (passed|failed|skipped|todo)/g))
        sum[word === 'todo' ? 'skipped' : word] += Number(number);
    }
    const node = /^\s*(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)\s*$/.exec(line);
    if (node)
      sum[{ pass: 'passed', fail: 'failed', cancelled: 'failed', skipped: 'skipped', todo: 'skipped' }[node[1]]] +=
        Number(node[2]);
  }
  return sum;
}

/** Escape sequences of colours, built from the character's number. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const stripColours = (text) => text.replaceAll(colours, '');
