"""python -m app.params: count networks by hand, explain and compare them, check them against Keras."""

from typing import Any

import click

from app.commands.apart import COUNTING
from app.commands.door import Door
from app.commands.options import InputShape, isolate_option
from app.commands.reports import report_options
from app.params.options import drawing_options
from app.params.reports.columns import COLUMNS
from app.params.request import answer

EXAMPLES = """\b
Examples:
  python -m app.params mnist --output mnist.html
  python -m app.params lenet5 --draw lenet5.svg --style volumes
  python -m app.params path/to/model.keras --lint
  python -m app.params --compare mnist keras_vis_mnist
  python -m app.params --diff worked_example worked_example_classifier
  python -m app.params mnist --explain conv2
  python -m app.params --catalogue --output networks.html
"""


@click.command(
    cls=Door,
    epilog=EXAMPLES,
    example="python -m app.params mnist",
    usual=("--check", "--columns", "--compare", "--explain", "--draw", "--output"),
)
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@click.option(
    "--check/--no-check",
    default=None,
    help="Compare with Keras, row by row (default for the count of networks by name).",
)
@click.option(
    "--input-shape",
    type=InputShape(),
    metavar="HxWxC",
    help="The input's shape, 224x224x3: for a file that leaves it open, or to try a network on another.",
)
@click.option("--columns", metavar="A,B,...", help=f"Columns of the count: {', '.join(COLUMNS)}.")
@click.option("--full", is_flag=True, help="All columns.")
@click.option("--compare", is_flag=True, help="One line for each network instead; --output x.png draws it.")
@click.option("--diff", is_flag=True, help="The first difference of two networks and every changed row.")
@click.option("--names", "with_names", is_flag=True, help="With --diff: other layer names differ too.")
@click.option("--explain", metavar="LAYER", help="The whole derivation of one row, in sentences.")
@click.option("--lint", is_flag=True, help="What a teacher would point at.")
@click.option(
    "--catalogue",
    is_flag=True,
    help="Every network, or those named, beside what is published of it and what well-known code has.",
)
@isolate_option(COUNTING)
@drawing_options
@report_options
def main(names: tuple[str, ...], check: bool | None, **options: Any) -> None:
    """Count networks by hand: every shape, parameter, multiply-accumulate and receptive field.

    A NAME is a network of the catalogue, a FILE a Keras model (.keras, .h5, or the .json of its
    configuration), which is read as data and never run. Without either the networks are listed. The count
    is made from formulas alone, the parameters with their working. A second witness checks it row by row:
    for a name the same network built with Keras, for a file the shapes of its stored weights. Exit code 1
    if a row, or a published figure, differs.

    One multiply-accumulate (MAC) counts once and biases are not counted. MB is 10^6 bytes, MiB 2^20.
    Connections are one link for every value that a unit reads, and one for its bias; poolings included.
    "sees" is the receptive field, in pixels of the input. A row without a formula shows "?", and totals
    with such a row begin with "≥".
    """
    answer(names, check, options)


if __name__ == "__main__":
    main(prog_name="python -m app.params")
