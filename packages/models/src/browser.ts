// What runs in a browser as well as in Node: the entry for the condition `browser`.
export { sizeOf } from './graph/shape.js';
export { planesIn, type Slicing } from './slicing.js';
export { tileStarts, type Tile } from './training/tiles.js';
