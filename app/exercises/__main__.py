"""python -m app.exercises: small sums asked one by one, with a hint, the working, and a score."""

from typing import Any

import click

from app.commands.door import Door
from app.exercises.request import answer
from app.questions.kinds import KINDS
from app.questions.making import MOST

EPILOG = """\b
Examples:
  python -m app.exercises
  python -m app.exercises --kind convolution --kind pooling --number 4
  python -m app.exercises --kind article
  printf '9\\n3x3\\n' | python -m app.exercises --kind sizes --number 2 --seed 7
"""


@click.command(cls=Door, epilog=EPILOG, example="python -m app.exercises --kind convolution --number 3")
@click.option(
    "--kind",
    multiple=True,
    type=click.Choice([*KINDS]),
    metavar="KIND",
    help="What is asked, once or several times (default: all but the article's); --list names them.",
)
@click.option("--number", type=click.IntRange(1, MOST), help="How many exercises (default: 5).")
@click.option(
    "--seed", help="Any number or word; the same one gives the same exercises (default: drawn anew)."
)
@click.option("--list", "list_kinds", is_flag=True, help="List the kinds of exercises.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Only ASCII signs: 3x3, 5*5.")
def main(**options: Any) -> None:
    """Practise the calculations in convolutional networks.

    One exercise is asked at a time. After each answer its working is shown step by step, a wrong answer
    is explained by the mistake that gives it, and the score is kept. A ? gives a hint, an empty line
    skips the exercise, and q (or Ctrl-D, or Ctrl-C) ends with the score.

    \b
    How answers are typed:
      a grid      row by row: 1 2; 3 4
      sizes       3x3, 3×3 or 3 3; 3 stands for 3×3
      a number    1690, 1,690 or 1 690; where there are decimals 2.5 or 2,5
      a choice    a letter, A to D

    Exercises of the kind article are the five of article 001, section “Exercises” (练习).
    """
    answer(options)


if __name__ == "__main__":
    main(prog_name="python -m app.exercises")
