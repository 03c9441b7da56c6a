#!/usr/bin/env node
// Makes a fresh clone ready to run: node tools/setup/main.mjs [--then sweep|test [options]]
// Plain JavaScript without dependencies, since it runs before node_modules exists.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { runSweep } from './then/sweep.mjs';
import { runTests } from './then/tests.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const then = { sweep: runSweep, test: runTests };

const usage = 'usage: node tools/setup/main.mjs [--then sweep|test [options]]';

async function main(args) {
  if (args.length > 0 && (args[0] !== '--then' || !Object.hasOwn(then, args[1] ?? ''))) {
    console.error(`set-up: got ${args.join(' ')}, wanted --then sweep or --then test\n${usage}`);
    return 2;
  }
  mkdirSync(join(root, '.lacuna'), { recursive: true });
  const state = await setUp(root, { tests: args[1] === 'test' });
  return args.length === 0 ? 0 : then[args[1]](root, state, args.slice(2));
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    console.error(`set-up failed: ${process.env.LACUNA_DEBUG ? error.stack : error.message}`);
    process.exitCode = 1;
  },
);
