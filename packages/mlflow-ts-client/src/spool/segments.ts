import fs from 'node:fs';

/** File name of a journal segment. */
export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.log`;
}

/** Numbers of the segments in a run's folder, rising. */
export function listSegments(folder: string): number[] {
  const numbers: number[] = [];
  for (const name of fs.readdirSync(folder)) {
    const match = /^(\d{8})\.log$/.exec(name);
    if (match !== null) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}
