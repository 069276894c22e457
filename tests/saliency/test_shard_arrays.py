"""Maps of many pictures as arrays: what is kept, the index, what is read again, and when a shard is done anew."""

import csv
import json
import os

import numpy as np
import pytest
from conftest import refusal
from map_models import save_tiny
from PIL import Image

import app as lab
from app.saliency.__main__ import main
from app.saliency.shard_arrays import ArrayChoice, map_columns
from app.saliency.stored_maps import StoredMaps

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small digit classifier with fresh weights, as a file."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def folder(tmp_path, mnist):
    source = tmp_path / "digits"
    for i in range(7):
        place = source / f"{i % 2}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mnist.test_images[i, ..., 0]).save(place / f"digit{i}.png")
    (source / "1" / "broken.png").write_bytes(b"\x89PNG not really")
    return source


def explain(door, tiny, source, output, *more):
    return door(main, "--model", tiny, "--images", source, "--output", output, "--arrays", "--prepare", "resize",
                "--method", "vanilla", "--method", "gradcam", *more)  # fmt: skip


def rows_of(output):
    with (output / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_arrays_hold_what_each_picture_alone_gives(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    code, text, error = explain(door, tiny, folder, output)
    assert code == 0, error
    assert "7 of 8 pictures: arrays in .npz files, and index.csv" in text
    assert "1/broken.png: " in text
    stored, net = lab.open_maps(output), lab.load(tiny)
    assert stored.images == sorted(stored.images)
    assert list(stored.failures) == ["1/broken.png"]
    for name in ("0/digit0.png", "1/digit3.png"):
        alone = net.explain(folder / name, methods=["vanilla", "gradcam"], prepare="resize")
        one, other = alone.explained[0].maps
        np.testing.assert_allclose(stored[name]["vanilla"], one.values, atol=1e-6 * np.abs(one.values).max())
        np.testing.assert_allclose(stored[name]["gradcam"], other.raw, atol=1e-6 * np.abs(other.raw).max())
    rows = {row["image"]: row for row in rows_of(output)}
    assert len(rows) == 8
    said = alone.explained[0].prediction
    assert rows[name]["predicted"] == said.name
    assert float(rows[name]["probability"]) == pytest.approx(said.probability, rel=1e-5)
    assert float(rows[name]["vanilla_largest"]) == pytest.approx(np.abs(one.values).max(), rel=1e-5)
    broken = rows["1/broken.png"]
    assert broken["error"]
    assert broken["predicted"] == broken["gradcam_largest"] == ""
    assert np.isnan(stored["1/broken.png"]["vanilla"]).all()


def test_an_array_of_images_is_explained_as_its_pictures_are(door, tmp_path, tiny, folder, mnist):
    np.save(tmp_path / "digits.npy", mnist.test_images[:7, ..., 0])
    assert explain(door, tiny, tmp_path / "digits.npy", tmp_path / "a")[0] == 0
    assert explain(door, tiny, folder, tmp_path / "b")[0] == 0
    of_array, of_files = StoredMaps(tmp_path / "a"), StoredMaps(tmp_path / "b")
    for i in range(7):
        one, other = of_array[f"digits.npy, image {i}"], of_files[f"{i % 2}/digit{i}.png"]
        for method in ("vanilla", "gradcam"):
            np.testing.assert_allclose(one[method], other[method], atol=1e-6 * np.abs(other[method]).max())


def test_half_precision_keeps_eleven_bits_and_top_cells_the_largest(door, tmp_path, tiny, folder):
    whole, half, top, both = (tmp_path / name for name in ("whole", "half", "top", "both"))
    for output, more in (
        (whole, ()),
        (half, ("--half-precision",)),
        (top, ("--top-cells", 5)),
        (both, ("--half-precision", "--top-cells", 5)),
    ):
        assert explain(door, tiny, folder, output, *more)[0] == 0
    maps = [StoredMaps(each) for each in (whole, half, top, both)]
    for name in ("0/digit2.png", "1/digit1.png"):
        for method in ("vanilla", "gradcam"):
            exact, short, few, few_short = (each[name][method] for each in maps)
            largest = np.abs(exact).max()
            assert exact.shape == short.shape == few.shape == few_short.shape
            assert 0 < np.abs(exact - short).max() <= largest * 2**-11
            kept = np.flatnonzero(few)
            assert len(kept) <= 5
            np.testing.assert_array_equal(few.ravel()[kept], exact.ravel()[kept])
            others = np.delete(np.abs(exact).ravel(), kept)
            assert not len(others) or others.max() <= np.abs(few.ravel()[kept]).min()
            np.testing.assert_allclose(few_short, few, atol=largest * 2**-11)
    size = {
        output: sum(path.stat().st_size for path in output.glob("*.npz")) for output in (whole, half, top)
    }
    assert size[top] < size[half] < size[whole]


def test_a_map_of_zeros_and_one_of_huge_numbers_survive_half_precision():
    values = np.stack([np.zeros((2, 2)), np.array([[1e30, -1e25], [0, 1]])]).astype(np.float32)
    columns = map_columns("vanilla", values, ArrayChoice(True, True))
    assert columns["vanilla"].dtype == np.float16
    assert np.isfinite(columns["vanilla"]).all()
    assert columns["vanilla_largest"].tolist() == pytest.approx([0, 1e30])
    assert columns["vanilla"][0].max() == 0


def test_only_shards_whose_pictures_changed_are_done_again(door, tmp_path, tiny, folder, monkeypatch):
    import app.saliency.folder as module

    monkeypatch.setattr(module, "MOST_IN_SHARD", 4)
    output = tmp_path / "maps"
    assert explain(door, tiny, folder, output)[0] == 0
    before = {path.name: path.stat().st_mtime_ns for path in output.glob("*.npz")}
    assert len(before) == 2
    code, text, _ = explain(door, tiny, folder, output)
    assert code == 0
    assert "8 of 8 pictures are done" in text
    assert {path.name: path.stat().st_mtime_ns for path in output.glob("*.npz")} == before
    picture = folder / "0" / "digit0.png"
    Image.fromarray(255 - np.asarray(Image.open(picture))).save(picture)
    code, text, _ = explain(door, tiny, folder, output)
    assert code == 0
    assert "4 of 8 pictures are done" in text
    # a picture with an old time of writing is new all the same, if it was put there after the maps were made
    old = folder / "1" / "digit1.png"
    Image.fromarray(255 - np.asarray(Image.open(old))).save(old)
    os.utime(old, (1, 1))
    assert "of 8 pictures are done" in explain(door, tiny, folder, output)[1]
    (folder / "1" / "digit1.png").unlink()
    assert explain(door, tiny, folder, output)[0] == 0
    assert len(rows_of(output)) == len(StoredMaps(output)) == 7
    assert len(list(output.glob("*.npz"))) == 2


def test_a_second_run_into_the_same_folder_is_refused(door, tmp_path, tiny, folder):
    from app.files.lock import held_folder

    output = tmp_path / "maps"
    output.mkdir()
    with held_folder(output, is_shared=False):
        code, _, error = explain(door, tiny, folder, output)
    assert code == 2
    assert "another run is already leaving maps in" in error
    assert explain(door, tiny, folder, output)[0] == 0
    assert not [path for path in output.iterdir() if path.name.startswith(".")]


def test_restart_does_every_shard_again(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    assert explain(door, tiny, folder, output)[0] == 0
    (before,) = output.glob("*.npz")
    age, content = before.stat().st_mtime_ns, before.read_bytes()
    code, text, _ = explain(door, tiny, folder, output, "--restart")
    assert code == 0
    assert "are done" not in text
    assert before.stat().st_mtime_ns > age
    assert before.read_bytes() == content


def test_other_settings_and_other_kinds_of_results_are_refused(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    assert explain(door, tiny, folder, output)[0] == 0
    assert "other settings" in explain(door, tiny, folder, output, "--half-precision")[2]
    code, _, error = door(main, "--model", tiny, "--images", folder, "--output", output)
    assert code == 2
    assert "other settings" in error
    assert json.loads((output / "run.json").read_text())["arrays"]["half_precision"] is False


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--images", "FOLDER", "--half-precision"), "add --arrays"),
        (("--images", "FOLDER", "--top-cells", "3"), "add --arrays"),
        (("--arrays",), "--arrays belongs to --images"),
        (("--workers", "2"), "--workers belongs to --images"),
        (("--images", "FOLDER", "--arrays", "--top-cells", "0"), "--top-cells"),
    ],
)
def test_options_that_do_not_go_together_are_refused(door, tmp_path, tiny, folder, more, words):
    arguments = [str(folder) if each == "FOLDER" else each for each in more]
    code, _, error = door(main, "--model", tiny, "--output", tmp_path / "out", *arguments)
    assert code == 2
    assert words in error
    assert len(error.strip().splitlines()) == 1


def test_an_array_needs_arrays_and_a_model_in_memory_no_workers(door, tmp_path, tiny, mnist):
    np.save(tmp_path / "digits.npy", mnist.test_images[:3, ..., 0])
    code, _, error = door(
        main, "--model", tiny, "--images", tmp_path / "digits.npy", "--output", tmp_path / "a"
    )
    assert code == 2
    assert "add --arrays" in error
    net = lab.load(lab.load(tiny).keras_model())
    said = refusal(net.explain_folder, tmp_path / "digits.npy", tmp_path / "b", arrays=True, workers=2)
    assert "a model in memory cannot be sent to workers" in said


def test_a_folder_without_arrays_is_no_stored_maps(tmp_path):
    assert "has no maps as arrays" in refusal(lab.open_maps, tmp_path)


def test_pictures_of_another_folder_are_not_taken_for_the_same(door, tmp_path, tiny, folder, mnist):
    """Of the same names and sizes, and older than the maps."""
    one, other = tmp_path / "one", tmp_path / "other"
    for place, image in ((one, mnist.test_images[0]), (other, mnist.test_images[1])):
        place.mkdir()
        np.save(place / "x.npy", image[np.newaxis, ..., 0])
        Image.fromarray(image[..., 0]).save(place / "digit.bmp")
    output = tmp_path / "maps"
    assert explain(door, tiny, one / "x.npy", output)[0] == 0
    assert "holds maps of other pictures" in explain(door, tiny, other / "x.npy", output)[2]
    strips = ("--model", tiny, "--output", tmp_path / "strips", "--prepare", "resize", "--images")
    assert door(main, *strips, one)[0] == 0
    assert "holds maps of other pictures" in door(main, *strips, other)[2]


def test_older_pictures_that_were_moved_into_the_folder_are_done(door, tmp_path, tiny, folder):
    output = tmp_path / "maps"
    one, other = folder / "0" / "digit2.png", folder / "0" / "digit4.png"
    Image.open(one).convert("RGB").save(one.with_suffix(".bmp"))
    Image.open(other).convert("RGB").save(tmp_path / "later.bmp")  # as large
    link, new = folder / "0" / "link.bmp", tmp_path / "new.bmp"
    link.symlink_to(one.with_suffix(".bmp"))
    assert explain(door, tiny, folder, output)[0] == 0
    before = StoredMaps(output)["0/link.bmp"]["vanilla"]
    new.symlink_to(tmp_path / "later.bmp")
    new.replace(link)
    assert explain(door, tiny, folder, output)[0] == 0
    assert not np.array_equal(StoredMaps(output)["0/link.bmp"]["vanilla"], before)


def test_a_link_to_nothing_is_skipped(door, tmp_path, tiny, folder):
    (folder / "0" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "0" / "loop.png").symlink_to(folder / "0" / "loop.png")
    code, text, error = explain(door, tiny, folder, tmp_path / "maps")
    assert code == 0, error
    assert "7 of 10 pictures" in text
    assert set(StoredMaps(tmp_path / "maps").failures) == {"0/gone.png", "0/loop.png", "1/broken.png"}
    assert "10 of 10 pictures are done" in explain(door, tiny, folder, tmp_path / "maps")[1]


@pytest.mark.parametrize(
    ("bad", "done"), [((0, 1, 2), 0), ((1,), 2), ((), 3)], ids=["all of them", "one of them", "none"]
)
def test_each_image_of_an_array_has_a_row_and_a_name(door, tmp_path, tiny, mnist, bad, done):
    images = mnist.test_images[:3, ..., 0].astype(np.float32)
    images[list(bad)] = np.nan
    np.save(tmp_path / "x.npy", images)
    code, text, error = explain(door, tiny, tmp_path / "x.npy", tmp_path / "maps")
    if not done:
        assert code == 2
        assert "none of the 3" in error
        return
    assert code == 0, error
    assert f"{done} of 3 pictures" in text
    stored = StoredMaps(tmp_path / "maps")
    assert stored.images == [f"x.npy, image {i}" for i in range(3)]
    assert list(stored.failures) == [f"x.npy, image {i}" for i in bad]


def test_a_picture_that_changed_gets_a_new_strip(door, tmp_path, tiny, folder):
    more = ("--model", tiny, "--output", tmp_path / "strips", "--prepare", "resize", "--images", folder)
    assert door(main, *more)[0] == 0
    assert "7 of 8 pictures are done" in door(main, *more)[1]
    picture = folder / "0" / "digit0.png"
    Image.fromarray(255 - np.asarray(Image.open(picture))).save(picture)
    assert "6 of 8 pictures are done" in door(main, *more)[1]


def test_a_damaged_shard_says_what_to_do(door, tmp_path, tiny, folder):
    assert explain(door, tiny, folder, tmp_path / "maps")[0] == 0
    (shard,) = (tmp_path / "maps").glob("*.npz")
    shard.write_text("no archive")
    code, _, error = explain(door, tiny, folder, tmp_path / "maps")
    assert code == 2
    assert "delete it, and the command that made it makes it again" in error
    shard.unlink()
    assert explain(door, tiny, folder, tmp_path / "maps")[0] == 0


def test_what_a_killed_process_left_goes(door, tmp_path, tiny, folder):
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / ".000001-c58628d154f2-6ss26khj.tmp.npz").touch()
    assert explain(door, tiny, folder, tmp_path / "maps")[0] == 0
    assert {path.suffix for path in (tmp_path / "maps").iterdir()} == {".npz", ".csv", ".json"}
