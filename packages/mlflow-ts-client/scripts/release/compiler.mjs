import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** TypeScript's compiler that the repository builds with. */
export const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript-native/package.json')), 'bin/tsc');
