import { parseArgs } from 'node:util';

/**
 * Options of a bench, as `parseArgs` takes them. With `--quick` the values of `quick` are the defaults: the smallest
 * setting, which shows that the bench runs and measures nothing worth keeping.
 * @param {Record<string, import('node:util').ParseArgsOptionConfig>} options
 * @param {Record<string, string>} quick
 */
export function benchOptions(options, quick) {
  const isQuick = process.argv.includes('--quick');
  const entries = Object.entries(options).map(([name, option]) => [
    name,
    isQuick && name in quick ? { ...option, default: quick[name] } : option,
  ]);
  return parseArgs({ options: { ...Object.fromEntries(entries), quick: { type: 'boolean' } } }).values;
}
