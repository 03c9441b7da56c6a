import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { writeFileAtomic, type PixelSize } from '@lacuna/core';
import { inferno, levelOf } from '../figures/inferno.js';
import { intensityWindow } from '../figures/panel-pictures.js';
import { largestAlongZ } from '../figures/projections.js';
import { markColour } from '../figures/theme.js';
import { mark, type FigureVolume, type VolumeData } from '../figures/types.js';
import { html, raw, type Markup } from '../report/html.js';
import { renderPage } from '../report/page.js';
import { firstView } from '../figures/volume-view.js';
import { packedStrokes } from './packed-strokes.js';

const viewer = new URL('../../assets/volume-viewer.js', import.meta.url);

/** Values that a page may hold: more is cropped about the middle of the plane, so that the page stays small. */
const MOST_VALUES = 24e6;

/**
 * A page to look through volumes: the planes of HR, LR and every SR side by side in step, and the network of each to
 * turn. One file that asks nothing of the network.
 */
export function renderVolumePage(whole: VolumeData): string {
  const data = cropped(whole);
  const { hr, pixelSize } = data;
  const middle = Math.floor(hr.depth / 2);
  const volumes = [
    { name: 'HR', volume: data.hr },
    { name: `LR ×${data.factor}`, volume: data.lr },
    ...data.methods.map(({ name, volume }) => ({ name, volume })),
  ];
  const networks = [
    { name: data.isNetworkKnown ? 'true network' : 'network of HR', marks: data.network },
    ...data.methods.flatMap(({ name, marks }) => (marks ? [{ name, marks }] : [])),
  ];
  const shown = {
    grid: { width: hr.width, height: hr.height, depth: hr.depth, voxel: voxelOf(pixelSize) },
    unit: pixelSize?.unit ?? null,
    view: firstView,
    palette: Buffer.from(inferno).toString('base64'),
    colours: { [mark.found]: markColour.found, [mark.missed]: markColour.missed, [mark.invented]: markColour.invented },
    volumes: volumes.map(({ name, volume }) => packedVolume(name, volume, windowOf(hr))),
    networks: networks.map(({ name, marks }) => ({ name, marks: packed(packedStrokes(marks, hr)) })),
  };
  const content = html`<h1>${data.title}</h1>
<p>The same plane of every volume. The wheel over a picture, or the slider, goes through the planes.</p>
<p class="steer"><label>plane <input id="plane" type="range" min="0" max="${hr.depth - 1}" value="${middle}"></label>
<output id="place" for="plane"></output></p>
<div class="row">${volumes.map(({ name, volume }, i) => planePicture(name, volume, i))}</div>
<h2>Networks</h2>
<p>${legend()} Drag a picture, or use the arrow keys on it: all turn together.</p>
<div class="row">${networks.map(({ name }, i) => networkPicture(name, i))}</div>`;
  const script = html`<script type="application/json" id="volumes">${raw(embedded(shown))}</script>
<script>${raw(readFileSync(viewer, 'utf8'))}</script>`;
  return renderPage({ title: data.title, allow: "script-src 'unsafe-inline'", style: pageStyle }, content, script);
}

/** JSON that cannot end the element that it stands in. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** Writes the page, whole or not at all. */
export function writeVolumePage(data: VolumeData, path: string): void {
  writeFileAtomic(path, renderVolumePage(data));
}

const pageStyle = `
.row { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; }
.row figure { margin: 0; }
.row canvas { width: 100%; display: block; image-rendering: pixelated; touch-action: none; }
.row canvas:focus-visible { outline: 2px solid #0072b2; }
.network canvas { image-rendering: auto; cursor: grab; border: 1px solid var(--rule); }
.steer { position: sticky; top: 0; background: var(--paper); padding: .5rem 0; max-width: none; }
.steer input { width: min(30rem, 60vw); vertical-align: middle; }
`;

function planePicture(name: string, { width, height }: FigureVolume, i: number): Markup {
  return html`<figure><figcaption>${name}</figcaption>
<canvas id="plane-${i}" width="${width}" height="${height}" style="aspect-ratio: 1 / 1" role="img"
aria-label="a plane of ${name}"></canvas></figure>
`;
}

function networkPicture(name: string, i: number): Markup {
  return html`<figure class="network"><figcaption>${name}</figcaption>
<canvas id="network-${i}" width="480" height="480" tabindex="0" role="img"
aria-label="the network of ${name}, to turn"></canvas></figure>
`;
}

function legend(): Markup {
  const kinds = ['found', 'missed', 'invented'] as const;
  return html`${kinds.map(
    (kind) => html`<span class="swatch" style="background: ${markColour[kind]}"></span>branch ${kind} `,
  )}`;
}

function voxelOf(pixelSize: PixelSize | null): { x: number; y: number; z: number } {
  const { x = 1, y = 1, z = x } = pixelSize ?? {};
  return { x, y, z };
}

/** The window of intensities of the fine volume's maximum projection. */
function windowOf({ data, width, height, depth }: FigureVolume): readonly [number, number] {
  return intensityWindow({ data: largestAlongZ(data, depth), width, height }, { x: 0, y: 0, width, height });
}

function packedVolume(name: string, { data, width, height, depth }: FigureVolume, window: readonly [number, number]) {
  // 64 levels look like 256 and take half the room.
  const levels = Uint8Array.from(data, (value) => levelOf(value, window) & 0xfc);
  return { name, width, height, depth, data: packed(levels) };
}

const packed = (bytes: Uint8Array): string => deflateSync(bytes, { level: 9 }).toString('base64');

/** Cut about the middle of the plane until all volumes together have room. */
function cropped(data: VolumeData): VolumeData {
  const { hr, lr } = data;
  const count = hr.width * hr.height * hr.depth * (1 + data.methods.length);
  if (count <= MOST_VALUES) return data;
  const share = Math.sqrt(MOST_VALUES / count);
  const step = { x: hr.width / lr.width, y: hr.height / lr.height };
  const sides = { x: Math.floor(lr.width * share), y: Math.floor(lr.height * share) };
  const from = { x: Math.floor((lr.width - sides.x) / 2), y: Math.floor((lr.height - sides.y) / 2) };
  const cut = <Values extends Float32Array | Uint8Array>(values: Values, isFine: boolean): Values => {
    const by = isFine ? step : { x: 1, y: 1 };
    const size = isFine ? hr : lr;
    return cutPlanes(values, size, {
      x: from.x * by.x,
      y: from.y * by.y,
      width: sides.x * by.x,
      height: sides.y * by.y,
    });
  };
  const fine = { width: sides.x * step.x, height: sides.y * step.y };
  const cutFine = (volume: FigureVolume): FigureVolume => ({ ...volume, ...fine, data: cut(volume.data, true) });
  return {
    ...data,
    title: `${data.title}, the middle`,
    hr: cutFine(hr),
    lr: { ...lr, width: sides.x, height: sides.y, data: cut(lr.data, false) },
    network: cut(data.network, true),
    methods: data.methods.map((method) => ({
      ...method,
      volume: cutFine(method.volume),
      marks: method.marks && cut(method.marks, true),
    })),
  };
}

function cutPlanes<Values extends Float32Array | Uint8Array>(
  values: Values,
  { width, height, depth }: Pick<FigureVolume, 'width' | 'height' | 'depth'>,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Values {
  const out = values.slice(0, box.width * box.height * depth) as Values;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < box.height; y++) {
      const start = (z * height + box.y + y) * width + box.x;
      out.set(values.subarray(start, start + box.width), (z * box.height + y) * box.width);
    }
  }
  return out;
}
