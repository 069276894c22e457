"""Counts held against second witnesses: Keras, the stored weights, what is published."""

from app.counting.comparison import Difference, compare_rows
from app.counting.published import compare_figures
from app.params.reports.count import stored_text
from app.params.results import CountCheck, ModelCount


def check_count(count: ModelCount) -> CountCheck:
    """Return what all witnesses of a count say."""
    lines, different = [], []
    if count.network is not None or count.witness is not None:
        line, found = check_against_keras(count)
        lines.append(line)
        different += found
    else:
        lines += stored_text(count.stored).splitlines() if count.stored else []
        different += stored_differences(count)
    if count.input_shape is None:
        different += published_differences(count)
    return CountCheck(tuple(lines), tuple(different))


def check_against_keras(count: ModelCount) -> tuple[str, list[str]]:
    """Return the verdict on a count held against Keras row by row, and what differs.

    A network of the catalogue is built for it, without its weights.
    """
    name, theirs = count.sheet.name, count.witness or ()
    if count.network is not None:
        from app.show.progress import waiting

        name = count.network.name
        with waiting(f"building {name} with Keras, about 1 s"):
            from app.engine.build import outline_model
            from app.engine.measure import count_layers

            theirs = tuple(count_layers(outline_model(count.network, input_shape=count.input_shape)))
    found = [each for each in compare_rows(count.rows, theirs) if _is_claimed(count, each)]
    if found:
        return f"{name}: {len(found)} differences", [f"{name}: {difference}" for difference in found]
    rows = len(count.rows)
    return f"{name}: all {rows} rows agree with Keras, {count.parameters:,} parameters", []


def _is_claimed(count: ModelCount, difference: Difference) -> bool:
    """Return whether the count says what it is contradicted in; of rows without a formula it says little."""
    unknown = {row.name for row in count.sheet.unknown}
    return difference.layer not in unknown


def stored_differences(count: ModelCount) -> list[str]:
    """Return every row on which a count and the weights in its file disagree."""
    return [f"{count.name}: {each}" for each in count.stored.differences] if count.stored else []


def published_differences(count: ModelCount) -> list[str]:
    """Return every published figure that differs from ours without a reason that the catalogue gives."""
    if count.network is None:
        return []
    return [
        f"{count.network.name}: {compared.published.quantity} is {compared.ours:,}, published is "
        f"{compared.published.value:,}"
        for compared in compare_figures(count.network, count.sheet)
        if not compared.is_as_declared
    ]
