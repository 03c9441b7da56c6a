import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { navigation } from '../../../docs/.vitepress/navigation.mjs';
import { brokenLinks } from '../links.mjs';
import { pagesBelow, parsePage, readPage, slugOf, tagsIn } from '../pages.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('every link and anchor of the pages leads somewhere', () => {
  const paths = pagesBelow(root);
  assert.ok(paths.includes('README.md') && paths.includes('docs/spec.md'));
  assert.deepEqual(brokenLinks(root, paths), []);
});

test('every page stands once in the navigation of the site (docs/.vitepress/navigation.mjs)', () => {
  const listed = navigation.flatMap(({ pages }) => pages);
  const there = pagesBelow(root);
  assert.deepEqual(
    there.filter((path) => !listed.includes(path)),
    [],
    'pages that the navigation lacks',
  );
  assert.deepEqual(
    listed.filter((path, i) => !there.includes(path) || listed.indexOf(path) !== i),
    [],
    'entries without a page, or twice',
  );
});

test('no page holds what the site takes for a tag or a template', () => {
  const found = pagesBelow(root).flatMap((path) =>
    tagsIn(readPage(root, path)).map(({ line, text }) => `${path}:${line}: ${text}`),
  );
  assert.deepEqual(found, []);
});

test('the README takes two screens', () => {
  const lines = readFileSync(join(root, 'README.md'), 'utf8').split('\n');
  assert.ok(lines.length <= 90, `${lines.length} lines: what goes beyond belongs in docs`);
});

test('a link to a file or an anchor that is not there is found', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'docs'));
  const write = (path, text) => writeFileSync(join(folder, path), text);
  write('README.md', '# One\n\n[a](docs/two.md#its-heading) [b](docs/two.md#none) [c](docs/none.md) ![d](none.png)');
  write('docs/two.md', '# Two\n\n## `Its` *heading*\n\n[e](../README.md#one) [f](#none) [g](https://x.org/y)\n');
  assert.deepEqual(brokenLinks(folder, pagesBelow(folder)), [
    'README.md:3: docs/two.md#none: docs/two.md has no heading of that name',
    'README.md:3: docs/none.md: there is no docs/none.md',
    'README.md:3: none.png: there is no none.png',
    'docs/two.md:5: #none: docs/two.md has no heading of that name',
  ]);
});

test('a tag and a template in text are found, code and comments are not', () => {
  const tokens = parsePage('a <name> b\n\n{{ name }} `<name>` `{{ name }}`\n\n<!-- c -->\n\n    <name> {{ name }}\n');
  assert.deepEqual(tagsIn({ tokens }), [
    { line: 1, text: '<name>' },
    { line: 3, text: '{{ name }}' },
  ]);
});

test('anchors are those of forges', () => {
  assert.equal(slugOf('The network as files'), 'the-network-as-files');
  assert.equal(slugOf('`measured`: what the scan determines'), 'measured-what-the-scan-determines');
  assert.equal(slugOf('slicewise: { axis, neighbours, between }'), 'slicewise--axis-neighbours-between-');
});
