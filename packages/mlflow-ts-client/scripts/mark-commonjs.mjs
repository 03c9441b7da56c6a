// The package is ESM; this sheet tells Node that the second build, in dist/cjs, is CommonJS.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('../dist/cjs/package.json', import.meta.url), '{ "type": "commonjs" }\n');
