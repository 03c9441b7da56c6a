import type { NetworkMarks, TestImages } from '../panel/network-marks.js';
import { mark, type VolumeData } from '../types.js';

/** The figure of volumes from the images of one specimen and their marked networks. */
export function volumeFromImages(
  { hr, lr, sr, truth }: TestImages,
  { skeleton, marks, branches, reference }: NetworkMarks,
  options: { readonly title: string; readonly factor: string },
): VolumeData {
  return {
    ...options,
    hr,
    lr,
    pixelSize: hr.pixelSize,
    network: skeleton.data.map((value) => (value === 0 ? mark.none : mark.found)),
    reference,
    isNetworkKnown: truth !== null,
    methods: sr.map(({ method, image }, i) => ({
      name: method,
      volume: image,
      marks: marks[i],
      branches: branches[i],
    })),
  };
}
