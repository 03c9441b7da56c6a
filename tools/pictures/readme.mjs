// The leaderboard of docs/start.md and the README's pictures, from the quick start's own results: node
// tools/pictures/readme.mjs "what it ran on and how long" [runs/quickstart]
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const [ranOn, sweep = 'runs/quickstart'] = process.argv.slice(2);
if (ranOn === undefined) {
  console.error('usage: node tools/pictures/readme.mjs "what it ran on and how long" [runs/quickstart]');
  process.exit(2);
}
const root = fileURLToPath(new URL('../../', import.meta.url));

const panel = sharp(join(sweep, 'figures/panel.png'));
const { width } = await panel.metadata();
// Half its size in print, which is what a page shows; 256 colours keep the repository small.
await panel
  .resize({ width: Math.round(width / 2) })
  .png({ palette: true, colours: 256, compressionLevel: 9 })
  .toFile(join(root, 'docs/images/panel.png'));
copyFileSync(join(sweep, 'model/picture.png'), join(root, 'docs/images/enlarged.png'));

// The tables at the common level and at own levels, and who wins at one of them only; differences are in the report.
const parts = readFileSync(join(sweep, 'leaderboard.txt'), 'utf8').trimEnd().split('\n\n');
const differences = parts.findIndex((part) => part.includes(': differences to '));
const shown = differences < 0 ? parts : parts.slice(0, differences);
const block = [...shown, ranOn]
  .join('\n\n')
  .split('\n')
  .map((line) => (line === '' ? '' : `    ${line}`))
  .join('\n');
const path = join(root, 'docs/start.md');
const page = readFileSync(path, 'utf8');
const next = page.replace(
  /(<!-- leaderboard:begin -->\n)[\s\S]*(\n<!-- leaderboard:end -->)/,
  (_, begin, end) => `${begin}${block}${end}`,
);
if (!next.includes(block))
  throw new Error(`${path}: got no leaderboard:begin and leaderboard:end, wanted both comments`);
writeFileSync(path, next);
