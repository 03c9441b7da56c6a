import { fontStack, ink, pageWidth, size, widthMm } from './theme.js';

/** Attributes of an SVG element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A number as figures write it: at most two decimals, so that no platform's last bits show. */
function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`svg: got the coordinate ${value}, wanted a finite number`);
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

/** Text made safe for element content and attribute values. */
function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** One element with its children, as text. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeXml(String(value))}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

/** How a text is set. */
export interface TextStyle {
  readonly size?: number;
  readonly weight?: 'normal' | 'bold';
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Degrees, clockwise, around the anchor. */
  readonly rotate?: number;
  /** Colour of an outline behind the letters that keeps them readable over lines. */
  readonly halo?: string;
}

/** A line of text whose baseline starts, is centred or ends at (x, y). */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { weight, fill = ink.text, anchor = 'start', rotate, halo } = style;
  const attributes: Attributes = {
    x,
    y,
    fill,
    'font-size': style.size ?? size.label,
    'font-weight': weight === 'bold' ? 'bold' : undefined,
    'text-anchor': anchor === 'start' ? undefined : anchor,
    transform: rotate === undefined ? undefined : `rotate(${coordinate(rotate)} ${coordinate(x)} ${coordinate(y)})`,
  };
  const letters = element('text', attributes, escapeXml(content));
  if (halo === undefined) return letters;
  // A stroked copy below instead of paint-order, which not every renderer knows.
  return (
    element(
      'text',
      { ...attributes, fill: halo, stroke: halo, 'stroke-width': 2, 'stroke-linejoin': 'round' },
      escapeXml(content),
    ) + letters
  );
}

/** A rectangle in points, y downwards. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A straight line from (x1, y1) to (x2, y2). */
export function line(
  [x1, y1, x2, y2]: readonly [x1: number, y1: number, x2: number, y2: number],
  stroke: string,
  width: number,
  more: Attributes = {},
): string {
  return element('line', { x1, y1, x2, y2, stroke, 'stroke-width': width, ...more });
}

/** What an assistive reader is told about a figure. */
export interface FigureDescription {
  readonly title: string;
  readonly description: string;
}

/**
 * A whole figure, {@link pageWidth} points wide, on white paper, with its title and description for those who do not
 * see it.
 */
export function figure(
  height: number,
  { title, description }: FigureDescription,
  ...children: readonly string[]
): string {
  return (
    element(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        'xmlns:xlink': 'http://www.w3.org/1999/xlink',
        width: `${widthMm}mm`,
        height: `${coordinate((height / 72) * 25.4)}mm`,
        viewBox: `0 0 ${coordinate(pageWidth)} ${coordinate(height)}`,
        role: 'img',
        'font-family': fontStack,
      },
      element('title', {}, escapeXml(title)),
      element('desc', {}, escapeXml(description)),
      element('rect', { x: 0, y: 0, width: pageWidth, height, fill: ink.paper }),
      ...children,
    ) + '\n'
  );
}
