// The site of the pages: npm run docs:site writes it into docs/site. Addresses are paths from the root of the
// repository, so that links lead where they lead in the repository; the README of a folder is its index.
import { copyFileSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { pagesBelow, readPage, slugOf } from '../../tools/house/pages.mjs';
import { navigation } from './navigation.mjs';
import { repositoryLinks } from './repository-links.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = pagesBelow(root);
const addressOf = (path) => path.replace(/(^|\/)README\.md$/, '$1index.md');
const api = join(root, 'docs/api');

/** Files that pages link to and that are no pages: specs, scripts. They go with the site. */
const linkedFiles = new Set();

export default defineConfig({
  title: 'Lacuna',
  description: 'Super-resolution of microscopic networks, judged by the network',
  srcDir: root,
  outDir: join(root, 'docs/site'),
  cacheDir: join(root, 'node_modules/.cache/vitepress'),
  srcExclude: ['runs/**', 'figures/**', 'docs/api/**', 'docs/site/**', '**/fixtures/**', '**/golden/**/!(README).md'],
  rewrites: Object.fromEntries(pages.map((path) => [path, addressOf(path)])),
  // No icon: browsers would ask for one that is not there.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    // Braces in headings are YAML, not attributes.
    attrs: { disable: true },
    anchor: { slugify: slugOf },
    config: (md) => md.use(repositoryLinks, { root, pages: new Set(pages), addressOf, linkedFiles }),
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: existsSync(api) ? [{ text: 'API', link: '/docs/api/index.html', target: '_self' }] : [],
    sidebar: navigation.map(({ text, collapsed, pages: paths }) => ({
      text,
      collapsed,
      items: paths.map((path) => ({
        text: readPage(root, path).title,
        link: `/${addressOf(path)
          .replace(/(^|\/)index\.md$/, '$1')
          .replace(/\.md$/, '')}`,
      })),
    })),
  },
  buildEnd({ outDir }) {
    for (const path of linkedFiles) {
      mkdirSync(dirname(join(outDir, path)), { recursive: true });
      copyFileSync(join(root, path), join(outDir, path));
    }
    if (existsSync(api)) cpSync(api, join(outDir, 'docs/api'), { recursive: true });
  },
});
