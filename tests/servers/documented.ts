import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../docs/tracking-server.md', import.meta.url));

/** A file that docs/tracking-server.md asks for, by its first line. @throws where the page has none of that name. */
export function documentedFile(name: string): string {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```\w+\n(?:#|--) (.+)\n([\s\S]*?)^```$/gm);
  const found = [...blocks].find(([, first]) => first === name);
  if (found === undefined) throw new Error(`${page} has no ${name}`);
  return found[2];
}

/** A text in which each word is replaced. @throws where a word is not in it. */
export function replaceWords(text: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((changed, [word, by]) => {
    if (!changed.includes(word)) throw new Error(`no ${word} in: ${text}`);
    return changed.replaceAll(word, by);
  }, text);
}
