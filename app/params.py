"""python -m app.params: count a network by hand, and check the count against Keras."""

import click

from app.counting.chalkboard import nn
from app.counting.rows import Sheet
from app.door import CheckFailedError, Door
from app.show import tables
from models import CATALOGUE, Network, find_network


@click.command(cls=Door, epilog="Example: python -m app.params mnist worked_example")
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--check/--no-check", default=True, help="Compare with Keras, row by row (default).")
def main(names: tuple[str, ...], check: bool) -> None:
    """Count networks by hand: every shape, parameter, multiply-accumulate and receptive field.

    The count is made from formulas alone, the parameters with their working; then Keras builds the same
    network and every row is compared. Exit code 1 if a row, or a published figure, differs. Without a
    NAME the networks are listed.

    One multiply-accumulate (MAC) counts once and biases are not counted. "sees" is the receptive
    field, in pixels of the input.
    """
    networks = [find_network(name) for name in names]
    console = tables.make_console()
    if not networks:
        console.print(tables.catalogue_table(CATALOGUE.values()))
        return
    sheets = [network.builder(nn).sheet() for network in networks]
    for network, sheet in zip(networks, sheets, strict=True):
        print_sheet(network, sheet)
    different = _published_differences(networks, sheets)
    if check:
        different += _keras_differences(networks, sheets)
    if different:
        raise CheckFailedError("; ".join(different))


def print_sheet(network: Network, sheet: Sheet) -> None:
    """Print one network's rows, its published figures and its note."""
    console = tables.make_console()
    console.print(tables.sheet_table(sheet))
    published = tables.published_table(network, sheet)
    if published:
        console.print(published)
    console.print(f"Source: {network.source}.")
    if network.note:
        console.print(f"Note: {network.note}")
    console.print()


def _published_differences(networks: list[Network], sheets: list[Sheet]) -> list[str]:
    return [
        f"{network.name}: {published.quantity} is {ours:,}, published is {published.value:,}"
        for network, sheet in zip(networks, sheets, strict=True)
        for published in network.published
        if (ours := tables.published_quantity(published.quantity, sheet)) != published.value
    ]


def _keras_differences(networks: list[Network], sheets: list[Sheet]) -> list[str]:
    """Build each network with Keras, compare the rows, print the verdict, return what differs."""
    console = tables.make_console()
    console.print("Checking against Keras …")
    from app.counting.comparison import compare_rows
    from app.engine.measure import count_layers
    from app.engine.vocabulary import build_model

    different = []
    for network, sheet in zip(networks, sheets, strict=True):
        found = compare_rows(sheet.rows, count_layers(build_model(network)))
        if found:
            console.print(f"{network.name}: {len(found)} differences")
            different += [f"{network.name}: {difference}" for difference in found]
        else:
            console.print(
                f"{network.name}: all {len(sheet.rows)} rows agree with Keras, "
                f"{sheet.parameters:,} parameters"
            )
    return different


if __name__ == "__main__":
    main(prog_name="python -m app.params")
