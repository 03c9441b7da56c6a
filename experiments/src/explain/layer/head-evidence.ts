import { InputError } from '@lacuna/core';
import { drawEvidence } from '../../figures/index.js';
import type { Evidence } from '../evidence.js';
import { lengthMean } from '../length-mean.js';
import { linesOf, shownImage, shownNetwork } from '../shown.js';
import type { Subject } from '../subject.js';

/**
 * What a head that is kept at inference says of each branch: the probability of network along its centreline. Planes,
 * volumes, and models of planes that see their neighbours.
 * @throws {InputError} for a model without such a head, and where a level of the image was named.
 */
export function headEvidence(subject: Subject): Evidence {
  const { network, restored, restorer, model, name, reading } = subject;
  if (!restorer.readsHead)
    throw new InputError({
      who: '--parts head',
      got: model.headLevel === null ? `${model.label}, which has no head for the network` : '--level as well',
      wanted: 'a network that is read from the head of its model',
      remedy:
        model.headLevel === null ? 'train one with regime.networkHead, or leave the part out' : 'leave --level out',
    });
  const along = network.branches.map(({ pixels }) => Array.from(pixels, (pixel) => restored.map.data[pixel]));
  const mean = along.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const least = along.map((values) => values.reduce((a, b) => Math.min(a, b)));
  const { level } = reading;
  const aboveLevel = (value: number) => Math.min(1, Math.max(0, (value - level) / (1 - level)));
  const overall = lengthMean(network.branches, mean);
  const weak = least.filter((value) => value < level).length;
  return {
    columns: [
      { name: 'head_probability', values: mean },
      { name: 'head_least', values: least },
    ],
    lines: [
      `probability ${overall!.toFixed(2)} along the branches, by length; ` +
        `${weak} of ${network.branches.length} fall below the level on their way`,
    ],
    facts: { head_probability: overall, branches_below_level: weak / network.branches.length },
    figures: [
      {
        name: 'head',
        svg: drawEvidence({
          title: `What the head says: ${name}, ${model.label}`,
          note: 'probability of network',
          cells: [
            { ...shownNetwork(subject), heading: 'Enlarged', note: '' },
            { ...shownImage(restored.map), heading: 'Probability of network', note: '0 to 1', window: [0, 1] },
            {
              ...shownNetwork(subject),
              heading: 'Mean along each branch',
              note: 'of the probability, from the level to 1',
              lines: linesOf(network, restored.image, mean.map(aboveLevel)),
              ends: [level.toFixed(2), '1'],
            },
          ],
        }),
      },
    ],
  };
}
