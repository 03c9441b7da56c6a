import type { ExploredData } from '../../src/report/explore.js';
import type { PackedBranch } from '../../src/report/pack-regions.js';
import { CompareView, type DrawnBranch, type DrawnNetwork } from '../compare-view.js';
import { greyPicture } from '../grey-picture.js';
import { fill } from './data.js';

type Region = ExploredData['regions'][number];
type Colours = Pick<ExploredData, 'marks' | 'doubt'>;

/** Dashes say the same as colours. */
const dashes: Readonly<Record<PackedBranch['kind'], readonly number[]>> = {
  found: [],
  missed: [7, 4],
  invented: [2, 3],
};

/** The regions of a report: two images left and right of a line, the network of a method over them. */
export async function showRegions({ regions, marks, doubt }: ExploredData): Promise<void> {
  for (const section of document.querySelectorAll<HTMLElement>('section.region'))
    await showRegion(section, regions[Number(section.dataset.index)], { marks, doubt });
}

async function showRegion(section: HTMLElement, region: Region, colours: Colours): Promise<void> {
  const part = <Kind extends Element>(selector: string): Kind => section.querySelector<Kind>(selector)!;
  const { width, height, images, networks } = region;
  const pictures = await Promise.all(images.map(pictureOf));
  const said = part<HTMLElement>('.branch');
  const view = new CompareView(part('canvas'), (branch) => (said.textContent = branch?.text ?? ''));
  const [left, right, network] = ['.left', '.right', '.network'].map((list) => part<HTMLSelectElement>(list));
  const names = images.map(({ name }) => name);
  fill(left, names, 1);
  fill(right, names, names.length - 1);
  fill(network, ['none', ...networks.map(({ method }) => method)], networks.length);
  const showPictures = () =>
    view.show({ left: pictures[Number(left.value)], right: pictures[Number(right.value)], width, height, z: 0 });
  const drawn = networks.map(({ branches }) => drawnNetwork(branches, region.unit, colours));
  const showNetwork = () => view.setNetwork(drawn[Number(network.value) - 1] ?? null);
  left.addEventListener('change', showPictures);
  right.addEventListener('change', showPictures);
  network.addEventListener('change', showNetwork);
  const split = part<HTMLInputElement>('.split');
  split.addEventListener('input', () => view.setSplit(split.valueAsNumber / 100));
  part('.whole').addEventListener('click', () => view.fit());
  showPictures();
  showNetwork();
}

function drawnNetwork(branches: readonly PackedBranch[], unit: string, { marks, doubt }: Colours): DrawnNetwork {
  return {
    branches: branches.map((branch): DrawnBranch => {
      const { kind, points, length, share, hr, sr, isDoubtful = false } = branch;
      const other = kind === 'invented' ? 'of it beside a branch of the reference' : 'of it beside one of the method';
      const intensities = `intensity ${hr} in HR, ${sr} here`;
      return {
        colour: marks[kind],
        dash: dashes[kind],
        pixels: withoutDepth(points),
        text:
          `${kind}${isDoubtful ? ', doubtful' : ''}: ${length} ${unit} long; ${percent(share)} ${other}; ` +
          `${intensities}${evidenceText(branch)}`,
        ...(isDoubtful ? { edge: doubt } : {}),
      };
    }),
    points: [],
    casing: '#ffffffb0',
  };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What speaks for a branch; '' where nobody measured it. */
function evidenceText({ given, measured }: PackedBranch): string {
  const halves = given === undefined ? '' : `; halves of the light give ${percent(given)}`;
  const part = measured === undefined ? '' : `; ${percent(measured)} of its contrast was measured, the rest added`;
  return halves + part;
}

/** x, y as x, y, 0. */
const withoutDepth = (points: readonly number[]): number[] =>
  points.flatMap((x, i) => (i % 2 === 0 ? [x, points[i + 1], 0] : []));

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

async function pictureOf({ data, width, height }: Region['images'][number]): Promise<HTMLCanvasElement> {
  const stream = new Blob([bytesOf(data)]).stream().pipeThrough(new DecompressionStream('deflate'));
  return greyPicture(new Uint8Array(await new Response(stream).arrayBuffer()), width, height);
}
