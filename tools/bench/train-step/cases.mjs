// What one training step is measured at, on CPUs and GPUs.

/** name:batch:LR patch:factor, sizes as in training; of volumes along z, y and x. */
export const cases = [
  ...['fsrcnn:16:24:4', 'edsr:16:24:4', 'unet:16:16:4', 'pix2pix:1:32:4', 'cyclegan:1:32:4'],
  ...['srcnn:16:24:4', 'rcan:16:24:4', 'rrdb:16:24:4', 'rlfn:16:24:4', 'span:16:24:4', 'dfcan:16:24:4'],
  ...['fsrcnn3d:4:12x16x16:1x4x4', 'edsr3d:1:30x30x30:3x3x3', 'unet3d:2:12x16x16:1x4x4'],
  ...['srcnn3d', 'rcan3d', 'rrdb3d', 'rlfn3d', 'span3d', 'dfcan3d'].map((name) => `${name}:2:16x16x16:1x4x4`),
];

const paired = { kind: 'paired' };

/** The model and the regime of each, as a spec has them. */
export const specs = {
  fsrcnn: [{ name: 'fsrcnn' }, paired],
  edsr: [{ name: 'edsr' }, paired],
  unet: [{ name: 'unet' }, paired],
  pix2pix: [{ name: 'pix2pix-unet', levels: 7, upsampler: 'transposed' }, { kind: 'adversarial' }],
  fsrcnn3d: [{ name: 'fsrcnn', d: 16, s: 8, m: 4, upsampler: 'shuffle' }, paired],
  edsr3d: [{ name: 'edsr', blocks: 12, filters: 24 }, paired],
  unet3d: [{ name: 'unet', filters: 16, kernel: 3 }, paired],
  srcnn: [{ name: 'srcnn' }, paired],
  rcan: [{ name: 'rcan' }, paired],
  rrdb: [{ name: 'rrdb' }, paired],
  rlfn: [{ name: 'rlfn' }, paired],
  span: [{ name: 'span' }, paired],
  dfcan: [{ name: 'dfcan' }, paired],
  srcnn3d: [{ name: 'srcnn' }, paired],
  rcan3d: [{ name: 'rcan', groups: 2, blocks: 4, filters: 16, reduction: 4 }, paired],
  rrdb3d: [{ name: 'rrdb', blocks: 2, filters: 16, growth: 8 }, paired],
  rlfn3d: [{ name: 'rlfn', blocks: 4, filters: 16, attention: 8 }, paired],
  span3d: [{ name: 'span', blocks: 4, filters: 16 }, paired],
  dfcan3d: [{ name: 'dfcan', groups: 2, blocks: 2, filters: 16, reduction: 4 }, paired],
  cyclegan: [{ name: 'resnet-generator', blocks: 6, upsampler: 'transposed' }, { kind: 'unpaired' }],
};
