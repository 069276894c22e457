"""Every network of the catalogue worked out on the chalkboard: the processor seconds that takes."""

import statistics
import time

from app.counting.chalkboard import nn
from app.show.document import Table
from app.show.tables import print_parts
from models import CATALOGUE

ROUNDS = 5
ALLOWED_SECONDS = 2.0
MOST_SHOWN = 5


def run() -> None:
    """Print the median time of all networks, and of the slowest ones."""
    seconds: dict[str, list[float]] = {name: [] for name in CATALOGUE}
    for _ in range(ROUNDS):
        for name, network in CATALOGUE.items():
            start = time.process_time()
            network.builder(nn).sheet()
            seconds[name].append(time.process_time() - start)
    whole = statistics.median(map(sum, zip(*seconds.values(), strict=True)))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    slowest = sorted(medians, key=lambda name: -medians[name])[:MOST_SHOWN]
    rows = [
        (f"all {len(CATALOGUE)} networks", f"{whole:.2f} s"),
        *((name, f"{medians[name]:.3f} s") for name in slowest),
    ]
    title = (
        f"counting by hand, processor time, median of {ROUNDS} rounds; together under "
        f"{ALLOWED_SECONDS:g} s: {'yes' if whole < ALLOWED_SECONDS else 'NO'}"
    )
    print_parts([Table(("network", "median"), tuple(rows), title=title, numbers=(1,))])
