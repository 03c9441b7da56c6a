import type { ExploredData } from '../../src/report/explore.js';
import type { PackedNetwork, PackedVolumes } from '../../src/report/pack-volumes.js';
import { branchText } from './branch-text.js';
import { fill } from './data.js';
import { inflate } from './inflate.js';
import { NetworkView, type BranchLooks, type Stress, type VolumeBranch } from './network-view.js';
import { Turn } from './turn.js';

/** The volumes of a report: planes of each in step, and its network to turn. */
export async function showVolumes({ volumes, ...looks }: ExploredData): Promise<void> {
  for (const section of document.querySelectorAll<HTMLElement>('section.volumes')) {
    const packed = volumes[Number(section.dataset.index)];
    await showPlanes(section, packed);
    await showNetworks(section, packed, looks);
  }
}

/** A volume as entries of the palette, and where it is drawn. */
interface PlaneView {
  readonly canvas: HTMLCanvasElement;
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

async function showPlanes(section: HTMLElement, { grid, unit, volumes, ...packed }: PackedVolumes): Promise<void> {
  const palette = Uint8Array.from(atob(packed.palette), (letter) => letter.charCodeAt(0));
  const canvases = section.querySelectorAll<HTMLCanvasElement>('canvas.plane');
  const views = await Promise.all(
    volumes.map(async ({ data, ...size }, i): Promise<PlaneView> => ({
      ...size,
      canvas: canvases[i],
      data: await inflate(data),
    })),
  );
  const slider = section.querySelector<HTMLInputElement>('.plane-number')!;
  const place = section.querySelector('.place')!;
  const show = () => {
    const plane = slider.valueAsNumber;
    for (const view of views) drawPlane(view, { plane, of: grid.depth, palette });
    const deep = unit === 'px' ? '' : `, ${(plane * grid.voxel.z).toFixed(2)} ${unit} deep`;
    place.textContent = `plane ${plane + 1} of ${grid.depth}${deep}`;
  };
  slider.addEventListener('input', show);
  for (const { canvas } of views)
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      slider.value = String(slider.valueAsNumber + Math.sign(event.deltaY));
      show();
    });
  show();
}

/** Draws one plane of a volume; LR planes lie behind several of the fine ones. */
function drawPlane(
  { canvas, data, width, height, depth }: PlaneView,
  { plane, of, palette }: { readonly plane: number; readonly of: number; readonly palette: Uint8Array },
): void {
  const at = Math.min(depth - 1, Math.floor((plane * depth) / of));
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(width, height);
  const from = at * width * height;
  for (let i = 0; i < width * height; i++) {
    const entry = 3 * data[from + i];
    picture.data.set([palette[entry], palette[entry + 1], palette[entry + 2], 255], 4 * i);
  }
  context.putImageData(picture, 0, 0);
}

/** Radians that a key turns by, and a px of the pointer. */
const KEY = 0.1;
const PIXEL = 0.01;

async function showNetworks(section: HTMLElement, packed: PackedVolumes, looks: BranchLooks): Promise<void> {
  const turn = new Turn(packed);
  const canvases = section.querySelectorAll<HTMLCanvasElement>('canvas.network');
  const all = await Promise.all(packed.networks.map(branchesOf));
  const views = all.map((branches, i) => new NetworkView(canvases[i], branches, { turn, looks }));
  const redraw = () => views.forEach((view) => view.draw());
  for (const view of views) steer(view, { turn, redraw, unit: packed.unit });
  const stresses = stressesOf(all.flat());
  const list = section.querySelector<HTMLSelectElement>('.stress')!;
  fill(list, stresses, 0);
  list.addEventListener('change', () => views.forEach((view) => view.setStress(stresses[Number(list.value)])));
}

/** The kinds of branches that are there. */
function stressesOf(branches: readonly VolumeBranch[]): Stress[] {
  const compared = branches.flatMap(({ numbers }) => ('kind' in numbers ? numbers : []));
  const kinds = (['found', 'missed', 'invented'] as const).filter((kind) =>
    compared.some((each) => each.kind === kind),
  );
  return ['all', ...kinds, ...(compared.some(({ isDoubtful }) => isDoubtful === true) ? (['doubtful'] as const) : [])];
}

/** Pointer, wheel and keys of one picture: what turns and zooms goes to all of them. */
function steer(
  view: NetworkView,
  { turn, redraw, unit }: { readonly turn: Turn; readonly redraw: () => void; readonly unit: string },
): void {
  const { canvas } = view;
  const said = canvas.parentElement!.querySelector('.branch')!;
  const choose = (branch: VolumeBranch | null) => {
    view.choose(branch);
    said.textContent = branch === null ? '' : branchText(branch.numbers, unit);
  };
  const turnBy = (around: number, lean: number) => {
    turn.by(around, lean);
    redraw();
  };
  const zoomBy = (times: number) => {
    turn.zoomBy(times);
    redraw();
  };
  canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons & 1) turnBy(event.movementX * PIXEL, event.movementY * PIXEL);
    else choose(view.branchAt(event.offsetX, event.offsetY));
  });
  canvas.addEventListener('pointerleave', () => choose(null));
  canvas.addEventListener('blur', () => choose(null));
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 400));
  });
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => turnBy(-KEY, 0),
    ArrowRight: () => turnBy(KEY, 0),
    ArrowUp: () => turnBy(0, -KEY),
    ArrowDown: () => turnBy(0, KEY),
    '+': () => zoomBy(1.25),
    '-': () => zoomBy(0.8),
    '.': () => choose(view.after(1)),
    ',': () => choose(view.after(-1)),
    Escape: () => choose(null),
  };
  canvas.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

async function branchesOf({ branches, counts, points }: PackedNetwork): Promise<VolumeBranch[]> {
  const all = new Int16Array((await inflate(points)).buffer);
  const numbersOfAll = JSON.parse(new TextDecoder().decode(await inflate(branches))) as VolumeBranch['numbers'][];
  let from = 0;
  return numbersOfAll.map((numbers, i) => {
    const own = all.subarray(from, from + 3 * counts[i]);
    from += 3 * counts[i];
    return { points: own, numbers };
  });
}
