"""Maps of one photograph as a whole command, against what Keras takes to load the same network and predict."""

import statistics
import tempfile
from pathlib import Path

from app.files.saved import find_model
from app.maps.first_use import make_ready
from app.show.tables import make_console, plain_table
from benchmarks.timing import processor_seconds

NETWORK = "efficientnet_lite0"
ROUNDS = 9
ALLOWED = 1.5
"""Of the processor time that Keras takes."""
DEFAULT = "the four maps of the article"
COMMANDS = {
    DEFAULT: (),
    "the same by TensorFlow": ("--engine", "tensorflow"),
    "vanilla, guided, Grad-CAM, LayerCAM": tuple(
        "--method vanilla --method guided --method gradcam --method layercam".split()
    ),
    "vanilla, guided, Grad-CAM, SmoothGrad": tuple(
        "--method vanilla --method guided --method gradcam --method smoothgrad".split()
    ),
}
KERAS = """
import sys, numpy as np, keras
from PIL import Image
model = keras.saving.load_model(sys.argv[1])
picture = Image.open(sys.argv[2]).convert("RGB").resize(model.input_shape[1:3])
image = (np.asarray(picture, np.float32)[np.newaxis] - 127) / 128
print(model.predict(image, verbose=0).argmax())
"""


def run() -> None:
    """Print each command's processor time and its share of what Keras takes, by pairs one after the other."""
    make_ready(NETWORK)
    file = find_model(NETWORK).path
    photograph = _photograph()
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    shares: dict[str, list[float]] = {name: [] for name in COMMANDS}
    keras: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        output = str(Path(folder) / "maps.png")
        for _ in range(ROUNDS):
            for name, more in COMMANDS.items():
                keras.append(processor_seconds(("-c", KERAS, str(file), str(photograph))))
                ours = ("--model", NETWORK, "--image", str(photograph), "--output", output, *more)
                taken[name].append(processor_seconds(("-m", "app.saliency", *ours)))
                shares[name].append(taken[name][-1] / keras[-1])
    rows = [("Keras: load the network, predict", f"{statistics.median(keras):.2f} s", "", "", "")]
    for name, seconds in taken.items():
        share = statistics.median(shares[name])
        spread = f"{min(shares[name]):.2f}–{max(shares[name]):.2f}"
        verdict = "yes" if share <= ALLOWED else "NO"
        rows.append((name, f"{statistics.median(seconds):.2f} s", f"{share:.2f}", spread, verdict))
    columns = (
        "one photograph, a process of its own",
        "processor time",
        "share",
        "from – to",
        f"at most {ALLOWED}",
    )
    title = f"{NETWORK}: medians of {ROUNDS} pairs in turns"
    make_console().print(plain_table(columns, rows, title=title, numbers=(1, 2, 3)))


def _photograph() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
