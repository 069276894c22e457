"""The style of the HTML page: light and dark, wide and narrow, screen and paper.

Blue and orange stay apart for every kind of colour vision (Okabe and Ito, 2008), and no fact is told by
colour alone. What is wider than the screen is scrolled inside of its own frame, whose edge is in shadow where more
follows.
"""

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1d2327; --quiet: #5b6670;
  --line: #d5dadf; --band: #f4f6f8; --one: #0072b2; --two: #d55e00; --fill: #e6f0f7; --shadow: #00000038;
  --accent: #b34700; --frame: #fbf7f2; --bar: #6f7a83; --conv: #d3e5f3; --pool: #fbe1cb; --dense: #d9ecdf;
  --conv-edge: #2f6f9f; --pool-edge: #b8692b; --dense-edge: #3e8260; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15191d; --ink: #e6e9ec; --quiet: #a0abb5; --line: #39424a; --band: #1d2329;
    --one: #56b4e9; --two: #e69f00; --fill: #1f3343; --shadow: #ffffff48;
    --accent: #f0a35e; --frame: #1d1a16; --bar: #a0abb5; --conv: #1c3a54; --pool: #4b301c; --dense: #1d4030;
    --conv-edge: #56a3d9; --pool-edge: #d99055; --dense-edge: #5fb383; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 3rem) 3rem; max-width: 88rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h1, h2, p, figcaption, td, th { overflow-wrap: anywhere; }
p { max-width: 48rem; margin: .6rem 0; white-space: pre-wrap; }
.small { color: var(--quiet); font-size: .75rem; }
.scroll { overflow-x: auto; background:
    linear-gradient(to right, var(--paper) 40%, transparent) -1px / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) calc(100% + 1px) / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--shadow), transparent) 1px / .8rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shadow), transparent) calc(100% - 1px) / .8rem 100% no-repeat scroll; }
.scroll:focus-visible { outline: 2px solid var(--one); outline-offset: 2px; }
.scroll + .scroll { margin-top: 1.2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; }
th, .number, td:first-child { white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
thead th { color: var(--quiet); font-weight: 600; border-bottom: 2px solid var(--quiet); }
tbody tr:hover { background: var(--band); }
tfoot td { font-weight: 700; border-bottom: 0; border-top: 2px solid var(--quiet); }
.number { text-align: right; }
.blank { display: inline-block; width: 25mm; border-bottom: 1px solid var(--ink); }
.prose { white-space: normal; }
td.prose:not(:empty) { min-width: 10rem; }
.drawings:has(figure + figure) { columns: 2 26rem; column-gap: 3rem; }
figure { margin: 0; padding: 1.2rem 0 0; max-width: 100%; break-inside: avoid; }
figcaption { color: var(--quiet); font-size: .75rem; line-height: 1.4; max-width: 34rem; margin-top: .4rem; }
figcaption:empty { display: none; }
.keep + .drawings figure { padding: .2rem 0 1rem; }
svg { display: block; }
@media screen and (max-width: 1000px) {
  body { font-size: .9rem; }
  th, td { padding: .3rem .45rem; } }
@media screen and (max-width: 1400px) { table { font-size: .85rem; } th, td { padding: .3rem .5rem; } }
@media screen and (max-width: 720px) {
  td { white-space: nowrap; }
  td.prose { white-space: normal; }
  td.prose:not(:empty) { min-width: 14rem; } }
@media screen and (min-width: 721px) { svg { max-width: 100%; height: auto; } }
@media screen and (min-width: 1001px) {
  td.prose:last-child:not(:empty) { min-width: 16rem; } }
@media print {
  :root { color-scheme: light; --paper: #ffffff; --ink: #000000; --quiet: #444444;
    --line: #bbbbbb; --band: #f4f6f8; --one: #0072b2; --two: #d55e00; --fill: #e6f0f7; --accent: #b34700;
    --frame: #fbf7f2; --bar: #6f7a83; --conv: #d3e5f3; --pool: #fbe1cb; --dense: #d9ecdf; --conv-edge: #2f6f9f;
    --pool-edge: #b8692b; --dense-edge: #3e8260; }
  @page { margin: 1.2cm; }
  @page wide { size: landscape; margin: 1.2cm; }
  body.wide { page: wide; }
  .form td { vertical-align: bottom; }
  .form tr:has(.blank) td { height: 7.5mm; }
  .form td:has(.blank) { white-space: nowrap; }
  .blank { width: 22mm; }
  h1 { font-size: 15pt; margin: 0 0 .5rem; }
  h2 { margin: 1.4rem 0 .4rem; } .scroll + .scroll { margin-top: .6rem; }
  p { margin: .4rem 0; }
  body { padding: 0; max-width: none; font-size: 9pt; line-height: 1.4; }
  .scroll, figure .scroll { overflow: visible; max-height: none; background: none; }
  table { font-size: 7.5pt; }
  th { white-space: normal; }
  td:first-child + td:not(.prose) { overflow-wrap: anywhere; min-width: 2.1cm; }
  th, td { padding: .12rem .3rem; }
  .form th, .form td { padding: .08rem .3rem; }
  .form td:first-child + td:not(.prose) { overflow-wrap: normal; min-width: 0; }
  .drawings:has(figure + figure) { columns: 2; column-gap: 1cm; }
  td.prose:not(:empty) { min-width: 6rem; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, p, figure { break-inside: avoid; }
  h2, .keep { break-after: avoid; }
  body.form .scroll + .scroll { break-inside: avoid; }
  p { max-width: 64rem; }
  .small { font-size: 6.5pt; }
  svg { max-width: 100%; max-height: 20.5cm; height: auto; } }
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
