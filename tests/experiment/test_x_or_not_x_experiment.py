"""X or not X: equal sizes, what filters answer, what the verdict says of planted numbers, a run without TensorFlow."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from app.claims import maps
from app.counting.chalkboard import nn as chalk
from app.datasets.little_arrays import X_FILTER
from app.datasets.x_or_not_x import Pictures, draw_dataset
from app.experiment import x_or_not_x as experiment
from app.experiment.figures import draw_x_or_not_x
from app.experiment.x_or_not_x import (
    ARTICLES_X,
    CASES,
    SIZES,
    TESTED_ON,
    Case,
    SmallTraining,
    dense_network,
    dense_units,
    judge,
    responses,
    train,
)
from app.library.training import repeat_experiment
from models.x_or_not_x import x_or_not_x

RECORDED = ROOT / "docs" / "experiments" / "x_or_not_x.json"


def parameters(build, size):
    return int(build(chalk, (size, size, 1)).sheet().trainable)


@pytest.mark.parametrize(("size", "convolution", "dense"), [(5, 95, 94), (9, 239, 250)])
def test_the_dense_network_stores_as_much_as_can_be(size, convolution, dense):
    assert parameters(x_or_not_x, size) == convolution
    assert parameters(dense_network, size) == dense
    pixels = size * size
    one = [(pixels + 1) * a + a + 1 for a in range(3, 20)]
    two = [(pixels + 1) * a + (a + 1) * b + b + 1 for a, b in itertools.product(range(3, 20), repeat=2)]
    assert abs(dense - convolution) == min(abs(total - convolution) for total in one + two)
    assert min(dense_units((size, size, 1))) >= 3


def test_the_articles_filter_gives_what_the_claims_work_out():
    image = np.random.default_rng(0).integers(0, 2, (7, 7))
    found = experiment._articles_filter(image[None, ..., None].astype(np.float32))[0, ..., 0]
    assert found.tolist() == maps.cross_correlate(image.tolist(), X_FILTER)


def test_answers_are_shares_of_that_to_the_centred_x():
    sets = {kind: draw_dataset(Pictures(kind), 20, 40) for kind in TESTED_ON}
    ink = responses(lambda images: images, sets)  # one filter that answers to ink: its largest pixel
    assert ink["centred"] == 1
    assert ink["moved"] == pytest.approx(1, abs=0.02)
    assert ink["not X"] == pytest.approx(1, abs=0.05)

    def two_filters(images):
        """Return what tells X from other signs a little, and a strong filter that does not."""
        crossing = experiment._articles_filter(images)
        return np.concatenate([crossing, np.full_like(crossing, 100)], axis=-1)

    chosen = responses(two_filters, sets)
    assert chosen["not X"] < 0.9
    assert chosen["moved"] == pytest.approx(1, abs=0.02)


def test_hidden_biases_begin_as_the_recipe_says_and_the_others_at_0():
    data = draw_dataset(Pictures(), 20, 20)
    for case in (Case("convolution", 5, "moved"), Case("dense", 5, "moved")):
        model = train(case, data, SmallTraining(20, 20, epochs=0), 0, lambda _: None)
        biases = {name: set(w.tolist()) for name, w in model.weights().items() if name.endswith("bias")}
        hidden = {name for name in biases if name.startswith("hidden")}
        assert hidden
        assert all(values == ({0.5} if name in hidden else {0.0}) for name, values in biases.items())


def test_the_95_parameters_learn_moved_x():
    data, case = draw_dataset(Pictures()), Case("convolution", 5, "moved")
    model = train(case, data, SmallTraining(2000, 1000, epochs=20), 0, lambda _: None)
    assert model.parameters == 95
    assert experiment._share_right(model, data) >= 0.97
    untrained = train(case, data, SmallTraining(2000, 1000, epochs=0), 0, lambda _: None)
    assert experiment._share_right(untrained, data) < 0.8


def test_in_every_recorded_run_the_95_parameters_know_held_out_moved_x():
    runs = json.loads(RECORDED.read_text("utf-8"))["runs"]
    found = [
        run["accuracy"]["moved"] for run in runs if run["network"] == Case("convolution", 5, "moved").name
    ]
    assert len(found) == 5
    assert min(found) >= 0.97


def planted(**moved):
    """Return runs in which a network trained on moved X has these accuracies on them, and all else is 50 %."""
    runs = {}
    for name, case in CASES.items():
        values = (0.5,) * 3
        if case.kind == "moved":
            values = moved.get(f"{case.family}{case.size}", values)
        runs[name] = [
            {
                "accuracy": dict.fromkeys(TESTED_ON, value),
                "articles_x": dict.fromkeys(ARTICLES_X, case.kind == "moved"),
                "response": {
                    "article": dict.fromkeys((*TESTED_ON, "not X"), 0.9),
                    "trained": dict.fromkeys((*TESTED_ON, "not X"), 0.4),
                },
            }
            for value in values
        ]
    return runs


HIGH, LOW, BETWEEN = (0.98, 0.99, 1.0), (0.8, 0.85, 0.9), (0.9, 0.985, 0.99)


@pytest.mark.parametrize(
    ("runs", "shows", "words"),
    [
        (
            planted(convolution5=HIGH, dense5=LOW, convolution9=HIGH, dense9=LOW),
            True,
            "The effect shows. Trained",
        ),
        (
            planted(convolution5=HIGH, dense5=BETWEEN, convolution9=HIGH, dense9=LOW),
            False,
            "The effect shows at 9×9 alone. Trained",
        ),
        (planted(convolution5=LOW, dense5=HIGH), False, "The effect does not show here. Trained"),
        (planted(), False, "The effect does not show here. Trained"),
    ],
    ids=["both", "one size", "dense better", "equal"],
)
def test_the_verdict_follows_from_the_numbers(runs, shows, words):
    verdict = judge(runs)
    assert verdict.shows is shows
    assert verdict.words.startswith(words)
    assert (
        "three X, in all seeds 9, were found: trained on centred X convolution 0, dense 0; " in verdict.words
    )
    assert "the article's filter: turned 90 %" in verdict.words
    assert "sets X apart most: turned 40 %" in verdict.words


def test_a_dense_network_that_is_better_is_called_so():
    words = judge(planted(convolution5=LOW, dense5=HIGH)).words
    assert (
        "at 5×5 the convolution 85.0 ± 5.0 %, the dense network 99.0 ± 1.0 % (dense better in every seed)"
        in words
    )


def test_the_figure_shows_means_and_both_filters():
    runs = [{"network": name, **run} for name, of in planted(convolution9=HIGH).items() for run in of]
    data = {"sizes": list(SIZES), "kinds": list(TESTED_ON)}
    networks = [{"name": name} for name in CASES]
    figure = draw_x_or_not_x({"data": data, "seeds": [0, 1, 2], "networks": networks, "runs": runs})
    small, large, filters = figure.axes
    labels = large.get_legend_handles_labels()[1]
    assert labels == [
        f"{family}, trained on {kind}" for kind in ("centred", "moved") for family in ("convolution", "dense")
    ]
    means = [container.lines[0].get_ydata().tolist() for container in large.containers]
    assert means[2] == pytest.approx([99] * len(TESTED_ON))
    assert means[3] == pytest.approx([50] * len(TESTED_ON))
    assert [container.lines[0].get_ydata()[0] for container in filters.containers] == pytest.approx([90, 40])
    assert small.get_title(loc="left") == "5×5 pixels"


def test_a_smoke_run_needs_no_tensorflow(tmp_path):
    code = """
import sys
from app.experiment.__main__ import main
try:
    main(["x_or_not_x", "--quick", "--output", sys.argv[1]])
finally:
    print("TENSORFLOW" if "tensorflow" in sys.modules else "light")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("light\n")
    data = json.loads((tmp_path / "x_or_not_x.json").read_text("utf-8"))
    assert (data["seeds"], data["is_smoke_run"], len(data["runs"])) == ([0], True, 8)
    assert data["verdict"]["shows"] is None
    assert {network["name"]: network["trainable"] for network in data["networks"]} == {
        name: parameters(x_or_not_x if case.family == "convolution" else dense_network, case.size)
        for name, case in CASES.items()
    }
    assert {path.name for path in tmp_path.iterdir()} == {"x_or_not_x.json", "x_or_not_x.png", ".runs"}


def test_the_library_does_it_too_and_takes_no_data(tmp_path):
    with pytest.raises(ValueError, match="draws its own pictures; leave out data"):
        repeat_experiment("x_or_not_x", "mnist", quick=True, folder=tmp_path)
    result = repeat_experiment("x_or_not_x", quick=True, folder=tmp_path)
    assert result.name == "x_or_not_x"
    assert result.table[0]["of the article's 3"] in ("0.0", "1.0", "2.0", "3.0")
    assert result.table[-1]["of the article's 3"] == "–"
