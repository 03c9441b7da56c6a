import type { Image } from '@lacuna/core';
import type { SampleType } from './pixel-bytes.js';

const units = { nm: 'nm', um: 'µm', mm: 'mm' } as const;
const types: Record<SampleType, string> = { uint8: 'uint8', uint16: 'uint16', int16: 'int16', float32: 'float' };

/**
 * OME-XML (schema 2016-06) of one image whose pages are its planes: sizes, type, pixel size. Channels lie together on
 * each page, or on pages of their own, the next channel on the next page. In UTF-8, as Bio-Formats writes it: of a
 * reference such as `&#181;` it takes the `&` away, knows no unit then and takes the file for no OME-TIFF.
 */
export function omeDescription(
  image: Omit<Image, 'data' | 'dataRange'> & { readonly frames?: number },
  type: SampleType,
  channelLayout: 'interleaved' | 'pages' = 'interleaved',
): string {
  const { width, height, depth, frames = 1, channels, pixelSize, name } = image;
  const physical = pixelSize
    ? ['X', 'Y', 'Z']
        .flatMap((axis) => {
          const size = pixelSize[axis.toLowerCase() as 'x' | 'y' | 'z'];
          return size === undefined
            ? []
            : [` PhysicalSize${axis}="${size}" PhysicalSize${axis}Unit="${units[pixelSize.unit]}"`];
        })
        .join('')
    : '';
  const pages = channelLayout === 'pages' ? channels : 1;
  const lists = Array.from(
    { length: pages },
    (_, c) => `<Channel ID="Channel:0:${c}" SamplesPerPixel="${channels / pages}"/>`,
  ).join('');
  const sizes = `SizeX="${width}" SizeY="${height}" SizeC="${channels}" SizeZ="${depth}" SizeT="${frames}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">',
    `<Image ID="Image:0" Name="${escapeXml(name)}">`,
    `<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="${types[type]}" ${sizes}${physical}>`,
    `${lists}<TiffData/></Pixels></Image></OME>`,
  ].join('');
}

/** Controls have no place in XML, and a zero would end the description. */
function escapeXml(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
}
