"""Every rule fires on a network with its mistake, and is silent on the same network without it."""

import dataclasses
import re

import pytest

from app.counting.chalkboard import Board
from app.counting.chalkboard import nn as plain
from app.counting.counted import Counted, open_counted
from app.counting.rows import Row, Sheet
from app.counting.stored.count_file import StoredCount
from app.params.lint import RULES, lint
from app.params.lint.finding import Inspection
from app.params.lint.outputs import loss_name

IMAGE = (28, 28, 1)
CROSS_ENTROPY = "sparse_categorical_crossentropy"


def told(build, loss=None):
    """Work out a network over a vocabulary that writes down what its layers are told."""
    sheet = build(plain).sheet()
    return Counted("net", sheet, stored=StoredCount(sheet, None, (), {"compile_config": {"loss": loss}}))


def chain(*layers, image=IMAGE, loss=None):
    """Layers as (kind, name, arguments)."""

    def build(nn):
        made = [getattr(nn, kind)(name=name, **arguments) for kind, name, arguments in layers]
        return nn.Sequential([nn.Input(image, name="image"), *made])

    return told(build, loss)


def conv(name="conv", filters=4, kernel_size=3, **more):
    return ("Conv2D", name, {"filters": filters, "kernel_size": kernel_size, "activation": "relu", **more})


def pool(name="pool", pool_size=2, **more):
    return "MaxPooling2D", name, {"pool_size": pool_size, **more}


def dense(name="dense", units=10, activation="relu", **more):
    return "Dense", name, {"units": units, "activation": activation, **more}


def simple(kind, name=None, **arguments):
    return kind, name or kind.lower(), arguments


FLAT, NORM = simple("Flatten"), simple("BatchNormalization", "norm")
SOFTMAX = dense("out", activation="softmax")
LOGITS = dense("out", activation=None)
SIGMOID = dense("out", activation="sigmoid")


def loss(name, from_logits):
    return {"module": "keras.losses", "class_name": name, "config": {"from_logits": from_logits}}


def activated(name, *layers):
    return [*layers, ("Activation", name, {"activation": name})]


# rule: (layer, a network that has it, a network that has it not)
CASES = {
    "dense on a map": ("dense", chain(conv(), dense()), chain(conv(), FLAT, dense())),
    "cells dropped": ("pool", chain(pool(), image=(5, 4, 1)), chain(pool(), image=(6, 4, 1))),
    "cells dropped by a convolution": (
        "conv",
        chain(conv(strides=2), image=(6, 6, 1)),
        chain(conv(strides=2), image=(7, 7, 1)),
    ),
    "cells skipped": ("conv", chain(conv(kernel_size=1, strides=2)), chain(conv(kernel_size=2, strides=2))),
    "window larger than its input": (
        "conv",
        chain(conv(kernel_size=7, padding="same"), image=(4, 4, 1)),
        chain(conv(kernel_size=3, padding="same"), image=(4, 4, 1)),
    ),
    "pixels never seen": (
        "image",
        chain(pool(), FLAT, dense(), image=(5, 5, 1)),
        chain(pool(), FLAT, dense()),
    ),
    "field larger than the image": (
        "b",
        chain(conv("a", 4, 7, padding="same"), conv("b", 4, 7, padding="same"), image=(12, 12, 1)),
        chain(conv("a", 4, 7, padding="same"), conv("b", 4, 7, padding="same"), image=(13, 13, 1)),
    ),
    "most parameters in one layer": (
        "wide",
        chain(FLAT, dense("wide", 500), dense("out")),
        chain(
            simple("GlobalAveragePooling2D"),
            dense("a", 10),
            dense("b", 10),
            dense("out", 10),
            image=(28, 28, 10),
        ),
    ),
    "bias before batch normalisation": (
        "conv",
        chain(conv(activation=None), NORM),
        chain(conv(activation=None, use_bias=False), NORM),
    ),
    "no activation between two layers": (
        "a",
        chain(FLAT, dense("a", activation=None), dense("b")),
        chain(FLAT, dense("a"), dense("b")),
    ),
    "no activation through other layers": (
        "a",
        chain(conv("a", activation=None), NORM, simple("Dropout", rate=0.5), FLAT, dense("b")),
        chain(conv("a", activation=None), NORM, simple("ReLU"), FLAT, dense("b")),
    ),
    "rescaled twice": (
        "again",
        chain(simple("Rescaling", "one", scale=1 / 255), conv(), simple("Rescaling", "again", scale=1 / 255)),
        chain(simple("Rescaling", "one", scale=1 / 255), simple("Rescaling", "again", scale=2.0)),
    ),
    "dropout after the output": (
        "drop",
        chain(FLAT, dense(), simple("Dropout", "drop", rate=0.5)),
        chain(FLAT, dense("a"), simple("Dropout", "drop", rate=0.5), dense("b")),
    ),
    "softmax over one unit": (
        "out",
        chain(FLAT, dense("out", 1, "softmax")),
        chain(FLAT, dense("out", 1, "sigmoid")),
    ),
    "softmax layer over one unit": (
        "softmax",
        chain(FLAT, dense("a", 1, None), simple("Softmax")),
        chain(FLAT, dense("a", 2, None), simple("Softmax")),
    ),
    "probabilities into a loss for logits": (
        "out",
        chain(FLAT, SOFTMAX, loss=loss("SparseCategoricalCrossentropy", True)),
        chain(FLAT, LOGITS, loss=loss("SparseCategoricalCrossentropy", True)),
    ),
    "sigmoid into a loss for logits": (
        "out",
        chain(FLAT, SIGMOID, loss=loss("BinaryCrossentropy", True)),
        chain(FLAT, SIGMOID, loss=loss("BinaryCrossentropy", False)),
    ),
    "logits into a loss for probabilities": (
        "out",
        chain(FLAT, LOGITS, loss=CROSS_ENTROPY),
        chain(FLAT, SOFTMAX, loss=CROSS_ENTROPY),
    ),
    "sigmoid with a categorical loss": (
        "out",
        chain(FLAT, SIGMOID, loss="categorical_crossentropy"),
        chain(FLAT, SIGMOID, loss="binary_crossentropy"),
    ),
    "softmax with a binary loss": (
        "out",
        chain(FLAT, SOFTMAX, loss="binary_crossentropy"),
        chain(FLAT, SOFTMAX, loss="mean_squared_error"),
    ),
}
RULE_NAMES = {
    "cells dropped by a convolution": "cells dropped",
    "no activation through other layers": "no activation between two layers",
    "softmax layer over one unit": "softmax over one unit",
    "sigmoid into a loss for logits": "probabilities into a loss for logits",
}


def found(counted, rule):
    return [finding.layer for finding in lint(counted) if finding.rule == rule]


@pytest.mark.parametrize("case", CASES)
def test_each_rule_fires_on_its_mistake_and_only_there(case):
    layer, wrong, right = CASES[case]
    rule = RULE_NAMES.get(case, case)
    assert found(wrong, rule) == [layer]
    assert found(right, rule) == []


def test_every_rule_has_a_case():
    import inspect
    import re

    rules = {
        text
        for rule in RULES
        for text in re.findall(
            r'(?:(?:row\.)?name,\s*|_finding\(\s*row,\s*)"([^"]+)"', inspect.getsource(rule)
        )
    }
    assert rules == {RULE_NAMES.get(case, case) for case in CASES}
    assert len(RULES) == 13


def test_a_finding_says_what_why_and_what_to_do():
    for _, wrong, _ in CASES.values():
        for finding in lint(wrong):
            assert all((finding.layer, finding.what, finding.why, finding.advice))


def test_a_sound_network_has_no_findings():
    sound = chain(
        conv("a", 8, padding="same"),
        pool(),
        conv("b", 8, padding="same"),
        simple("GlobalAveragePooling2D"),
        dense("hidden", 32),
        SOFTMAX,
        loss=CROSS_ENTROPY,
    )
    assert lint(sound) == []


def test_dropped_cells_are_counted_along_each_axis():
    (finding,) = [f for f in lint(chain(pool(pool_size=4), image=(11, 9, 1))) if f.rule == "cells dropped"]
    assert "3 rows and 1 column at the end" in finding.what
    assert "8 of 11 rows" in finding.why
    assert "8 of 9 columns" in finding.why
    assert "8 or 12 rows and 8 or 12 columns" in finding.advice


@pytest.mark.parametrize("size", range(3, 12))
@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_lost_cells_are_those_that_brute_force_never_touches(size, kernel, stride, padding):
    """They are dropped behind windows that meet, and skipped between windows that do not."""
    counted = chain(conv(kernel_size=(kernel, 1), strides=(stride, 1), padding=padding), image=(size, 3, 1))
    outputs = -(-size // stride) if padding == "same" else (size - kernel) // stride + 1
    total = max((outputs - 1) * stride + kernel - size, 0) if padding == "same" else 0
    taps = {o * stride - total // 2 + tap for o in range(outputs) for tap in range(kernel)}
    lost = len(set(range(size)) - taps)
    findings = [f for f in lint(counted) if f.rule in ("cells dropped", "cells skipped")]
    assert [f.rule for f in findings] == (
        [] if not lost else ["cells skipped" if stride > kernel else "cells dropped"]
    )
    for finding in findings:
        assert f"no layer reads {lost} {'row' if lost == 1 else 'rows'} " in finding.what


@pytest.mark.parametrize("size", range(5, 14))
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 3), (5, 3)])
def test_the_sizes_advised_against_dropped_cells_drop_none(size, kernel, stride):
    def dropping(rows):
        layers = chain(pool(pool_size=(kernel, 1), strides=(stride, 1)), image=(rows, 3, 1))
        return [f for f in lint(layers) if f.rule == "cells dropped"]

    for finding in dropping(size):
        first, second = re.search(r"(\d+) or (\d+) rows", finding.advice).groups()
        assert int(first) < size < int(second)
        assert dropping(int(first)) == dropping(int(second)) == []


def residual(kernel):
    """A block with a 1×1 shortcut of stride 2 beside a convolution of stride 2, as ResNets have."""

    def build(nn):
        image = nn.Input((16, 16, 3), name="image")
        first = nn.Conv2D(4, 3, padding="same", activation="relu", name="first")(image)
        short = nn.Conv2D(8, 1, strides=2, name="short")(first)
        main = nn.Conv2D(8, kernel, strides=2, padding="same", name="main")(first)
        return nn.Model(image, nn.Add(name="sum")([short, main]))

    return told(build)


def test_what_another_layer_reads_is_not_lost():
    """Beside a 3×3 convolution a strided shortcut loses nothing; beside another 1×1 both do."""
    assert found(residual(3), "cells skipped") == []
    assert found(residual(1), "cells skipped") == ["short", "main"]
    assert found(residual(1), "cells dropped") == []


def test_padding_that_no_window_reaches_is_not_lost():
    """7×7 with stride 2 on 224 + 6 cells leaves the last one, which is padding."""
    stem = conv(kernel_size=7, strides=2)
    zeros = simple("ZeroPadding2D", padding=3)
    assert found(chain(zeros, stem, image=(224, 224, 3)), "cells dropped") == []
    assert found(chain(stem, image=(230, 230, 3)), "cells dropped") == ["conv"]


def test_what_is_an_output_itself_is_not_lost():
    def build(nn):
        image = nn.Input((9, 9, 1), name="image")
        first = nn.Conv2D(4, 3, padding="same", name="first")(image)
        return Board([image], [first, nn.MaxPooling2D(2, name="pool")(first)])

    assert found(told(build), "cells dropped") == []


def test_unseen_pixels_are_traced_to_the_layers_that_lose_them():
    def advice(*layers, size):
        findings = lint(chain(*layers, FLAT, dense(), image=(size, size, 1)))
        return next(f.advice for f in findings if f.rule == "pixels never seen")

    assert "lost at pool;" in advice(pool(), size=5)
    assert "crops" in advice(simple("Cropping2D", cropping=1), size=6)


def test_a_field_larger_than_the_image_is_said_of_the_middle_only():
    _, wrong, _ = CASES["field larger than the image"]
    (finding,) = [f for f in lint(wrong) if f.rule == "field larger than the image"]
    assert "in the middle" in finding.why
    assert "every" not in finding.why
    field = wrong.sheet.row("b").field
    assert field.axes[0].windows[6] == (0, 11)
    assert field.axes[0].windows[0] != (0, 11)


DOMINANT = "most parameters in one layer"


def shrink_advice(*layers, image):
    (finding,) = [f for f in lint(chain(*layers, image=image)) if f.rule == DOMINANT]
    return finding.advice


def test_the_advice_about_the_largest_layer_is_made_for_its_kind_and_place():
    small = dense("small", 4)
    hidden = shrink_advice(FLAT, dense("wide", 500), SOFTMAX, image=IMAGE)
    assert "global average pooling" in hidden
    assert "fewer units" in hidden
    output = shrink_advice(conv(), FLAT, dense("out", 1000, "softmax"), image=IMAGE)
    assert "global average pooling" in output
    assert "give it fewer" not in output
    behind_dense = shrink_advice(small, dense("out", 4000, "softmax"), image=(16,))
    assert behind_dense == "give the layer before it fewer units"
    window = shrink_advice(
        conv("a", 64, 3), conv("b", 64, 5), simple("GlobalAveragePooling2D"), SOFTMAX, image=(28, 28, 3)
    )
    assert "smaller kernel" in window
    assert "filters" in window
    assert "units" not in window
    pointwise = shrink_advice(
        conv("a", 200, 1), conv("b", 200, 1), simple("GlobalAveragePooling2D"), SOFTMAX, image=(28, 28, 3)
    )
    assert "kernel" not in pointwise
    assert "filters" in pointwise


def test_a_small_network_may_have_its_parameters_where_it_likes():
    def network(units):
        return chain(FLAT, dense("wide", units), dense("out", 2), image=(10, 10, 1))

    assert network(97).sheet.parameters < 10_000 <= network(98).sheet.parameters
    assert found(network(97), DOMINANT) == []
    assert found(network(98), DOMINANT) == ["wide"]


def test_a_linear_bottleneck_is_meant():
    """MobileNetV2 projects to fewer channels without an activation; to more, one has been forgotten."""

    def block(channels, kernel=1):
        return chain(
            conv("project", channels, kernel, activation=None), NORM, conv("expand", 96, 1), image=(8, 8, 32)
        )

    rule = "no activation between two layers"
    assert found(block(16), rule) == []
    assert found(block(32), rule) == found(block(64), rule) == ["project"]
    assert found(block(16, kernel=3), rule) == ["project"]


def test_a_separable_convolution_taken_apart_is_no_mistake():
    counted = chain(("DepthwiseConv2D", "depth", {"kernel_size": 3}), conv("point", kernel_size=1))
    assert found(counted, "no activation between two layers") == []


def test_a_shortcut_keeps_two_linear_layers_apart():
    def build(nn):
        image = nn.Input(IMAGE, name="image")
        first = nn.Conv2D(4, 3, padding="same", name="first")(image)
        second = nn.Conv2D(4, 3, padding="same", activation="relu", name="second")(first)
        return nn.Model(image, nn.Add(name="sum")([first, second]))

    assert found(told(build), "no activation between two layers") == []


def test_what_is_not_known_is_not_held_against_a_network():
    """Without what the layers were told, nothing is said of activations, biases or scales."""
    sheet = chain(FLAT, dense("a", activation=None), dense("b", 1, "softmax")).sheet
    rows = tuple(dataclasses.replace(row, arguments={}) for row in sheet.rows)
    silent = dataclasses.replace(sheet, rows=rows)
    rules = {finding.rule for finding in lint(Counted("net", silent))}
    assert rules <= {"most parameters in one layer"}


def test_several_outputs_are_held_against_their_own_losses():
    def build(nn):
        image = nn.Input((4,), name="image")
        good = nn.Dense(3, activation="softmax", name="good")(image)
        bad = nn.Dense(3, name="bad")(image)
        return Board([image], [good, bad])

    rule = "logits into a loss for probabilities"
    by_name = {"good": CROSS_ENTROPY, "bad": CROSS_ENTROPY}
    assert found(told(build, by_name), rule) == ["bad"]
    assert found(told(build, [CROSS_ENTROPY, "mse"]), rule) == []
    assert found(told(build, [CROSS_ENTROPY, CROSS_ENTROPY]), rule) == ["bad"]


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        (None, "linear"),
        ("ReLU", "relu"),
        ({"class_name": "function", "config": "softmax"}, "softmax"),
        ({"class_name": "ReLU", "config": {"max_value": 6}}, "relu"),
        (len, None),
    ],
)
def test_activations_are_read_in_every_spelling(stored, name):
    row = Row("dense", "Dense", (3,), arguments={"activation": stored})
    assert Inspection(Counted("net", Sheet("net", (row,), ()))).activation(row) == name


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        (CROSS_ENTROPY, (CROSS_ENTROPY, False)),
        (loss("SparseCategoricalCrossentropy", True), (CROSS_ENTROPY, True)),
        ({"class_name": "function", "config": CROSS_ENTROPY}, (CROSS_ENTROPY, False)),
        (7, ("", False)),
    ],
)
def test_losses_are_read_in_every_spelling(stored, name):
    assert loss_name(stored) == name


def test_the_article_networks_are_pointed_at_where_they_deserve_it():
    assert found(open_counted("mnist"), "cells dropped") == ["pool2"]
    assert found(open_counted("mnist"), "pixels never seen") == ["image"]
    assert found(open_counted("worked_example"), "most parameters in one layer") == ["hidden"]
