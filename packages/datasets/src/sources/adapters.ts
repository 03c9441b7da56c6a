import { InputError, createImage, type Image } from '@lacuna/core';
import { readMrc } from '../formats/mrc.js';
import { readImage } from '../formats/read.js';
import type { Role } from '../split/place.js';
import type { FetchOptions } from './fetch.js';
import { pinnedFile, requireUserPins } from './pins.js';

/** Measured pairs of a public data set, with roles where its authors gave them. */
export interface AdaptedPairs {
  readonly images: Image[];
  readonly lr: Image[];
  readonly roles: Map<string, Role> | null;
}

/** Which pairs of SR-CACO-2. */
export interface Caco2Choice {
  readonly marker: 0 | 1 | 2;
  readonly factor: 2 | 4 | 8;
  readonly count?: number | undefined;
}

/** The authors' tiles: 15 for training, 3 for validation, 4 for test. */
const validationTiles = [7, 11, 19];
const testTiles = [9, 10, 14, 20];

/**
 * SR-CACO-2's registered patches: hr_div_1/tile_HighRes1024-TILE_PATCH_..._CELLn.tif and the same patch in hr_div_2, 4
 * or 8. Images of one tile stay together and have the authors' role.
 * @throws {InputError} for a copy that is not pinned, or a patch without its coarse scan.
 */
export async function loadCaco2(
  { marker, factor, count = Infinity }: Caco2Choice,
  options: Pick<FetchOptions, 'cache'>,
): Promise<AdaptedPairs> {
  const pins = requireUserPins('sr-caco-2', options);
  const names = Object.keys(pins.files).sort();
  const keyOf = (name: string) => /-(\d+)_(\d+)_[\d_]+_CELL(\d)\.tif$/.exec(name);
  const inFolder = (folder: string) =>
    names
      .filter((name) => name.startsWith(`${folder}/`) || name.includes(`/${folder}/`))
      .map((name) => ({ name, key: keyOf(name) }))
      .filter(({ key }) => key?.[3] === String(marker));
  const coarse = new Map(inFolder(`hr_div_${factor}`).map(({ name, key }) => [`${key![1]}_${key![2]}`, name]));
  const images: Image[] = [];
  const lr: Image[] = [];
  const roles = new Map<string, Role>();
  const perRole = { training: 0, validation: 0, test: 0 };
  for (const { name, key } of inFolder('hr_div_1')) {
    const tile = Number(key![1]);
    const role = roleOfTile(tile);
    if (perRole[role]++ >= count) continue;
    const partner = coarse.get(`${key![1]}_${key![2]}`);
    if (!partner)
      throw new InputError({
        who: name,
        got: `no patch of that name in hr_div_${factor}`,
        wanted: 'its coarse scan',
        remedy: `unpack hr_div_${factor} beside hr_div_1 and pin the copy again`,
      });
    const label = `tile ${tile}[${key![2]}]`;
    images.push({ ...(await readImage(await pinnedFile('sr-caco-2', pins, name))), name: label });
    lr.push({ ...(await readImage(await pinnedFile('sr-caco-2', pins, partner))), name: label });
    roles.set(label, role);
  }
  if (images.length === 0)
    throw new InputError({
      who: 'data sr-caco-2',
      got: `no patch of marker ${marker} in hr_div_1`,
      wanted: 'tile_HighRes1024-TILE_PATCH_..._CELLn.tif',
      remedy: 'unpack hr_div_1 and pin the copy again',
    });
  return { images, lr, roles: new Set(roles.values()).size === 3 ? roles : null };
}

function roleOfTile(tile: number): Role {
  if (testTiles.includes(tile)) return 'test';
  return validationTiles.includes(tile) ? 'validation' : 'training';
}

/** Which pairs of BioSR. */
export interface BiosrChoice {
  readonly structure: 'CCPs' | 'ER' | 'Microtubules' | 'F-actin';
  readonly level: number;
  readonly count?: number | undefined;
}

const RAW = { x: 62.6, y: 62.6, unit: 'nm' } as const;
const RECONSTRUCTED = { x: 31.3, y: 31.3, unit: 'nm' } as const;

/**
 * BioSR's cells: HR is the structured-illumination reconstruction, LR the mean of the nine raw frames of a signal
 * level, in which the pattern of the light cancels (a wide-field image). ER has a reconstruction for each level.
 * @throws {InputError} for a copy that is not pinned, and for levels that are not there.
 */
export async function loadBiosr(
  { structure, level, count = Infinity }: BiosrChoice,
  options: Pick<FetchOptions, 'cache'>,
): Promise<AdaptedPairs> {
  const pins = requireUserPins('biosr', options);
  const two = String(level).padStart(2, '0');
  const images: Image[] = [];
  const lr: Image[] = [];
  const fine = structure === 'ER' ? `GTSIM/GTSIM_level_${two}.mrc` : 'SIM_gt.mrc';
  const coarse = structure === 'ER' ? `RawSIMData/RawSIMData_level_${two}.mrc` : `RawSIMData_level_${two}.mrc`;
  for (const name of Object.keys(pins.files).sort()) {
    const match = new RegExp(`^(.*\\b${structure}/(Cell_\\d+)/)${fine.replaceAll('.', '\\.')}$`).exec(name);
    if (!match || images.length >= count) continue;
    const partner = `${match[1]}${coarse}`;
    if (!pins.files[partner])
      throw new InputError({
        who: `data biosr ${match[2]}`,
        got: `no ${partner}`,
        wanted: `its raw frames of level ${level}`,
        remedy: 'choose another level, or unpack the whole archive and pin it again',
      });
    images.push({ ...readMrc(await pinnedFile('biosr', pins, name), RECONSTRUCTED), name: match[2] });
    lr.push({ ...meanOfFrames(readMrc(await pinnedFile('biosr', pins, partner), RAW)), name: match[2] });
  }
  if (images.length === 0)
    throw new InputError({
      who: 'data biosr',
      got: `no ${structure}/Cell_NNN/${fine}`,
      wanted: 'the unpacked archive',
      remedy: `unpack ${structure}.zip below LACUNA_DATA/biosr and pin it: lacuna data verify biosr --pin`,
    });
  return { images, lr, roles: null };
}

function meanOfFrames(stack: Image): Image {
  const { width, height, depth, data, dataRange, pixelSize, name } = stack;
  const plane = width * height;
  const mean = new Float32Array(plane);
  for (let z = 0; z < depth; z++) for (let i = 0; i < plane; i++) mean[i] = mean[i] + data[z * plane + i] / depth;
  return createImage({ data: mean, width, height, dataRange, pixelSize, name });
}
