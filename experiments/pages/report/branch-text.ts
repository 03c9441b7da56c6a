import type { BranchNumbers, ComparedNumbers } from '../../src/report/branch-numbers.js';

/** What is said of a branch that is pointed at. */
export function branchText(branch: BranchNumbers | ComparedNumbers, unit: string): string {
  const { length, hr } = branch;
  if (!('kind' in branch)) return `${length} ${unit} long; intensity ${hr} in HR`;
  const { kind, share, sr, isDoubtful = false } = branch;
  const other = kind === 'invented' ? 'of it beside a branch of the reference' : 'of it beside one of the method';
  return (
    `${kind}${isDoubtful ? ', doubtful' : ''}: ${length} ${unit} long; ${percent(share)} ${other}; ` +
    `intensity ${hr} in HR, ${sr} here${evidenceText(branch)}`
  );
}

/** What speaks for a branch; '' where nobody measured it. */
function evidenceText({ given, measured }: ComparedNumbers): string {
  const halves = given === undefined ? '' : `; halves of the light give ${percent(given)}`;
  const part = measured === undefined ? '' : `; ${percent(measured)} of its contrast was measured, the rest added`;
  return halves + part;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
