"""What the saliency door does beyond the article's four maps: other questions, folders, reports."""

import app.engine  # noqa: F401, I001

import json
from dataclasses import fields, replace

import keras
import numpy as np
import pytest
from PIL import Image

from app.saliency.__main__ import main
from app.maps.methods import METHODS
from map_models import save_tiny

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture
def saliency(door, tmp_path):
    def run(*arguments):
        return door(main, "--output", tmp_path / "out", "--raw", tmp_path / "raw.npz", *arguments)

    return run


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small digit classifier with fresh weights, as a file."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


def raw(folder):
    with np.load(folder / "raw.npz") as archive:
        return dict(archive)


def test_all_maps_at_once_and_a_report(saliency, tmp_path, tiny):
    page, data = tmp_path / "a.html", tmp_path / "a.json"
    code, output, error = saliency("--model", tiny, "--class", "3", "--method", "all", "--report", page)
    assert code == 0, error
    assert all(f"{name} " in output for name in METHODS)
    assert set(METHODS) < set(raw(tmp_path))
    text = page.read_text("utf-8")
    assert "<svg" in text
    assert 'src="http' not in text
    assert "Score-CAM" in text
    code, _, error = saliency("--model", tiny, "--class", "3", "--report", data)
    assert code == 0, error
    record = json.loads(data.read_text("utf-8"))["images"][0]
    assert [each["method"] for each in record["maps"]] == ["vanilla", "guided", "relu", "gradcam"]
    vanilla = raw(tmp_path)["vanilla"]
    assert record["maps"][0]["largest"] == pytest.approx(float(vanilla.max()), rel=1e-5)


def test_a_contrast_is_the_difference_of_two_maps(saliency, tmp_path, tiny):
    gradients = []
    for arguments in (("--class", "3"), ("--class", "8"), ("--class", "3", "--against", "8")):
        code, output, error = saliency("--model", tiny, "--index", "0", "--method", "vanilla", *arguments)
        assert code == 0, error
        gradients.append(raw(tmp_path)["vanilla_raw"])
    np.testing.assert_allclose(gradients[0] - gradients[1], gradients[2], atol=1e-6)
    assert "3 rather than 8" in output
    code, _, error = saliency("--model", tiny, "--class", "3", "--against", "3")
    assert code == 2
    assert "same class" in error


def test_the_picture_is_headed_by_what_is_asked_and_its_maps_by_their_names(saliency, tiny, monkeypatch):
    import app.show.canvas as canvas

    drawn, write = [], canvas.figure_bytes
    monkeypatch.setattr(
        canvas, "figure_bytes", lambda figure, ending: drawn.append(figure) or write(figure, ending)
    )
    assert saliency("--model", tiny, "--class", "3", "--method", "vanilla", "--method", "gradcam")[0] == 0
    assert drawn[0].get_suptitle() == "Where the network tiny finds evidence for a 3"
    headings = [axes.get_title() for axes in drawn[0].axes]
    assert headings[1:4] == ["what it says", METHODS["vanilla"].label, METHODS["gradcam"].label]


def test_signed_pictures_keep_the_sign(saliency, tmp_path, tiny):
    code, output, _ = saliency("--model", tiny, "--index", "0", "--signed", "--method", "vanilla")
    assert code == 0
    assert raw(tmp_path)["vanilla"].min() < 0
    assert "values from -" in output


def test_several_images_stand_side_by_side(saliency, tmp_path, tiny, mnist):
    code, _, error = saliency("--model", tiny, "--count", "4", "--class", "7", "--method", "gradcam")
    assert code == 0, error
    expected = mnist.test_images[mnist.test_labels == 7][:4] / 255
    np.testing.assert_allclose(raw(tmp_path)["image"], expected, atol=1e-6)
    code, output, _ = saliency("--model", tiny, "--count", "3", "--method", "vanilla")
    assert code == 0
    assert output.count("the class explained") == 3


def test_a_blank_map_is_called_blank_everywhere(saliency, tmp_path):
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(2, 3, activation="relu", bias_initializer=keras.initializers.Constant(-9))(image)
    model = keras.Model(image, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))
    model.save(tmp_path / "dead.keras")
    report = tmp_path / "dead.json"
    arguments = ("--model", tmp_path / "dead.keras", "--class", "3", "--method", "all")
    code, output, error = saliency(*arguments, "--report", report, "--verbose")
    assert code == 0, error
    maps = json.loads(report.read_text())["images"][0]["maps"]
    said = {each["method"] for each in maps if each["is_blank"]}
    assert said == set(METHODS) - {"relu"}  # its rule asks not what was rectified
    assert output.count("blank: 0 everywhere") == len(METHODS) - 1
    assert not any(np.isnan(array).any() for array in raw(tmp_path).values())


def test_a_regression_is_no_classification(saliency, tmp_path):
    image = keras.Input((28, 28, 1))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, activation="relu")(image))
    model = keras.Model(image, layers.Dense(1)(x))
    model.compile("sgd", "mse")
    model.save(tmp_path / "age.keras")
    code, output, error = saliency("--model", tmp_path / "age.keras", "--index", "0", "--class", "0")
    assert code == 0, error
    assert "puts out" in output
    assert "predicts" not in output


def test_memory_is_a_size(saliency, tiny):
    arguments = ("--model", tiny, "--index", "0", "--method", "smoothgrad")
    assert saliency(*arguments, "--memory", "2MB")[0] == 0
    for wrong in ("much", "1kB", "-3GB"):
        code, _, error = saliency(*arguments, f"--memory={wrong}")
        assert code == 2
        assert "memory" in error or "range" in error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--images", ".", "--index", "1"), "contradict"),
        (("--image", "a.png", "--count", "2"), "contradict"),
        (("--signed", "--colour", "channels"), "contradict"),
        (("--restart",), "belongs to --images"),
        (("--images", "nowhere"), "needs a folder"),
        (("--method", "smothgrad"), "smothgrad"),
        (("--noise", "nan"), "below 1e+06"),
        (("--baseline", "1e300"), "below 1e+06"),
        (("--images", ".", "--overlay", "0.5"), "contradict"),
        (("--report", "a.docx"), "cannot be written"),
        (("--class", "11"), "0 to 9"),
        (("--head", "age"), "no output"),
        (("--layer", "nowhere", "--method", "scorecam"), "not in the model"),
        (("--patch", "29", "--method", "occlusion"), "patch of 29×29"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(door, tmp_path, tiny, arguments, words):
    code, _, error = door(main, "--model", tiny, "--output", tmp_path / "out", *arguments)
    assert code == 2
    assert words in error
    assert len(error.strip().splitlines()) == 1


@pytest.fixture
def folder(tmp_path, mnist):
    """Five digits, one of them in a folder below, a text file and two files that are no pictures."""
    source = tmp_path / "digits"
    (source / "more").mkdir(parents=True)
    for i in range(5):
        place = source / "more" if i == 4 else source
        Image.fromarray(mnist.test_images[i, ..., 0]).save(place / f"digit{i}.png")
    (source / "notes.txt").write_text("no picture")
    (source / "broken.png").write_bytes(b"\x89PNG not really")
    (source / "empty.jpg").touch()
    return source


def explain_folder(door, source, output, tiny, *arguments):
    return door(
        main,
        "--model",
        tiny,
        "--images",
        source,
        "--output",
        output,
        "--class",
        "3",
        "--prepare",
        "resize",
        *arguments,
    )


def test_a_folder_is_explained_and_what_cannot_be_read_is_listed(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    code, text, error = explain_folder(door, folder, output, tiny)
    assert code == 0, error
    assert "5 of 7 pictures" in text
    assert text.count("skipped") == 2
    strips, records = sorted(output.glob("*.png")), sorted(output.glob("*digit*.json"))
    assert len(strips) == len(records) == 5
    with Image.open(strips[0]) as strip:
        assert strip.width > 4 * strip.height * 0.8
    record = json.loads(records[0].read_text("utf-8"))
    assert record["file"].endswith("digit0.png")
    assert {each["method"] for each in record["maps"]} == {"vanilla", "guided", "relu", "gradcam"}


def test_a_stopped_folder_goes_on_where_it_was(door, tmp_path, tiny, folder, monkeypatch):
    import app.saliency.folder as module
    from app.saliency.shards import MapWork

    output = tmp_path / "maps"
    monkeypatch.setattr(module, "STRIPS", 2)
    original, seen = MapWork.leave, []

    def stopped(work, shard, records):
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(shard)
        return original(work, shard, records)

    monkeypatch.setattr(MapWork, "leave", stopped)
    code, _, error = explain_folder(door, folder, output, tiny)
    assert code == 130
    assert "interrupted" in error
    done = {path: path.stat().st_mtime_ns for path in output.glob("*digit*.json")}
    assert 0 < len(done) < 5
    monkeypatch.setattr(MapWork, "leave", original)
    code, text, _ = explain_folder(door, folder, output, tiny)
    assert code == 0
    assert f"{len(done)} of 7 pictures are done" in text
    assert len(list(output.glob("*digit*.json"))) == 5
    assert all(path.stat().st_mtime_ns == time for path, time in done.items())


def test_another_question_does_not_mix_with_an_earlier_one(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    assert explain_folder(door, folder, output, tiny, "--method", "vanilla")[0] == 0
    code, _, error = explain_folder(door, folder, output, tiny, "--method", "gradcam")
    assert code == 2
    assert "other settings" in error
    assert explain_folder(door, folder, output, tiny, "--method", "gradcam", "--restart")[0] == 0
    record = json.loads(next(output.glob("*digit0*.json")).read_text("utf-8"))
    assert [each["method"] for each in record["maps"]] == ["gradcam"]


def test_whatever_changes_a_map_keeps_a_folder_from_going_on(tiny):
    """Every field of every group counts, so that no option can be forgotten."""
    from app.maps.open_model import OpenModel
    from app.saliency.folder import settings_of
    from app.saliency.request import MapRequest, ModelChoice
    from app.saliency.run import MapRun
    from models import Pixels

    def settings(request):
        run = MapRun(OpenModel(request.model), request.question, request.style, None, None)
        return settings_of(run, request.images)

    request = MapRequest(ModelChoice(str(tiny)))
    seen = [settings(request), settings(replace(request, model=ModelChoice(str(tiny), Pixels((-1.0, 1.0)))))]
    for group in ("model", "images", "question", "style"):
        record = getattr(request, group)
        for each in fields(record):
            if each.name in ("name", "pixel_range"):
                continue
            changed = replace(record, **{each.name: ("vanilla",) if each.name == "methods" else "another"})
            seen.append(settings(replace(request, **{group: changed})))
    assert all(one != other for i, one in enumerate(seen) for other in seen[:i])


def test_a_folder_of_nothing_readable(door, tmp_path, tiny):
    source = tmp_path / "empty"
    source.mkdir()
    assert "no pictures" in explain_folder(door, source, tmp_path / "a", tiny)[2]
    (source / "broken.png").write_bytes(b"nothing")
    code, _, error = explain_folder(door, source, tmp_path / "b", tiny)
    assert code == 2
    assert "none of the 1 files" in error
    assert "another folder" in explain_folder(door, source, source, tiny)[2]


def test_the_strip_and_the_batch_show_what_one_picture_alone_shows(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    explain_folder(door, folder, output, tiny, "--method", "gradcam++")
    record = json.loads(next(output.glob("digit2*.json")).read_text("utf-8"))
    door(
        main,
        "--model",
        tiny,
        "--image",
        folder / "digit2.png",
        "--class",
        "3",
        "--prepare",
        "resize",
        "--method",
        "gradcam++",
        "--output",
        tmp_path / "one.png",
        "--report",
        tmp_path / "one.json",
    )
    alone = json.loads((tmp_path / "one.json").read_text("utf-8"))["images"][0]
    assert record["maps"][0]["largest"] == pytest.approx(alone["maps"][0]["largest"], rel=1e-5)


def test_one_image_over_the_epochs(door, tmp_path, small_npz):
    from app.train.__main__ import main as train

    training = ("--model", "mnist", "--recipe", "fast", "--data", small_npz, "--output", tmp_path)
    assert door(train, *training, "--keep-epochs")[0] == 0
    kept = sorted(path.name for path in (tmp_path / "mnist-epochs").iterdir())
    assert kept == ["epoch-00.keras", "epoch-01.keras", "epoch-02.keras"]
    last = keras.saving.load_model(tmp_path / "mnist-epochs" / "epoch-02.keras")
    whole = keras.saving.load_model(tmp_path / "mnist.keras")
    assert all(np.array_equal(a, b) for a, b in zip(last.get_weights(), whole.get_weights(), strict=True))
    asked = ("--model", tmp_path / "mnist.keras", "--index", "18", "--method", "vanilla")
    code, output, error = door(
        main, *asked, "--over-epochs", "--output", tmp_path / "a.png", "--raw", tmp_path / "raw.npz"
    )
    assert code == 0, error
    assert "before training (labelled 3)" in output
    assert "epoch 2 (labelled 3)" in output
    assert len(set(raw(tmp_path)["class_index"])) == 1
    assert np.abs(np.diff(raw(tmp_path)["vanilla"], axis=0)).max() > 0


def test_epochs_that_were_not_kept_are_asked_for(door, tmp_path, tiny):
    code, _, error = door(main, "--model", tiny, "--index", "0", "--over-epochs", "--output", tmp_path)
    assert code == 2
    assert "--keep-epochs" in error


def test_the_maps_are_tested_on_request(door, tmp_path, tiny):
    picture, report = tmp_path / "a.png", tmp_path / "a.html"
    asked = ("--model", tiny, "--class", "3", "--method", "vanilla", "--method", "integrated")
    code, output, error = door(
        main, *asked, "--sanity", "--faithfulness", "--agree", "--output", picture, "--report", report
    )
    assert code == 0, error
    for words in (
        "integrated: with every layer randomised",
        "vanilla: when the pixels",
        "vanilla: tf-keras-vis computes the same map",
    ):
        assert words in output, words
    for name in ("sanity", "stages", "curves"):
        assert (tmp_path / f"a-{name}.png").stat().st_size > 5000
    assert "Spearman" in report.read_text("utf-8")


def test_a_map_that_fails_is_labelled_in_the_picture(tiny):
    from app.faith.results import Sanity, Stage
    from app.saliency.faith_tests import MapTests

    def found(method, mean):
        stage = Stage("conv", mean, 0.0, mean, 0)
        return Sanity(method, 9, 9, 0, 0.1, (stage,))

    class Results:
        sane = (found("vanilla", 0.99), found("gradcam", 0.1))

    assert set(MapTests(None, Results).labels()) == {"vanilla"}


def test_one_cell_is_framed_on_request(door, tmp_path, tiny):
    asked = ("--model", tiny, "--index", "0", "--method", "gradcam", "--output", tmp_path)
    report = tmp_path / "a.json"
    code, output, _ = door(main, *asked, "--layer", "conv", "--cell", "0", "25", "--report", report)
    assert code == 0
    assert "the one in row 0, column 25" in output
    box = json.loads(report.read_text())["images"][0]["maps"][0]["framed_cell_sees"]
    assert box == [24.5, -0.5, 27.5, 2.5]
    code, _, error = door(main, *asked, "--layer", "conv", "--cell", "0", "26")
    assert code == 2
    assert "columns 0 to 25" in error


def test_another_engine_computes_the_same_map(saliency, tmp_path, tiny):
    made = []
    for engine in ("numpy", "tensorflow", "tf-keras-vis"):
        code, output, error = saliency(
            "--model", tiny, "--index", "0", "--engine", engine, "--method", "vanilla", "--method", "gradcam"
        )
        assert code == 0, error
        made.append(raw(tmp_path))
    assert "computed by tf-keras-vis" in output
    for name in ("vanilla", "gradcam"):
        for other in made[1:]:
            np.testing.assert_allclose(made[0][name], other[name], atol=1e-5)
    code, _, error = saliency(
        "--model", tiny, "--index", "0", "--engine", "tf-keras-vis", "--method", "occlusion"
    )
    assert code == 2
    assert "tf-keras-vis" in error


def test_a_picture_too_small_for_the_network_does_not_stop_a_folder(door, tmp_path):
    stack = (
        keras.Input((None, None, 3)),
        layers.MaxPooling2D(),
        layers.Conv2D(2, 3),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
    )
    file, source = save(tmp_path / "a.keras", *stack), tmp_path / "pictures"
    source.mkdir()
    for side in (1, 12):
        Image.new("RGB", (side, side), "red").save(source / f"{side}.png")
    output = tmp_path / "maps"
    code, text, error = explain_folder(door, source, output, file, "--method", "vanilla")
    assert code == 0, error
    assert "1 of 2 pictures" in text
    assert "1.png: the network cannot take a picture of 1×1" in text
    assert len(list(output.glob("12*.json"))) == 1


def save(path, *stack, loss=None):
    model = keras.Sequential(stack)
    if loss:
        model.compile("sgd", loss)
    model.save(path)
    return path


def conv(shape, *head, **choices):
    pool = {key: value for key, value in choices.items() if key == "data_format"}
    return (
        keras.Input(shape),
        layers.Conv2D(3, 3, activation="relu", **choices),
        layers.GlobalAveragePooling2D(**pool),
        *head,
    )


def test_a_softmax_trained_with_squared_error_still_tells_classes(saliency, tmp_path):
    file = save(tmp_path / "a.keras", *conv((28, 28, 1), layers.Dense(5, "softmax")), loss="mse")
    code, output, error = saliency("--model", file, "--index", "0")
    assert code == 0, error
    assert "predicts" in output
    assert "puts out" not in output


def test_one_quantity_is_one_and_not_two_classes(saliency, tmp_path):
    file = save(tmp_path / "a.keras", *conv((28, 28, 1), layers.Dense(1)), loss="mse")
    code, output, error = saliency("--model", file, "--index", "0", "--all-classes")
    assert code == 0, error
    assert output.count("puts out") == 1
    assert "the model has 0 to 0" in saliency("--model", file, "--class", "1")[2]


def test_channels_in_front_are_turned_for_a_picture(saliency, tmp_path):
    stack = conv((3, 12, 12), layers.Dense(2, "softmax"), data_format="channels_first")
    file, picture = save(tmp_path / "a.keras", *stack), tmp_path / "a.png"
    Image.new("RGB", (12, 12), "white").save(picture)
    code, output, error = saliency("--model", file, "--image", picture, "--verbose")
    assert code == 0, error
    assert "the image, 12×12×3" in output


def test_more_classes_than_rows_fit_a_picture_are_refused(saliency, tmp_path):
    file = save(tmp_path / "a.keras", *conv((28, 28, 1), layers.Dense(101, "softmax")))
    code, _, error = saliency("--model", file, "--index", "0", "--all-classes")
    assert code == 2
    assert "up to 100" in error


def test_quantities_do_not_mix_with_classes_of_an_earlier_run(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    assert explain_folder(door, folder, output, tiny, "--method", "vanilla")[0] == 0
    again = explain_folder(door, folder, output, tiny, "--method", "vanilla", "--regression")
    assert again[0] == 2
    assert "other settings" in again[2]
