import type { DemoModel } from '../../src/demo/demo-model.js';
import type { LevelsChoice } from '../../src/upscale/options.js';
import { CompareView } from '../compare-view.js';
import { drawnNetwork, drawnPlane } from './drawn.js';
import { chosenFolder, droppedOf, type Dropped } from './dropped.js';
import type { Answer, DeviceChoice, OpenedImage, Request, SavedFile } from './protocol.js';
import { inLabelsOfPage } from './page-labels.js';

/** MB for tiles: a browser has less than a workstation, and small tiles say more often how far they are. */
const USUAL_MEMORY = 256;

const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const input = (id: string): HTMLInputElement => element(id);
const select = (id: string): HTMLSelectElement => element(id);
const button = (id: string): HTMLButtonElement => element(id);

const hover = element('hover');
const viewer = new CompareView(element('view'), (branch) => (hover.textContent = branch?.text ?? ''));

const state: {
  worker: Worker;
  model?: DemoModel;
  dropped?: Dropped;
  image?: OpenedImage;
  isReady: boolean;
  isWorking: boolean;
  startedAt: number;
} = { worker: startWorker(), isReady: false, isWorking: false, startedAt: 0 };

function startWorker(): Worker {
  const worker = new Worker('worker.js', { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => receive(data));
  worker.addEventListener('error', () => fail('The worker of this page does not start: reload the page.'));
  return worker;
}

const send = (request: Request): void => state.worker.postMessage(request);
const start = (): void => send({ kind: 'start', device: select('device').value as DeviceChoice });

/** Ends all work at once, and begins anew with the same file. */
function restart(): void {
  state.worker.terminate();
  state.worker = startWorker();
  state.isReady = false;
  setWorking(false);
  start();
  if (state.dropped !== undefined) send({ kind: 'open', dropped: state.dropped });
}

function setWorking(isWorking: boolean): void {
  state.isWorking = isWorking;
  button('enlarge').disabled = isWorking || !state.isReady || state.image === undefined;
  button('cancel').hidden = !isWorking;
  element('progress').hidden = !isWorking;
  if (!isWorking) element('place').textContent = '';
}

function fail(message: string): void {
  const failure = element('failure');
  const text = inLabelsOfPage(message);
  failure.textContent = text;
  // What it names stands among the choices, in sight.
  if (text !== message) document.querySelector('details')!.open = true;
  failure.hidden = false;
  setWorking(false);
}

const forgetFailure = (): void => void (element('failure').hidden = true);

function note(lines: readonly string[]): void {
  element('notes').append(
    ...lines.map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      return item;
    }),
  );
}

const answers: { readonly [Kind in Answer['kind']]: (answer: Extract<Answer, { kind: Kind }>) => void } = {
  ready({ device, notes }) {
    state.isReady = true;
    element('runs-on').textContent = `Runs on this machine: ${[device, ...notes].join('. ')}`;
    setWorking(state.isWorking);
  },
  opened({ image }) {
    state.image = image;
    element('image').textContent = `${image.name}: ${image.text}`;
    note(image.notes);
    showChoices(image);
    setWorking(false);
  },
  progress({ done, total, text }) {
    (element('progress') as HTMLProgressElement).value = done / total;
    const seconds = (performance.now() - state.startedAt) / 1000;
    const left = Math.ceil((seconds * (total - done)) / done);
    element('place').textContent = [text, `${Math.floor((100 * done) / total)} %`, `${left} s left`].join('  ').trim();
  },
  enlarged({ text, depth, notes }) {
    element('summary').textContent = text;
    note(notes);
    element('results').hidden = false;
    element('plane-choice').hidden = depth === 1;
    input('plane').max = String(depth - 1);
    input('plane').value = String(Math.floor(depth / 2));
    viewer.clear();
    showPlane();
    input('level').value = '';
    readNetwork(null);
  },
  network({ network, notes }) {
    setWorking(false);
    viewer.setNetwork(drawnNetwork(network));
    input('level').value = String(Number(network.level.toPrecision(5)));
    element('origin').textContent = `network above ${input('level').value} (${network.origin})`;
    note(notes);
    element('figures').replaceChildren(
      ...network.figures.map(({ name, value }) => {
        const item = document.createElement('div');
        const [term, description] = [document.createElement('dt'), document.createElement('dd')];
        term.textContent = name;
        description.textContent = value;
        item.append(term, description);
        return item;
      }),
    );
    element('saves').hidden = false;
    document.body.dataset.network = 'read';
  },
  plane({ plane }) {
    viewer.show(drawnPlane(plane));
  },
  saved({ name, blob }) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  },
  failed({ message, fatal }) {
    if (fatal) state.isReady = false;
    fail(message);
  },
};

function receive(answer: Answer): void {
  (answers[answer.kind] as (answer: Answer) => void)(answer);
}

function showChoices({ channels, frames }: OpenedImage): void {
  element('choices').hidden = false;
  const asksChannel = channels > 1 && state.model?.run.channels === 1;
  element('channel-choice').hidden = !asksChannel;
  select('channel').replaceChildren(...Array.from({ length: channels }, (_, c) => new Option(String(c))));
  element('time-choice').hidden = frames === 1;
  input('time').max = String(frames - 1);
  input('time').value = '0';
}

/** Makes room for an image, of which nothing is known yet. */
function makeRoom(text: string): void {
  state.dropped = undefined;
  if (state.isWorking) restart();
  state.image = undefined;
  forgetFailure();
  element('notes').replaceChildren();
  element('results').hidden = true;
  element('choices').hidden = true;
  element('image').textContent = text;
  delete document.body.dataset.network;
}

function open(dropped: Dropped | undefined): void {
  if (dropped === undefined) return;
  makeRoom(`${dropped.name}: reading`);
  state.dropped = dropped;
  send({ kind: 'open', dropped });
}

function levelsChoice(): LevelsChoice {
  const { value } = select('levels');
  if (value !== 'numbers') return value as LevelsChoice;
  const low = input('black').valueAsNumber;
  const high = input('white').valueAsNumber;
  if (!(high > low)) throw new Error('levels: two numbers are wanted, white above black');
  return { low, high };
}

const inversions: Readonly<Record<string, boolean | null>> = { training: null, bright: false, dark: true };

function enlarge(): void {
  forgetFailure();
  element('notes').replaceChildren();
  let levels: LevelsChoice;
  try {
    levels = levelsChoice();
  } catch (error) {
    fail((error as Error).message);
    return;
  }
  element('results').hidden = true;
  element('saves').hidden = true;
  element('figures').replaceChildren();
  delete document.body.dataset.network;
  viewer.setNetwork(null);
  (element('progress') as HTMLProgressElement).value = 0;
  state.startedAt = performance.now();
  setWorking(true);
  const channel = element('channel-choice').hidden ? null : Number(select('channel').value);
  const invert = inversions[select('invert').value];
  const time = input('time').valueAsNumber || 0;
  const room = 2 ** 20 * (input('memory').valueAsNumber || USUAL_MEMORY);
  send({ kind: 'enlarge', choice: { levels, channel, invert, time, room } });
}

function readNetwork(level: number | 'otsu' | null): void {
  forgetFailure();
  setWorking(true);
  element('place').textContent = 'reading the network';
  (element('progress') as HTMLProgressElement).removeAttribute('value');
  send({ kind: 'network', level });
}

function showPlane(): void {
  const z = Number(input('plane').value);
  element('plane-place').textContent = element('plane-choice').hidden
    ? ''
    : `${z + 1} of ${Number(input('plane').max) + 1}`;
  send({ kind: 'plane', z });
}

function listen(): void {
  const drop = element('drop');
  drop.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    const dropped = droppedOf(event.dataTransfer!);
    makeRoom('reading');
    dropped.then(open, (error: unknown) => {
      makeRoom('');
      fail((error as Error).message);
    });
  });
  input('file').addEventListener('change', () => open(input('file').files?.[0]));
  input('folder').addEventListener('change', () => open(chosenFolder(input('folder').files)));
  element('choices').addEventListener('submit', (event) => {
    event.preventDefault();
    enlarge();
  });
  element('cancel').addEventListener('click', restart);
  select('device').addEventListener('change', restart);
  input('split').addEventListener('input', () => viewer.setSplit(input('split').valueAsNumber / 100));
  input('plane').addEventListener('input', showPlane);
  input('overlay').addEventListener('change', () => viewer.setOverlay(input('overlay').checked));
  element('in').addEventListener('click', () => viewer.zoom(1.5));
  element('out').addEventListener('click', () => viewer.zoom(1 / 1.5));
  element('fit').addEventListener('click', () => viewer.fit());
  element('otsu').addEventListener('click', () => readNetwork('otsu'));
  element('level-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const level = input('level').valueAsNumber;
    readNetwork(Number.isFinite(level) ? level : null);
  });
  for (const each of document.querySelectorAll<HTMLElement>('[data-save]'))
    each.addEventListener('click', () => send({ kind: 'save', what: each.dataset.save as SavedFile }));
}

function whatItTakes({ volume, slicing }: DemoModel): string {
  if (volume === null) return 'planes';
  if (slicing === null) return 'volumes';
  const { axis, neighbours } = slicing;
  const across = axis === 'z' ? '' : ` across ${axis}`;
  const beside = neighbours === 0 ? '' : `, each seen with ${neighbours} on either side,`;
  return `the planes of volumes${across}${beside}`;
}

async function introduce(): Promise<void> {
  const model = (await (await fetch('model.json')).json()) as DemoModel;
  state.model = model;
  element('model').textContent = `${model.label}: enlarges ${whatItTakes(model)} ${model.factor} times`;
  const facts = [model.data, model.licence === null ? null : `licence ${model.licence}`];
  const trained = facts.filter((fact) => fact !== null).join('; ');
  element('about').textContent = `Lacuna ${model.version}. ${trained === '' ? '' : `Model: ${trained}.`}`;
}

/** Keeps the page for use without a network, where the browser allows it. */
async function keep(): Promise<void> {
  if (!('serviceWorker' in navigator)) {
    note(['This page is not kept for use without a network: browsers do that for https and for this machine alone.']);
    return;
  }
  await navigator.serviceWorker.register('service-worker.js');
}

input('memory').value = String(USUAL_MEMORY);
listen();
introduce().then(start, (error: unknown) => fail(`The model of this page does not load: ${String(error)}`));
keep().catch((error: unknown) => note([`This page is not kept for use without a network: ${String(error)}`]));
