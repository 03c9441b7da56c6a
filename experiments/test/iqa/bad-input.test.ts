import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LacunaError } from '@lacuna/core';
import { iqa, path, printedNow, useImages } from './command.js';

useImages();

describe('a bad input is one clear error with exit status 2, and nothing is written', () => {
  it.each<[string, string[], RegExp]>([
    ['no such path', ['hr/a.tif', 'nowhere.tif'], /nowhere\.tif: got no such file or folder/],
    ['one path', ['hr'], /iqa: got only .*hr, wanted two: REFERENCE ESTIMATE/],
    ['three paths', ['hr', 'sr', 'odd'], /iqa: got 3 paths/],
    ['a file and a folder', ['hr/a.tif', 'sr'], /wanted two files or two folders/],
    ['an empty folder', ['hr', 'empty'], /empty: got an empty folder/],
    ['an image without a partner', ['hr', 'odd'], /odd: got no image named b, wanted an image of the same name/],
    ['an image too many', ['odd', 'sr'], /odd: got no image named b/],
    ['one name twice', ['twice', 'twice'], /twice: got both a\.tif and a\.tiff/],
    [
      'two sizes',
      ['hr/a.tif', 'odd/a.tif'],
      /odd\/a\.tif against .*hr\/a\.tif: got an estimate of 47 x 36, wanted the reference's 48 x 36/,
    ],
    [
      'a pixel size without a unit',
      ['hr', 'sr', '--pixel-size', '0.1'],
      /--pixel-size: got "0\.1", wanted a positive length with its unit/,
    ],
    [
      'files of two pixel sizes',
      ['scaled', 'hr'],
      /b\.tif: got another pixel size \(1\.1 x 1\.1 um\) than that of a\.tif \(0\.1 x 0\.1 um\).*give --pixel-size/,
    ],
    [
      '16 bits without a data range',
      ['stack-hr.tif', 'stack-sr.tif'],
      /stack-hr\.tif: got no data range, and intensities from 20 to 200 .*give --data-range/,
    ],
    [
      'a stack without the distance of its planes',
      ['flat-stack.tif', 'flat-stack.tif'],
      /flat-stack\.tif: got a stack of 5 planes with a pixel of 1 x 1 um/,
    ],
    [
      'a metric that is not there',
      ['hr', 'sr', '--metrics', 'psnr,sim'],
      /--metrics: got "sim", .*did you mean ssim\?/,
    ],
    ['a metric twice', ['hr', 'sr', '--metrics', 'psnr,mse,psnr'], /--metrics: got psnr twice, .*--metrics psnr,mse/],
    ['a metric that is not there, beside all', ['hr', 'sr', '--metrics', 'all,sim'], /--metrics: got "sim"/],
    ['a data range of zero', ['hr', 'sr', '--data-range', '0'], /--data-range: got "0", wanted a positive number/],
    ['a data range of words', ['hr', 'sr', '--data-range', '8bit'], /--data-range: got "8bit"/],
    ['a threshold upside down', ['hr', 'sr', '--threshold', '9,3'], /--threshold: got "9,3", wanted otsu/],
    ['a fraction of a pixel', ['hr', 'sr', '--crop', '1.5'], /--crop: got "1\.5", wanted a whole number/],
    ['a crop that leaves nothing', ['hr', 'sr', '--crop', '18'], /got 18 px on 48 x 36/],
    ['a channel that is not there', ['hr', 'sr', '--channel', '3'], /got channel 3, wanted 'y', 'all' or 0 to 0/],
    ['a channel of words', ['hr', 'sr', '--channel', 'red'], /--channel: got "red"/],
    ['a negative tolerance', ['hr', 'sr', '--tolerance', '-1'], /--tolerance: got "-1"/],
  ])('%s', async (_, args, message) => {
    const named = args.map((word, i) =>
      args[i - 1]?.startsWith('--') || word.startsWith('--') ? word : path(...word.split('/')),
    );
    const error: unknown = await iqa(...named, '--csv', path('never.csv')).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(LacunaError);
    expect((error as LacunaError).message).toMatch(message);
    expect([(error as LacunaError).exitCode, printedNow(), existsSync(path('never.csv'))]).toEqual([2, '', false]);
  });
});
