import { doubtColour, ink, markColour, markDash } from '../figures/drawing/theme.js';
import { html, raw, type Markup } from './html.js';

/** Kinds of branches by colour and by line, so that neither is needed alone. @param isDoubtAsked their evidence too. */
export function branchLegend(isDoubtAsked: boolean): Markup {
  const kinds = (['found', 'missed', 'invented'] as const).map(
    (kind) => html`${sample(line(markColour[kind], 2.5, markDash[kind]))}branch ${kind} `,
  );
  if (!isDoubtAsked) return html`${kinds}`;
  const doubtful = sample(line(doubtColour, 8) + line(ink.text, 2));
  return html`${kinds}${doubtful}doubtful (a yellow edge: halves of the light give less than half of it, or the scan
determines half as much of it as of others, or less)`;
}

function line(colour: string, width: number, dash: readonly number[] = []): string {
  const look = `stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dash.join(' ')}"`;
  return `<line x1="1" y1="5" x2="35" y2="5" ${look}/>`;
}

const sample = (lines: string): Markup =>
  raw(`<svg class="sample" width="36" height="10" viewBox="0 0 36 10" aria-hidden="true">${lines}</svg>`);
