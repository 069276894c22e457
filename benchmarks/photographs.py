"""Maps of one photograph as a whole command, against what Keras takes to load the same network and predict."""

import statistics
import tempfile
from collections.abc import Sequence

from app.files.saved import find_model
from app.maps.first_use import make_ready
from app.show.document import Table
from app.show.tables import print_parts
from benchmarks.timing import processor_seconds

NETWORK = "efficientnet_lite0"
PHOTOGRAPH = "docs/pictures/grace_hopper.jpg"
ROUNDS = 4
"""As many as there are programs, so that each runs once at each place of a round."""
ALLOWED = 1.5
"""Of the processor time that Keras takes."""
KERAS = "Keras: load the network, predict"
COMMANDS = {
    "the four maps of the article": "",
    "the same by TensorFlow": "--engine tensorflow",
    "SmoothGrad instead of relu": "--method vanilla --method guided --method smoothgrad --method gradcam",
}
PROGRAM = """
import sys, numpy as np, keras
from PIL import Image
model = keras.saving.load_model(sys.argv[1])
picture = Image.open(sys.argv[2]).convert("RGB").resize(model.input_shape[1:3])
image = (np.asarray(picture, np.float32)[np.newaxis] - 127) / 128
print(model.predict(image, verbose=0).argmax())
"""


def run() -> None:
    """Print each command's processor time, and its share of what Keras took in the same round."""
    make_ready(NETWORK)
    with tempfile.TemporaryDirectory() as folder:
        programs = _programs(f"{folder}/maps.png")
        order, seconds = list(programs), {name: [0.0] * ROUNDS for name in programs}
        for number in range(ROUNDS):
            for name in order[number:] + order[:number]:
                seconds[name][number] = processor_seconds(programs[name])
    rows = [(KERAS, f"{statistics.median(seconds[KERAS]):.2f} s", "", "", "")]
    rows += [_row(name, seconds[name], seconds[KERAS]) for name in COMMANDS]
    columns = (
        "one photograph, a process of its own",
        "processor time",
        "share",
        "from – to",
        f"at most {ALLOWED}",
    )
    title = f"{NETWORK}: medians of {ROUNDS} rounds, each share of Keras in its own round"
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2, 3))])


def _row(name: str, taken: Sequence[float], keras: Sequence[float]) -> tuple[str, ...]:
    shares = [ours / theirs for ours, theirs in zip(taken, keras, strict=True)]
    share = statistics.median(shares)
    verdict = "yes" if share <= ALLOWED else "NO"
    return (
        name,
        f"{statistics.median(taken):.2f} s",
        f"{share:.2f}",
        f"{min(shares):.2f}–{max(shares):.2f}",
        verdict,
    )


def _programs(output: str) -> dict[str, tuple[str, ...]]:
    """Return what `python` is given, by name: Keras alone, and each of our commands."""
    ours = ("-m", "app.saliency", "--model", NETWORK, "--image", PHOTOGRAPH, "--output", output)
    return {
        KERAS: ("-c", PROGRAM, str(find_model(NETWORK).path), PHOTOGRAPH),
        **{name: (*ours, *more.split()) for name, more in COMMANDS.items()},
    }
