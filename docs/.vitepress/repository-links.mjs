// Links between files of the repository, as links of the site.
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { resolveLink } from '../../tools/house/pages.mjs';

/**
 * Plugin of markdown-it. Links to pages become those of their addresses, links to other files lead to copies of them
 * (`linkedFiles` gathers which), links to folders without a README are text. Blocks of code that are indented become
 * such with a fence, which have the site's look.
 */
export function repositoryLinks(md, { root, pages, addressOf, linkedFiles }) {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const from = env.realPath ?? env.path;
    for (const token of tokens) {
      if (token.type === 'code_block') Object.assign(token, { type: 'fence', tag: 'code', info: 'text' });
      for (const [i, child] of (token.children ?? []).entries())
        if (child.type === 'link_open') turn(child, closing(token.children, i), posix.relative(root, from));
    }
  });

  function turn(open, close, from) {
    const href = decodeURI(open.attrGet('href'));
    const target = resolveLink(from, href);
    if (target === null || (target.path === from && target.anchor !== '')) return;
    const path = pageAt(target.path);
    if (path !== null) {
      const here = posix.dirname(addressOf(from));
      const relative = posix.relative(here, addressOf(path));
      const anchor = target.anchor === '' ? '' : `#${target.anchor}`;
      open.attrSet('href', `${relative.startsWith('.') ? relative : `./${relative}`}${anchor}`);
      return;
    }
    if (statSync(join(root, target.path)).isDirectory()) {
      Object.assign(open, { type: 'span_open', tag: 'span', attrs: [] });
      Object.assign(close, { type: 'span_close', tag: 'span' });
      return;
    }
    linkedFiles.add(target.path);
    open.attrSet('href', `/${target.path}`);
    open.attrSet('target', '_self');
  }

  /** The page that a path leads to: itself, or the README of a folder. */
  function pageAt(path) {
    const readme = posix.join(path, 'README.md');
    if (pages.has(path)) return path;
    return existsSync(join(root, readme)) && pages.has(readme) ? readme : null;
  }
}

/** The end of the link that begins at `start`: links hold no links. */
const closing = (children, start) => children.slice(start).find(({ type }) => type === 'link_close');
