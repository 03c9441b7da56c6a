/** Options of the command line, which messages name, by the labels of this page. */
const labels: Readonly<Record<string, string>> = {
  '--levels': 'levels',
  '--channel': 'channel',
  '--no-invert': 'network is: bright',
  '--invert': 'network is: dark',
  '--device': 'compute with',
  '--memory': 'memory for tiles',
};

/** A message of the command line in the words of the page. */
export function inLabelsOfPage(message: string): string {
  return Object.entries(labels).reduce((text, [option, label]) => text.replaceAll(option, `"${label}"`), message);
}
