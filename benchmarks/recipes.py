"""The fast recipe against the article's: wall time to the end, and the accuracy each reaches."""

import json
import statistics
import tempfile
from pathlib import Path

from app.show.document import Table
from app.show.tables import print_parts
from benchmarks.timing import command_seconds

ROUNDS = 2
ALLOWED = 0.4


def run() -> None:
    """Train with both recipes in turns and print the ratio of their times."""
    whole: dict[str, list[float]] = {"article": [], "fast": []}
    epochs: dict[str, list[float]] = {"article": [], "fast": []}
    accuracy: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for recipe in whole:
                output = Path(folder) / recipe
                arguments = ("-m", "app.train", "--model", "mnist", "--recipe", recipe)
                whole[recipe].append(command_seconds((*arguments, "--output", str(output))))
                card = json.loads((output / "mnist.json").read_text("utf-8"))
                epochs[recipe].append(card["seconds"])
                accuracy[recipe] = card["test_accuracy"]
    rows = []
    for what, seconds in (("whole command", whole), ("training alone", epochs)):
        article, fast = (statistics.median(seconds[recipe]) for recipe in whole)
        verdict = "yes" if fast <= ALLOWED * article else "NO"
        rows.append((what, f"{article:.1f} s", f"{fast:.1f} s", f"{fast / article:.2f}", verdict))
    title = (
        f"fast recipe ({accuracy['fast']:.4f} on the test images) against the article's "
        f"({accuracy['article']:.4f}), medians of {ROUNDS} rounds in turns"
    )
    columns = ("wall time", "article", "fast", "ratio", f"at most {ALLOWED}")
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2, 3))])
