import { markColour } from './theme.js';

/** White at 0, blue towards 1, vermillion towards -1: channels of 0 to 255. */
function channelsOf(value: number): number[] {
  const end = value < 0 ? markColour.missed : markColour.found;
  const share = Math.min(1, Math.abs(value));
  return [1, 3, 5].map((at) => Math.round(255 + (parseInt(end.slice(at, at + 2), 16) - 255) * share));
}

/** The colour of a value of -1 to 1, as "#rrggbb". */
export const divergingColour = (value: number): string =>
  `#${channelsOf(value)
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('')}`;

/** Entries of {@link divergingColours}; 0 is the one in the middle. */
const ENTRIES = 255;

/** The colours of -1 to 1 as RGB triples. */
export const divergingColours: Uint8Array = Uint8Array.from(
  Array.from({ length: ENTRIES }, (_, i) => channelsOf((2 * i) / (ENTRIES - 1) - 1)).flat(),
);

/** The entry of a value of -1 to 1. */
export const divergingLevel = (value: number): number =>
  Math.round(((ENTRIES - 1) * (Math.min(1, Math.max(-1, value)) + 1)) / 2);
