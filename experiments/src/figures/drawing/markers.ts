import { element } from './svg.js';
import { ink, type MethodStyle } from './theme.js';

/** A method's marker centred at (x, y): shapes of about equal area, so that none looks more important. */
export function marker(x: number, y: number, style: MethodStyle, radius = 3): string {
  const paint = { fill: style.colour, stroke: ink.paper, 'stroke-width': 0.6 };
  const polygon = (count: number, turn: number, r: number) =>
    element('path', {
      d: `M${Array.from({ length: count }, (_, i) => {
        const angle = turn + (i * 2 * Math.PI) / count;
        return `${fixed(x + r * Math.sin(angle))} ${fixed(y - r * Math.cos(angle))}`;
      }).join('L')}Z`,
      ...paint,
    });
  switch (style.shape) {
    case 'circle':
      return element('circle', { cx: x, cy: y, r: radius, ...paint });
    case 'disc':
      return element('circle', {
        cx: x,
        cy: y,
        r: radius * 0.8,
        fill: ink.paper,
        stroke: style.colour,
        'stroke-width': 1.6,
      });
    case 'square':
      return polygon(4, Math.PI / 4, radius * 1.25);
    case 'triangle':
      return polygon(3, 0, radius * 1.4);
    case 'diamond':
      return polygon(4, 0, radius * 1.3);
    case 'pentagon':
      return polygon(5, 0, radius * 1.2);
    case 'cross':
      return element('path', {
        d: [-1, 1]
          .map((turn) => {
            const from = `M${fixed(x - radius)} ${fixed(y + turn * radius)}`;
            return `${from}L${fixed(x + radius)} ${fixed(y - turn * radius)}`;
          })
          .join(''),
        stroke: style.colour,
        'stroke-width': 2,
        fill: 'none',
      });
  }
}

function fixed(value: number): number {
  return Math.round(value * 100) / 100;
}
