import { LacunaError, formatLength } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import type { DemoModel } from '../../src/demo/demo-model.js';
import { enlarge, type Enlarged } from './enlarge.js';
import { networkOf, shownNetwork, type NetworkOfImage } from './network.js';
import { openDropped } from './open-file.js';
import type { Answer, EnlargeChoice, OpenedImage, Request } from './protocol.js';
import { openModel, type OpenedModel } from './runtime.js';
import { fileOf } from './save.js';
import { showPlane } from './show-plane.js';

/** What the worker holds: all work on images happens here, so that the page stays awake. */
const held: {
  opened?: OpenedModel & { readonly demo: DemoModel };
  image?: OpenImage;
  enlarged?: Enlarged;
  keepsTrainingLevels?: boolean;
  network?: NetworkOfImage | null;
} = {};

const answer = (message: Answer, transfer: Transferable[] = []): void => self.postMessage(message, { transfer });

const handlers: { readonly [Kind in Request['kind']]: (request: Extract<Request, { kind: Kind }>) => Promise<void> } = {
  async start({ device }) {
    const [demo, onnx] = await Promise.all([
      fetched('model.json').then((response) => response.json() as Promise<DemoModel>),
      fetched('model.onnx').then((response) => response.arrayBuffer()),
    ]);
    const opened = await openModel(demo, new Uint8Array(onnx), device);
    held.opened = { ...opened, demo };
    answer({ kind: 'ready', device: opened.device, notes: opened.notes });
  },
  async open({ dropped }) {
    await held.image?.close();
    held.image = await openDropped(dropped);
    answer({ kind: 'opened', image: described(held.image) });
  },
  async enlarge({ choice }) {
    const { opened, image } = held;
    if (opened === undefined || image === undefined) throw new Error('enlarge before a model and an image are open');
    held.network = null;
    held.keepsTrainingLevels = isTraining(choice);
    const total = image.width * image.height * image.depth * opened.model.channels;
    let done = 0;
    const said: string[] = [];
    held.enlarged = await enlarge(opened, image, choice, {
      add(_name, pixels, place) {
        done += pixels;
        answer({ kind: 'progress', done, total, text: place.trim() });
      },
      take: (pixels) => void (done -= pixels),
      print: (line) => void said.push(line),
    });
    const { text, sr, notes } = held.enlarged;
    answer({ kind: 'enlarged', text, depth: sr.depth, notes: [...notes, ...said] });
  },
  async network({ level }) {
    const { opened, enlarged, keepsTrainingLevels = true } = held;
    if (opened === undefined || enlarged === undefined) throw new Error('a network before an image is enlarged');
    held.network = await networkOf(opened.demo, enlarged, level, keepsTrainingLevels);
    answer({ kind: 'network', network: shownNetwork(held.network), notes: held.network.notes });
  },
  async plane({ z }) {
    if (held.enlarged === undefined) return;
    const plane = await showPlane(held.enlarged, z);
    answer({ kind: 'plane', plane }, [plane.sr.buffer, plane.bicubic.buffer]);
  },
  async save({ what }) {
    const { opened, enlarged, network = null } = held;
    if (opened === undefined || enlarged === undefined) throw new Error('save before an image is enlarged');
    const software = `Lacuna ${opened.demo.version} demo`;
    answer({ kind: 'saved', ...fileOf(what, { enlarged, network, software }) });
  },
};

/** Whether the model's own level of the network still holds. */
const isTraining = ({ levels }: EnlargeChoice): boolean => levels !== 'range' && typeof levels !== 'object';

async function fetched(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: the server answers ${response.status}`);
  return response;
}

function described({ name, width, height, depth, channels, frames, dtype, pixelSize, notes }: OpenImage): OpenedImage {
  const sizes = [width, height, ...(depth > 1 ? [depth] : [])].join(' x ');
  const pixel = pixelSize === null ? 'pixel size not said' : `${formatLength(pixelSize.x, pixelSize.unit)} a pixel`;
  const many = [...(channels > 1 ? [`${channels} channels`] : []), ...(frames > 1 ? [`${frames} time points`] : [])];
  return { name, text: [sizes, ...many, dtype, pixel].join(', '), channels, frames, notes };
}

function failed(error: unknown, fatal: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  answer({ kind: 'failed', message: error instanceof LacunaError ? message : `Unforeseen: ${message}`, fatal });
}

/** One request after the other. */
let last: Promise<void> = Promise.resolve();
self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  const handle = handlers[data.kind] as (request: Request) => Promise<void>;
  last = last.then(() => handle(data)).catch((error: unknown) => failed(error, data.kind === 'start'));
});
