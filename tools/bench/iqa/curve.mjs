// Time and memory of packages/iqa's metrics against the number of pixels: ns a pixel (best of 3) and peak memory beyond
// the inputs, in multiples of the float32 image. usage: MALLOC_MMAP_THRESHOLD_=65536 node --expose-gc
// tools/bench/iqa/curve.mjs [--sizes 256x256,...,4096x4096] [--svg FILE] [--quick] (Linux: the peak is /proc's VmHWM)
import { readFileSync, writeFileSync } from 'node:fs';
import { benchOptions } from '../options.mjs';
import { makeInputs, ourCases } from './cases.mjs';

const values = benchOptions(
  {
    sizes: { type: 'string', default: '256x256,512x512,1024x1024,2048x2048,4096x4096' },
    svg: { type: 'string' },
  },
  { sizes: '192x192' },
);
const sizes = values.sizes.split(',');
const status = (key) =>
  1024 * Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]);

/** Bytes that a call needed at its peak, beyond what was there before. */
function peakOf(run) {
  globalThis.gc();
  writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  run();
  return Math.max(0, status('VmHWM') - before);
}

const rows = new Map();
for (const size of sizes) {
  const [width, height, depth = 1] = size.split('x').map(Number);
  const pixels = width * height * depth;
  for (const [name, run] of Object.entries(ourCases(makeInputs(width, height, depth)))) {
    let best = Infinity;
    // Small images have more turns, so that all are measured with compiled code.
    for (let k = 0; k < 3 + Math.min(40, 4e6 / pixels); k++) {
      const start = performance.now();
      run();
      best = Math.min(best, performance.now() - start);
    }
    const row = rows.get(name) ?? [];
    row.push({ pixels, time: (1e6 * best) / pixels, memory: peakOf(run) / (4 * pixels) });
    rows.set(name, row);
  }
}
console.log(
  `| metric, ns a pixel (peak memory in images) | ${sizes.join(' | ')} |\n| --- |${' --- |'.repeat(sizes.length)}`,
);
for (const [name, row] of rows)
  console.log(
    `| ${name} | ${row.map(({ time, memory }) => `${time.toPrecision(2)} (${memory.toFixed(1)})`).join(' | ')} |`,
  );
if (values.svg) writeFileSync(values.svg, draw());

/** Both axes logarithmic: a cost that goes with the pixels is a level line. */
function draw() {
  const all = [...rows.values()].flat();
  const left = 60;
  const top = 20;
  const w = 520;
  const h = 360;
  const names = [...rows.keys()];
  const low = Math.floor(Math.log10(Math.min(...all.map((p) => p.time))));
  const high = Math.ceil(Math.log10(Math.max(...all.map((p) => p.time))));
  const first = Math.log2(all[0].pixels);
  const last = Math.log2(all.at(-1).pixels);
  const x = (pixels) => left + (w * (Math.log2(pixels) - first)) / (last - first);
  const y = (time) => top + (h * (high - Math.log10(time))) / (high - low);
  const colour = (n) => `hsl(${Math.round((360 * n) / names.length)} 65% 40%)`;
  const lines = names.map(
    (name, n) =>
      `<polyline fill="none" stroke="${colour(n)}" stroke-width="1.5" points="${rows
        .get(name)
        .map((p) => `${x(p.pixels).toFixed(1)},${y(p.time).toFixed(1)}`)
        .join(' ')}"/>`,
  );
  // Names stand beside the ends of their lines, spread where those are close.
  const labels = names.map((name, n) => ({ name, n, at: y(rows.get(name).at(-1).time) })).sort((p, q) => p.at - q.at);
  for (let k = 1; k < labels.length; k++) labels[k].at = Math.max(labels[k].at, labels[k - 1].at + 14);
  const decades = Array.from({ length: high - low + 1 }, (_, k) => low + k);
  const text = (at, content, attributes = '') => `<text x="${at.x}" y="${at.y}"${attributes}>${content}</text>`;
  const decadeLine = (k) => {
    const height = y(10 ** k);
    const line = `<line x1="${left}" x2="${left + w}" y1="${height}" y2="${height}" stroke="#ddd"/>`;
    return line + text({ x: left - 6, y: height + 4 }, 10 ** k, ' text-anchor="end"');
  };
  const middle = ' text-anchor="middle"';
  const turned = ` transform="translate(16 ${top + h / 2}) rotate(-90)"${middle}`;
  const viewBox = `0 0 ${left + w + 150} ${top + h + 60}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...decades.map(decadeLine),
    ...sizes.map((size, k) => text({ x: x(all[k].pixels), y: top + h + 18 }, size.replace('x', ' x '), middle)),
    ...lines,
    ...labels.map(({ name, n, at }) => text({ x: left + w + 6, y: at + 4 }, name, ` fill="${colour(n)}"`)),
    text({ x: left + w / 2, y: top + h + 44 }, 'pixels', middle),
    text({ x: 0, y: 0 }, 'ns a pixel', turned),
    '</svg>',
    '',
  ].join('\n');
}
