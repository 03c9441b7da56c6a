// Opens an engine and prints the packages of TensorFlow's own that were loaded for it. Runs the compiled package.
import { createRequire } from 'node:module';
import { openEngine } from '../../dist/index.js';

const { kind } = await openEngine();
const packages = Object.keys(createRequire(import.meta.url).cache)
  .map((path) => /@tensorflow\/[^/]+/.exec(path)?.[0])
  .filter((name) => name !== undefined);
console.log(JSON.stringify({ kind, packages: [...new Set(packages)] }));
