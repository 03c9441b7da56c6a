import type { OpenImage } from '../open-image.js';
import { folderStore } from './folder-store.js';
import { openZarrStore } from './open.js';

/** {@link openZarrStore} of a folder. */
export const openZarr = (path: string): OpenImage => openZarrStore(folderStore(path));
