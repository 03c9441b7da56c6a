import { InputError } from '@lacuna/core';
import { createRunner, firstLine, planesModel, type Network, type Runtime, type VolumeModel } from '@lacuna/onnx';
import type { DemoModel } from '../../src/demo/demo-model.js';
import { planesNetwork, slicesModel } from '../../src/upscale/slices-model.js';
import type { DeviceChoice } from './protocol.js';

/** The part of onnxruntime-web that is used. */
type Ort = typeof import('onnxruntime-web');
type Tensor = InstanceType<Ort['Tensor']>;
type Provider = Exclude<DeviceChoice, 'auto'>;

/** Module of the runtime for each provider; they lie in `ort/` beside the page. */
const modules: Readonly<Record<Provider, string>> = { webgpu: 'ort.webgpu.min.mjs', wasm: 'ort.wasm.min.mjs' };
/** More threads than this gain nothing on tiles. */
const MOST_THREADS = 8;

/** A model that is open, where it runs, and what is to be known of that. */
export interface OpenedModel {
  readonly model: VolumeModel;
  readonly device: string;
  readonly notes: readonly string[];
}

/**
 * Opens the model: with WebGPU where the browser offers it, else on the CPU, which is said.
 * @throws {InputError} where no runtime takes it.
 */
export async function openModel(demo: DemoModel, onnx: Uint8Array, choice: DeviceChoice): Promise<OpenedModel> {
  const notes: string[] = [];
  for (const provider of await providersOf(choice, notes)) {
    try {
      return await openWith(provider, demo, onnx, notes);
    } catch (error) {
      notes.push(`${titles[provider]} does not run the model here: ${firstLine(error)}`);
    }
  }
  throw new InputError({
    who: demo.label,
    got: notes.join('; '),
    wanted: 'a browser that runs WebAssembly with SIMD, or WebGPU',
    remedy: 'open the page with a current Chrome, Edge, Firefox or Safari',
  });
}

const titles: Readonly<Record<Provider, string>> = { webgpu: 'WebGPU', wasm: 'The CPU' };

/** The part of WebGPU's adapter that is asked. */
interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { readonly isFallbackAdapter?: boolean };
}

async function providersOf(choice: DeviceChoice, notes: string[]): Promise<Provider[]> {
  if (choice === 'wasm') return ['wasm'];
  const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  if (adapter === null) {
    notes.push('This browser offers no WebGPU here: the model runs on the CPU, more slowly');
    return ['wasm'];
  }
  if (choice === 'webgpu') return ['webgpu'];
  if (!(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter)) return ['webgpu', 'wasm'];
  notes.push('WebGPU is drawn by the CPU here, which is slower than to compute on it');
  return ['wasm'];
}

async function openWith(
  provider: Provider,
  demo: DemoModel,
  onnx: Uint8Array,
  notes: readonly string[],
): Promise<OpenedModel> {
  const folder = new URL('ort/', self.location.href).href;
  const ort = (await import(/* @vite-ignore */ `${folder}${modules[provider]}`)) as Ort;
  const threads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.wasmPaths = folder;
  ort.env.wasm.numThreads = threads;
  const runtime: Runtime<Tensor> = {
    create: () => ort.InferenceSession.create(onnx, { executionProviders: [provider], logSeverityLevel: 3 }),
    tensor: (values, dims) => new ort.Tensor('float32', values, dims),
    fillsTensors: false,
  };
  const { description, model } = modelOf(demo);
  const device = provider === 'webgpu' ? 'WebGPU' : `CPU, ${threads} thread${threads === 1 ? '' : 's'}`;
  const runner = await createRunner(runtime, description, device);
  const threadNotes = provider === 'wasm' && !self.crossOriginIsolated ? [noThreads] : [];
  return { model: model(runner), device, notes: [...notes, ...threadNotes] };
}

const noThreads =
  'One thread alone: browsers give threads to isolated pages. Load the page once more, or have its server send ' +
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

type Opened = Awaited<ReturnType<typeof createRunner>>;

/** A network as its runner is told, and the runner as a model of volumes. */
function modelOf({ run, volume, slicing, network }: DemoModel): {
  readonly description: Network;
  readonly model: (runner: Opened) => VolumeModel;
} {
  const networkHead = network.head !== null;
  const outputs = networkHead ? 2 : 1;
  if (volume !== null && slicing !== null) {
    const cut = { ...volume, networkHead };
    return { description: planesNetwork(cut, slicing), model: (runner) => slicesModel(runner, cut, slicing) };
  }
  if (volume !== null)
    return {
      description: { ...volume, networkHead },
      model: (runner) => ({ ...volume, ...runner, outputs }),
    };
  return {
    description: { ...run, factor: [run.factor, run.factor], networkHead },
    model: (runner) =>
      planesModel({ ...run, ...runner, outputs, run: (tile, height, width) => runner.run(tile, [height, width]) }),
  };
}
