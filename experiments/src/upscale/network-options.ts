import { InputError } from '@lacuna/core';

/** What `--network` and `--level` say. */
export interface NetworkChoice {
  /** Folder of the files; null writes them beside the enlarged image. */
  readonly folder: string | null;
  /** In the numbers of the enlarged image, or Otsu's of it; null for the level that the model knows. */
  readonly level: number | 'otsu' | null;
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

/** @throws {InputError} for a level without a network. */
export function networkChoice(
  network: string | true | undefined,
  level: number | 'otsu' | undefined,
): NetworkChoice | null {
  if (network === undefined && level !== undefined)
    throw new InputError({
      who: '--level',
      got: 'a level without --network',
      wanted: 'what is to be read at it',
      remedy: 'add --network',
    });
  return network === undefined ? null : { folder: network === true ? null : network, level: level ?? null };
}
