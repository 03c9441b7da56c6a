// Opens an engine in a process where loading the binding fails as it does before set-up. Runs the compiled package.
import Module from 'node:module';
import { openEngine } from '../../dist/index.js';

const load = Module._load;
Module._load = (request, ...rest) => {
  if (request.endsWith('tfjs_binding.node')) throw new Error("Cannot find module 'tfjs_binding.node'");
  return load(request, ...rest);
};
const { kind, reason } = await openEngine();
console.log(JSON.stringify({ kind, reason }));
