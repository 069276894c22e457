"""The object that stands for a model, and everything that it can be asked."""

import json

import numpy as np
import pytest
from conftest import refusal
from matplotlib.figure import Figure
from PIL import Image

import app as lab

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def net():
    return lab.load("mnist")


@pytest.fixture(scope="module")
def two(net, mnist):
    return net.explain(mnist.test_images[:2], label=3, methods=["gradcam", "vanilla"])


def small_model():
    import app.engine  # noqa: F401, I001
    import keras

    image = keras.Input((9, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(image)
    return keras.Model(
        image, keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x)), name="mine"
    )


def test_a_name_is_known_before_tensorflow_is_there(command):
    code = "import sys, app; print(app.load('mnist'), app.load('mnist').class_names, 'tensorflow' in sys.modules)"
    said = command("-c", code).stdout
    assert said.startswith("<mnist: images of 28×28×1, 10 classes, pixels enter as 0…1> ('0', '1',")
    assert said.strip().endswith("False")


def test_predictions_are_the_models_own(net, mnist):
    from app.engine.store import load_model
    from app.files.saved import SHIPPED_MODELS

    images = mnist.test_images[:5]
    theirs = load_model(SHIPPED_MODELS / "mnist.keras").predict(images / 255.0, verbose=0)
    says = net.predict(images)
    np.testing.assert_allclose(says.values, theirs, atol=1e-6)
    assert says.names == ["7", "2", "1", "0", "4"]
    assert [name for (name, _), *_ in says.top(1)] == says.names


def test_maps_are_what_the_command_writes(net, tmp_path, command):
    raw = tmp_path / "raw.npz"
    options = ("--method", "gradcam", "--method", "vanilla", "--method", "integrated", "--steps", "5")
    command("-m", "app.saliency", "--model", "mnist", "--index", "18", "--class", "3", *options, "--raw", raw,
            "--output", tmp_path)  # fmt: skip
    image = lab.open_data("mnist").test_images[18]
    seen = net.explain(image, label=3, methods=["gradcam", "vanilla", "integrated"], steps=5)
    with np.load(raw) as stored:
        for method, maps in seen.maps.items():
            np.testing.assert_array_equal(maps, stored[f"{method}_raw"])
            np.testing.assert_array_equal(seen.pictures[method], stored[method])
        assert set(seen.arrays()) == set(stored.files)


def test_the_overlay_is_the_picture_between_0_and_1(two):
    for method, drawn in two.overlay.items():
        assert drawn.shape == (2, 28, 28)
        assert drawn.max() == 1
        assert drawn.min() >= 0
        largest = np.array([verdict.judgement.largest for verdict in two.verdicts[method]])
        np.testing.assert_allclose(drawn * largest[:, None, None], two.pictures[method])


def test_signs_are_kept_if_asked_for(net, mnist):
    seen = net.explain(mnist.test_images[0], methods=["vanilla"], is_signed=True)
    assert seen.overlay["vanilla"].min() < 0


@pytest.mark.slow
def test_printing_gives_what_the_command_prints(net, mnist, command, tmp_path):
    options = ("--index", "0", "--method", "gradcam", "--verbose", "--output", tmp_path)
    said = command("-m", "app.saliency", "--model", "mnist", *options).stdout
    seen = net.explain(mnist.test_images[0], methods=["gradcam"])
    for line in str(seen).splitlines()[1:]:
        assert line in said


def test_it_is_one_line_and_a_figure(two):
    assert repr(two) == "<2 images explained for class 3 in mnist: gradcam, vanilla>"
    assert two._repr_png_().startswith(b"\x89PNG")
    assert two._repr_html_ is None
    assert repr(two.verdicts["gradcam"][0]).startswith("<gradcam: largest value")
    assert [len(each) for each in two] == [1, 1]
    assert json.loads(json.dumps(two.to_dict())) == two.to_dict()


@pytest.mark.parametrize("ending", [".png", ".svg", ".npz", ".html", ".json", ".md"])
def test_it_is_saved_by_its_ending(two, tmp_path, ending):
    assert two.save(tmp_path / f"seen{ending}").stat().st_size > 500


def test_four_explanations_side_by_side(net, mnist):
    figure = Figure(figsize=(14, 4))
    for axes, image in zip(figure.subplots(1, 4), mnist.test_images, strict=False):
        assert net.explain(image, methods=["gradcam"]).plot(axes) is figure
        assert axes.get_title() == "Grad-CAM"
        assert len(axes.images) == 1
    figure.draw_without_rendering()


def test_a_map_for_each_of_the_axes(net, mnist):
    figure = Figure(figsize=(14, 8))
    grid = figure.subplots(2, 3)
    seen = net.explain(mnist.test_images[:2], methods=["gradcam", "vanilla"])
    assert seen.plot(grid) is figure
    assert [axes.get_title() for axes in grid[0]] == ["image 0", "Grad-CAM", "vanilla gradient"]
    assert "6, one for each image and each map" in refusal(seen.plot, grid.ravel()[:5])
    others = Figure().subplots(2, 2)
    others[0, 0].set_title("mine")
    seen.plot(others)
    assert [axes.get_title() for axes in others[0]] == ["mine", "vanilla gradient"]


def test_several_maps_in_one_of_the_axes(net, mnist):
    figure = Figure(figsize=(9, 4))
    left, right = figure.subplots(1, 2)
    assert net.explain(mnist.test_images[0], methods=["gradcam", "vanilla"]).plot(left) is figure
    assert len(left.child_axes) == 3
    assert not right.child_axes
    figure.draw_without_rendering()


def test_a_class_by_name_and_one_for_each_image(mnist):
    named = lab.load("mnist", classes=["zero", "one", "two", "three", "4", "5", "6", "7", "8", "9"])
    seen = named.explain(mnist.test_images[:3], label=["three", 7, None], methods=["vanilla"])
    assert [each.explained_name for each in seen.predictions] == ["three", "7", "one"]
    assert named.explain(mnist.test_images[0], label=np.int64(3)).predictions[0].explained_name == "three"


def test_all_classes_of_one_image(net, mnist):
    seen = net.explain(mnist.test_images[0], all_classes=True, methods=["gradcam"])
    assert [each.explained_index for each in seen.predictions] == list(range(10))
    assert "one image" in refusal(net.explain, mnist.test_images[:2], all_classes=True)


def test_a_contrast(net, mnist):
    seen = net.explain(mnist.test_images[18], label=3, against=8, methods=["vanilla"])
    first, second = (
        net.explain(mnist.test_images[18], c, methods=["vanilla"]).maps["vanilla"] for c in (3, 8)
    )
    np.testing.assert_allclose(seen.maps["vanilla"], first - second, atol=1e-5)


def test_bytes_are_scaled_and_floats_are_not(net, mnist):
    image = mnist.test_images[0]
    ours = net.explain(image, methods=["vanilla"])
    same = net.explain(image / np.float32(255), methods=["vanilla"])
    np.testing.assert_allclose(ours.maps["vanilla"], same.maps["vanilla"], rtol=1e-5, atol=1e-7)
    assert "they are, not scaled" in str(same)
    assert "Pixels entered as 0…1" in str(ours)


def test_a_picture_is_prepared_as_the_command_prepares_it(net, mnist, tmp_path):
    path = tmp_path / "seven.png"
    Image.fromarray(255 - mnist.test_images[0][..., 0]).save(path)
    for images in (path, str(path), Image.open(path), [path]):
        assert net.predict(images).names == ["7"]
    plain = net.explain(path, prepare="resize", methods=["vanilla"])
    assert "taken as it is" in str(plain)


def test_many_images_in_chunks_give_the_same_maps(net, mnist, monkeypatch):
    monkeypatch.setattr("app.library.model.CHUNK", 4)
    images = mnist.test_images[:10]
    whole = net.explain(images, methods=["gradcam", "vanilla"]).maps
    for given in (
        images,
        list(images),
        (image for image in images),
        (images[i : i + 3] for i in range(0, 10, 3)),
        images[..., 0],
    ):
        found = net.compute_maps(given, ["gradcam", "vanilla"])
        for method in whole:
            np.testing.assert_allclose(found[method], whole[method], atol=1e-6)
    labels = [1, 2, 3] * 3 + [None]
    named = net.compute_maps(images, "gradcam", labels)["gradcam"]
    np.testing.assert_allclose(
        named, net.explain(images, labels, methods=["gradcam"]).maps["gradcam"], atol=1e-6
    )
    assert "one label for each" in refusal(net.compute_maps, images, "gradcam", [1, 2])
    assert "one label for each" in refusal(net.compute_maps, images[:1], "gradcam", [1, 2])
    assert "no images" in refusal(net.compute_maps, [], "gradcam")


def test_a_chunk_at_a_time_is_read(net, mnist, monkeypatch):
    """However many images there are, only one chunk of them is held."""
    monkeypatch.setattr("app.library.model.CHUNK", 5)
    held = []
    asked = net.explainer.outputs
    monkeypatch.setattr(net.explainer, "outputs", lambda x: held.append(len(x)) or asked(x))
    net.compute_maps((image for image in mnist.test_images[:12]), "gradcam")
    assert held == [5, 5, 2]


def test_a_model_in_memory_is_explained_and_left_alone():
    model = small_model()
    images = np.random.default_rng(0).integers(0, 256, (2, 9, 8, 3), np.uint8)
    weights, before = [w.copy() for w in model.get_weights()], model.predict(images / 255.0, verbose=0)
    config = model.to_json()
    seen = lab.explain(model, images, methods=["gradcam", "guided", "smoothgrad"], samples=3)
    assert seen.maps["gradcam"].shape == (2, 7, 6)
    probabilities = [each.probability for each in seen.predictions]
    np.testing.assert_allclose(probabilities, before.max(axis=1), atol=1e-6)
    assert all((one == other).all() for one, other in zip(weights, model.get_weights(), strict=True))
    assert model.to_json() == config
    assert (model.predict(images / 255.0, verbose=0) == before).all()


def test_the_hash_is_of_the_weights_that_are_explained():
    model = small_model()
    net = lab.load(model)
    before = net.hash()
    model.set_weights([weight + 1 for weight in model.get_weights()])
    assert net.hash() == before
    assert lab.load(model).hash() != before


def test_a_model_in_memory_explains_as_its_file_does(tmp_path):
    model = small_model()
    model.save(tmp_path / "mine.keras")
    images = np.random.default_rng(0).integers(0, 256, (2, 9, 8, 3), np.uint8)
    for method in ("gradcam", "vanilla", "occlusion"):
        ours, by_numpy, theirs = (
            lab.explain(m, images, methods=[method], engine=engine).maps[method]
            for m, engine in ((model, None), (model, "numpy"), (tmp_path / "mine.keras", "tensorflow"))
        )
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_allclose(by_numpy, ours, atol=1e-5 * np.abs(ours).max())


def test_a_network_without_convolutions_gets_the_maps_that_it_has():
    import app.engine  # noqa: F401, I001
    import keras

    plain = keras.Sequential([keras.Input((5, 5, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    image = np.zeros((5, 5), np.uint8)
    assert lab.explain(plain, image).methods == ("vanilla", "guided", "relu")
    assert "has no convolution" in refusal(lab.explain, plain, image, methods=["gradcam"])
    assert "has no convolution" in refusal(lab.load(plain).filters)


def test_quantities_are_put_out():
    import app.engine  # noqa: F401, I001
    import keras

    image = keras.Input((6, 6, 1))
    model = keras.Model(
        image, keras.layers.Dense(1)(keras.layers.Flatten()(keras.layers.Conv2D(2, 3)(image)))
    )
    model.compile(loss="mse")
    says = lab.load(model).predict(np.zeros((6, 6), np.uint8))
    assert says.are_quantities
    assert says.values.shape == (1, 1)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"label": 10}, "class 10 is out of range; the model has 0 to 9"),
        ({"label": "nine"}, "no class is called 'nine'"),
        ({"methods": ["lime"]}, "unknown method 'lime'; there are vanilla"),
        ({"layer": "nope", "methods": ["gradcam"]}, "layer 'nope' is not in the model"),
        ({"label": 3, "against": 3}, "the same class"),
        ({"palette": "rainbow"}, "palette is one of viridis"),
        ({"samples": 0}, "samples is from 1 to 10,000, not 0"),
        ({"overlay": 2}, "overlay is from 0 to 1, not 2"),
        ({"prepare": "crop"}, "prepare is 'auto'"),
        ({"tests": ["sane"]}, "no test 'sane'"),
        ({"cell": (9, 9), "methods": ["gradcam"]}, "no cell 9, 9"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(net, mnist, how, words):
    assert words in refusal(net.explain, mnist.test_images[0], **how)


@pytest.mark.parametrize(
    "how",
    [
        {"label": True},
        {"label": 3.5},
        {"label": b"a"},
        {"sampels": 3},
        {"samples": 2.5},
        {"seed": "x"},
        {"noise": "x"},
        {"baseline": [0.0]},
        {"methods": 5},
        {"tests": [3]},
        {"cell": 5},
    ],
)
def test_what_is_of_the_wrong_kind_is_a_type_error(net, mnist, how):
    words = r"a class is a whole|there is no setting|is a whole number, not|is a number, not|are names, not|a row and"
    with pytest.raises(TypeError, match=words):
        net.explain(mnist.test_images[0], **how)


@pytest.mark.parametrize("how", [{"pixels": 5}, {"pixels": (1,)}, {"classes": "abc"}, {"classes": 5}])
def test_what_a_model_is_told_of_the_wrong_kind(how):
    with pytest.raises(TypeError, match=r"pixels are two numbers|classes are a list"):
        lab.load("mnist", **how)
    assert "low before high" in refusal(lab.load, "mnist", pixels=(1, 0))
    assert "memory_bytes" in refusal(lab.load, "mnist", memory_bytes=0)


def test_a_class_is_not_held_against_itself_where_it_is_the_predicted_one(net, mnist):
    assert "against is the class that is explained, 7" in refusal(
        net.explain, mnist.test_images[0], against=7
    )
    assert "against is the class" in refusal(net.compute_maps, mnist.test_images[:1], against=7)


def test_numbers_too_large_for_the_network_are_refused(net):
    assert "too large for 32 bits" in refusal(net.predict, np.full((28, 28), 1e300))


def test_some_of_the_images(two):
    assert len(two[0:1]) == 1
    assert len(two[-1]) == 1
    with pytest.raises(IndexError, match="there are 0 to 1"):
        two[2]


def test_axes_that_no_picture_can_be_drawn_into(two, net):
    figure = Figure()
    deep = figure.add_subplot(projection="3d")
    assert "flat axes, not into 3d ones" in refusal(two.plot, deep)
    assert "flat axes" in refusal(net.filters().plot, deep)
    with pytest.raises(TypeError, match="expected matplotlib axes, not Figure"):
        two.plot(figure)
    flat = Figure().subplots()
    net.filters().plot(flat)
    assert flat in flat.get_figure().axes


def test_what_is_no_model():
    assert "did you mean mnist?" in refusal(lab.load, "nmist")
    assert "does not exist" in refusal(lab.load, "nowhere.keras")
    with pytest.raises(TypeError, match=r"a keras\.Model, not list"):
        lab.load([1])
    assert "takes 4 values, not images; where they are the pixels of one, give its height" in refusal(
        lab.load(vectors()).explain, np.zeros((2, 2))
    )
    assert "2 class names" in refusal(lambda: lab.load("mnist", classes=["a", "b"]).class_names)


def vectors():
    import app.engine  # noqa: F401, I001
    import keras

    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


def test_what_is_inside(net, mnist):
    image = mnist.test_images[0]
    assert net.layers == ["conv1", "pool1", "conv2", "pool2", "conv3"]
    maps = net.features(image)
    assert maps["conv2"].shape == (11, 11, 64)
    assert "there are those of conv1" in refusal(maps.__getitem__, "conv9")
    assert maps._repr_png_().startswith(b"\x89PNG")
    assert "conv1: 26×26×32" in str(maps)
    assert [line["layer"] for line in maps.to_dict()["layers"]] == net.layers
    assert "one image at a time" in refusal(net.features, mnist.test_images[:2])
    assert repr(net.filters()) == "<Filters of conv1 in mnist>"
    projected = net.project(image, units=[1, 2])
    assert list(projected.seen) == [1, 2]
    assert projected.arrays()["projections"].shape == (2, 28, 28)
    assert "0 to 63, not 64" in refusal(net.project, image, units=[64])


def test_inputs_that_a_class_answers_to(net):
    made = net.maximise(3, steps=5)
    assert made.images.shape == (1, 28, 28, 1)
    assert "class 3: logit" in str(made)
    assert made.to_dict()["inputs"][0]["unit"] == 3
    assert "contradict" in refusal(net.maximise, 3, layer="conv1")
    with pytest.raises(TypeError, match="no setting 'stpes'"):
        net.maximise(3, stpes=5)
    assert net.maximise(layer="conv1", units=[2], steps=2).layer == "conv1"


def test_the_nearest_images(net, small_npz):
    found = net.nearest(str(small_npz), labels=[3, "5"], part="test", count=2)
    assert list(found.images) == [3, 5]
    assert {len(numbers) for numbers in found.images.values()} == {2}
    assert "part is 'training' or 'test'" in refusal(net.nearest, str(small_npz), part="half")


def test_which_maps_to_trust(net, small_npz):
    report = lab.trust(net, str(small_npz), count=3, tests=["faithfulness"], methods=["vanilla", "gradcam"])
    assert [line["name"] for line in report.to_dict()["faithfulness"]][:2] == ["vanilla", "gradcam"]
    assert "Faithfulness (Petsiuk et al. 2018)" in str(report)
    assert repr(report).endswith("vanilla, gradcam>")
    assert isinstance(report.plot(), Figure)
    assert "no test 'sane'" in refusal(net.trust, tests=["sane"])
    assert "no map 'lime'" in refusal(net.trust, methods=["lime"])


def test_maps_that_were_tested_say_so(net, mnist, small_npz):
    seen = net.explain(mnist.test_images[0], methods=["vanilla"], tests=["faithfulness"], data=str(small_npz))
    assert seen.tests.results.faith is not None
    assert "when they are put in" in str(seen)


def test_a_folder_of_pictures(net, mnist, tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(2):
        Image.fromarray(mnist.test_images[i][..., 0]).save(tmp_path / "in" / f"{i}.png")
    (tmp_path / "in" / "bad.png").write_text("no picture")
    done = net.explain_folder(tmp_path / "in", tmp_path / "out", methods=["gradcam"])
    assert (done.finished, len(done.unreadable)) == (2, 1)
    assert repr(done).startswith("<2 of 3 pictures explained")
    assert len(list((tmp_path / "out").glob("*.png"))) == 2
    assert net.explain_folder(tmp_path / "in", tmp_path / "out", methods=["gradcam"]).done_before == 2
    assert "other settings" in refusal(
        net.explain_folder, tmp_path / "in", tmp_path / "out", methods=["vanilla"]
    )


def test_epochs_that_were_not_kept(net, mnist):
    assert "holds no epochs" in refusal(net.explain_epochs, mnist.test_images[0])
    assert "no epochs beside it" in refusal(
        lab.load(small_model()).explain_epochs, np.zeros((9, 8, 3), np.uint8)
    )


def test_the_count_of_what_is_loaded(net):
    assert net.count().parameters == 93_322
    assert lab.load(small_model()).count().parameters == (27 + 1) * 4 + (7 * 6 * 4 + 1) * 3


def test_what_is_loaded_is_not_loaded_again(net):
    assert lab.load(net) is net


def test_another_backend_of_keras_is_refused_in_one_sentence(command):
    code = """
import sys, types
keras = types.ModuleType("keras")
keras.config = types.SimpleNamespace(backend=lambda: "jax")
sys.modules["keras"] = keras
import app
try:
    app.load("mnist", engine="tensorflow").layers
except ValueError as error:
    print(error)
"""
    assert "ConvLab needs Keras on TensorFlow; it is already imported on jax" in command("-c", code).stdout
