"""What cannot be transferred is refused in one line, and nothing is lost; odd networks that can be are taken."""

import shutil

import pytest
from picture_folders import make_picture_folder
from transferring import make_shapes, make_teacher, run

from app.transfer.plan import TransferSettings

pytestmark = pytest.mark.keras
QUICK = ("--epochs", 1, "--no-fine-tune")


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    return make_shapes(tmp_path_factory.mktemp("pictures") / "shapes", 4)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return make_teacher(tmp_path_factory.mktemp("backbone") / "teacher.keras")


@pytest.fixture
def refused(door, tmp_path):
    """Ask for a transfer that must be refused; return the line that says why."""
    from app.transfer.__main__ import main

    out = tmp_path / "made"
    out.mkdir()
    (out / "shapes.keras").write_bytes(b"mine")

    def ask(data, backbone, *options):
        given = (
            "--data",
            data,
            "--backbone",
            backbone,
            "--output",
            out,
            "--no-isolate",
            "--name",
            "new",
            *QUICK,
            *options,
        )
        code, _, error = door(main, *given)
        assert code == 2, error
        assert error.count("\n") == 1, error
        assert {path.name for path in out.iterdir()} <= {"shapes.keras", ".backup"}
        assert (out / "shapes.keras").read_bytes() == b"mine"
        return error

    return ask


def one_class(folder):
    make_picture_folder(folder, ("circle",), 4)


def text_for_pictures(folder):
    make_picture_folder(folder, count=4)
    for path in (folder / "circle").iterdir():
        path.write_text("no picture")


def too_deep(folder):
    make_picture_folder(folder / "a" / "b", count=2)


def two_pictures(folder):
    make_picture_folder(folder, count=1)


def nothing(folder):
    folder.mkdir()


def not_there(folder):
    """Leave no folder."""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (one_class, "only one class"),
        (text_for_pictures, "None of the pictures of circle can be read"),
        (too_deep, "folders inside of folders"),
        (two_pictures, "could be held out"),
        (nothing, "there are no pictures in it"),
        (not_there, "no data at"),
    ],
)
def test_a_folder_that_cannot_be_learnt_from(make, words, refused, teacher, tmp_path):
    make(tmp_path / "data")
    assert words in refused(tmp_path / "data", teacher)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--seed -1", "--seed"),
        ("--seed many", "--seed"),
        ("--epochs 0", "epochs must be"),
        ("--epochs 1e3", "--epochs"),
        ("--learning-rate nan", "learning_rate must be"),
        ("--fine-tune-rate inf", "fine_tune_rate must be"),
        ("--per-class 0", "per_class must be"),
        ("--copies -1", "copies must be"),
        ("--augment wild", "--augment says"),
        ("--prepare wash", "--prepare"),
        ("--pixel-range 1 0", "--pixel-range"),
        ("--image-shape 24", "--image-shape"),
        ("--image-shape 25x32x3", "takes pictures of 24×32×3, not of 25×32×3"),
        ("--layer nothing", "has no layer 'nothing'"),
        ("--name ../up", "no plain name"),
        ("--name shapes", "is there already"),
        ("--output /proc/nothing", "cannot write into"),
        ("--csv-log /proc/nothing/log.csv", "cannot write into"),
        ("--tensorboard /proc/nothing", "cannot write into"),
    ],
)
def test_options_that_make_no_sense(options, words, refused, shapes, teacher):
    assert words in refused(shapes, teacher, *options.split())


def test_three_classes_and_one_output(refused, teacher, tmp_path):
    three = make_picture_folder(tmp_path / "three", ("circle", "square", "cross"), 3, (32, 24))
    assert "two classes" in refused(three, teacher, "--one-output")


def backbones():
    """Return networks that cannot be transferred, with what is said of them."""
    import keras

    made = keras.layers
    image = keras.Input((24, 32, 3))
    several = [keras.Input((24, 32, 3), name=name) for name in ("left", "right")]
    maps = made.Conv2D(4, 3)(made.Add()(several))
    blind = keras.Sequential(
        [image, made.Conv2D(4, 3, kernel_initializer="zeros"), made.Flatten(), made.Dense(2)]
    )
    return {
        "dense": (keras.Sequential([image, made.Flatten(), made.Dense(3)]), "no feature maps"),
        "vector": (keras.Sequential([keras.Input((40,)), made.Dense(3)]), "by --image-shape of which size"),
        "series": (
            keras.Sequential([keras.Input((40, 8)), made.Conv1D(4, 3), made.Flatten()]),
            "takes inputs of 40×8",
        ),
        "colours": (
            keras.Sequential([keras.Input((24, 32, 4)), made.Conv2D(4, 3), made.Flatten()]),
            "takes inputs of 24×32×4",
        ),
        "front": (
            keras.Sequential([keras.Input((3, 24, 32)), made.Conv2D(4, 3, padding="same"), made.Flatten()]),
            "channels stand in front",
        ),
        "two": (keras.Model(several, made.Flatten()(maps)), "has 2 inputs"),
        "blind": (blind, "cannot be learnt from"),
    }


def test_networks_that_cannot_be_transferred(refused, shapes, tmp_path):
    for name, (model, words) in backbones().items():
        model.save(tmp_path / f"{name}.keras")
        assert words in refused(shapes, tmp_path / f"{name}.keras"), name
    (tmp_path / "text.keras").write_text("no model")
    assert "is not a Keras model" in refused(shapes, tmp_path / "text.keras")
    assert "does not exist" in refused(shapes, tmp_path / "nowhere.keras")


def test_what_is_left_out_is_told_and_the_rest_is_learnt(teacher, tmp_path, capsys):
    folder = make_picture_folder(
        tmp_path / 'na me\'s "q" ÄÖ', names=('it\'s a "cat"', "Hünd"), count=4, ending=".jpg", size=(32, 24)
    )
    cat, dog = sorted(folder.iterdir(), reverse=True)
    (cat / "text.png").write_text("no picture")
    whole = (dog / "000.jpg").read_bytes()
    (dog / "000.jpg").write_bytes(whole[: len(whole) // 2])
    (dog / "round").symlink_to(folder)
    (folder / "empty").mkdir()
    made = run(str(folder), str(teacher), tmp_path, TransferSettings(epochs=1, fine_tune=False))
    said = capsys.readouterr().out
    assert all(word in said for word in ("text.png", "000.jpg", "round", "3 files are left out"))
    assert set(made.card.class_names) == {'it\'s a "cat"', "Hünd"}


def test_a_class_in_the_test_folder_alone_is_left_out(teacher, tmp_path, capsys):
    make_picture_folder(tmp_path / "data" / "train", count=3, size=(32, 24))
    shutil.copytree(tmp_path / "data" / "train", tmp_path / "data" / "test")
    (tmp_path / "data" / "test" / "square").rename(tmp_path / "data" / "test" / "triangle")
    made = run(str(tmp_path / "data"), str(teacher), tmp_path, TransferSettings(epochs=1, fine_tune=False))
    assert made.card.class_names == ("circle", "square")
    assert "triangle" in capsys.readouterr().out


def odd_networks():
    """Return networks that are written in other ways than most, with the layer whose maps are the last."""
    import keras

    made, mean = keras.layers, keras.layers.GlobalAveragePooling2D
    image = keras.Input((24, 32, 3), name="head_output")
    maps = made.Conv2D(8, 3, activation="relu", name="head_dropout")(made.Conv2D(4, 3, name="-x")(image))
    row = mean(name="head_average")(maps)
    inside = [
        made.Rescaling(1 / 255),
        made.RandomFlip(),
        made.RandomRotation(0.1),
        made.Conv2D(6, 3, name="only"),
    ]
    return {
        "1 odd ü'name.keras": (
            keras.Model(image, [made.Dense(3)(row), made.Dense(2, name="second")(row)], name="_odd"),
            "head_dropout",
        ),
        "inside.h5": (keras.Sequential([keras.Input((24, 32, 3)), *inside, mean(), made.Dense(2)]), "only"),
    }


def check_taken(model, layer, path, shapes, capsys):
    """Transfer a network in a file; its maps are those of `layer`, and the saved model is as right as was told."""
    import app as lab

    model.save(path)
    settings = TransferSettings(epochs=1, fine_tune_epochs=1)
    made = run(str(shapes), str(path), path.parent, settings, name="new", restart=True)
    assert f"{layer}, " in capsys.readouterr().out.split("Features: ")[1].splitlines()[0]
    assert lab.load(made.path).evaluate(str(shapes), part="test").accuracy == pytest.approx(
        made.test_accuracy
    )


def test_networks_that_are_written_in_other_ways(shapes, tmp_path, capsys):
    for name, (model, layer) in odd_networks().items():
        check_taken(model, layer, tmp_path / name, shapes, capsys)


@pytest.mark.slow
def test_a_nested_network_of_keras(shapes, tmp_path, capsys):
    import keras

    mobile = keras.applications.MobileNetV2(
        weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.35
    )
    for layer in mobile.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(
                0.05 * layer.moving_variance
            )  # else nothing of a picture comes through
    model = keras.Sequential([mobile, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)])
    check_taken(model, "out_relu", tmp_path / "nested.keras", shapes, capsys)
