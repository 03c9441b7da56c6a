import { branchLegend } from './branch-legend.js';
import { html, raw, type Markup } from './html.js';
import type { PackedVolumes } from './pack-volumes.js';

/**
 * Volumes to look through: the planes of HR, LR and every SR side by side in step, and the network of each to turn.
 * Nothing where there are none.
 */
export function volumeSections(all: readonly PackedVolumes[]): Markup {
  if (all.length === 0) return raw('');
  return html`<h2 id="volumes">Volumes</h2>
<noscript><p>Planes and networks are drawn by a script in this file, which this browser does not run.</p></noscript>
${all.map(section)}`;
}

export const volumeStyle = `
.row { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; }
/* Planes fit a window below their slider, side by side in a narrow one as well. */
.planes .row { display: flex; flex-wrap: wrap; }
.networks { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
.row figure { margin: 0; position: relative; }
.row canvas { width: 100%; display: block; image-rendering: pixelated; touch-action: none; }
.row canvas:focus-visible { outline: 2px solid #0072b2; }
.row canvas.network { image-rendering: auto; cursor: grab; border: 1px solid var(--rule); aspect-ratio: 1; }
.steer { position: sticky; top: 0; z-index: 1; background: var(--paper); padding: .5rem 0; max-width: none; }
.steer input { width: min(30rem, 60vw); vertical-align: middle; }
@media print { .steer, .hint, .row .branch { display: none; } }
`;

/** Most that a plane takes. */
const PLANE_WIDTH = '18rem, 42vw';
const PLANE_HEIGHT = '26rem';

/** One test region: what the page's script looks for in a section. */
function section({ title, grid, volumes, networks }: PackedVolumes, index: number): Markup {
  const last = grid.depth - 1;
  const isAsked = networks.some(({ isDoubtAsked }) => isDoubtAsked);
  return html`<section class="volumes" data-index="${index}">
<h3>${title}</h3>
<div class="planes">
<p class="hint">The same plane of every volume. The wheel over a picture, or the slider, goes through the planes.</p>
<p class="steer"><label>plane
<input class="plane-number" type="range" min="0" max="${last}" value="${Math.floor(grid.depth / 2)}"></label>
<output class="place"></output></p>
<div class="row">${volumes.map(planePicture)}</div>
</div>
<h3>Networks</h3>
<p class="hint">Drag a picture, or use the arrow keys on it: all turn together; wheel or + and - zoom. Point at a
branch, or go from one to the next by full stop and comma: its numbers stand below. Doubtful ones come first, then
invented, missed and found.</p>
<p class="steer-charts"><label>stress <select class="stress"></select></label></p>
<p>${branchLegend(isAsked)}</p>
<div class="row networks">${networks.map(({ name }) => networkPicture(name))}</div>
</section>
`;
}

function planePicture({ name, width, height }: PackedVolumes['volumes'][number]): Markup {
  return html`<figure style="width: min(${PLANE_WIDTH}, calc(${PLANE_HEIGHT} * ${width} / ${height}))">
<figcaption>${name}</figcaption>
<canvas class="plane" width="${width}" height="${height}" style="aspect-ratio: ${width} / ${height}" role="img"
aria-label="a plane of ${name}"></canvas></figure>
`;
}

function networkPicture(name: string): Markup {
  return html`<figure><figcaption>${name}</figcaption>
<canvas class="network" tabindex="0" role="img" aria-label="the network of ${name}, to turn"></canvas>
<p class="branch" role="status"></p></figure>
`;
}
