/** Control characters of ASCII and Latin-1 but the line break and the tab: some of them steer a terminal. */
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text of others (names of files, what files say) as it may be shown: control characters, escape sequences of terminals
 * among them, are written as `\x1b`.
 */
export function printable(text: string): string {
  return text.replace(control, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
