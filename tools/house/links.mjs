// Links of the pages that lead nowhere.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, resolveLink } from './pages.mjs';

/**
 * One line for each link, of text or pictures, to a file or an anchor that is not there.
 * @param paths the pages, from the root.
 * @returns {string[]}
 */
export function brokenLinks(root, paths) {
  const pages = new Map(paths.map((path) => [path, readPage(root, path)]));
  return [...pages.values()].flatMap(({ path, links }) =>
    links.flatMap(({ href, line }) => {
      const target = resolveLink(path, href);
      const fault = target && faultOf(root, pages, target);
      return fault ? [`${path}:${line}: ${href}: ${fault}`] : [];
    }),
  );
}

function faultOf(root, pages, { path, anchor }) {
  if (path.startsWith('..')) return 'leads out of the repository';
  if (!existsSync(join(root, path))) return `there is no ${path}`;
  if (anchor === '') return null;
  const page = pages.get(path);
  if (page === undefined) return `${path} is no page, and has no anchors`;
  return page.anchors.has(anchor) ? null : `${path} has no heading of that name`;
}
