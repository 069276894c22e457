"""Commands that need no TensorFlow, as a share of the time that importing TensorFlow takes: help, counts, and a map."""

from app.__main__ import ORDER
from app.show.document import Table
from app.show.tables import print_parts
from benchmarks.timing import interleaved

TENSORFLOW = "import tensorflow"
ALLOWED = 1 / 8
MAP = "app.saliency --model mnist --class 3"
ALLOWED_MAP = 0.4
"""NumPy runs the network; the picture takes most of the time."""
ROUNDS = 9


def run() -> None:
    """Print each command's wall time and its share."""
    commands = {
        TENSORFLOW: ("-c", "import tensorflow"),
        "app --help": ("-m", "app", "--help"),
        **{f"app.{door} --help": ("-m", f"app.{door}", "--help") for door in ORDER},
        **{
            f"app.params {name} --no-check": ("-m", "app.params", name, "--no-check")
            for name in ("mnist", "googlenet", "resnet152", "densenet264")
        },
        "app.params mnits (unknown)": ("-m", "app.params", "mnits"),
        "app.saliency --class 10 (out of range)": ("-m", "app.saliency", "--model", "mnist", "--class", "10"),
        "app.saliency --image README.md (no image)": (
            "-m",
            "app.saliency",
            "--model",
            "mnist",
            "--image",
            "README.md",
        ),
        "app.saliency --model README.md (no model)": ("-m", "app.saliency", "--model", "README.md"),
        MAP: ("-m", *MAP.split(), "--output", "output/benchmark.png"),
        "app.train --model x_or_not_x (wrong size)": (
            "-m",
            "app.train",
            "--model",
            "x_or_not_x",
            "--data",
            "mnist",
        ),
    }
    seconds = interleaved(commands, ROUNDS)
    whole = seconds[TENSORFLOW]
    rows = []
    for name, taken in seconds.items():
        allowed = ALLOWED_MAP if name == MAP else ALLOWED
        verdict = "yes" if taken <= allowed * whole else "NO"
        rows.append((name, f"{taken:.3f} s", f"{taken / whole:.2f}", verdict))
    rows[0] = (*rows[0][:2], "", "")  # the measure itself
    table = Table(
        ("command", "median", "share", "at most 1/8, a map 0.4"),
        tuple(rows),
        numbers=(1, 2),
        title=f"start-up, median of {ROUNDS} interleaved rounds",
    )
    print_parts([table])
