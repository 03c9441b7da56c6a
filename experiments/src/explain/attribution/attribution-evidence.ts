import { InputError, cropImage, type Image } from '@lacuna/core';
import { byAxis, type Box } from '@lacuna/datasets';
import { drawEvidence, type EvidenceCell } from '../../figures/index.js';
import { projected } from '../../figures/volumes/projections.js';
import type { MeasuredBranch } from '../../network/measured.js';
import { factorOf } from '../../upscale/open-model.js';
import { attributeBranch, type BranchAttribution } from './attribution.js';
import type { Evidence } from '../evidence.js';
import { enlarged } from '../looked-at.js';
import { shownImage, shownNetwork } from '../shown.js';
import type { Subject } from '../subject.js';

/** Weakness above which a branch is of the weakest third of the length. */
const WEAK = 2 / 3;

/** Local attribution: which coarse pixels a stretch of a branch was made from. */
export async function attributionEvidence(subject: Subject): Promise<Evidence> {
  const { model, lr, restored, network } = subject;
  const branch = chosenBranch(subject);
  const found = await attributeBranch(model, branch, { lr, fine: restored.image });
  const share = `${Math.round(100 * found.shareAlong)} %`;
  const index = found.diffusionIndex.toFixed(1);
  return {
    columns: [{ name: 'attributed', values: network.branches.map(({ id }) => (id === branch.id ? 1 : 0)) }],
    lines: [
      `branch ${branch.id}: ${share} of what its brightness comes from lies along it; diffusion index ${index} ` +
        `of ${fieldText(found.box)} coarse pixels`,
    ],
    facts: {
      branch: branch.id,
      share_along_branch: found.shareAlong,
      diffusion_index: found.diffusionIndex,
      target_blurred: found.from,
      target: found.to,
    },
    figures: [
      {
        name: 'attribution',
        svg: drawEvidence({
          title: `Where branch ${branch.id} comes from: ${subject.name}, ${model.label}`,
          note: `${share} of the attribution along the branch; diffusion index ${index}`,
          cells: cellsOf(subject, branch, found),
        }),
      },
    ],
  };
}

const fieldText = ({ width, height, depth }: Box): string => [width, height, ...(depth > 1 ? [depth] : [])].join(' x ');

/** The branch that was asked for, or the longest of the weakest third; ends at the border only where all have. */
function chosenBranch({ network: { branches, nodes }, options: { branch } }: Subject): MeasuredBranch {
  if (branch !== null) {
    if (branch < branches.length) return branches[branch];
    throw new InputError({
      who: '--branch',
      got: String(branch),
      wanted: `0 to ${branches.length - 1}, as the table counts them`,
    });
  }
  const isInside = ({ from, to }: MeasuredBranch) => nodes[from].kind !== 'border' && nodes[to].kind !== 'border';
  const inside = branches.filter(isInside);
  const whole = inside.length > 0 ? inside : branches;
  const weak = whole.filter(({ weakness }) => weakness > WEAK);
  return (weak.length > 0 ? weak : whole).reduce((a, b) => (b.length > a.length ? b : a));
}

function cellsOf(subject: Subject, branch: MeasuredBranch, { box, map, stretch }: BranchAttribution): EvidenceCell[] {
  const { lr, restored, model } = subject;
  const fineBox = enlarged(box, byAxis(factorOf(model)));
  const fine = cropImage(restored.image, fineBox);
  const { window } = shownNetwork(subject);
  const line = (pixels: readonly number[]) =>
    pixels.flatMap((pixel) => [
      (pixel % restored.image.width) - fineBox.x + 0.5,
      (Math.floor(pixel / restored.image.width) % restored.image.height) - fineBox.y + 0.5,
    ]);
  return [
    { ...shownImage(cropImage(lr, box)), heading: 'Scan', note: 'what the stretch depends on', window },
    { ...magnitudes(map), heading: 'Attribution', note: 'magnitude by coarse pixel', pixelSize: lr.pixelSize },
    {
      ...shownImage(fine),
      heading: 'Enlarged',
      note: 'vermillion: the stretch; blue: its branch',
      window,
      lines: [
        { points: line([...branch.pixels]), value: 1 },
        { points: line(stretch), value: 0 },
      ],
    },
  ];
}

function magnitudes(map: Image): Pick<EvidenceCell, 'image' | 'window'> {
  const image = projected({ ...map, data: map.data.map(Math.abs) });
  const most = image.data.reduce((a, b) => Math.max(a, b), 0);
  return { image, window: [0, most > 0 ? most : 1] };
}
