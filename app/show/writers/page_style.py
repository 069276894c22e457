"""The style of the HTML page: light and dark, wide and narrow, screen and paper.

Blue and orange stay apart for every kind of colour vision (Okabe and Ito, 2008), and no fact is told by
colour alone. On a narrow screen each row of a table becomes a block of labelled lines.
"""

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1d2327; --quiet: #5b6670;
  --line: #d5dadf; --band: #f4f6f8; --one: #0072b2; --two: #d55e00; --fill: #e6f0f7; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15191d; --ink: #e6e9ec; --quiet: #a0abb5; --line: #39424a; --band: #1d2329;
    --one: #56b4e9; --two: #e69f00; --fill: #1f3343; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 3rem) 3rem; max-width: 88rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h1, h2, p, figcaption, td, th { overflow-wrap: anywhere; }
p { max-width: 48rem; margin: .6rem 0; white-space: pre-line; }
.small { color: var(--quiet); font-size: .75rem; }
.scroll { overflow-x: auto; }
.scroll + .scroll { margin-top: 1.2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); white-space: nowrap; overflow-wrap: normal; }
th:first-child, td:first-child { padding-left: 0; }
thead th { color: var(--quiet); font-weight: 600; border-bottom: 2px solid var(--quiet); }
tbody tr:hover { background: var(--band); }
tfoot td { font-weight: 700; border-bottom: 0; border-top: 2px solid var(--quiet); }
.number { text-align: right; }
.blank { display: inline-block; width: 25mm; border-bottom: 1px solid var(--ink); }
.prose { white-space: normal; }
td.prose:not(:empty) { min-width: 10rem; }
.drawings { display: flex; flex-wrap: wrap; gap: 1.5rem 3rem; align-items: flex-start; }
figure { margin: 1.5rem 0 0; max-width: 100%; }
figure .scroll { max-height: 85vh; overflow-y: auto; }
figcaption { color: var(--quiet); max-width: 24rem; margin-top: .5rem; }
figcaption:empty { display: none; }
.keep + .drawings figure { margin: .2rem 0 1rem; }
svg { display: block; }
@media screen and (max-width: 1000px) {
  body { font-size: .9rem; }
  th, td { padding: .3rem .45rem; } }
@media screen and (max-width: 720px) {
  table, thead, tbody, tfoot, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  tfoot tr { border-bottom: 0; border-top: 2px solid var(--quiet); }
  td, tfoot td { display: flex; gap: .75rem; padding: .1rem 0; border: 0; white-space: normal;
    overflow-wrap: anywhere; }
  td.number { text-align: left; }
  td.prose:not(:empty) { min-width: 0; }
  td:first-child { font-weight: 700; }
  td::before { content: attr(data-label); color: var(--quiet); font-weight: 400; flex: 0 0 7rem; }
  td:empty { display: none; } }
@media screen and (min-width: 1001px), print {
  td.prose:last-child:not(:empty) { min-width: 16rem; } }
@media print {
  :root { color-scheme: light; --paper: #ffffff; --ink: #000000; --quiet: #444444;
    --line: #bbbbbb; --one: #0072b2; --two: #d55e00; --fill: #e6f0f7; }
  @page { size: A4; margin: 1.5cm; }
  @page form { size: A4 landscape; margin: 1.5cm; }
  body.form { page: form; }
  .form td { height: 10mm; vertical-align: bottom; }
  body { padding: 0; max-width: none; font-size: 9pt; }
  .scroll, figure .scroll { overflow: visible; max-height: none; }
  th, td { padding: .2rem .4rem; }
  td.prose:not(:empty) { min-width: 8rem; }
  thead { display: table-header-group; }
  tr, p, figure, .drawings { break-inside: avoid; }
  h2, .keep { break-after: avoid; }
  body.form .scroll + .scroll { break-inside: avoid; }
  p { max-width: 64rem; }
  .small { font-size: 6.5pt; }
  svg { max-width: 100%; height: auto; } }
"""

FRAGMENT_STYLE = """
.convlab { max-height: 40em; overflow: auto; }
.convlab h3, .convlab h2 { font-size: 1.05em; margin: .8em 0 .4em; }
.convlab p { max-width: 60em; margin: .5em 0; white-space: pre-line; }
.convlab table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.convlab th, .convlab td { padding: .15em .6em; text-align: left; vertical-align: top; white-space: nowrap; }
.convlab .number { text-align: right; }
.convlab .prose { white-space: normal; }
.convlab tfoot td { font-weight: bold; border-top: 1px solid; }
"""
"""The style of a report inside a notebook, whose own colours and letters it keeps."""
