import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Files of the one bundled face (DejaVu Sans Condensed): no figure depends on what a machine has installed. */
export const fontFiles = {
  normal: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf'),
} as const;
