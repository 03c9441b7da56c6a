import { InputError } from '@lacuna/core';
import { proposeLinks, type LinkSource } from '@lacuna/iqa';
import { writeCsv } from '../iqa/csv.js';
import { numberText } from './graph-text.js';
import type { MeasuredNetwork } from './measured.js';
import type { Proposal } from './proposal.js';

/** How far apart ends may lie, in px: what is proposed where nobody says it, and the most. */
export const PROPOSAL_REACH = { usual: 16, most: 64 } as const;

/** "12": px that proposed links may bridge. */
export function parseReach(text: string): number {
  const reach = Number(text);
  if (!(reach >= 1 && reach <= PROPOSAL_REACH.most))
    throw new InputError({
      who: '--propose',
      got: text,
      wanted: `px from 1 to ${PROPOSAL_REACH.most} that a link may bridge`,
      remedy: `leave the number out for ${PROPOSAL_REACH.usual}`,
    });
  return reach;
}

/** What `--propose` says: px, the usual ones where it names none, null without it. */
export function reachOf(given: number | true | undefined): number | null {
  if (given === undefined) return null;
  return given === true ? PROPOSAL_REACH.usual : given;
}

/**
 * Proposes links for a measured network.
 * @param reach px along the axis of the finest ones.
 * @param numbersOf brings the image's numbers to those of the file.
 */
export function proposalsFor(
  { spacing }: MeasuredNetwork,
  source: LinkSource,
  { reach, numbersOf }: { readonly reach: number; readonly numbersOf: (value: number) => number },
): Proposal[] {
  const isVolume = source.mask.depth > 1;
  const pixel = Math.min(spacing.x, spacing.y, isVolume ? spacing.z : Infinity);
  return proposeLinks(source, { spacing, most: reach * pixel }).map((link, id) => ({
    ...link,
    id,
    intensity: numbersOf(link.intensity),
    background: numbersOf(link.background),
  }));
}

/** The table of proposed links of all time points, CSV. */
export function* proposalsTable(
  unit: MeasuredNetwork['unit'],
  times: readonly (readonly Proposal[])[],
): Generator<string> {
  const measures = ['intensity', 'background', 'evidence', 'alignment', 'score'];
  yield writeCsv([['time', 'proposal', 'from', 'to', `length_${unit}`, ...measures]]);
  for (const [time, proposals] of times.entries())
    for (const { id, from, to, length, intensity, background, evidence, alignment, score } of proposals)
      yield writeCsv([
        [time, id, from, to, ...[length, intensity, background, evidence, alignment, score].map(numberText)],
      ]);
}
