import { expect, it } from 'vitest';
import { tableToJson } from '../src/index.js';
import { imagePaths } from '../src/fluent/image.js';
import { parseNvidiaSmi } from '../src/fluent/system-metrics.js';

it('tables become pandas split JSON', () => {
  expect(tableToJson([{ a: 1 }, { a: 2, b: 'x' }])).toBe('{"columns":["a","b"],"data":[[1,null],[2,"x"]]}');
  expect(tableToJson({ a: [1, 2], b: [NaN, 'x'] })).toBe('{"columns":["a","b"],"data":[[1,null],[2,"x"]]}');
});

it('image files have the names that the grid looks for', () => {
  const { png, webp } = imagePaths('test/sr x4', 3, 99);
  expect(png).toMatch(/^images\/test~sr x4\+step\+3\+timestamp\+99\+[0-9a-f-]{36}\.png$/);
  expect(webp).toBe(png.replace(/\.png$/, '+compressed.webp'));
});

it("nvidia-smi lines become MLflow's GPU metrics", () => {
  expect(parseNvidiaSmi('0, 45, 1000, 4000, 120.5\n1, [N/A], 0, 100, [N/A]\n')).toEqual({
    'system/gpu_0_utilization_percentage': 45,
    'system/gpu_0_memory_usage_megabytes': 1048.576,
    'system/gpu_0_memory_usage_percentage': 25,
    'system/gpu_0_power_usage_watts': 120.5,
    'system/gpu_1_memory_usage_megabytes': 0,
    'system/gpu_1_memory_usage_percentage': 0,
  });
});
