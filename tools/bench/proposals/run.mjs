// How many of the links that lacuna proposes are right, by score, on the kept SR images of a finished sweep.
// usage, after a build: node tools/bench/proposals/run.mjs SWEEP_FOLDER [--method geometry] [--reach 16]
// The true network is the known one of synthetic data, else that of the HR image at its level.
import { parseArgs } from 'node:util';
import { judgeLinks, proposeLinks, skeletonize, smooth, threshold } from '../../../packages/iqa/dist/index.js';
import { layout, readResult } from '../../../experiments/dist/sweep/results/results.js';
import { readStoredSweep } from '../../../experiments/dist/sweep/plan/stored-sweep.js';
import { readKeptImages } from '../../../experiments/dist/trial/scores/kept-images.js';
import { prepareData } from '../../../experiments/dist/trial/data/prepare.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    method: { type: 'string', default: 'geometry' },
    reach: { type: 'string', default: '16' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: run.mjs SWEEP_FOLDER [--method geometry] [--reach 16]');
const sweep = readStoredSweep(folder);
const trials = sweep.trials.filter(({ method }) => method === values.method);
if (trials.length === 0) throw new Error(`${folder}: got no trial of ${values.method}`);

/** Lower ends of the ranges of scores that the table has. */
const SCORES = [0.8, 0.7, 0.6, 0];
const rows = SCORES.map((from) => ({ from, proposed: 0, right: 0 }));
let gaps = 0;
let bridged = 0;
for (const trial of trials) {
  const { evaluation } = trial.config;
  const data = await prepareData(trial.config, { baseDir: sweep.baseDirs.get(trial.id) });
  const pairs = { test: data.test(), validation: data.validation };
  const place = layout.trial(sweep.folder, trial.id);
  const level = readResult(place).ownLevel?.level ?? data.level;
  const { test } = await readKeptImages(place, { name: trial.name, pairs, digest: data.source.digest });
  for (const [i, sr] of test.entries()) {
    const { hr, truth } = pairs.test[i];
    const image = smooth(sr, evaluation.smoothing);
    const mask = threshold(image, level);
    const skeleton = skeletonize(mask);
    const reference = truth?.skeleton ?? skeletonize(data.segment(hr));
    const links = proposeLinks({ mask, skeleton, image: image.data, level }, { most: Number(values.reach) });
    const judged = judgeLinks(links, { reference, estimate: skeleton }, { tolerance: evaluation.tolerance });
    gaps += judged.gaps;
    bridged += Math.round(judged.gaps * (judged.recall ?? 0));
    for (const [n, { score }] of links.entries()) {
      const row = rows.find(({ from }) => score >= from);
      row.proposed++;
      if (judged.right[n]) row.right++;
    }
  }
}
console.log('| score | proposed | right | share |\n| --- | --- | --- | --- |');
for (const [n, { from, proposed, right }] of rows.entries()) {
  const range = n === 0 ? `${from} and more` : `${from} to ${SCORES[n - 1]}`;
  console.log(`| ${range} | ${proposed} | ${right} | ${proposed === 0 ? '–' : (right / proposed).toFixed(2)} |`);
}
const all = rows.reduce((sum, { proposed }) => sum + proposed, 0);
const right = rows.reduce((sum, row) => sum + row.right, 0);
console.log(`| all | ${all} | ${right} | ${all === 0 ? '–' : (right / all).toFixed(2)} |`);
console.log(`\n${gaps} gaps of the true network in ${trials.length} trials, ${bridged} bridged by right links`);
