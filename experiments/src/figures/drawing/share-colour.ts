/**
 * Vermillion at 0, yellow at one half and sky blue at 1, of the palette of Okabe and Ito ("Color Universal Design",
 * 2008): apart for all kinds of colour blindness, and bright on a dark image.
 */
const anchors = [
  [213, 94, 0],
  [240, 228, 66],
  [86, 180, 233],
] as const;

/** The colour of a share of 0..1, as "#rrggbb". */
export function shareColour(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (anchors.length - 1);
  const low = Math.min(anchors.length - 2, Math.floor(at));
  const channels = anchors[low].map((from, c) => Math.round(from + (anchors[low + 1][c] - from) * (at - low)));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
