"""What needs no TensorFlow: formats and places, pictures that go in, the lines of Python, the comparison."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import refusal

from app.datasets.dataset import scale_pixels
from app.export import formats
from app.export.comparing import compare
from app.export.formats import FORMATS, find_format, find_path
from app.export.leaving import card_beside, hash_export, making, verify_place
from app.export.pictures import Entrance, random_numbers, random_pictures
from app.export.snippets import Use, prepared
from models.pixels import CAFFE, PLAIN, TORCH, Pixels

ONNX, SAVED = FORMATS["onnx"], FORMATS["saved_model"]


def test_the_format_follows_from_the_ending():
    assert find_format(None, Path("a.TFLITE")).name == "litert"
    assert find_format("onnx", Path("a.onnx")).name == "onnx"
    assert find_format("saved_model", Path("a.b")).name == "saved_model"
    assert "--format saved_model, onnx, litert" in refusal(find_format, None, Path("a.pb"))
    assert "contradict" in refusal(find_format, "onnx", Path("a.tflite"))
    assert "not 'coreml'" in refusal(find_format, "coreml", None)


def test_an_export_goes_where_it_is_told_or_is_called_as_its_model(tmp_path):
    assert find_path(ONNX, None, Path("output"), "mnist") == Path("output/mnist.onnx")
    assert find_path(SAVED, None, Path("output"), "mnist") == Path("output/mnist_saved_model")
    assert find_path(ONNX, tmp_path, Path("output"), "mnist") == tmp_path / "mnist.onnx"
    assert find_path(ONNX, Path("new"), Path("output"), "mnist") == Path("new/mnist.onnx")
    assert "ends in .onnx" in refusal(find_path, ONNX, Path("a.png"), Path("output"), "mnist")


def test_what_is_missing_is_said_with_what_to_install(monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda name: None if name == "tf2onnx" else name)
    assert refusal(ONNX.verify_installed) == (
        "--format onnx needs tf2onnx; install what exports need: pip install -r requirements-export.txt"
    )
    SAVED.verify_installed()
    FORMATS["litert"].verify_installed()


WAYS = [
    PLAIN,
    CAFFE,
    TORCH,
    Pixels((0.0, 255.0), mean=(127.0,), std=(128.0,)),
    Pixels((0.0, 255.0), mean=(127.0,) * 3, std=(128.0,) * 3),
    Pixels((0.0, 255.0)),
    Pixels((-1.0, 1.0)),
    Pixels((-0.1, 1.175), std=(0.24703233,), order="BGR"),
    Pixels((0.5, 1.5), mean=(0.1, 0.2, 0.3), order="BGR"),
]


@pytest.mark.parametrize("pixels", WAYS, ids=[pixels.words() for pixels in WAYS])
def test_the_line_that_prepares_a_picture_does_what_we_do(pixels):
    channels = len(pixels.mean or pixels.std) if pixels.order != "BGR" else 3
    bytes_ = np.random.default_rng(0).integers(0, 256, (4, 5, channels or 3), np.uint8)
    mended = (
        Pixels(pixels.range, pixels.mean, pixels.std * 3, "BGR")
        if len(pixels.std) == 1 and channels == 3
        else pixels
    )
    ours = scale_pixels(bytes_, mended)
    theirs = eval(prepared(pixels), {"x": bytes_.astype(np.float32)})
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-6)


def test_the_lines_of_python_can_be_compiled_for_every_input_and_format():
    for picture, shape, first in (
        ((8, 8, 3), (8, 8, 3), False),
        ((8, 8, 1), (64,), False),
        ((8, 8, 3), (3, 8, 8), True),
        ((None, None, 3), (None, None, 3), False),
        (None, (20, 3), False),
    ):
        for name in FORMATS:
            lines = Use(picture, shape, first, PLAIN, "image", "output").lines(name, Path("it's a file"))
            compile("\n".join(lines), "snippet", "exec")


@pytest.mark.parametrize(
    ("shape", "picture"),
    [
        ((28, 28, 1), (28, 28, 1)),
        ((3, 32, 24), (32, 24, 3)),
        ((None, None, 3), (None, None, 3)),
        ((28, 28), (28, 28, 1)),
        ((784,), (28, 28, 1)),
        ((783,), None),
        ((64, 64, 4), None),
        ((4, 8, 8, 3), None),
        ((), None),
    ],
)
def test_what_pictures_an_input_takes(shape, picture):
    assert Entrance(shape).picture == picture


def test_pictures_enter_in_the_order_of_the_input():
    images = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    turned = Entrance((3, 4, 5)).enter(images)
    assert turned[1, 2, 3, 4] == images[1, 3, 4, 2]
    np.testing.assert_array_equal(Entrance((60,)).enter(images)[1], images[1].ravel())
    assert Entrance((3, None, None)).size_of(turned) == (4, 5, 3)
    assert "4×5×3 do not fit an input of 61" in refusal(Entrance((61,)).enter, images)


def test_random_pictures_are_the_same_each_time_and_use_all_of_the_range():
    one, other = (random_pictures((17, 40, 3), 50) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert (one.min(axis=(1, 2, 3)) == 0).all()
    assert (one.max(axis=(1, 2, 3)) == 255).all()
    assert one.std(axis=0).min() > 20  # pictures differ in every pixel
    assert set(np.unique(random_numbers((None, 3), 2, "int32"))) <= {0, 1}


def outputs(arrays):
    """A network by hand: two classes, the mean of the picture for one."""
    means = arrays["image"].reshape(len(arrays["image"]), -1).mean(axis=1)
    return {"output": np.stack([means, 1 - means], axis=1)}


IMAGES = {"image": np.random.default_rng(0).random((10, 4, 4, 1), np.float32)}


def test_equal_outputs_agree():
    found = compare(outputs, outputs, IMAGES, 4)
    assert (found.fault, found.difference, found.same_class, found.pictures) == ("", 0.0, 10, 10)
    assert found.batches == (1, 4)
    assert not found.says_little
    assert compare(outputs, outputs, IMAGES, 4, fixed=1).batches == (1,)


def changed(change, size=None):
    """The same network, something done to what it puts out for batches of one size."""

    def run(arrays):
        made = outputs(arrays)
        return change(made) if size in (None, len(arrays["image"])) else made

    return run


def with_one_more(made, what=2e-4):
    made["output"][-1, 1] += what
    return made


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (changed(with_one_more), "differ from Keras' by up to 0.0002"),
        (changed(with_one_more, 2), "differ"),
        (changed(with_one_more, 1), "differ"),
        (changed(lambda made: with_one_more(made, np.nan)), "not finite"),
        (changed(lambda made: {"output": made["output"][:, :1]}), "its outputs are output of 4×1"),
        (changed(lambda made: {"other": made["output"]}), "its outputs are other"),
        (changed(lambda made: {"output": made["output"][::-1].copy()}), "differ"),
    ],
    ids=["all", "the last batch", "one by one", "no number", "a shape", "a name", "the order of pictures"],
)
def test_what_differs_is_found(other, words):
    assert words in compare(outputs, other, IMAGES, 4).fault


def test_outputs_beyond_one_may_differ_by_a_share_of_the_largest():
    large = changed(lambda made: {"output": made["output"] * 100})
    more = changed(lambda made: with_one_more({"output": made["output"] * 100}, 2e-3))
    assert compare(large, more, IMAGES, 4).fault == ""
    assert compare(outputs, changed(lambda made: with_one_more(made, 9e-5)), IMAGES, 4).fault == ""


def test_keras_own_infinity_is_said():
    broken = changed(lambda made: {"output": made["output"] + np.inf})
    assert "Keras itself" in compare(broken, broken, IMAGES, 4).fault


def test_a_network_that_tells_no_picture_from_another_is_said():
    same = changed(lambda made: {"output": made["output"] * 0 + 0.5})
    assert compare(same, same, IMAGES, 4).says_little


def test_a_single_output_counts_as_two_classes():
    single = changed(lambda made: {"output": made["output"][:, :1]})
    turned = changed(lambda made: {"output": 1 - made["output"][:, :1]})
    assert compare(single, single, IMAGES, 4).same_class == 10
    assert compare(single, turned, IMAGES, 4).same_class == 0


def leave(path, format, model="mine", content=b"export", fail=lambda: None):
    """Put an export into its place as the command does."""
    with making(path, format.is_folder) as (made, card):
        if format.is_folder:
            (made / "variables").mkdir(parents=True)
            (made / "variables" / "v").write_bytes(content)
        (made / "saved_model.pb" if format.is_folder else made).write_bytes(content)
        known = {"format": format.name, "source": {"model": model}, "sha256": hash_export(made)}
        card.write_text(json.dumps(known))
        fail()
    return path


@pytest.fixture(params=[ONNX, SAVED], ids=["file", "folder"])
def format(request):
    return request.param


def test_an_earlier_export_of_the_same_model_is_replaced_and_nothing_else_is(tmp_path, format):
    path = leave(tmp_path / f"a{format.ending}", format)

    def asked(model, replace=False):
        return verify_place, path, format, model, replace, "--replace"

    asked("mine")[0](*asked("mine")[1:])
    leave(path, format, content=b"newer")
    assert (path / "saved_model.pb" if format.is_folder else path).read_bytes() == b"newer"
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, card_beside(path).name]
    assert "is no export of other; give --replace" in refusal(*asked("other"))
    asked("other", True)[0](*asked("other", True)[1:])
    (path / "saved_model.pb" if format.is_folder else path).write_bytes(b"changed by hand")
    assert "is no export of mine" in refusal(*asked("mine"))
    card_beside(path).write_text("[]")
    assert "is no export of mine" in refusal(*asked("mine"))


def test_a_card_that_belongs_to_something_else_is_kept(tmp_path, format):
    path = tmp_path / f"a{format.ending}"
    card_beside(path).write_text('{"mine": 1}')
    assert f"{card_beside(path)} is there already" in refusal(
        verify_place, path, format, "m", False, "--replace"
    )


def test_a_folder_with_other_things_is_never_replaced(tmp_path):
    (tmp_path / "holidays.jpg").write_text("a picture")
    assert "other things in it (holidays.jpg)" in refusal(
        verify_place, tmp_path, SAVED, "m", True, "--replace"
    )
    (tmp_path / "file").write_text("")
    assert "is a file" in refusal(verify_place, tmp_path / "file", SAVED, "m", True, "--replace")
    (tmp_path / "link").symlink_to(tmp_path)
    assert "is a link" in refusal(verify_place, tmp_path / "link", SAVED, "m", True, "--replace")
    (tmp_path / "empty").mkdir()
    verify_place(tmp_path / "empty", SAVED, "m", False, "--replace")
    leave(tmp_path / "empty", SAVED)


def test_what_fails_leaves_everything_as_it_was(tmp_path, format):
    path = leave(tmp_path / f"a{format.ending}", format)
    before = hash_export(path)
    with pytest.raises(ZeroDivisionError):
        leave(path, format, content=b"half", fail=lambda: 1 / 0)
    assert hash_export(path) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, card_beside(path).name]


def test_what_a_killed_run_left_is_removed(tmp_path, format):
    left = tmp_path / (".a-abcdefgh.tmp" if format.is_folder else ".a-abcdefgh.tmp.onnx")
    left.mkdir() if format.is_folder else left.write_text("half")
    leave(tmp_path / f"a{format.ending}", format)
    assert not left.exists()
