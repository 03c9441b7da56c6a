// docs/images/forward-models.png: one fine image of synthetic dentin under all forward models.
// usage: node tools/pictures/forward-models.mjs [out.png]     (needs a build)
import { writeFileSync } from 'node:fs';
import { createRng, mapImage } from '../../packages/core/dist/index.js';
import {
  degrade,
  dentinSpec,
  fitNormalisation,
  degradationSpec,
  normalise,
  planDegradation,
  synthesizeDentin,
} from '../../packages/datasets/dist/index.js';
import { drawForwardModels } from '../../experiments/dist/figures/index.js';
import { renderPng } from '../../experiments/dist/figures/drawing/png.js';

const made = synthesizeDentin({
  width: 256,
  height: 256,
  pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
  seed: 2,
  spec: dentinSpec.parse({}),
}).image;
const hr = normalise(made, fitNormalisation([made], { kind: 'percentile', low: 0.5, high: 99.8 }), { clip: true });
const factor = 4;
const rng = createRng(3);
const views = [{ name: 'Fine', image: hr, lines: ['synthetic dentin, pixels of 0.1 µm'] }];
for (const spec of [
  { kind: 'confocal', optics: {}, jitterPx: 0.5 },
  { kind: 'ct', psfFwhmUm: 0.4, rings: 0.03 },
  { kind: 'bicubic' },
  { kind: 'blind' },
  { kind: 'blind' },
]) {
  const model = degradationSpec.parse({ ...spec, factor });
  const own = rng.fork(views.length);
  const steps = planDegradation(model, { ...hr, name: 'fine' }, own).steps;
  const lines = steps
    .join('; ')
    .match(/.{1,52}(?:\s|$)/g)
    .map((line) => line.trim());
  views.push({
    name: { confocal: 'Confocal', ct: 'CT', bicubic: 'Bicubic', blind: 'Blind' }[spec.kind],
    image: mapImage(degrade(hr, model, own), [0, 1], (value) => value),
    lines,
  });
}
writeFileSync(
  process.argv[2] ?? new URL('../../docs/images/forward-models.png', import.meta.url),
  renderPng(drawForwardModels(views, `One fine image under the forward models, factor ${factor}`)),
);
