import { median, type Image } from '@lacuna/core';
import type { Mask } from '@lacuna/iqa';
import { findImages, type FoundImage, type FoundImages } from './images.js';
import {
  clippingOf,
  contrastOf,
  lightOf,
  noiseLevel,
  polarityOf,
  resolutionOf,
  type Clipping,
  type Light,
  type Polarity,
} from './measure.js';
import { chooseRule, networkOf, widthOf, type NetworkRule } from './network.js';
import { findPairs, placeOfPair, type FoundPairs, type PairPlace } from './pairs.js';
import { areSlices } from './slices.js';
import { registerPairs, type Registered } from './registered.js';
import { measuredPlanes, readBlocks, readMiddle } from './sample.js';
import { spread } from './spread.js';

/** What the pixels of one plane say: of its middle. A volume has several. */
export interface MeasuredPlane {
  readonly image: FoundImage;
  /** Which plane, from 0. */
  readonly z: number;
  /** As the file has it. */
  readonly middle: Image;
  /** In [0, 1], the network bright. */
  readonly shown: Image;
  readonly mask: Mask;
  /** Standard deviation, of the contrast. */
  readonly noise: number;
  /** Two values: somebody's segmentation. */
  readonly isMask: boolean;
  readonly clipping: Clipping;
  readonly light: Light | null;
  /** The light's span, of the contrast. */
  readonly lightSpan: number;
  /** px; null where it cannot be told. */
  readonly resolution: number | null;
  /** Of the network, px. */
  readonly width: number | null;
}

/** How sure a polarity is. */
type Certainty = 'sure' | 'likely' | 'unsure';

/** Everything that was found of a folder. */
export interface Survey {
  readonly folder: string;
  readonly found: FoundImages;
  /** Those that a spec would train on: of measured pairs the fine ones. */
  readonly images: readonly FoundImage[];
  readonly pairs: FoundPairs | null;
  /** The images are slices of one volume. */
  readonly isStack: boolean;
  readonly places: readonly PairPlace[];
  /** Null where there are no pairs. */
  readonly registered: Registered | null;
  /** Whether the scans of pairs lie so far apart that they have to be registered, and some can be. */
  readonly isAligned: boolean;
  readonly channel: number;
  readonly isDark: boolean;
  readonly certainty: Certainty;
  readonly polarity: Polarity;
  readonly rule: NetworkRule;
  readonly measured: readonly MeasuredPlane[];
  /** Medians over the measured planes. */
  readonly noise: number;
  readonly resolution: number | null;
  readonly width: number | null;
}

/** Images whose pixels are read, and pairs whose middles are compared. */
const MEASURED = 6;
const REGISTERED = 3;
/** Above, pairs are registered: coarse px. */
const APART = 0.1;

/**
 * Looks at the images of a folder: headers of all, pixels of a few.
 * @param folders one, or the two of fine and coarse scans.
 * @throws {InputError} for a folder without an image that can be read.
 */
export async function surveyImages(folders: readonly string[]): Promise<Survey> {
  const found = await findImages(folders);
  const all = await findPairs(found.groups);
  const candidates = all ? all.pairs.map(({ fine }) => fine) : found.groups.flatMap((group) => group.images);
  const places: PairPlace[] = [];
  for (const pair of spread(all?.pairs ?? [], REGISTERED)) {
    const place = await placeOfPair(pair, all!.factors);
    if (place) places.push(place);
  }
  const channels = Math.min(...candidates.map((image) => image.channels));
  const channel = await chooseChannel(candidates[Math.floor(candidates.length / 2)], channels);
  const hasChannels = candidates.some((image) => image.channels > 1);
  const registered = all ? await registerPairs(all, hasChannels ? channel : null) : null;
  const isAligned = isApart(places, registered);
  const pairs = all && isAligned && registered ? withoutRefused(all, registered) : all;
  const separate = pairs ? pairs.pairs.map(({ fine }) => fine) : candidates;
  const isStack = pairs === null && found.groups.length === 1 && (await areSlices(separate, channel));
  // Empty slices are all alike, and belong to the volume.
  const images = isStack ? withDuplicates(separate, found) : separate;
  const planes = spread(images, MEASURED).flatMap((image) => measuredPlanes(image).map((z) => ({ image, z })));
  const channelOf = (image: FoundImage) => Math.min(channel, image.channels - 1);
  const middles: Image[] = [];
  for (const { image, z } of planes) middles.push(await readMiddle(image, channelOf(image), z));
  const polarities = middles.map(polarityOf);
  const polarity: Polarity = {
    lines: median(polarities.map(({ lines }) => lines)),
    skewness: median(polarities.map(({ skewness }) => skewness)),
  };
  const { isDark, certainty } = judge(polarity);
  const contrasts = middles.map(contrastOf);
  const spans = contrasts.map(({ low, high }) => (high > low ? high - low : 1));
  const noises = middles.map((middle, i) => noiseLevel(middle) / spans[i]);
  const shown = middles.map((middle, i) => normalised(middle, contrasts[i].low, spans[i], isDark));
  const rule = chooseRule(shown, median(noises));
  const measured: MeasuredPlane[] = [];
  for (const [i, { image, z }] of planes.entries()) {
    const blocks = await readBlocks(image, channelOf(image), z);
    const light = blocks ? lightOf(blocks, isDark) : null;
    const mask = networkOf(shown[i], rule);
    measured.push({
      image,
      z,
      middle: middles[i],
      shown: shown[i],
      mask,
      noise: noises[i],
      isMask: new Set(middles[i].data).size === 2,
      clipping: clippingOf(middles[i]),
      light,
      lightSpan: light ? light.span / spans[i] : 0,
      resolution: resolutionOf(middles[i]),
      width: widthOf(mask),
    });
  }
  return {
    folder: folders[0],
    found,
    images,
    pairs,
    isStack,
    places,
    registered,
    isAligned,
    channel,
    isDark,
    certainty,
    polarity,
    rule,
    measured,
    noise: median(noises),
    resolution: middle(measured.map(({ resolution }) => resolution)),
    width: middle(measured.map(({ width }) => width)),
  };
}

/** Whether pairs have to be registered, and can be. */
function isApart(places: readonly PairPlace[], registered: Registered | null): boolean {
  if (registered !== null && registered.tried > 0 && registered.refused.length === registered.tried) return false;
  const lies = registered === null ? places : [...places, registered];
  return lies.some(({ shift, residual }) => shift > APART || residual > APART);
}

/** Pairs without those that registration refuses: a sweep would stop at them. */
function withoutRefused(all: FoundPairs, { refused }: Registered): FoundPairs {
  const out = new Set(refused.map(({ pair }) => pair));
  return { ...all, pairs: all.pairs.filter((pair) => !out.has(pair)) };
}

function withDuplicates(images: readonly FoundImage[], { duplicates }: FoundImages): FoundImage[] {
  const all = [...images, ...duplicates.map(({ image }) => image)];
  const byPath = new Map(all.map((image) => [image.path, image]));
  return [...byPath.keys()].sort().map((path) => byPath.get(path)!);
}

/** Of the first channels of an image, which all images have, the one with the most contrast over its noise. */
async function chooseChannel(image: FoundImage, channels: number): Promise<number> {
  let best = 0;
  let most = -Infinity;
  for (let channel = 0; channel < channels; channel++) {
    const plane = await readMiddle(image, channel);
    const { low, high } = contrastOf(plane);
    const signal = (high - low) / Math.max(noiseLevel(plane), (high - low) / 1000, Number.MIN_VALUE);
    // An opaque alpha or an empty channel has neither.
    if (high > low && signal > most) [best, most] = [channel, signal];
  }
  return best;
}

/** Below this, lines of both kinds are as strong. */
const FAINT = 0.1;
const CLEAR = 0.3;

/** Lines decide; where there are as many of both, the skewness does. */
function judge({ lines, skewness }: Polarity): { isDark: boolean; certainty: Certainty } {
  const agree = lines < 0 === skewness < 0;
  const isDark = Math.abs(lines) >= FAINT ? lines < 0 : skewness < 0;
  if (Math.abs(lines) >= CLEAR && agree) return { isDark, certainty: 'sure' };
  const isLikely = Math.abs(lines) >= CLEAR || (Math.abs(lines) >= FAINT && agree);
  return { isDark, certainty: isLikely ? 'likely' : 'unsure' };
}

function normalised(image: Image, low: number, span: number, isDark: boolean): Image {
  const data = image.data.map((value) => {
    const level = Math.min(1, Math.max(0, (value - low) / span));
    return isDark ? 1 - level : level;
  });
  return { ...image, data, dataRange: [0, 1] };
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
