"""Worksheets: a count with blanks in it, the key, and marks that say which mistake was made.

Standard library only. `identity` says what a sheet is, `variants` gives each student other settings,
`cases` lays the network out layer by layer, `worksheet` chooses the blanks, `answers` reads and writes
single answers, `forms` whole files of them, `mistakes` recognises slips and `marking` gives the marks.
"""
