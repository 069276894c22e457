"""Maps against tf-keras-vis, and against the floor: one forward and backward pass of the same model."""

import contextlib
import io
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from app.files.saved import SHIPPED_MODELS
from app.show.document import Table
from app.show.tables import print_parts

SAMPLES, STEPS = 20, 50
WARM = 10
"""Runs of each piece before any is measured; our functions are compiled after fewer (`app.engine.compiling`)."""
TURN = 0.2
"""Seconds that a piece of work may take in a turn."""
GOALS = {
    ("vanilla", 1): 5,
    ("vanilla", 64): 5,
    ("smoothgrad", 1): 40,
    ("smoothgrad", 64): 7,
    ("gradcam", 1): 10,
    ("gradcam", 64): 10,
    ("gradcam++", 1): 10,
    ("gradcam++", 64): 10,
    ("layercam", 1): 10,
    ("layercam", 64): 10,
    ("scorecam", 1): 10,
    ("scorecam", 64): 5,
}
"""How many times faster than tf-keras-vis each map is to be, by the number of images."""
GOALS_LARGE = {("vanilla", 1): 2.0, ("vanilla", 8): 1.5}
FLOORS = {"vanilla": (1, 1.25), "smoothgrad": (SAMPLES, 1.15), "integrated": (STEPS, 1.15)}
"""Passes that a map needs, and how many times as long as they it may take."""

Work = Callable[[], Any]


def run() -> None:
    """Print all ratios: the shipped mnist model, then a ResNet-50 with fresh weights at 224×224."""
    from app.engine.build import build_model
    from app.engine.store import load_model
    from models import find_network

    mnist = load_model(SHIPPED_MODELS / "mnist.keras")
    _compare("the shipped mnist model", mnist, (1, 64), GOALS, rounds=9)
    large = build_model(find_network("resnet50"))
    _compare("ResNet-50 at 224×224", large, (1, 8), GOALS_LARGE, rounds=5)
    _compare_with_floor(mnist, 64, rounds=7)


def _compare(
    what: str, model: Any, counts: tuple[int, ...], goals: dict[tuple[str, int], float], rounds: int
) -> None:
    rows = []
    for count in counts:
        ours, theirs = _both_sides(model, count)
        names = [name for name, images in goals if images == count]
        work = {
            f"{side} {name}": made[name]
            for name in names
            for side, made in (("ours", ours), ("theirs", theirs))
        }
        seconds = medians(work, rounds)
        for name in names:
            mine, other = seconds[f"ours {name}"], seconds[f"theirs {name}"]
            goal, ratio = goals[name, count], other / mine
            rows.append(
                (
                    name,
                    str(count),
                    _ms(mine),
                    _ms(other),
                    f"{ratio:.1f}",
                    f"{goal:g}",
                    _verdict(ratio >= goal),
                )
            )
    columns = ("map", "images", "ours", "tf-keras-vis", "times faster", "wanted", "")
    title = f"{what}: medians of {rounds} rounds in turns"
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4, 5))])


def _compare_with_floor(model: Any, count: int, rounds: int) -> None:
    ours, _ = _both_sides(model, count)
    work = {name: ours[name] for name in FLOORS} | {"floor": _floor(model, count)}
    seconds = medians(work, rounds)
    rows = []
    for name, (passes, allowed) in FLOORS.items():
        share = seconds[name] / (passes * seconds["floor"])
        rows.append(
            (
                name,
                str(passes),
                _ms(seconds[name]),
                _ms(passes * seconds["floor"]),
                f"{share:.2f}",
                f"{allowed:g}",
                _verdict(share <= allowed),
            )
        )
    title = f"Against the floor, {count} images: forward and backward of the compiled Keras model"
    columns = ("map", "passes", "ours", "passes × floor", "share", "allowed", "")
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4, 5))])


def _both_sides(model: Any, count: int) -> tuple[dict[str, Work], dict[str, Work]]:
    """Return the work of each map by our explainer and by tf-keras-vis, on the same images."""
    import app.engine  # noqa: F401

    # isort: split
    from app.engine.machine import machine_for
    from app.maps.explainer import Explainer
    from app.maps.methods import METHODS
    from app.maps.methods.method import Settings
    from app.maps.placement import place_cells, placement_of

    machine = machine_for(model)
    replayed, explainer = machine.program, Explainer(machine)
    images = _images(replayed, count)
    classes = [i % replayed.classes for i in range(count)]
    targets, settings = explainer.targets(classes), Settings(samples=SAMPLES, steps=STEPS)

    def ours(name: str) -> Any:
        computed = METHODS[name].compute(explainer, images, targets, settings)
        if not METHODS[name].is_of_cells:
            return computed.raw
        return place_cells(np.maximum(computed.raw, 0), placement_of(explainer, None, images))

    return {name: lambda name=name: ours(name) for name in METHODS}, _theirs(replayed, images, classes)


def _theirs(replayed: Any, images: np.ndarray, classes: list[int]) -> dict[str, Work]:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

    linear, score = replayed.to_model(), CategoricalScore(classes)
    saliency = Saliency(linear, clone=False)
    cams = {"gradcam": Gradcam, "gradcam++": GradcamPlusPlus, "layercam": Layercam, "scorecam": Scorecam}
    made = {name: kind(linear, clone=False) for name, kind in cams.items()}
    return {
        "vanilla": lambda: saliency(score, images),
        "smoothgrad": lambda: saliency(score, images, smooth_samples=SAMPLES),
        **{name: lambda cam=cam: cam(score, images) for name, cam in made.items()},
    }


def _floor(model: Any, count: int) -> Work:
    import tensorflow as tf

    from app.engine.replay.replay import replay

    replayed = replay(model)
    linear, images = replayed.to_model(), tf.constant(_images(replayed, count))

    @tf.function
    def both_ways(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            score = tf.reduce_sum(linear(x, training=False))
        return tape.gradient(score, x)

    return lambda: both_ways(images).numpy()


def _images(replayed: Any, count: int) -> np.ndarray:
    shape = (count, *replayed.image_shape)
    return np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)


def medians(work: dict[str, Work], rounds: int) -> dict[str, float]:
    """Return the median seconds of each piece of work, run in turns once all that is compiled is so.

    In each turn a piece is run as often as fits into `TURN` seconds, at least once, and the mean is taken:
    else the first run after another piece would be most of what is measured of a short one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for piece in work.values():
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(WARM):
                piece()
    for number in range(rounds + 2):
        for name, piece in work.items():
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                taken, runs = 0.0, 0
                while runs == 0 or taken * (runs + 1) / runs <= TURN:
                    started = time.perf_counter()
                    piece()
                    taken, runs = taken + time.perf_counter() - started, runs + 1
            if number > 1:
                seconds[name].append(taken / runs)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.1f} ms"


def _verdict(is_met: bool) -> str:
    return "yes" if is_met else "NO"
