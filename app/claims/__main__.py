"""python -m app.claims: what five articles claim, each claim recomputed and judged."""

from typing import Any

import click

from app.claims.checking import SHOWN_VERDICTS, SOURCES, ClaimChoice
from app.claims.ledger import ARTICLES
from app.claims.request import answer
from app.commands.door import Door
from app.commands.reports import report_options


@click.command(
    cls=Door,
    example="python -m app.claims --article 004 --verdict wrong",
    usual=("--article", "--verdict", "--source", "--id", "--output"),
)
@click.option(
    "--article",
    "articles",
    multiple=True,
    type=click.Choice(ARTICLES),
    help="Only claims of this article; may be repeated.",
)
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice(list(SHOWN_VERDICTS)),
    help="Only claims with this verdict; may be repeated.",
)
@click.option(
    "--source",
    "source",
    type=click.Choice(list(SOURCES)),
    help="Only claims that a cited source decides in this way.",
)
@click.option(
    "--id",
    "ids",
    multiple=True,
    metavar="ID",
    help="Show this claim in full, as 004-10: working, reason, source; may be repeated.",
)
@report_options
def main(
    articles: tuple[str, ...],
    verdicts: tuple[str, ...],
    source: str | None,
    ids: tuple[str, ...],
    **report: Any,
) -> None:
    """Check what five articles on CNNs claim: every claim recomputed, with a verdict and a reason.

    The articles are listed in docs/articles.md. Each of their 206 claims is worked out anew when this
    runs, from formulas, the catalogue's networks, the bundled MNIST and the saved model's card, and
    compared with what the article states. All claims are checked, whichever are
    shown; exit code 1 if a verdict is not the one that the claim declares.

    A multiply-accumulate counts once and biases are not counted in it; MB is 10^6 bytes, MiB 2^20.
    """
    answer(ClaimChoice(articles, verdicts, source, ids), **report)


if __name__ == "__main__":
    main(prog_name="python -m app.claims")
