import { InputError } from '@lacuna/core';
import { reachOf } from '../network/proposals.js';

/** What `--network`, `--level` and `--propose` say. */
export interface NetworkChoice {
  /** Folder of the files; null writes them beside the enlarged image. */
  readonly folder: string | null;
  /** In the numbers of the enlarged image, or Otsu's of it; null for the level that the model knows. */
  readonly level: number | 'otsu' | null;
  /** Px of the enlarged image that proposed links may bridge; null, and by default: none. */
  readonly propose?: number | null;
}

/** "120", "0.35", "otsu". */
export function parseNetworkLevel(text: string): number | 'otsu' {
  if (text === 'otsu') return text;
  const level = Number(text);
  if (text.trim() === '' || !Number.isFinite(level))
    throw new InputError({
      who: '--level',
      got: text,
      wanted: 'a number, in those of the image, or otsu',
      remedy: 'write for example --level 120',
    });
  return level;
}

/** The options as the command line gives them. */
interface GivenNetwork {
  readonly network?: string | true;
  readonly level?: number | 'otsu';
  readonly propose?: number | true;
}

/** @throws {InputError} for a level, or proposals, without a network. */
export function networkChoice({ network, level, propose }: GivenNetwork): NetworkChoice | null {
  if (network === undefined && level !== undefined)
    throw new InputError({
      who: '--level',
      got: 'a level without --network',
      wanted: 'what is to be read at it',
      remedy: 'add --network',
    });
  if (network === undefined && propose !== undefined)
    throw new InputError({
      who: '--propose',
      got: 'links to be proposed without --network',
      wanted: 'the network whose ends they join',
      remedy: 'add --network',
    });
  if (network === undefined) return null;
  return { folder: network === true ? null : network, level: level ?? null, propose: reachOf(propose) };
}
