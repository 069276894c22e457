"""The page on which reports are set: a program in Typst's language, which gets what it sets as data."""

SOURCE = r"""
#let report = json(bytes(sys.inputs.report))
#let quiet = rgb("#4a545c")
#let rule = rgb("#c3c9ce")
#let half = report.gap * 0.5pt
#let roomy = float(sys.inputs.room)
#let tight = calc.min(roomy, 1.0)
#let set-lines(lines) = lines.map(line => text(line)).join(linebreak())

#set document(title: report.title, date: none)
#set page(
  width: report.width * 1pt, height: report.height * 1pt,
  margin: (x: report.margin * 1pt, top: report.margin * 1pt * tight, bottom: 44pt),
  footer-descent: 12pt,
  footer: context {
    let pages = counter(page).final().first()
    set text(size: 6pt, fill: quiet)
    set par(leading: 0.4em)
    grid(
      columns: (1fr, auto), column-gutter: 12pt,
      text(report.foot),
      if pages > 1 { [#counter(page).display() / #pages] },
    )
  },
)
#set text(font: report.fonts, size: 9pt, lang: report.lang, region: report.region, hyphenate: false)
#set par(leading: 0.55em * tight, spacing: 0.9em * tight, justify: false)
#set block(spacing: 0.9em * tight)
#show heading: set text(weight: "bold")
#show heading.where(level: 1): set text(size: 15pt)
#show heading.where(level: 1): set block(below: 0.8em)
#show heading.where(level: 2): set text(size: 10.5pt)
#show heading.where(level: 2): set block(above: 1.5em * tight, below: 0.7em * tight)
#set table.cell(breakable: false)

#let set-cell(cell) = if type(cell) == dictionary {
  let line = box(width: cell.line * 1pt, height: 0pt, stroke: (bottom: 0.6pt + black))
  box(text(size: report.blank * 1pt, cell.number)) + h(3pt) + line
} else {
  set-lines(cell)
}

#let set-row(row) = row.cells.map(cell => table.cell(
  breakable: row.breakable,
  inset: (x: half, top: if row.tall { 12pt * roomy } else { 3.2pt * roomy }, bottom: 3.2pt * roomy),
  set-cell(cell),
))

#let set-bold(cells, fill) = cells.map(cell => table.cell(
  inset: (x: half, y: 3.2pt), text(weight: "bold", fill: fill, set-lines(cell)),
))

#let set-table(told) = {
  set text(size: told.size * 1pt)
  set par(leading: 0.45em)
  let last = told.rows.len()
  let foot = if told.total == none { () } else { (table.hline(stroke: 0.8pt + quiet), ..set-bold(told.total, black)) }
  let line(row) = if row == 0 { 0.8pt + quiet } else if row >= last { none } else { 0.4pt + rule }
  let side(column) = if told.numbers.contains(column) { right } else { left }
  block(above: 1.3em * tight, below: 1.3em * tight, breakable: true, pad(left: -half, table(
    columns: told.widths.map(width => width * 1pt + 2 * half),
    align: (column, row) => side(column) + if told.form { bottom } else { top },
    stroke: (column, row) => (bottom: line(row)),
    table.header(..set-bold(told.head, quiet)),
    ..told.rows.map(set-row).flatten(),
    ..foot,
  )))
}

#let set-figures(row) = block(breakable: row.any(each => each.long), above: 1em * tight, below: 1em * tight, grid(
  columns: row.map(each => each.width * 1pt), column-gutter: 18pt,
  ..row.map(each => {
    image(bytes(each.svg), format: "svg", width: each.width * 1pt, alt: each.alt)
    if each.caption != none {
      set par(leading: 0.45em)
      block(above: 4pt, text(size: 7pt, fill: quiet, set-lines(each.caption)))
    }
  }),
))

#if report.title != "" { heading(level: 1, set-lines(report.head)) }
#for each in report.blocks {
  if each.kind == "paragraph" {
    block(sticky: each.keep, above: if each.keep { 1.3em * tight } else { auto }, {
      set text(size: 6.5pt, fill: quiet) if each.small
      set-lines(each.lines)
    })
  } else if each.kind == "table" {
    if each.title != none { heading(level: 2, set-lines(each.title)) }
    set-table(each)
  } else { set-figures(each.figures) }
}
#context [#metadata((page: here().page(), down: here().position().y.pt())) <end>]
"""
