import { drawCharts } from './charts.js';
import { readData } from './data.js';
import { showRegions } from './regions.js';
import { sortTables } from './sort-tables.js';

sortTables();
const data = readData();
if (data !== null) {
  drawCharts(data);
  void showRegions(data).then(() => (document.body.dataset.explored = 'true'));
}
