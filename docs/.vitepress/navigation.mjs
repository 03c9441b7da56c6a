// The pages of the site in the order in which they are read.
import { existsSync, readdirSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const namesIn = (folder) => readdirSync(new URL(folder, root)).sort();

/** Groups of the sidebar: pages by their path from the root. A page that stands in none is refused by a test. */
export const navigation = [
  { text: 'Begin', pages: ['README.md', 'docs/start.md', 'docs/own-images.md', 'docs/faq.md'] },
  {
    text: 'Ask',
    pages: [
      'docs/writing-a-spec.md',
      'docs/spec.md',
      'docs/search.md',
      'docs/models.md',
      'docs/losses.md',
      'docs/metrics.md',
    ],
  },
  {
    text: 'Data',
    pages: ['docs/forward-models.md', 'docs/synthetic-data.md', 'docs/volumes.md', 'docs/unpaired.md'],
  },
  { text: 'Believe', pages: ['docs/scores.md', 'docs/results.md', 'docs/explain.md'] },
  { text: 'Run', pages: ['docs/tracking.md', 'docs/tracking-server.md', 'docs/clusters.md', 'docs/containers.md'] },
  { text: 'Use models', pages: ['docs/upscaling.md', 'docs/network-files.md', 'docs/demo.md', 'docs/fiji-napari.md'] },
  { text: 'Change Lacuna', pages: ['docs/extending.md', 'docs/architecture.md', 'CONTRIBUTING.md', 'CHANGELOG.md'] },
  {
    text: 'Packages',
    collapsed: true,
    pages: [
      'experiments/README.md',
      ...namesIn('packages/').map((name) => `packages/${name}/README.md`),
      'tests/README.md',
    ],
  },
  {
    text: 'Tools',
    collapsed: true,
    pages: [
      'tools/setup/README.md',
      'tools/golden/README.md',
      ...namesIn('tools/bench/')
        .map((name) => `tools/bench/${name}/README.md`)
        .filter((path) => existsSync(new URL(path, root))),
    ],
  },
  {
    text: 'Decisions',
    collapsed: true,
    pages: namesIn('docs/decisions/')
      .reverse()
      .map((name) => `docs/decisions/${name}`),
  },
];
