import { yamlLibrary } from '../yaml-library.js';

/** What a text of YAML may have open at once where a caller says nothing else: a level opens one token or two. */
const MOST_OPEN = 200;

/**
 * Where a text of YAML has more maps, lists and documents open than `most`; null where it never has. To be asked before
 * a text of others is parsed: the parser descends by calls, and where a regular expression is compiled at the end of
 * the stack V8 ends the process, which nobody can catch.
 * @returns an offset in the text, that of its beginning included.
 */
export function tooDeepAt(text: string, most: number = MOST_OPEN): number | null {
  const { Lexer, Parser } = yamlLibrary();
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Finished tokens are dropped: what counts is how many are open.
    for (const token of parser.next(lexeme)) void token;
    if (parser.stack.length > most) return parser.offset;
  }
  return null;
}
