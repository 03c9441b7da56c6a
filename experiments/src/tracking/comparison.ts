/**
 * A comparison that MLflow's UI opens ready: charts for the leaderboard's metrics, the image grid, curves, runs
 * ordered.
 *
 * The UI keeps such a view as JSON in the experiment's tag `mlflow.sharedViewState.<key>` and loads it when its
 * address carries `viewStateShareKey=<key>`. The fields are those that MLflow 3.17's UI writes itself when one clicks
 * Share; they are no documented interface, which is why a test opens the address in a real browser.
 */

/** A metric of the runs, as the leaderboard shows it. */
export interface ComparedMetric {
  /** The metric's key in MLflow: test/clDice. */
  readonly key: string;
  /** What people read: clDice. */
  readonly name: string;
}

/** What a comparison shows. */
export interface ComparisonOptions {
  /** Names the view; part of its address. Letters, digits and dashes. */
  readonly key: string;
  /** Only runs that carry all of these tags with these values. */
  readonly runTags: readonly { readonly key: string; readonly value: string }[];
  /** A bar chart each, and together the parallel coordinates. */
  readonly metrics: readonly ComparedMetric[];
  /** Parameters on the parallel coordinates, before the metrics. */
  readonly params: readonly string[];
  /** Pairs of metrics for scatter plots: where they disagree, and scores against cost. */
  readonly scatters: readonly { readonly x: ComparedMetric; readonly y: ComparedMetric }[];
  /** Metrics with one value a step, a line chart each. */
  readonly curves: readonly ComparedMetric[];
  /** Keys of logged images (with their slashes), a grid each. */
  readonly images: readonly string[];
  /** Step of the images that is shown first. */
  readonly imageStep: number;
  readonly orderBy: { readonly metric: string; readonly ascending: boolean };
}

/** The tag to set on the experiment. */
export interface ComparisonTag {
  readonly key: string;
  readonly value: string;
}

/** The tag that tells the UI that an experiment holds trained models and not conversations. */
export const experimentKindTag: ComparisonTag = { key: 'mlflow.experimentKind', value: 'custom_model_development' };

const sections = { scores: 'Leaderboard', images: 'Images', tradeoffs: 'Trade-offs', curves: 'Training' } as const;

/** The experiment tag that holds the comparison. Equal options give equal tags. */
export function buildComparison(options: ComparisonOptions): ComparisonTag {
  const quoted = (name: string) => `\`${name}\``;
  const state = {
    searchFilter: options.runTags
      .map(({ key, value }) => `tags.${quoted(key)} = '${value.replace(/'/g, "''")}'`)
      .join(' AND '),
    orderByKey: `metrics.${quoted(options.orderBy.metric)}`,
    orderByAsc: options.orderBy.ascending,
    startTime: 'ALL',
    lifecycleFilter: 'Active',
    modelVersionFilter: 'All Runs',
    datasetsFilter: [],
    selectedColumns: options.metrics.map(({ key }) => `metrics.${quoted(key)}`),
    runsHiddenMode: 'SHOW_ALL',
    runListHidden: false,
    viewMaximized: false,
    hideEmptyCharts: true,
    // Without this the UI sorts sections by name.
    isAccordionReordered: true,
    groupBy: null,
    useGroupedValuesInCharts: true,
    autoRefreshEnabled: true,
    compareRunSections: [
      section('scores', sections.scores, 3, 360),
      ...(options.images.length > 0 ? [section('images', sections.images, 1, 560)] : []),
      section('tradeoffs', sections.tradeoffs, 2, 360),
      ...(options.curves.length > 0 ? [section('curves', sections.curves, 3, 360)] : []),
    ],
    compareRunCharts: [
      ...options.metrics.map(({ key, name }) => ({ ...card('scores', `bar-${key}`, 'BAR', name), metricKey: key })),
      {
        ...card('tradeoffs', 'parallel', 'PARALLEL'),
        selectedParams: options.params,
        selectedMetrics: options.metrics.map(({ key }) => key),
        showAllRuns: false,
      },
      ...options.scatters.map(({ x, y }) => ({
        ...card('tradeoffs', `scatter-${x.key}-${y.key}`, 'SCATTER', `${y.name} against ${x.name}`),
        xaxis: { key: x.key, type: 'METRIC' },
        yaxis: { key: y.key, type: 'METRIC' },
      })),
      ...options.images.map((key) => ({
        ...card('images', `image-${key}`, 'IMAGE', key),
        imageKeys: [key],
        step: options.imageStep,
        showRunParams: false,
      })),
      ...options.curves.map(({ key, name }) => ({
        ...card('curves', `line-${key}`, 'LINE', name),
        metricKey: key,
        lineSmoothness: 0,
        scaleType: 'linear',
        xAxisScaleType: 'linear',
        xAxisKey: 'step',
        selectedXAxisMetricKey: '',
        yAxisKey: 'metric',
        yAxisExpressions: [],
        ignoreOutliers: false,
        useGlobalXaxisKey: true,
        useGlobalLineSmoothing: true,
        range: {},
      })),
    ],
  };
  return { key: `mlflow.sharedViewState.${options.key}`, value: JSON.stringify(state) };
}

/** The address at which MLflow's UI opens the comparison. @param trackingUri without user information. */
export function comparisonAddress(trackingUri: string, experimentId: string, key: string): string {
  const view = `workflowType=machine_learning&compareRunsMode=CHART&viewStateShareKey=${encodeURIComponent(key)}`;
  return `${trackingUri.replace(/\/+$/, '')}/#/experiments/${experimentId}/runs?${view}`;
}

function section(id: string, name: string, columns: number, cardHeight: number) {
  return {
    uuid: `lacuna-${id}`,
    name,
    display: true,
    isReordered: true,
    deleted: false,
    isGenerated: false,
    columns,
    cardHeight,
  };
}

function card(sectionId: string, id: string, type: string, displayName?: string) {
  return {
    uuid: `lacuna-${id}`,
    type,
    metricSectionId: `lacuna-${sectionId}`,
    deleted: false,
    isGenerated: false,
    runsCountToCompare: 100,
    ...(displayName === undefined ? {} : { displayName }),
  };
}
