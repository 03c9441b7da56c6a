#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Where Node has it (22.8 and later), compiled code is kept in the system's folder for temporary files for the next
// call, and only `import()` comes after this line.
nodeModule.enableCompileCache?.();
const { main } = await import('../dist/cli.js');
await main(process.argv.slice(2));
