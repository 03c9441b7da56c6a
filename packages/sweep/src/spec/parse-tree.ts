import type { Alias, Document, Node as YamlNode, YAMLMap } from 'yaml';
import { InputError } from '@lacuna/core';
import { describeValue } from './describe-issue.js';
import { LIMITS } from './limits.js';
import { formatPlace, type Entry, type Place, type Tree } from './tree.js';
import { tooDeepAt } from './yaml-depth.js';
import { yamlLibrary } from '../yaml-library.js';

/**
 * Parses one YAML text.
 * @throws {InputError} with the place of a syntax error, of a key given twice, and of what goes beyond {@link LIMITS}.
 */
export function parseTree(text: string, file: string): Tree {
  const { LineCounter, parseDocument } = yamlLibrary();
  const counter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line, column: col };
  };
  const deep = tooDeepAt(text);
  if (deep !== null) {
    const lines = text.slice(0, deep).split('\n');
    throw new InputError({
      who: formatPlace({ file, line: lines.length, column: lines[lines.length - 1].length + 1 }),
      got: 'values nested too deeply to be read',
      wanted: nestingWanted,
    });
  }
  // Keys are compared in convertMap: the parser's own way takes minutes for a map of thousands.
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, merge: true });
  const [error] = document.errors;
  if (error) {
    const several = error.code === 'MULTIPLE_DOCS';
    throw new InputError({
      who: formatPlace(placeAt(error.pos[0])),
      got: several ? 'a second document' : error.message.split('\n')[0].replace(/ at line .*$/, ''),
      wanted: several ? 'one document a file' : 'YAML',
    });
  }
  // A tag of another program says that its value is no text, which is all that it could be read as.
  const tag = document.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  if (tag)
    throw new InputError({
      who: formatPlace(placeAt(tag.pos[0])),
      got: `the tag ${text.slice(tag.pos[0], tag.pos[1])}`,
      wanted: 'values without tags of other programs',
    });
  const start = { file, line: 1, column: 1 };
  return new Conversion(document, placeAt).convert(document.contents, start);
}

const nestingWanted = `maps and lists at most ${LIMITS.depth} deep`;

/** From nodes of YAML to a {@link Tree}: aliases are replaced by what they name. */
class Conversion {
  private readonly document: Document.Parsed;
  private readonly placeAt: (offset: number) => Place;
  /** Maps and lists that are being converted, from the top down. */
  private readonly open = new Set<YamlNode>();
  private nodes = 0;

  constructor(document: Document.Parsed, placeAt: (offset: number) => Place) {
    this.document = document;
    this.placeAt = placeAt;
  }

  convert(node: YamlNode | null, fallback: Place): Tree {
    const { isAlias, isMap, isScalar, isSeq } = yamlLibrary();
    const place = node?.range ? this.placeAt(node.range[0]) : fallback;
    this.count(place);
    if (isAlias(node)) return this.convert(this.targetOf(node, place), place);
    if (!isMap(node) && !isSeq(node)) return { kind: 'scalar', place, value: isScalar(node) ? node.value : null };
    if (this.open.size >= LIMITS.depth)
      throw new InputError({ who: formatPlace(place), got: `the ${LIMITS.depth + 1}st level`, wanted: nestingWanted });
    this.open.add(node);
    try {
      if (isMap(node)) return this.convertMap(node, place);
      return { kind: 'list', place, items: node.items.map((item) => this.convert(item as YamlNode, place)) };
    } finally {
      this.open.delete(node);
    }
  }

  /** Aliases of aliases double with each line: what they stand for is counted. */
  private count(place: Place): void {
    if (++this.nodes <= LIMITS.nodes) return;
    throw new InputError({
      who: formatPlace(place),
      got: `more than ${LIMITS.nodes.toLocaleString('en')} values, with what aliases stand for`,
      wanted: 'fewer',
    });
  }

  private targetOf(alias: Alias, place: Place): YamlNode {
    const target = alias.resolve(this.document);
    if (!target)
      throw new InputError({
        who: formatPlace(place),
        got: `*${alias.source}`,
        wanted: `an anchor &${alias.source} before it`,
      });
    if (this.open.has(target))
      throw new InputError({
        who: formatPlace(place),
        got: `*${alias.source} inside of what it names`,
        wanted: 'values that end',
      });
    return target;
  }

  private convertMap(node: YAMLMap, place: Place): Tree {
    const { isScalar } = yamlLibrary();
    const inherited = new Map<string, Entry>();
    const own = new Map<string, Entry>();
    for (const pair of node.items) {
      const key = pair.key as YamlNode;
      const keyPlace = key.range ? this.placeAt(key.range[0]) : place;
      const value = this.convert(pair.value as YamlNode | null, keyPlace);
      if (isMergeKey(key)) {
        inherit(inherited, value, keyPlace);
        continue;
      }
      const name = String(isScalar(key) ? key.value : key);
      if (own.has(name))
        throw new InputError({
          who: formatPlace(keyPlace),
          got: `${describeValue(name)} twice`,
          wanted: 'each key once',
        });
      own.set(name, { key: keyPlace, value });
    }
    return { kind: 'map', place, entries: new Map([...inherited, ...own]) };
  }
}

/** The entries of `<<`; of several maps the first wins. */
function inherit(inherited: Map<string, Entry>, value: Tree, place: Place): void {
  for (const source of value.kind === 'list' ? value.items : [value]) {
    if (source.kind !== 'map')
      throw new InputError({ who: formatPlace(place), got: '<< without a map', wanted: '<<: *anchor of a map' });
    for (const [name, entry] of source.entries) if (!inherited.has(name)) inherited.set(name, entry);
  }
}

/** `<<`, which takes the keys of other maps. */
const isMergeKey = (key: YamlNode): boolean =>
  yamlLibrary().isScalar(key) &&
  (key.value === '<<' || typeof key.value === 'symbol') &&
  key.type !== 'QUOTE_DOUBLE' &&
  key.type !== 'QUOTE_SINGLE';
