// The pages in Markdown: which there are, and of each its title, its anchors and its links.
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import MarkdownIt from 'markdown-it';

/** Folders of what is installed, built or made by runs. */
const PASSED_OVER = new Set(['node_modules', 'dist', 'runs', 'figures', 'coverage', 'api', 'site']);

/**
 * Every page below a folder, by its path from there, in the order of names.
 * @returns {string[]}
 */
export function pagesBelow(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return isPassedOver(entry.name) ? [] : pagesBelow(root, path);
      return entry.name.endsWith('.md') ? [path] : [];
    });
}

const isPassedOver = (name) => name.startsWith('.') || PASSED_OVER.has(name);

const markdown = new MarkdownIt({ html: true });

/**
 * What stands in a page: `title` is the first heading, `links` are those of text and pictures, `tokens` know the `line`
 * that they begin at.
 */
export function readPage(root, path) {
  const tokens = parsePage(readFileSync(join(root, path), 'utf8'));
  const headings = tokens.flatMap((token, i) => (token.type === 'heading_open' ? [plainText(tokens[i + 1])] : []));
  return { path, title: headings[0] ?? path, anchors: anchorsOf(headings), links: tokens.flatMap(linksIn), tokens };
}

/** Tokens of markdown-it; cells of tables, which know no place, get the line of their row. */
export function parsePage(text) {
  let line = 1;
  return markdown.parse(text, {}).map((token) => {
    line = token.map ? token.map[0] + 1 : line;
    return Object.assign(token, { line });
  });
}

/** Text of an inline token without its marks. */
function plainText({ children }) {
  return children.map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : '')).join('');
}

function linksIn({ children, line }) {
  return (children ?? []).flatMap((token) => {
    const target = { link_open: 'href', image: 'src' }[token.type];
    return target === undefined ? [] : [{ href: decodeURI(token.attrGet(target)), line }];
  });
}

/** Text outside of code that a page in HTML would take for a tag, or for a template: `<name>`, `{{ name }}`. */
export function tagsIn({ tokens }) {
  return tokens.flatMap(({ type, content, children, line }) => {
    const parts = type === 'html_block' ? [{ type, content }] : (children ?? []);
    return parts
      .filter((part) => /^html_/.test(part.type) || (part.type === 'text' && part.content.includes('{{')))
      .filter((part) => !/^<!--[^]*-->\s*$/.test(part.content))
      .map((part) => ({ line, text: part.content.trim() }));
  });
}

/** The anchor of a heading, as forges make it: small letters, hyphens for blanks, nothing but letters and digits. */
export function slugOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}\p{Connector_Punctuation} -]/gu, '')
    .replaceAll(' ', '-');
}

/** Headings that would share an anchor are numbered from the second on. */
function anchorsOf(headings) {
  const seen = new Map();
  return new Set(
    headings.map((heading) => {
      const slug = slugOf(heading);
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    }),
  );
}

/**
 * A link within the repository taken apart: the path from the root that it leads to, and the anchor there.
 * Null for addresses elsewhere.
 */
export function resolveLink(from, href) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return null;
  const [path, anchor = ''] = href.split('#');
  const target = path === '' ? from : posix.join(posix.dirname(from), path);
  return { path: target.replace(/\/$/, ''), anchor };
}
