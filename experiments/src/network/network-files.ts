import { basename, join } from 'node:path';

/** The files that a network is written to. */
export interface NetworkFiles {
  /** 0 and 255, in the format of the image. */
  readonly mask: string;
  readonly centreline: string;
  /** A line for each branch, of all time points. */
  readonly branches: string;
  /** A line for each proposed link, of all time points; null where none are looked for. */
  readonly proposals: string | null;
  /** Of each time point. */
  readonly graphs: readonly GraphFiles[];
  /** All of them, the mask first. */
  readonly all: readonly string[];
}

/** What is written of the network of one time point. */
export interface GraphFiles {
  readonly graphMl: string;
  readonly json: string;
  readonly swc: string;
  readonly picture: string;
}

/** How many time points a network has, and whether links are proposed for it. */
interface FilesOptions {
  readonly frames: number;
  readonly proposes: boolean;
}

/**
 * Names of a network's files: `STEM-mask.tif`, `STEM-centreline.tif`, `STEM-branches.csv`, and `STEM-network` with
 * `.graphml`, `.json`, `.swc` and `.png`; of several time points `STEM-network-t000` and so on; `STEM-proposals.csv`
 * where links are proposed.
 * @param extension of mask and centreline, with its dot.
 */
export function networkFiles(
  folder: string,
  stem: string,
  extension: string,
  { frames, proposes }: FilesOptions,
): NetworkFiles {
  const named = (word: string) => join(folder, `${stem}-${word}`);
  const digits = Math.max(3, String(frames - 1).length);
  const graphs = Array.from({ length: frames }, (_, t): GraphFiles => {
    const base = named(frames === 1 ? 'network' : `network-t${String(t).padStart(digits, '0')}`);
    return { graphMl: `${base}.graphml`, json: `${base}.json`, swc: `${base}.swc`, picture: `${base}.png` };
  });
  const mask = named(`mask${extension}`);
  const centreline = named(`centreline${extension}`);
  const branches = named('branches.csv');
  const proposals = proposes ? named('proposals.csv') : null;
  const all = [
    mask,
    centreline,
    branches,
    ...(proposals === null ? [] : [proposals]),
    ...graphs.flatMap(({ graphMl, json, swc, picture }) => [graphMl, json, swc, picture]),
  ];
  return { mask, centreline, branches, proposals, graphs, all };
}

/** What says an image file's format: `.ome.tif` of `scan.ome.tif`. */
export const extensionOf = (path: string): string =>
  /(\.ome\.(?:tiff?|zarr)|\.[^.]+)$/i.exec(basename(path))?.[0] ?? '';
