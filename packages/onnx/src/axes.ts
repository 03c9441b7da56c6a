/** How the axes of an image go between our order, channels last, and ONNX's, channels first; for any number of them. */

/** For each axis of an image with channels first, where it stands with channels last. */
export const channelsFirst = (rank: number): number[] => [
  0,
  rank - 1,
  ...Array.from({ length: rank - 2 }, (_, i) => i + 1),
];

/** For each axis of an image with channels last, where it stands with channels first. */
export const channelsLast = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** For each axis of an ONNX filter [out, in, kernel..], where it stands in ours, [kernel.., in, out]. */
export const filterFirst = (spatial: number): number[] => [
  spatial + 1,
  spatial,
  ...Array.from({ length: spatial }, (_, i) => i),
];

/** For each axis of our filter [kernel.., in, out], where it stands in ONNX's, [out, in, kernel..]. */
export const filterLast = (spatial: number): number[] => [...Array.from({ length: spatial }, (_, i) => i + 2), 1, 0];

/** Planes have two spatial axes, volumes three. */
export const isImageRank = (rank: number): boolean => rank === 4 || rank === 5;
