import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { doubtColour, markColour, markDash, methodStyle } from '../figures/drawing/theme.js';
import type { CurveData } from '../figures/types.js';
import { branchLegend } from './branch-legend.js';
import { html, raw, type Markup } from './html.js';
import type { PackedRegion } from './pack-regions.js';
import type { PackedVolumes } from './pack-volumes.js';
import type { ReportData, ReportTable } from './types.js';
import { volumeSections, volumeStyle } from './volume-views.js';

/** What the script of a report draws from, embedded as JSON. */
export interface ExploredData {
  readonly columns: ReportTable['columns'];
  /** With the colour that a method has everywhere; the HR image has none. */
  readonly rows: readonly (ReportTable['rows'][number] & { readonly colour: string | null })[];
  readonly curves: readonly CurveData[];
  readonly regions: readonly PackedRegion[];
  readonly volumes: readonly PackedVolumes[];
  /** Colours of methods by name, also of those whose rows name the point of an axis. */
  readonly colours: Readonly<Record<string, string>>;
  readonly marks: typeof markColour;
  readonly dashes: typeof markDash;
  /** Of the edge of doubtful branches. */
  readonly doubt: string;
}

/** The parts of a report that are explored: where they go, and the script at the page's end. */
export interface Explored {
  readonly charts: Markup;
  readonly regions: Markup;
  readonly volumes: Markup;
  readonly style: string;
  readonly script: Markup;
  /** Of the Content-Security-Policy. */
  readonly allow: string;
}

/** What the build bundles (`experiments/pages/report`), seen from `src/report` and `dist/report` alike. */
const built = new URL('../../dist/pages/report.js', import.meta.url);

/**
 * Charts to point at, regions to compare, tables to sort. Where the script was not built, the page says so and has its
 * tables and figures alone.
 */
export function explored(data: ReportData): Explored {
  if (!existsSync(built))
    return {
      charts: html`<p>Charts and regions to explore are missing: their script was not built (npm run build).</p>`,
      regions: raw(''),
      volumes: raw(''),
      style: '',
      script: raw(''),
      allow: '',
    };
  const script = readFileSync(built, 'utf8').replaceAll('</script', '<\\/script');
  const digest = createHash('sha256').update(script).digest('base64');
  const { regions = [], volumes = [] } = data;
  return {
    charts: data.columns.length === 0 ? raw('') : charts,
    regions:
      regions.length === 0 ? raw('') : html`<h2 id="regions">Regions of the test split</h2>${regions.map(region)}`,
    volumes: volumeSections(volumes),
    style: `${style}${volumes.length === 0 ? '' : volumeStyle}`,
    script: html`<script type="application/json" id="explored">${raw(embedded(exploredData(data)))}</script>
<script>${raw(script)}</script>
`,
    allow: `'sha256-${digest}'`,
  };
}

function exploredData(data: ReportData): ExploredData {
  const { curves = [], regions = [], volumes = [] } = data;
  const named = [
    ...curves.flatMap(({ methods }) => methods.map((method, i) => [method, methodStyle(i).colour] as const)),
    ...data.rows.map(({ method }, i) => [method, methodStyle(i).colour] as const),
  ];
  return {
    columns: data.columns,
    rows: data.rows.map((row, i) => ({ ...row, colour: row.isCeiling ? null : methodStyle(i).colour })),
    curves,
    regions,
    volumes,
    colours: Object.fromEntries(named),
    marks: markColour,
    dashes: markDash,
    doubt: doubtColour,
  };
}

/** JSON that cannot end the element that it stands in. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const charts = raw(`<h2 id="explore">Charts to point at</h2>
<noscript><p>They are drawn by a script in this file, which this browser does not run.</p></noscript>
<p class="steer-charts">
<label>along x <select id="chart-x"></select></label>
<label>along y <select id="chart-y"></select></label>
</p>
<div class="chart" id="chart-scores"></div>
<p class="steer-charts" id="curve-choice"><label>curve <select id="chart-curve"></select></label></p>
<div class="chart" id="chart-curves"></div>`);

function region({ title, networks }: PackedRegion, index: number): Markup {
  const isAsked = networks.some(({ branches }) => branches.some(({ isDoubtful }) => isDoubtful !== undefined));
  const hint = 'Wheel or + and - zoom, drag or arrow keys move, comma and full stop move the line; point at a branch.';
  return html`<section class="region" data-index="${index}">
<h3>${title}</h3>
<p class="steer-charts"><label>left <select class="left"></select></label>
<label><input class="split" type="range" min="0" max="100" value="50" aria-label="where the line stands"></label>
<label>right <select class="right"></select></label>
<label>network of <select class="network"></select></label>
<button type="button" class="whole">whole</button></p>
<div class="compare"><canvas tabindex="0" role="img"
aria-label="two images of the region, left and right of a line, and the network over them"></canvas>
<p class="branch" role="status"></p></div>
<p>${branchLegend(isAsked)}</p>
<p class="hint">${hint}</p>
</section>
`;
}

const style = `
.sortable th button { all: unset; cursor: pointer; font-weight: inherit; }
.sortable th button:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px; }
.sortable th[aria-sort] button::after { content: ' ▼'; font-size: .7em; }
.sortable th[aria-sort=ascending] button::after { content: ' ▲'; }
.steer-charts { max-width: none; }
.steer-charts label { margin-right: 1rem; }
.steer-charts select, .steer-charts button { font: inherit; max-width: 16rem; }
.chart { max-width: 48rem; margin: .5rem 0 1.5rem; }
.chart figure { margin: 0; }
.chart svg { overflow: visible; }
.chart [class*=swatches] svg { display: inline-block; flex: none; width: 15px; height: 15px; }
.chart [class*=swatches] { white-space: nowrap; font-size: .82rem; }
.compare { position: relative; max-width: 60rem; }
.compare canvas { width: 100%; height: min(38rem, 80vh); display: block; background: #000; touch-action: none; }
.compare canvas { cursor: crosshair; }
.compare canvas:focus-visible { outline: 2px solid #0072b2; }
.branch { position: absolute; left: 0; bottom: 0; margin: 0; padding: .2rem .6rem; background: #000c; color: #fff; }
.branch:empty { display: none; }
.sample { vertical-align: middle; margin: 0 .4em 0 .2em; }
@media print { .steer-charts, .compare .branch { display: none; } }
`;
