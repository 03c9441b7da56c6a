export function problemsOf(dir: string): Promise<string[]>;
