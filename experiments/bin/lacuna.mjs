#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { bundledEntry } from './program-folder.mjs';

// Where Node has it (22.8 and later), compiled code is kept in the system's folder for temporary files for the next
// call, and only `import()` comes after this line.
nodeModule.enableCompileCache?.();
const bundled = bundledEntry('cli');
const { main } = await import(bundled === null ? '../dist/cli.js' : pathToFileURL(bundled).href);
await main(process.argv.slice(2));
