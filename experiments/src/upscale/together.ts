import { InputError } from '@lacuna/core';
import type { Slicing } from '@lacuna/models';
import {
  ensemble,
  openPlanesSession,
  openSession,
  openVolumeSession,
  planesModel,
  selfEnsemble,
  volumeEnsemble,
  type SessionOptions,
  type TileModel,
  type VolumeDescription,
  type VolumeModel,
  type VolumeSession,
} from '@lacuna/onnx';
import type { UpscaleModel } from './open-model.js';
import type { UpscaleOptions } from './options.js';
import { planesNetwork, slicesModel } from './slices-model.js';

/** Models opened as one, and where they run. */
export interface Together {
  readonly model: VolumeModel;
  /** One line for people. */
  readonly device: string;
}

/**
 * Opens a model, or several whose mean and spread are wanted.
 * @throws {InputError} for models of planes beside models of volumes, and orientations of volumes.
 */
export async function openTogether(models: readonly UpscaleModel[], options: UpscaleOptions): Promise<Together> {
  const volumes = models[0].volume !== null;
  const other = models.find(({ volume }) => (volume !== null) !== volumes);
  if (other)
    throw new InputError({
      who: '--uncertainty',
      got: `${models[0].label} of ${kindText(volumes)} and ${other.label} of ${kindText(!volumes)}`,
      wanted: 'models that see the same',
    });
  if (volumes && options.selfEnsemble)
    throw new InputError({
      who: '--self-ensemble',
      got: `${models[0].label}, a model of volumes`,
      wanted: 'a model of planes: orientations are those of a plane',
      remedy: 'leave it out, or take --uncertainty seeds',
    });
  return volumes ? openVolumes(models, options) : openPlanes(models, options);
}

const kindText = (volumes: boolean): string => (volumes ? 'volumes' : 'planes');

async function openPlanes(models: readonly UpscaleModel[], options: UpscaleOptions): Promise<Together> {
  const { sessions, device } = await openEach(models, ({ onnx, run }) =>
    openSession(onnx, { ...run, networkHead: takesHead(models, options) }, sessionOptions(options)),
  );
  const each = sessions.map((session): TileModel => (options.selfEnsemble ? selfEnsemble(session) : session));
  return { model: planesModel(each.length > 1 ? ensemble(each) : each[0]), device };
}

async function openVolumes(models: readonly UpscaleModel[], options: UpscaleOptions): Promise<Together> {
  const { sessions, device } = await openEach(models, ({ onnx, volume: axes, slicing }) => {
    const volume = { ...axes!, networkHead: takesHead(models, options) };
    return slicing === null
      ? openVolumeSession(onnx, volume, sessionOptions(options))
      : openSlices(onnx, { volume, slicing }, sessionOptions(options));
  });
  return { model: sessions.length > 1 ? volumeEnsemble(sessions) : sessions[0], device };
}

/** Opens a network of planes as one of volumes. */
async function openSlices(
  onnx: Uint8Array,
  { volume, slicing }: { readonly volume: VolumeDescription; readonly slicing: Slicing },
  options: SessionOptions,
): Promise<VolumeSession> {
  const session = await openPlanesSession(onnx, planesNetwork(volume, slicing), options);
  return { ...slicesModel(session, volume, slicing), name: volume.name, device: session.device };
}

/**
 * Whether the network comes from the head of a model: where it is asked for, no level of the image is named, and one
 * model alone makes the image.
 */
export const takesHead = (models: readonly UpscaleModel[], { network, uncertainty }: UpscaleOptions): boolean =>
  network !== null && network.level === null && uncertainty === null && models[0].headLevel !== null;

const sessionOptions = ({ device, threads }: UpscaleOptions) => ({ device, ...(threads === null ? {} : { threads }) });

/** Opens one after the other; where one cannot be opened, those before it are closed again. */
async function openEach<Session extends { readonly device: string; dispose(): Promise<void> }>(
  models: readonly UpscaleModel[],
  open: (model: UpscaleModel) => Promise<Session>,
): Promise<{ sessions: Session[]; device: string }> {
  const sessions: Session[] = [];
  try {
    for (const model of models) sessions.push(await open(model));
  } catch (error) {
    for (const session of sessions) await session.dispose();
    throw error;
  }
  return { sessions, device: sessions[0].device };
}
