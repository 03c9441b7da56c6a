import { describe, expect, it } from 'vitest';
import { buildComparison, comparisonAddress, type ComparisonOptions } from '../../src/tracking/comparison.js';

const options: ComparisonOptions = {
  key: 'quickstart',
  runTags: [
    { key: 'lacuna.sweep', value: "it's" },
    { key: 'lacuna.planned', value: 'yes' },
  ],
  metrics: [{ key: 'test/clDice', name: 'clDice' }],
  params: ['method'],
  scatters: [],
  curves: [],
  images: ['test/sr'],
  imageStep: 800,
  orderBy: { metric: 'test/clDice', ascending: false },
};

describe('buildComparison', () => {
  const tag = buildComparison(options);
  const state = JSON.parse(tag.value) as {
    searchFilter: string;
    orderByKey: string;
    compareRunSections: { uuid: string; name: string }[];
    compareRunCharts: { uuid: string; type: string; metricSectionId: string }[];
  };

  it('filters by the sweep and orders by the metric', () => {
    expect(tag.key).toBe('mlflow.sharedViewState.quickstart');
    expect(state.searchFilter).toBe("tags.`lacuna.sweep` = 'it''s' AND tags.`lacuna.planned` = 'yes'");
    expect(state.orderByKey).toBe('metrics.`test/clDice`');
  });

  it('puts each chart into a section of its own, all with different identifiers', () => {
    const sections = state.compareRunSections.map((section) => section.uuid);
    expect(state.compareRunSections.map((section) => section.name)).toEqual(['Leaderboard', 'Images', 'Trade-offs']);
    expect(state.compareRunCharts.map((chart) => chart.type)).toEqual(['BAR', 'PARALLEL', 'IMAGE']);
    expect(state.compareRunCharts.every((chart) => sections.includes(chart.metricSectionId))).toBe(true);
    expect(new Set(state.compareRunCharts.map((chart) => chart.uuid)).size).toBe(3);
  });

  it('fits into an experiment tag (20,000 characters) with forty metrics, and is the same each time', () => {
    const metrics = Array.from({ length: 40 }, (_, i) => ({
      key: `test/a-rather-long-metric-name-${i}`,
      name: `metric ${i}`,
    }));
    const long = { ...options, metrics, curves: metrics.slice(0, 6) };
    expect(buildComparison(long)).toEqual(buildComparison(structuredClone(long)));
    expect(buildComparison(long).value.length).toBeLessThan(20_000);
  });

  it('is opened at the address that loads it', () => {
    const view = 'workflowType=machine_learning&compareRunsMode=CHART&viewStateShareKey=quick%20start';
    expect(comparisonAddress('http://127.0.0.1:5000/', '7', 'quick start')).toBe(
      `http://127.0.0.1:5000/#/experiments/7/runs?${view}`,
    );
    expect(comparisonAddress('https://host/prefix', '7', 'a')).toMatch(/^https:\/\/host\/prefix\/#\//);
  });
});
