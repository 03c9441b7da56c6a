import type { ExploredData } from '../../src/report/explore.js';
import type { PackedBranch } from '../../src/report/pack-regions.js';
import { CompareView, type DrawnBranch, type DrawnNetwork } from '../compare-view.js';
import { greyPicture } from '../grey-picture.js';
import { branchText } from './branch-text.js';
import { fill } from './data.js';
import { inflate } from './inflate.js';
import type { BranchLooks } from './network-view.js';

type Region = ExploredData['regions'][number];

/** The regions of a report: two images left and right of a line, the network of a method over them. */
export async function showRegions({ regions, ...looks }: ExploredData): Promise<void> {
  for (const section of document.querySelectorAll<HTMLElement>('section.region'))
    await showRegion(section, regions[Number(section.dataset.index)], looks);
}

async function showRegion(section: HTMLElement, region: Region, looks: BranchLooks): Promise<void> {
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
  const drawn = networks.map(({ branches }) => drawnNetwork(branches, region.unit, looks));
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

function drawnNetwork(branches: readonly PackedBranch[], unit: string, looks: BranchLooks): DrawnNetwork {
  return {
    branches: branches.map((branch): DrawnBranch => ({
      colour: looks.marks[branch.kind],
      dash: looks.dashes[branch.kind],
      pixels: withoutDepth(branch.points),
      text: branchText(branch, unit),
      ...(branch.isDoubtful === true ? { edge: looks.doubt } : {}),
    })),
    points: [],
    casing: '#ffffffb0',
  };
}

/** x, y as x, y, 0. */
const withoutDepth = (points: readonly number[]): number[] =>
  points.flatMap((x, i) => (i % 2 === 0 ? [x, points[i + 1], 0] : []));

async function pictureOf({ data, width, height }: Region['images'][number]): Promise<HTMLCanvasElement> {
  return greyPicture(await inflate(data), width, height);
}
