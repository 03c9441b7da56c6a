import { basename } from 'node:path';
import { formatBytes, formatLength, freeMemory } from '@lacuna/core';
import type { Choices } from './choose.js';
import type { FoundImage } from './images.js';
import { FINEST } from './measure.js';
import type { Registered } from './registered.js';
import type { Survey } from './survey.js';

/** Something that a result would suffer from, and what to do. */
export interface Warning {
  readonly what: string;
  readonly remedy: string;
}

/** Share of the pixels that may be cut off at the bright end and at the dark end. */
const CLIPPED = { high: 0.002, low: 0.05 } as const;
/** Light is uneven from this ratio of its extremes on, where their difference is that share of the contrast. */
const UNEVEN = { ratio: 1.5, span: 0.15 } as const;
/** Specimens below which intervals are wide. */
const FEW = 6;
const FAINT_CORRELATION = 0.3;
const NOISY = 0.15;

/** All warnings, the gravest first. */
export function warningsOf(survey: Survey, choices: Choices): Warning[] {
  return [
    ...leftOut(survey),
    ...clipped(survey),
    ...stored(survey),
    ...light(survey),
    ...pairsRefused(survey),
    ...pairsApart(survey),
    ...thinness(survey, choices),
    ...blur(survey, choices),
    ...noise(survey),
    ...polarity(survey),
    ...unequal(survey),
    ...specimens(survey),
    ...memory(survey),
  ];
}

function leftOut({ found, pairs }: Survey): Warning[] {
  const name = (path: string) => basename(path);
  return [
    ...found.unreadable.map(({ path, reason }) => ({
      what: `${name(path)} cannot be read: ${reason}`,
      remedy: 'it is left out; repair or remove it',
    })),
    ...found.duplicates.map(({ path, reason }) => ({
      what: `${name(path)} is ${reason}`,
      remedy: 'it is left out: a copy on both sides of the split would make scores meaningless',
    })),
    ...(pairs?.alone ?? []).map((image) => ({
      what: `${image.name} has no partner of a fitting size`,
      remedy: 'it is left out; name both scans of a field alike',
    })),
  ];
}

/** Images by name, each once: several planes of a volume may be meant. */
function namesOf(images: readonly FoundImage[]): string {
  const names = [...new Set(images.map(({ name }) => name))];
  return names.length <= 3 ? names.join(', ') : `${names.length} images, ${names[0]} among them`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function clipped({ measured: all }: Survey): Warning[] {
  const masks = all.filter(({ isMask }) => isMask);
  const measured = all.filter(({ isMask }) => !isMask);
  const bright = measured.filter(({ clipping }) => clipping.high > CLIPPED.high);
  const dark = measured.filter(({ clipping }) => clipping.low > CLIPPED.low);
  const most = (shares: readonly number[]) => percent(Math.max(...shares));
  return [
    ...(masks.length === 0
      ? []
      : [
          {
            what: `two values alone (${namesOf(masks.map(({ image }) => image))}): a segmentation, not a scan`,
            remedy: 'use the grey images that it was made of, if you have them: coarse scans are made of grey values',
          },
        ]),
    ...(bright.length === 0
      ? []
      : [
          {
            what:
              `saturated: ${most(bright.map(({ clipping }) => clipping.high))} of the pixels are at the upper end of ` +
              `the scale (${namesOf(bright.map(({ image }) => image))})`,
            remedy: 'what is cut off cannot be scored: scan again with less gain or laser power',
          },
        ]),
    ...(dark.length === 0
      ? []
      : [
          {
            what:
              `cut off in the dark: ${most(dark.map(({ clipping }) => clipping.low))} of the pixels have the lowest ` +
              `value (${namesOf(dark.map(({ image }) => image))})`,
            remedy:
              'weak branches may lie below it: raise the offset of the detector, or do not subtract a background first',
          },
        ]),
  ];
}

function stored({ images }: Survey): Warning[] {
  const lossy = images.filter(({ path }) => /\.jpe?g$/i.test(path));
  const shallow = images.filter(({ dtype, path }) => dtype === 'uint8' && !/\.jpe?g$/i.test(path));
  return [
    ...(lossy.length === 0
      ? []
      : [
          {
            what: `JPEG: ${namesOf(lossy)}; blocks of 8 px look like structure, fine branches are smoothed away`,
            remedy: 'export the originals as TIFF; scores on JPEG are of the codec too',
          },
        ]),
    ...(shallow.length === 0
      ? []
      : [
          {
            what: `8 bits: ${namesOf(shallow)}; 256 levels, which weak branches share with the background`,
            remedy: 'export 12 or 16 bits where the microscope has them',
          },
        ]),
  ];
}

function light({ measured }: Survey): Warning[] {
  const uneven = measured.filter(
    (one) => one.light !== null && one.light.ratio > UNEVEN.ratio && one.lightSpan > UNEVEN.span,
  );
  if (uneven.length === 0) return [];
  const ratio = Math.max(...uneven.map((one) => one.light!.ratio));
  const { width, height } = uneven[0].image;
  const brighter = Number.isFinite(ratio) ? `${ratio.toFixed(1)} times as bright` : 'brighter';
  return [
    {
      what:
        `uneven light: the background is ${brighter} at one side of the field as at the other ` +
        `(${namesOf(uneven.map(({ image }) => image))})`,
      remedy: `subtract it: data.flatten: ${flattenSigma({ width, height })} of a folder, or correct the flat field`,
    },
  ];
}

/** Sigma in px of a background that is wider than the network and narrower than the field. */
export const flattenSigma = ({ width, height }: { readonly width: number; readonly height: number }): number =>
  Math.max(8, Math.round(Math.min(width, height) / 8));

/** Pairs of which a message says the reason. */
const MOST_NAMED = 10;

function pairsRefused({ registered, isAligned }: Survey): Warning[] {
  if (registered === null || registered.refused.length === 0) return [];
  const { tried, refused } = registered;
  const reasons = refused.slice(0, MOST_NAMED).map(({ pair, reason }) => `${pair.fine.name} (${reason})`);
  const more = refused.length > MOST_NAMED ? `, and ${refused.length - MOST_NAMED} more` : '';
  const many = refused.length === tried ? `none of ${tried} pairs can` : `${refused.length} of ${tried} pairs cannot`;
  const remedy = isAligned
    ? 'they are left out, as the spec says; look whether both scans show the same field'
    : 'the spec takes all pairs as they lie (data.align: false); look whether both scans show the same field';
  return [{ what: `${many} be registered: ${reasons.join(', ')}${more}`, remedy }];
}

function pairsApart({ places }: Survey): Warning[] {
  return places
    .filter(({ correlation }) => correlation < FAINT_CORRELATION)
    .map(({ name, correlation }) => ({
      what: `${name}: its coarse scan agrees with it by a correlation of ${correlation.toFixed(2)} alone`,
      remedy: 'look whether both show the same field',
    }));
}

function thinness({ width, pairs }: Survey, { factors }: Choices): Warning[] {
  if (width === null)
    return [
      {
        what: 'no network found at the chosen level',
        remedy: 'look at the picture; set evaluation.threshold, data.channel or data.invert',
      },
    ];
  const factor = Math.max(factors.x, factors.y);
  const left = width / factor;
  if (left >= 2) return [];
  const smaller = Math.floor(width / 2);
  const remedy =
    smaller >= 2 && pairs === null
      ? `--factor ${Math.min(smaller, factor - 1)} leaves more; bicubic tells what the coarse scan still holds`
      : 'expect broken and invented branches, and read recall_at_invention before PSNR; a smaller factor leaves more';
  return [
    {
      what:
        `thin: branches are ${width.toFixed(1)} px wide, x${factor} leaves ${left.toFixed(1)} coarse pixels of them ` +
        '(2 are needed to see a branch as such)',
      remedy,
    },
  ];
}

function blur({ resolution }: Survey, { factors }: Choices): Warning[] {
  const factor = Math.max(factors.x, factors.y);
  if (resolution === null || resolution < 2 * factor) return [];
  return [
    {
      what:
        `blurred: nothing finer than ${resolution.toFixed(1)} px is there, and pixels ${factor} times as large still ` +
        `hold ${2 * factor} px`,
      remedy: `nothing is left to restore at x${factor}: use sharper images, or a larger --factor`,
    },
  ];
}

function noise({ noise: level }: Survey): Warning[] {
  if (level < NOISY) return [];
  return [
    {
      what: `noisy: ${percent(level)} of the contrast; scores hold models to the noise of the fine images`,
      remedy: 'average frames, or denoise the fine images alike before; read the network scores before PSNR',
    },
  ];
}

function polarity({ certainty, isDark }: Survey): Warning[] {
  if (certainty === 'sure') return [];
  const other = isDark ? 'take invert: true out of the spec' : 'set data.invert: true';
  return [
    {
      what:
        certainty === 'likely'
          ? `the network is likely ${isDark ? 'dark' : 'bright'}, but not surely`
          : `whether the network is bright or dark is not clear; it is taken as ${isDark ? 'dark' : 'bright'}`,
      remedy: `look at the picture; if the outline goes round the wrong side, ${other}`,
    },
  ];
}

function unequal({ images }: Survey): Warning[] {
  const kinds = [...new Set(images.map(({ dtype }) => dtype))];
  const channels = [...new Set(images.map((image) => image.channels))];
  const stacks = images.filter(({ depth }) => depth > 1);
  const sizes = [
    ...new Set(images.map(({ pixelSize }) => (pixelSize ? formatLength(pixelSize.x, pixelSize.unit) : 'unknown'))),
  ];
  return [
    ...(stacks.length === 0 || stacks.length === images.length
      ? []
      : [
          {
            what: `planes beside stacks: ${namesOf(stacks)} of ${images.length} images`,
            remedy: 'give each kind a folder of its own: here every plane of a stack counts as an image',
          },
        ]),
    ...(channels.length < 2
      ? []
      : [
          {
            what: `several numbers of channels: ${channels.join(', ')}`,
            remedy: 'export the channel of the network alone, or give each kind a folder of its own',
          },
        ]),
    ...(kinds.length < 2
      ? []
      : [{ what: `several types: ${kinds.join(', ')}`, remedy: 'convert them to one: they share one normalisation' }]),
    ...(sizes.length < 2
      ? []
      : [
          { what: `several pixel sizes: ${sizes.join(', ')}`, remedy: 'compare images of one scale, or resample them' },
        ]),
    ...(images.every(({ pixelSize }) => pixelSize === null)
      ? [{ what: 'no file says its pixel size', remedy: 'set data.pixelSize: lengths are in px without it' }]
      : []),
  ];
}

function specimens({ images, isStack }: Survey): Warning[] {
  const count = isStack ? 1 : images.length;
  if (count >= FEW) return [];
  const one = isStack ? 'one volume' : 'one image';
  const what =
    count < 3
      ? `${count === 1 ? one : 'two images'}: parts are kept back for the test, scores speak of these specimens alone`
      : `${count} images: intervals over so few specimens are wide`;
  return [{ what, remedy: `scan more specimens; ${FEW} or more tell methods apart` }];
}

function memory({ images }: Survey): Warning[] {
  const bytes = images.reduce((sum, { width, height, depth, frames }) => sum + 4 * width * height * depth * frames, 0);
  // The images, what is normalised of them and the coarse scans.
  const needed = 3 * bytes;
  if (needed < freeMemory() / 2) return [];
  return [
    {
      what: `large: the images take about ${formatBytes(needed)} while a trial runs`,
      remedy: 'use a part: data.crop: { x: 0, y: 0, width: 1024, height: 1024 } of a folder',
    },
  ];
}

/** What was found, in the words of a microscopist. */
export function factsOf(survey: Survey, { factors, dimensions }: Choices): string[] {
  const {
    images,
    pairs,
    places,
    registered,
    rule,
    isDark,
    certainty,
    noise: level,
    resolution,
    width,
    channel,
  } = survey;
  const first = images[0];
  const bits = Number(/\d+$/.exec(first.dtype)?.[0]);
  const depthOfBits = first.bits < bits ? ` of ${first.bits} bits` : '';
  const factor = Math.max(factors.x, factors.y);
  const inUnits = (px: number) =>
    first.pixelSize ? ` (${formatLength(Number((px * first.pixelSize.x).toPrecision(2)), first.pixelSize.unit)})` : '';
  return [
    `${countText(survey, dimensions)}, ${first.dtype}${depthOfBits}, ${pixelText(first)}`,
    ...(first.channels > 1 ? [`${first.channels} channels; channel ${channel} has most contrast over its noise`] : []),
    ...(first.frames > 1 ? [`${first.frames} time points, which stay together as one specimen`] : []),
    ...(pairs ? [pairsText(pairs.pairs.length, factors, places)] : []),
    ...(registered ? [registeredText(registered)] : []),
    `the network is ${isDark ? 'darker' : 'brighter'} than its surroundings (${certainty})`,
    `noise ${percent(level)} of the contrast`,
    ...(resolution === null
      ? []
      : [
          `sharpness ${resolution <= FINEST ? `${FINEST} px or finer` : `${resolution.toFixed(1)} px`}` +
            `${inUnits(resolution)} (Fourier ring correlation of checkerboard halves, which tell nothing below 4 px)`,
        ]),
    ...(width === null
      ? []
      : [
          `network ${percent(rule.share)} of the field, branches ${width.toFixed(1)} px${inUnits(width)} wide ` +
            `(median), ${(width / factor).toFixed(1)} coarse pixels at x${factor}`,
        ]),
  ];
}

function countText({ images, isStack }: Survey, dimensions: 2 | 3): string {
  if (isStack) return `${images.length} slices of one volume (neighbours look alike)`;
  return `${images.length} ${images.length === 1 ? 'image' : 'images'} as ${dimensions === 3 ? 'volumes' : 'planes'}`;
}

function pixelText({ pixelSize }: FoundImage): string {
  if (!pixelSize) return 'pixel size unknown';
  const { x, z, unit } = pixelSize;
  return `pixel ${formatLength(x, unit)}${z === undefined ? '' : `, planes ${formatLength(z, unit)} apart`}`;
}

function pairsText(
  count: number,
  { x, y, z }: Choices['factors'],
  places: readonly { readonly shift: number; readonly residual: number }[],
): string {
  const factor = z === 1 && x === y ? `x${x}` : `x${x}, y${y}, z${z}`;
  const most = (values: readonly number[]) => Math.max(...values).toFixed(2);
  const shifts = most(places.map(({ shift }) => shift));
  const residuals = most(places.map(({ residual }) => residual));
  const lie = places.length === 0 ? 'not registered' : `shifts up to ${shifts} coarse px, residual up to ${residuals}`;
  return `${count} measured ${count === 1 ? 'pair' : 'pairs'} of fine and coarse scans, ${factor}; ${lie}`;
}

function registeredText({ tried, of, refused }: Registered): string {
  if (tried === 0) return 'no pair was registered whole: they are too large for a look; a sweep may refuse some';
  const rest =
    tried < of
      ? '; should a sweep refuse one of the others, leave it out too (data.exclude, or its line of the list)'
      : '';
  return `${tried} of ${of} pairs registered whole, as a sweep would: ${refused.length} refused${rest}`;
}
