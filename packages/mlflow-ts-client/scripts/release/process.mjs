import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a program to its end.
 * @returns what it wrote to its standard output.
 * @throws {Error} with the program's own words where it fails.
 */
export async function run(program, args, options = {}) {
  try {
    // Numbers are coloured where nx forces colours on its children.
    const env = { ...process.env, FORCE_COLOR: '0', ...options.env };
    const { stdout } = await execute(program, args, { ...options, env, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim();
    const reason = said === '' ? error.message : said;
    throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${reason}`, { cause: error });
  }
}
