import { drawCharts } from './charts.js';
import { readData } from './data.js';
import { showRegions } from './regions.js';
import { sortTables } from './sort-tables.js';
import { showVolumes } from './volumes.js';

sortTables();
const data = readData();
if (data !== null) {
  drawCharts(data);
  void Promise.all([showRegions(data), showVolumes(data)]).then(() => (document.body.dataset.explored = 'true'));
}
