import { inferno } from '../drawing/inferno.js';
import { element, line, text } from '../drawing/svg.js';
import { textWidth } from '../drawing/text-width.js';
import { ink, markColour, size } from '../drawing/theme.js';

/** A filled arrow whose tip is at (x, y), pointing along the unit vector (dx, dy), with a thin white outline. */
export function arrowHead({ x, y, dx, dy }: { x: number; y: number; dx: number; dy: number }, fill: string): string {
  const at = (along: number, across: number) =>
    `${round(x - dx * along - dy * across)} ${round(y - dy * along + dx * across)}`;
  const points = [at(2, 0), at(7.5, 3.1), at(6.6, 1), at(13, 1), at(13, -1), at(6.6, -1), at(7.5, -3.1)];
  return element('path', {
    d: `M${points.join('L')}Z`,
    fill,
    stroke: '#ffffff',
    'stroke-width': 0.6,
    'stroke-linejoin': 'round',
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Lines of invented branches: hollow. */
export function inventedStrokes(d: string): string {
  if (d === '') return '';
  const style = { d, fill: 'none', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  return (
    element('path', { ...style, stroke: markColour.invented, 'stroke-width': 2.5 }) +
    element('path', { ...style, stroke: ink.paper, 'stroke-width': 0.8 })
  );
}

/** A short line as the key shows it. */
function sample(kind: keyof typeof markColour, x: number, y: number, length: number): string {
  if (kind === 'invented') return inventedStrokes(`M${round(x)} ${round(y)}L${round(x + length)} ${round(y)}`);
  return line([x, y, x + length, y], markColour[kind], kind === 'found' ? 1.3 : 2, { 'stroke-linecap': 'round' });
}

const entries = [
  { kind: 'found', name: 'branch found', share: '% of the true centreline' },
  { kind: 'missed', name: 'branch missed', share: '% of the true centreline' },
  { kind: 'invented', name: 'branch invented', share: '% of the method’s own' },
] as const;

/** The key of the panel: upright in an empty cell, or as one line below. */
export function drawLegend(at: { x: number; y: number; width: number; upright: boolean }): string {
  return at.upright ? uprightLegend(at.x + 4, at.y, at.width - 4) : flatLegend(at.x, at.y);
}

function uprightLegend(x: number, y: number, width: number): string {
  const lines = entries
    .map(({ kind, name, share }, i) => {
      const top = y + 8 + i * 21;
      return (
        sample(kind, x + 1, top, 14) +
        text(x + 21, top + 2.4, name) +
        text(x + 21, top + 10.4, share, { size: size.small, fill: ink.soft })
      );
    })
    .join('');
  const top = y + 8 + entries.length * 21;
  return (
    lines +
    arrowHead({ x: x + 14, y: top, dx: 1, dy: 0 }, markColour.missed) +
    text(x + 21, top + 2.4, 'longest errors') +
    text(x + 21, top + 10.4, 'same places in both rows', { size: size.small, fill: ink.soft }) +
    colourBar(x, top + 24, Math.min(width, 96)) +
    text(x, top + 42, 'intensity: one window for all', { size: size.small, fill: ink.soft }) +
    text(x, top + 54, 'scores: test split; bold: best', { size: size.small, fill: ink.soft })
  );
}

function flatLegend(x: number, y: number): string {
  let left = x;
  const parts = entries.map(({ kind, name }) => {
    const drawn = sample(kind, left + 1, y + 5, 12) + text(left + 17, y + 7.4, name);
    left += 17 + textWidth(name, size.label) + 12;
    return drawn;
  });
  const arrows =
    arrowHead({ x: left + 11, y: y + 5, dx: 1, dy: 0 }, markColour.missed) + text(left + 16, y + 7.4, 'longest errors');
  left += 16 + textWidth('longest errors', size.label) + 12;
  return (
    parts.join('') +
    arrows +
    colourBar(left, y + 2, 50) +
    text(left + 55, y + 7.4, 'intensity, one window for all; bold: best score', { fill: ink.soft })
  );
}

function colourBar(x: number, y: number, width: number): string {
  const steps = 64;
  return Array.from({ length: steps }, (_, i) => {
    const entry = Math.round((255 * i) / (steps - 1)) * 3;
    const fill = `#${[0, 1, 2].map((k) => inferno[entry + k].toString(16).padStart(2, '0')).join('')}`;
    // Each strip reaches under the next one, so that no renderer leaves hairlines between them.
    return element('rect', {
      x: x + (width * i) / steps,
      y,
      width: Math.min(width / steps + 0.5, width - (width * i) / steps),
      height: 6,
      fill,
    });
  }).join('');
}
