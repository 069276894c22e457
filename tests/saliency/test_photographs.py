"""Photographs explained: what stands in their picture, and that no word of it is cut off."""

import app.engine  # noqa: I001

import json

import keras
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

import app as lab
from app.saliency.__main__ import main
from app.saliency.figures import lay_out_photograph

pytestmark = pytest.mark.keras
layers = keras.layers
NAMES = ("military uniform", "American Staffordshire terrier", *(f"class number {i}" for i in range(2, 40)))


@pytest.fixture(scope="module")
def net():
    """A network of colour pictures of 64×72, drawn at random, sure enough of one of forty classes."""
    keras.utils.set_random_seed(4)
    image = keras.Input((64, 72, 3))
    x = image
    for filters in (4, 6, 8):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, layers.Dense(40, "softmax")(x), name="forty")
    model.layers[-1].set_weights([3 * model.layers[-1].get_weights()[0], np.zeros(40)])
    return lab.load(model, (0, 1), classes=NAMES)


@pytest.fixture(scope="module")
def photograph(tmp_path_factory):
    """A picture of 150×100 with a bright disc on a dark ground."""
    y, x = np.mgrid[:100, :150]
    disc = (y - 40) ** 2 + (x - 90) ** 2 < 30**2
    pixels = np.where(disc[..., None], (240, 160, 60), (30, 60, 90)).astype(np.uint8)
    path = tmp_path_factory.mktemp("photo") / "a long name of a photograph, 5 $ each.png"
    Image.fromarray(pixels).save(path)
    return path


def texts(figure):
    """All words in a figure, and those that do not lie within it."""
    figure.draw_without_rendering()
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    beyond = []
    for text in found:
        box, whole = text.get_window_extent(), figure.bbox
        if min(box.x0 - whole.x0, whole.x1 - box.x1, box.y0 - whole.y0, whole.y1 - box.y1) < -1:
            beyond.append(text.get_text())
    return " | ".join(" ".join(t.get_text().split()) for t in found), beyond


@pytest.mark.parametrize(
    "methods", [["gradcam"], ["vanilla", "gradcam"], ["vanilla", "guided", "relu", "gradcam"], "all"]
)
def test_the_picture_says_what_became_of_the_photograph_and_what_the_network_says(net, photograph, methods):
    seen = net.explain(photograph, methods=methods, samples=2, steps=2, patch=40)
    words, beyond = texts(seen.plot())
    assert not beyond
    for said in (
        "the photograph",
        "what the network sees",
        "what the network says",
        "resized from 150×100 to 72×64",
    ):
        assert said in words, said
    top = net.predict(photograph).top(5)[0]
    for name, probability in top:
        assert name in words
        assert f"{probability:.1%}".replace("%", " %") in words.replace("\u00a0", " ")
    assert f"What forty sees in {photograph.name}: {top[0][0]}" in words.replace("\u00a0", " ")
    assert "of the 5 likeliest of 40 classes" in words
    assert "(place" not in words


def test_a_class_that_is_not_among_the_likeliest_is_shown_with_its_place(net, photograph):
    values = net.predict(photograph).values[0]
    last = int(values.argmin())
    words, beyond = texts(net.explain(photograph, last, methods=["gradcam"]).plot())
    assert not beyond
    assert f"{NAMES[last]} (place 40)" in words
    assert f"The maps explain: {NAMES[last]}" in words


def test_long_names_of_the_likeliest_classes_are_not_cut_off(net, photograph):
    words, beyond = texts(net.explain(photograph, 1, methods=["gradcam"]).plot())
    assert not beyond
    assert NAMES[1] in words


def pixels_of(axes):
    return np.asarray(axes.get_images()[-1].get_array())


def test_maps_lie_over_photographs_unless_another_way_is_asked_for(net, photograph):
    """Below a map that is 0 there is the photograph in grey; `overlay` draws the map itself."""
    import matplotlib.pyplot as plt

    def drawn(**how):
        figure, axes = plt.subplots()
        net.explain(photograph, methods=["vanilla"], **how).plot(axes)
        plt.close(figure)
        return pixels_of(axes)

    assert drawn().shape == (64, 72, 3)
    assert drawn(overlay=1.0).shape == (64, 72)
    assert not np.array_equal(drawn(), drawn(palette="gray"))


def test_small_images_are_drawn_with_their_probabilities(net):
    small = np.zeros((28, 28, 1), np.uint8)
    small[5:20, 9:12] = 255
    seen = lab.load("mnist").explain(small, methods=["vanilla", "gradcam"])
    words, beyond = texts(seen.plot())
    assert not beyond
    assert "what the network sees" not in words
    assert "what it says" in words


def test_several_photographs_have_a_row_each_and_a_figure_of_ones_own_takes_the_maps(net, photograph):
    import matplotlib.pyplot as plt

    words, _ = texts(net.explain([photograph, photograph], methods=["vanilla", "gradcam"]).plot())
    assert words.count("Grad-CAM") >= 2
    figure, places = plt.subplots(1, 2)
    assert net.explain(photograph, methods=["vanilla", "gradcam"]).plot(places) is figure
    plt.close(figure)


def test_a_grey_photograph_and_one_of_the_right_size_need_no_picture_before(net, photograph):
    fitted = np.asarray(Image.open(photograph).resize((72, 64)))
    words, beyond = texts(net.explain(fitted, methods=["gradcam", "vanilla"]).plot())
    assert not beyond
    assert "the photograph" not in words.split(" | ")
    assert "what the network says" in words


def test_the_network_runs_once_for_what_it_says(net, photograph, monkeypatch):
    explainer = net.explainer_by("tensorflow")
    runs = []
    outputs = explainer.machine.outputs
    monkeypatch.setattr(explainer.machine, "outputs", lambda *a, **k: runs.append(1) or outputs(*a, **k))
    net.explain(photograph, methods=["vanilla", "gradcam"], engine="tensorflow")
    assert len(runs) == 1


def test_the_command_draws_a_photograph_and_a_folder_of_them(net, photograph, tmp_path, door):
    net.choice.name.save(tmp_path / "forty.keras")
    report = tmp_path / "r.json"
    code, output, error = door(
        main,
        "--model",
        tmp_path / "forty.keras",
        "--image",
        photograph,
        "--output",
        tmp_path / "o.png",
        "--report",
        report,
        "--verbose",
    )
    assert code == 0, error
    assert output.count("the gradient is clipped at zero in all 3 ReLU layers") == 2
    assert "rectifiers" not in output
    maps = json.loads(report.read_text())["images"][0]["maps"]
    assert [m["gradient_clipped"] is not None for m in maps] == [False, True, True, False]
    with Image.open(tmp_path / "o.png") as picture:
        assert picture.width > 1200
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(photograph.read_bytes())
    code, _, error = door(
        main,
        "--model",
        tmp_path / "forty.keras",
        "--images",
        tmp_path / "in",
        "--output",
        tmp_path / "out",
        "--method",
        "gradcam",
    )
    assert code == 0, error
    (strip,) = (tmp_path / "out").glob("*.png")
    with Image.open(strip) as picture:
        assert picture.width > 2 * 72


def test_the_fewest_rows():
    for maps in range(1, 17):
        columns, rows = lay_out_photograph(maps)
        assert columns * (rows - 1) >= maps or (maps, columns, rows) == (1, 4, 1)
        assert columns * (rows - 2) < maps
