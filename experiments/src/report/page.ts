import { html, raw, type Markup } from './html.js';
import { style } from './style.js';

/** What a page may load beside its own style: nothing by default. */
export interface PageOptions {
  readonly title: string;
  /** Sources of the Content-Security-Policy: `img-src data:`. */
  readonly allow: string;
  /** Style beside that of every page. */
  readonly style?: string;
}

/** A page that is one file: its head, and one column of content. Nothing is asked of the network. */
export function renderPage({ title, allow, style: own = '' }: PageOptions, content: Markup, end = raw('')): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; ${raw(allow)}">
<title>${title}</title>
<style>${raw(style)}${raw(own)}</style>
</head>
<body><main>
${content}
</main>
${end}</body>
</html>
`.html;
}
