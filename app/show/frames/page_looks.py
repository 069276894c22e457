"""The looks of a walk's page, on top of the style that all pages share.

Colours are mixed from the page's own, so that dark mode has dark cells; letters keep 4.5 : 1 against all of them.
"""

LOOKS = """
:root { --zero: #ffffff; --above: #f08a24; --below: #5aa9e6; --white: #ffffff; --black: #000000;
  --letters: #14181b; }
@media screen and (prefers-color-scheme: dark) {
  :root { --zero: #0c0f12; --above: #a34f00; --below: #1a659c; --white: #000000; --black: #ffffff;
    --letters: #ffffff; } }
main { min-width: 0; }
h2 { margin: .1rem 0 .8rem; }
.sr { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
[hidden] { display: none !important; }
.controls { margin: 1.2rem 0 .8rem; padding: .8rem 1rem; background: var(--band); border: 1px solid var(--line);
  border-radius: .5rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem .5rem; align-items: center; }
.row label { margin-left: auto; }
.controls button, .controls select { font: inherit; color: var(--ink); background: var(--paper);
  border: 1px solid var(--quiet); border-radius: .35rem; padding: .3rem .8rem; min-height: 2.4rem; }
.controls button { cursor: pointer; }
.controls #play { min-width: 5.2rem; font-weight: 600; color: var(--paper); background: var(--one);
  border-color: var(--one); }
.controls button:disabled { opacity: .55; cursor: default; }
.controls input[type=range] { display: block; width: 100%; height: 1.6rem; margin: .9rem 0 .5rem;
  accent-color: var(--one); }
.keys { color: var(--quiet); font-size: .9rem; margin: 0; }
kbd { font: inherit; border: 1px solid var(--quiet); border-radius: .25rem; padding: 0 .35rem; white-space: nowrap; }
:focus-visible { outline: 3px solid var(--two); outline-offset: 2px; }
.sections { display: flex; flex-wrap: wrap; gap: .4rem; margin: .8rem 0; }
.sections a { color: var(--one); border: 1px solid var(--line); border-radius: 1rem; padding: .2rem .8rem;
  overflow-wrap: anywhere; }
.sections a[aria-current] { color: var(--ink); font-weight: 600; border: 2px solid var(--one); text-decoration: none; }
.section { color: var(--quiet); margin: 1.2rem 0 0; }
.section:empty { display: none; }
.parts { display: flex; flex-wrap: wrap; gap: 1rem 1.2rem; align-items: center; }
.pair { display: flex; gap: 1rem; align-items: center; min-width: 0; max-width: 100%; }
.sign { font-size: 1.6rem; color: var(--quiet); }
.sign.long { font-size: 1rem; max-width: 12rem; }
.grid { margin: 0; min-width: 0; max-width: 100%; }
.grid figcaption { color: var(--ink); font-weight: 600; margin: 0 0 .4rem; max-width: 22rem; }
.note { display: block; color: var(--quiet); font-weight: 400; font-size: .9rem; }
.grid .scroll, figure.grid .scroll { overflow: auto; max-height: none; max-width: calc(100% + 12px);
  padding: 6px; margin: -6px; }
.working { margin: 1.2rem 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
.working p { margin: .2rem 0; max-width: 70rem; overflow-wrap: anywhere; }
table.cells { display: table; border-collapse: separate; border-spacing: 0; }
.cells thead { display: table-header-group; position: static; width: auto; height: auto; overflow: visible;
  clip-path: none; }
.cells tbody { display: table-row-group; }
.cells tr { display: table-row; padding: 0; border: 0; }
.cells tbody tr:hover { background: none; }
.cells th, .cells td, .cells td:first-child, .cells th:first-child { display: table-cell; position: relative;
  text-align: center; vertical-align: middle; border: 0; }
.cells th, .cells thead td { color: var(--quiet); font-weight: 400; font-size: .75rem; padding: .1rem .35rem; }
.cells tbody td { min-width: max(2.5rem, calc(var(--n) * .62em + .9rem)); height: 2.3rem;
  padding: 0 .45rem; font-weight: 400; white-space: nowrap;
  border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.cells tbody th + td { border-left: 1px solid var(--line); }
.cells tbody tr:first-child td { border-top: 1px solid var(--line); }
.cells td::before { content: none; }
.cells tbody td.pos { background: color-mix(in srgb, var(--above) var(--s), var(--zero)); color: var(--letters); }
.cells tbody td.neg { background: color-mix(in srgb, var(--below) var(--s), var(--zero)); color: var(--letters); }
.cells tbody td.ink { background: color-mix(in srgb, var(--black) var(--s), var(--white)); color: var(--black); }
.cells tbody td.middle { color: #000000; }
.cells tbody td.deep { color: var(--white); }
.cells tbody td.edge { color: var(--quiet);
  background: repeating-linear-gradient(135deg, var(--line) 0 1px, var(--paper) 1px 6px); }
.cells tbody td.unknown { background: var(--band); border-style: dotted; }
.cells tbody td.window { --w: 3px; --h: 5px; box-shadow:
  inset 0 var(--wt, 0) 0 var(--one), inset 0 calc(-1 * var(--wb, 0px)) 0 var(--one),
  inset var(--wl, 0) 0 0 var(--one), inset calc(-1 * var(--wr, 0px)) 0 0 var(--one),
  inset 0 var(--ht, 0) 0 var(--paper), inset 0 calc(-1 * var(--hb, 0px)) 0 var(--paper),
  inset var(--hl, 0) 0 0 var(--paper), inset calc(-1 * var(--hr, 0px)) 0 0 var(--paper); }
td.wt { --wt: var(--w); --ht: var(--h); } td.wr { --wr: var(--w); --hr: var(--h); }
td.wb { --wb: var(--w); --hb: var(--h); } td.wl { --wl: var(--w); --hl: var(--h); }
.cells tbody td.result { outline: 6px double var(--two); outline-offset: -6px; box-shadow: inset 0 0 0 7px var(--paper);
  font-weight: 700; background-clip: border-box; padding: 0 .6rem; }
.cells .chosen .n { display: inline-block; min-width: 1.7rem; padding: 0 .3rem; line-height: 1.6rem; font-weight: 700;
  border: 2px solid currentColor; border-radius: 1rem; }
.picture { width: min(100%, calc(22rem * var(--w))); height: auto; overflow: visible; background: var(--band);
  outline: 1px solid var(--line); }
.picture.strip { width: min(100%, 40rem); height: 2.5rem; }
.picture.pole { width: 2.5rem; height: 22rem; }
.grid:has(.picture) { flex: 0 1 22rem; width: 22rem; }
.grid:has(.strip) { flex-basis: 40rem; width: 40rem; }
.grid:has(.pole) { flex-basis: auto; width: auto; }
.shades { shape-rendering: crispEdges; }
.shades .pos { fill: color-mix(in srgb, var(--above) var(--s), var(--zero)); }
.shades .neg { fill: color-mix(in srgb, var(--below) var(--s), var(--zero)); }
.shades .ink { fill: color-mix(in srgb, var(--black) var(--s), var(--white)); }
.shades .plain { fill: var(--band); }
.picture path { vector-effect: non-scaling-stroke; }
.inner, .outlines path { fill: none; }
.inner { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 4 3; }
.outlines { stroke-linecap: square; }
.outlines .halo { stroke: var(--paper); stroke-width: 6; }
.outlines .window { stroke: var(--one); stroke-width: 3; }
.outlines .result { stroke: var(--two); stroke-width: 6; }
.outlines .core { stroke: var(--paper); stroke-width: 2; }
.outlines .chosen { stroke: var(--ink); stroke-width: 2; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; padding: .8rem 0 0; margin: 1.5rem 0 0;
  border-top: 1px solid var(--line); color: var(--quiet); font-size: .9rem; }
.legend li { display: flex; gap: .5rem; align-items: center; }
.swatch { flex: none; width: 1.3rem; height: 1.1rem; border: 1px solid var(--line); }
.swatch.window { border: 3px solid var(--one); }
.swatch.result { border: 5px double var(--two); }
.swatch.chosen { border: 2px solid var(--ink); border-radius: 1rem; }
.swatch.border { background: repeating-linear-gradient(135deg, var(--quiet) 0 1px, var(--paper) 1px 5px); }
.swatch.unknown { background: var(--band); border-style: dotted; border-color: var(--quiet); }
.swatch.above { background: var(--above); } .swatch.below { background: var(--below); }
.swatch.ink { background: linear-gradient(90deg, var(--white), var(--black)); }
.static { border-top: 2px solid var(--line); margin-top: 2rem; }
@media screen and (max-width: 720px) {
  .cells tbody td, .cells tbody td:first-child {
    min-width: max(2.1rem, calc(var(--n) * .62em + .6rem)); height: 2.1rem; padding: 0 .3rem; }
  .cells td:empty { display: table-cell; }
  .row label { margin-left: 0; } }
@media print {
  .controls, .sections { display: none !important; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .picture { width: min(100%, calc(14rem * var(--w))); }
  .grid:has(.picture) { flex-basis: 14rem; width: 14rem; }
  .stage, .legend { break-inside: avoid; } }
"""
