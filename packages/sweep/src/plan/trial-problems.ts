/** The problems of trials; one that only some methods have names them. */
export class TrialProblems {
  private readonly methods: number;
  private readonly found = new Map<string, Set<string>>();

  constructor(methods: number) {
    this.methods = methods;
  }

  add(method: string, problems: readonly string[]): void {
    for (const problem of problems) this.found.set(problem, (this.found.get(problem) ?? new Set()).add(method));
  }

  isEmpty(): boolean {
    return this.found.size === 0;
  }

  isEnough(): boolean {
    return this.found.size >= 100;
  }

  lines(): string[] {
    return [...this.found].map(([problem, names]) =>
      names.size === this.methods
        ? problem
        : `${problem} (${names.size === 1 ? 'method' : 'methods'} ${[...names].join(', ')})`,
    );
  }
}
