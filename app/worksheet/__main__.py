"""python -m app.worksheet: sheets with blanks, their answer keys, and marks that say what went wrong."""

from pathlib import Path
from typing import Any

import click

from app.commands.apart import Limits
from app.commands.door import Door
from app.commands.options import isolate_option
from app.questions.kinds import KINDS
from app.questions.making import MOST
from app.show.document import PAPERS
from app.show.writers import FORMATS
from app.worksheet.making import COUNTS, EVERY
from app.worksheet.request import answer
from app.worksheet.worksheet import CREDIT

EPILOG = """\b
Examples:
  python -m app.worksheet worked_example --blanks all
  python -m app.worksheet lenet5 --output output/lenet5.pdf
  python -m app.worksheet mnist --vary --students 30 --format pdf --output output/class
  python -m app.worksheet --kind convolution --kind pooling --number 3 --output output/questions.html
  python -m app.worksheet mnist --kind counts --kind all --number 1 --students names.txt --output output/class
  python -m app.worksheet --grade output/class/sheets
"""


@click.command(
    cls=Door,
    epilog=EPILOG,
    example="python -m app.worksheet worked_example --blanks all",
    usual=("--kind", "--number", "--students", "--key", "--grade", "--output"),
)
@click.argument("network", required=False, metavar="[NAME|FILE]")
@click.option(
    "--kind",
    multiple=True,
    type=click.Choice([COUNTS, *KINDS, EVERY]),
    metavar="KIND",
    help="What is asked, once or several times (default: counts, the blanks in a network's count).",
)
@click.option(
    "--number", type=click.IntRange(1, MOST), help="Questions of each kind but counts (default: 2)."
)
@click.option("--blanks", help="How many cells are blank, or 'all' (default: 12).")
@click.option("--seed", help="Any number or word; the same one always gives the same sheet (default: 0).")
@click.option("--vary", is_flag=True, help="Give the layers other settings, and the input another size.")
@click.option("--students", help="One sheet each for so many students, or for the names in a file.")
@click.option("--key", is_flag=True, help="Print the answer key instead of the sheet.")
@click.option("--grade", type=click.Path(path_type=Path), help="Mark a filled-in form, or a folder of them.")
@click.option(
    "--credit",
    type=click.FloatRange(0, 1),
    default=CREDIT,
    show_default=True,
    help="What an answer is worth that follows from an earlier wrong one.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How sheets or marks are written.")
@click.option("--output", type=click.Path(path_type=Path), help="A file, or a folder for all files.")
@click.option(
    "--paper",
    type=click.Choice(PAPERS),
    help="What pages are made for (default: a4 as PDF, and in HTML what the printer has).",
)
@click.option("--width", type=click.IntRange(min=20), help="Columns that text may take.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Only ASCII signs: 3x3, 5*5.")
@isolate_option(Limits())
def main(network: str | None, **options: Any) -> None:
    """Make worksheets about a network or about small sums of all kinds, and mark them.

    NAME is a network of the catalogue (python -m app.params lists them), FILE a model file, which is
    read as data. The sheet is the network's count with numbered blanks; what is left is enough to work
    every blank out. A layer's settings and the input's shape are never blank.

    \b
    Other kinds of questions need no network; each seed and each student gives other numbers:
      convolution  the result of a small convolution, cell by cell
      pooling      the result of max-pooling or mean-pooling
      sizes        how large the output of a layer is
      parameters   how many parameters a layer has
      fields       how much of the image a cell sees
      choice       one of four options, A to D
      backward     one step of backpropagation, or of the delta rule
      article      the five exercises of article 001, section “Exercises” (练习)
      all          two of each, without the article's

    With --output the sheet, its key with all workings (…-key) and an empty form for the answers
    (…-answers.csv) are written; a sheet written as CSV is its own form. Every sheet says in one line what
    it was made from, so --grade needs only the form. Whoever has ConvLab can print the key of any sheet.

    Answers may be written as 1,690 or 1.690 or 1 690. In a whole number a point or comma before three
    digits separates thousands; in an answer in MB or KB it is the decimal mark. Shapes may be written as
    26x26x32, 26×26×32, (26, 26, 32) or 26*26*32, and grids row by row as 1 2; 3 4. If a typical mistake
    leads to exactly the wrong answer that was written, the marking names this mistake. An answer that is
    a matrix earns points for its right cells. An answer that is worked out correctly from an earlier
    wrong one gets --credit.
    """
    answer(network, options)


if __name__ == "__main__":
    main(prog_name="python -m app.worksheet")
