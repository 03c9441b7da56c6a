/** The report's style: one column, no font or picture from elsewhere, fit for print. */
export const style = `
:root { color-scheme: light; --ink: #1a1a1a; --soft: #5c5c5c; --rule: #d9d9d9; --paper: #ffffff; --tint: #f6f6f4; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
body { font: 15px/1.5 system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; padding-top: .5rem; border-top: 1px solid var(--rule); }
p { margin: 0 0 .75rem; max-width: 46rem; }
.note { border-left: 3px solid #e69f00; background: var(--tint); padding: .5rem .9rem; }
.note { margin: .75rem 0; max-width: 46rem; }
.note p:last-child { margin: 0; }
/* A shadow at the edge beyond which a table goes on (Lea Verou, scrolling shadows). */
.wide { overflow-x: auto; background-repeat: no-repeat; background-attachment: local, local, scroll, scroll; }
.wide { background-position: left, right, left, right; background-size: 4rem 100%, 4rem 100%, .6rem 100%, .6rem 100%; }
.wide { background-image: linear-gradient(to right, var(--paper) 2rem, #fff0),
  linear-gradient(to left, var(--paper) 2rem, #fff0),
  linear-gradient(to right, #0003, #0000), linear-gradient(to left, #0003, #0000); }
.wide + p { margin-top: .75rem; }
.wide:focus-visible { outline: 2px solid #0072b2; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; caption-side: top; }
caption span { position: sticky; left: 0; display: inline-block; max-width: calc(100vw - 2.5rem); }
th, td { padding: .35rem .5rem; text-align: right; vertical-align: baseline; white-space: nowrap; }
th, td { border-bottom: 1px solid var(--rule); }
thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; white-space: normal; }
th:first-child, td:first-child { text-align: left; padding-left: 0; position: sticky; left: 0; }
th:first-child { background: var(--paper); }
tbody th { font-weight: 500; }
th small, td small { display: block; color: var(--soft); font-weight: 400; font-size: .78rem; }
.best { font-weight: 700; }
.swatch { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .5em; }
td.rank { text-align: center; }
.swatch, td.rank { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
figure { margin: 1.5rem 0; }
figure svg { display: block; width: 100%; max-width: 60rem; height: auto; }
figcaption { color: var(--soft); font-size: .87rem; margin-top: .5rem; max-width: 46rem; }
pre { background: var(--tint); padding: .9rem 1rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { font: .82rem/1.45 ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
code { font: .87em ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; font-size: .9rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; } li { margin: .3rem 0; }
@media print {
  @page { size: A4; margin: 14mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  caption span { max-width: none; }
  figure, tr, .note { break-inside: avoid; }
  .wide { overflow: visible; background: none; }
  figure svg { max-width: 180mm; max-height: 235mm; }
  th, td { padding: .2rem .4rem; font-size: 8pt; }
}
`;
