"""Maps of a trained network of photographs: where they lie, by two machines and by tf-keras-vis."""

import app.engine  # noqa: I001

import re

import numpy as np
import pytest

from conftest import ROOT
from PIL import Image

import app as lab
from app.saliency.__main__ import main

pytestmark = [pytest.mark.keras, pytest.mark.slow]
PHOTOGRAPH = ROOT / "docs" / "pictures" / "grace_hopper.jpg"
METHODS = ["vanilla", "guided", "relu", "gradcam", "layercam", "gradcam++"]


@pytest.fixture(scope="module")
def seen():
    """The photograph of an officer, explained by NumPy and by TensorFlow."""
    net = lab.load("efficientnet_lite0")
    return {
        engine: net.explain(PHOTOGRAPH, methods=METHODS, engine=engine) for engine in ("numpy", "tensorflow")
    }


@pytest.mark.parametrize("engine", ["numpy", "tensorflow"])
def test_the_uniform_is_seen_and_the_maps_lie_on_it(seen, engine):
    """Within 224×224 the uniform fills what lies below the chin, the cap the rows 5 to 55; the flag is on the left."""
    found = seen[engine]
    (said,) = found.predictions
    assert (said.class_index, said.name) == (652, "military uniform")
    assert said.probability == pytest.approx(0.463, abs=0.01)
    for method in ("gradcam", "layercam", "gradcam++"):
        picture = found.pictures[method][0]
        row, column = np.unravel_index(picture.argmax(), picture.shape)
        assert 130 < row < 224
        assert 40 < column < 200
        assert picture[130:, 40:200].mean() > 1.3 * picture.mean()
    gradient = found.pictures["vanilla"][0] ** 2
    assert gradient[130:].sum() > 2 * gradient[:70].sum()


@pytest.mark.parametrize("method", METHODS)
def test_both_machines_draw_the_same(seen, method):
    """But where a value is so near to 0 or 6 that float32 cannot say on which side of it a ReLU6 sees it."""
    ours, theirs = (found.maps[method] for found in seen.values())
    gaps = np.abs(ours - theirs) / np.abs(theirs).max()
    assert np.quantile(gaps, 0.99) < 1e-3
    assert gaps.max() < 0.05


def test_the_gradient_is_clipped_in_every_layer(seen):
    for found in seen.values():
        for method in ("guided", "relu"):
            (verdict,) = found.verdicts[method]
            assert verdict.rectifiers == "33 of 33"
            assert verdict.clipped == "the gradient is clipped at zero in all 33 ReLU layers"
        (verdict,) = found.verdicts["gradcam"]
        assert verdict.tensor_size == (7, 7, 1280)


def test_tf_keras_vis_draws_the_same(seen):
    methods = ["vanilla", "gradcam", "layercam", "gradcam++"]
    theirs = lab.load("efficientnet_lite0").explain(PHOTOGRAPH, methods=methods, engine="tf-keras-vis")
    for method in methods:
        expected = theirs.maps[method]
        np.testing.assert_allclose(
            seen["tensorflow"].maps[method], expected, atol=1e-3 * np.abs(expected).max()
        )


@pytest.mark.parametrize("rule", ["guided", "relu"])
def test_the_rules_are_those_of_their_papers(rule):
    """The gradient of ReLU6 written out: on the way back through the replay's own steps, one layer after the other."""
    import tensorflow as tf

    net = lab.load("efficientnet_lite0")
    found = net.explain(PHOTOGRAPH, methods=[rule], engine="tensorflow")
    explainer = net.explainer_by("tensorflow")
    program = explainer.model
    x = tf.constant(found.explained[0].image[np.newaxis].astype("float32"))

    @tf.custom_gradient
    def clipped(z):
        def back(above):
            passes = tf.cast(above > 0, above.dtype)
            if rule == "guided":
                passes *= tf.cast(z > 0, above.dtype) * tf.cast(z < 6, above.dtype)
            return above * passes

        return tf.minimum(tf.maximum(z, 0), 6), back

    def run(x):
        values = {program.image: x}
        for step in program.steps:
            if step.outputs[0] == program.head.slot:
                return values[step.inputs()[0]][:, 652]
            if step.kind == "ReLU" or step.activation == "relu6":
                values[step.outputs[0]] = clipped(values[step.inputs()[0]])
            else:
                given = [values[slot] for slot in step.inputs()]
                merges = step.kind == "Add"
                values[step.outputs[0]] = step.operation(given if merges else given[0])
        raise AssertionError("the program has no head")

    with tf.GradientTape() as tape:
        tape.watch(x)
        score = run(x)
    expected = np.asarray(tape.gradient(score, x))
    np.testing.assert_allclose(found.maps[rule], expected, atol=1e-3 * np.abs(expected).max())


def test_the_guide_shows_what_the_command_prints(door, tmp_path):
    """But for where its picture goes; the picture in the guide is smaller and has the same proportions."""
    guide = (ROOT / "docs" / "maps.md").read_text("utf-8")
    ((line, shown),) = re.findall(
        r"```sh\npython -m app.saliency (.*lite0.*)\n```.*?```text\n(.*?)```", guide, re.S
    )
    words = [str(PHOTOGRAPH) if word.endswith(".jpg") else word for word in line.split()]
    code, output, error = door(main, *words, "--output", tmp_path)
    assert code == 0, error
    plain, expected = ([" ".join(row.split()) for row in text.splitlines()] for text in (output, shown))
    assert plain[:-1] == expected[:-1]
    (made,) = tmp_path.glob("*.png")
    assert expected[-1] == f"Picture: output/{made.name}"
    with (
        Image.open(made) as ours,
        Image.open(ROOT / "docs" / "pictures" / "saliency-photograph.png") as theirs,
    ):
        assert ours.width / ours.height == pytest.approx(theirs.width / theirs.height, rel=0.02)
