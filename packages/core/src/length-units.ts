/** SI prefixes as OME's units of length have them: symbol, name, power of ten. */
const prefixes: readonly (readonly [string, string, number])[] = [
  ['Y', 'yotta', 24],
  ['Z', 'zetta', 21],
  ['E', 'exa', 18],
  ['P', 'peta', 15],
  ['T', 'tera', 12],
  ['G', 'giga', 9],
  ['M', 'mega', 6],
  ['k', 'kilo', 3],
  ['h', 'hecto', 2],
  ['da', 'deca', 1],
  ['', '', 0],
  ['d', 'deci', -1],
  ['c', 'centi', -2],
  ['m', 'milli', -3],
  ['u', 'micro', -6],
  ['n', 'nano', -9],
  ['p', 'pico', -12],
  ['f', 'femto', -15],
  ['a', 'atto', -18],
  ['z', 'zepto', -21],
  ['y', 'yocto', -24],
];

/** Names of the units outside the SI, and nanometres of each. */
const others: readonly (readonly [names: readonly string[], nanometres: number])[] = [
  [['Å', 'A', 'angstrom', 'ångström', 'ångstrom'], 0.1],
  [['thou', 'mil'], 2.54e4],
  [['li', 'line'], 2.54e7 / 12],
  [['in', 'inch', 'inches', '"'], 2.54e7],
  [['ft', 'foot', 'feet'], 3.048e8],
  [['yd', 'yard'], 9.144e8],
  [['mi', 'mile'], 1.609344e12],
  [['pt', 'point'], 2.54e7 / 72],
  [['ua', 'au', 'astronomical unit'], 1.495978707e20],
  [['ly', 'light year', 'lightyear'], 9.4607304725808e24],
  [['pc', 'parsec'], 3.0856775814913673e25],
];

const bySymbol = new Map<string, number>();
const byName = new Map<string, number>();
for (const [symbol, name, power] of prefixes) {
  const nanometres = Number(`1e${power + 9}`);
  bySymbol.set(`${symbol}m`, nanometres);
  for (const metre of ['meter', 'metre']) byName.set(name + metre, nanometres);
}
byName.set('micron', 1e3);
for (const [names, nanometres] of others) {
  for (const name of names) (name.length < 3 ? bySymbol : byName).set(name, nanometres);
}

/**
 * Nanometres of a unit of length, in any spelling that microscope software writes: all of OME's units (`µm`, `Å`,
 * `in`), the names that OME-Zarr uses (`micrometer`), both signs for micro, ImageJ's `\u00B5m`, plurals.
 * @returns undefined for what is no length, such as OME's `pixel` and `reference frame`.
 */
export function nanometresOf(text: string): number | undefined {
  const plain = text
    .trim()
    .replace(/\\u00b5/i, 'u')
    .replace(/^[\u00b5\u03bc]/, 'u');
  const lower = plain.toLowerCase();
  return (
    bySymbol.get(plain) ??
    byName.get(lower) ??
    byName.get(lower.replace(/s$/, '')) ??
    (lower === 'um' || lower === 'nm' ? bySymbol.get(lower) : undefined)
  );
}
