import type { Run } from '../../src/index.js';
import type { Op } from './plan.js';

export function applyOp(run: Run, op: Op): Promise<void>;
