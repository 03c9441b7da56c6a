import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { markColour } from '../figures/theme.js';
import { html, raw, type Markup } from './html.js';
import type { PackedVolumes } from './pack-volumes.js';

const viewer = readFileSync(new URL('../../assets/volume-viewer.js', import.meta.url), 'utf8');

/** What a page of volumes needs: content, style, the script at its end and the source that allows that script alone. */
export interface VolumeViews {
  readonly content: Markup;
  readonly style: string;
  readonly script: Markup;
  /** Of the Content-Security-Policy. */
  readonly allow: string;
}

/**
 * Volumes to look through: the planes of HR, LR and every SR side by side in step, and the network of each to turn.
 * null where there are none.
 */
export function volumeViews(all: readonly PackedVolumes[]): VolumeViews | null {
  if (all.length === 0) return null;
  const digest = createHash('sha256').update(viewer).digest('base64');
  return {
    content: html`<h2 id="volumes">Volumes</h2>
<noscript><p>Planes and networks are drawn by a script in this file, which this browser does not run.</p></noscript>
${all.map(view)}`,
    style,
    script: html`<script>${raw(viewer)}</script>
`,
    allow: `'sha256-${digest}'`,
  };
}

const style = `
.row { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; }
.row figure { margin: 0; }
.row canvas { width: 100%; display: block; image-rendering: pixelated; touch-action: none; }
.row canvas:focus-visible { outline: 2px solid #0072b2; }
.row canvas.network { image-rendering: auto; cursor: grab; border: 1px solid var(--rule); }
.steer { position: sticky; top: 0; background: var(--paper); padding: .5rem 0; max-width: none; }
.steer input { width: min(30rem, 60vw); vertical-align: middle; }
@media print { .steer, .hint { display: none; } }
`;

/** One test region: what the viewer looks for in a section. */
function view(packed: PackedVolumes): Markup {
  const { title, grid, volumes, networks } = packed;
  const last = grid.depth - 1;
  return html`<section class="volumes">
<h3>${title}</h3>
<p class="hint">The same plane of every volume. The wheel over a picture, or the slider, goes through the planes.</p>
<p class="steer"><label>plane <input class="plane-number" type="range" min="0" max="${last}" value="${Math.floor(
    grid.depth / 2,
  )}"></label>
<output class="place"></output></p>
<div class="row">${volumes.map(planePicture)}</div>
<h3>Networks</h3>
<p class="hint">Drag a picture, or use the arrow keys on it: all turn together.</p>
<p>${legend()}</p>
<div class="row">${networks.map(({ name }) => networkPicture(name))}</div>
<script type="application/json">${raw(embedded(packed))}</script>
</section>
`;
}

/** JSON that cannot end the element that it stands in. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

function planePicture({ name, width, height }: PackedVolumes['volumes'][number]): Markup {
  return html`<figure><figcaption>${name}</figcaption>
<canvas class="plane" width="${width}" height="${height}" style="aspect-ratio: ${width} / ${height}" role="img"
aria-label="a plane of ${name}"></canvas></figure>
`;
}

function networkPicture(name: string): Markup {
  return html`<figure><figcaption>${name}</figcaption>
<canvas class="network" width="480" height="480" tabindex="0" role="img"
aria-label="the network of ${name}, to turn"></canvas></figure>
`;
}

function legend(): Markup {
  const kinds = ['found', 'missed', 'invented'] as const;
  return html`${kinds.map(
    (kind) => html`<span class="swatch" style="background: ${markColour[kind]}"></span>branch ${kind} `,
  )}`;
}
