// Prints whether YAML's library is loaded with the package, and once a text was read. Runs the compiled package.
import { createRequire } from 'node:module';
import { parseTree } from '../dist/index.js';

const isLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/node_modules/yaml/'));
const before = isLoaded();
parseTree('name: sweep', 'spec.yaml');
console.log(JSON.stringify({ before, after: isLoaded() }));
