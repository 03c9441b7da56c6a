import { createImage, type Image } from '@lacuna/core';
import { encodeTiff, type SampleType } from '@lacuna/datasets';
import type { Mask } from '@lacuna/iqa';
import { graphMlText, nodeLinkText } from '../../src/network/graph-text.js';
import { factsOf, tableOf } from '../../src/network/read-network.js';
import { swcText } from '../../src/network/swc-text.js';
import { writtenType } from '../../src/upscale/written-type.js';
import type { Enlarged } from './enlarge.js';
import type { NetworkOfImage } from './network.js';
import type { SavedFile } from './protocol.js';

/** A file to be saved, under a name. */
export interface NamedBlob {
  readonly name: string;
  readonly blob: Blob;
}

/** What files are made from. */
interface Results {
  readonly enlarged: Enlarged;
  readonly network: NetworkOfImage | null;
  /** Lacuna and its version. */
  readonly software: string;
}

const endings: Readonly<Record<Exclude<SavedFile, 'image' | 'mask' | 'centreline'>, string>> = {
  graphml: '-network.graphml',
  json: '-network.json',
  swc: '-network.swc',
  branches: '-branches.csv',
};

/** Makes a file: images as TIFFs with their pixel size, graphs as `lacuna upscale --network` writes them. */
export function fileOf(what: SavedFile, { enlarged, network, software }: Results): NamedBlob {
  const { sr, lr } = enlarged;
  const [, stem, ending] = /^(.*?)((?:\.ome)?\.tif)$/.exec(sr.name)!;
  const tiff = (word: string, image: Image, type: SampleType): NamedBlob => {
    const name = `${stem}${word}${ending}`;
    const bytes = encodeTiff({ ...image, name }, { type, software, metadata: ending === '.tif' ? 'imagej' : 'ome' });
    return { name, blob: new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/tiff' }) };
  };
  if (what === 'image') return tiff('', sr, writtenType(lr.dtype));
  if (network === null) throw new Error(`${what} of an image whose network was not read`);
  if (what === 'mask') return tiff('-mask', whiteOn(network.mask, sr), 'uint8');
  if (what === 'centreline') return tiff('-centreline', whiteOn(network.skeleton, sr), 'uint8');
  const facts = factsOf(network.source, 0, software);
  const texts = {
    graphml: () => graphMlText(network.network, facts),
    json: () => nodeLinkText(network.network, facts),
    swc: () => swcText(network.network, facts),
    branches: () => tableOf([network.network]),
  };
  return { name: `${stem}${endings[what]}`, blob: new Blob([...texts[what]()], { type: 'text/plain' }) };
}

/** A mask as an image, 255 for 1. */
function whiteOn({ data }: Mask, { width, height, depth, pixelSize }: Image): Image {
  return createImage({
    data: Float32Array.from(data, (value) => 255 * value),
    width,
    height,
    depth,
    pixelSize,
    dataRange: [0, 255],
  });
}
