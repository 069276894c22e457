"""Shards: how pictures are cut, what stands for them, how columns are kept, and what one process makes of a shard."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, refusal, refusal_of_file

from app.datasets.streamed import StreamedImages
from app.files.versions import program_versions
from app.shards.columns import ColumnStore, join_columns, read_columns, write_columns
from app.shards.doing import BROUGHT_DOWN, do_shard, do_shards
from app.shards.handing_out import _as_task
from app.shards.needs import Needs, UnfitWorkerError
from app.shards.shard import Shard, cut, shard_name
from app.shards.stored_images import StoredImages, identity


class Doubling:
    """Work that doubles numbers, in batches of three, and notes what it was asked."""

    batch_size = 3

    def __init__(self):
        self.batches, self.left = [], {}

    def read(self, items):
        return [float(item) for item in items]

    def records(self, batch):
        self.batches.append(list(batch))
        return {"twice": 2 * np.array(batch), "error": np.array([""] * len(batch))}

    def skipped(self, item, reason):
        return {"twice": np.array([np.nan]), "error": np.array([reason])}

    def leave(self, shard, records):
        self.left[shard.name] = join_columns(records)
        return {str(n): text for n, text in enumerate(self.left[shard.name]["error"]) if text}


def test_a_scheduler_opens_a_task_without_convlab(tmp_path):
    pickle = pytest.importorskip("distributed.protocol.pickle")
    content = pickle.dumps(_as_task(shard_name, 3, "mnist"))
    code = (
        "import pickle, sys; call = pickle.loads(bytes.fromhex(sys.argv[1]));"
        "print('app' in sys.modules); print(call(), 'app' in sys.modules)"
    )
    run = [sys.executable, "-c", code, content.hex()]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(run, cwd=tmp_path, env=path, text=True, capture_output=True)
    assert done.stdout.splitlines() == ["False", f"{shard_name(3, 'mnist')} True"], done.stderr


class Slow(Doubling):
    def records(self, batch):
        self.tick(1.5)
        return super().records(batch)


def test_a_part_of_a_long_batch_counts():
    told = []
    do_shard(Slow(), Shard("a", range(7)), told.append)
    assert told == [1.5, 3, 4.5, 6, 7.5, 7]


def test_a_shard_is_done_in_batches_and_tells_how_far_it_is():
    work, told = Doubling(), []
    done = do_shard(work, Shard("a", range(7)), told.append)
    assert work.batches == [[0, 1, 2], [3, 4, 5], [6]]
    assert work.left["a"]["twice"].tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert told == [3, 6, 7]
    assert done.failures == {}


def test_what_is_left_out_keeps_its_place_and_is_not_touched():
    work = Doubling()
    done = do_shard(work, Shard("a", range(7)), lambda count: None, left_out=[4])
    assert done.failures == {"4": BROUGHT_DOWN}
    assert np.isnan(work.left["a"]["twice"][4])
    assert [n for batch in work.batches for n in batch] == [0, 1, 2, 3, 5, 6]
    rest = np.delete(work.left["a"]["twice"], 4)
    assert rest.tolist() == [0, 2, 4, 6, 10, 12]


def test_the_plain_loop_does_one_shard_after_the_other_and_counts_them_all():
    work, told = Doubling(), []
    shards = [Shard(str(i), part) for i, part in enumerate(cut(range(8), 5))]
    assert [done.shard.name for done in do_shards(work, iter(shards), told.append)] == ["0", "1"]
    assert told == [3, 5, 8]


def test_a_shard_is_named_after_its_number_and_what_decides_its_results():
    name = shard_name(7, "model", [("a.png", 10)])
    assert name.startswith("000007-")
    assert name == shard_name(7, "model", [("a.png", 10)])
    others = [shard_name(7, "other", [("a.png", 10)]), shard_name(7, "model", [("a.png", 11)])]
    assert name not in others
    assert sorted([shard_name(10), shard_name(9)]) == [shard_name(9), shard_name(10)]


COLUMNS = {"image": np.array(["a", "bb"]), "map": np.arange(8, dtype=np.float16).reshape(2, 2, 2)}


def test_equal_columns_make_equal_files(tmp_path):
    for name in ("one.npz", "two.npz"):
        write_columns(tmp_path / name, COLUMNS)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.npz", "two.npz"))
    assert one == two
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.npz", "two.npz"]
    write_columns(tmp_path / "two.npz", {**COLUMNS, "map": COLUMNS["map"] + 1})
    assert (tmp_path / "two.npz").read_bytes() != one


def test_columns_are_read_as_numpy_reads_them(tmp_path):
    write_columns(tmp_path / "a.npz", COLUMNS)
    read = read_columns(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as witness:
        assert set(read) == set(witness.files)
        for name in read:
            np.testing.assert_array_equal(read[name], witness[name])
            assert read[name].dtype == witness[name].dtype
    assert list(read_columns(tmp_path / "a.npz", "image")) == ["image"]


def test_damaged_columns_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    write_columns(path, COLUMNS)
    assert "no column 'x'" in refusal_of_file(read_columns, path, "x").replace("column x", "column 'x'")
    path.write_bytes(path.read_bytes()[:-100])
    assert "PATH" in refusal_of_file(read_columns, path)
    np.savez(path, image=np.array([{"code": 1}], dtype=object))
    assert "code" in refusal_of_file(read_columns, path)


def test_columns_of_other_names_are_not_put_under_one_another():
    assert "columns differ" in refusal(join_columns, [{"a": np.zeros(1)}, {"b": np.zeros(1)}])


@pytest.mark.parametrize("is_in_memory", [True, False])
def test_a_store_keeps_shards_in_memory_or_in_files(tmp_path, is_in_memory):
    store = ColumnStore(None if is_in_memory else tmp_path / "new")
    assert not store.has("a")
    store.put("a", COLUMNS)
    assert store.has("a")
    np.testing.assert_array_equal(store.get("a", "map")["map"], COLUMNS["map"])
    assert (tmp_path / "new").exists() is not is_in_memory


def test_needs_name_what_differs(tmp_path):
    file = tmp_path / "model"
    file.write_bytes(b"abc")
    right = hashlib.sha256(b"abc").hexdigest()
    Needs({str(file): right}, (str(tmp_path),)).verify()
    wrong = hashlib.sha256(b"abd").hexdigest()
    cases = {
        f"has another file {file}: its SHA-256 begins with {right[:12]}, not with {wrong[:12]}": Needs(
            {str(file): wrong}
        ),
        "cannot read the file": Needs({str(tmp_path / "none"): right}),
        f"does not see {tmp_path / 'none'}": Needs({}, (str(tmp_path / "none"),)),
        "and this run was begun with 1.0": Needs(programs={**program_versions(), "tensorflow": "1.0"}),
        "and this run was begun by 000000000000": Needs(
            programs={**program_versions(), "ConvLab": "000000000000"}
        ),
    }
    for words, needs in cases.items():
        with pytest.raises(UnfitWorkerError) as caught:
            needs.verify()
        assert words in str(caught.value)


def test_images_of_an_array_are_stored_once_and_read_as_they_are(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 4, 3), dtype=np.uint8)
    stored, items = StoredImages.of(images, tmp_path, range(2, 6))
    again, _ = StoredImages.of(images.copy(), tmp_path, range(6))
    assert stored == again
    assert len(list(tmp_path.glob("images-*.npy"))) == 1
    np.testing.assert_array_equal(np.stack(stored.read(items)), images[2:])
    other, _ = StoredImages.of(images + np.uint8(1), tmp_path, range(6))
    assert other.array != stored.array


def test_images_of_another_size_and_pictures_in_files_are_read_as_the_data_set_reads_them(tmp_path):
    from PIL import Image

    arrays = np.random.default_rng(0).integers(0, 256, (3, 9, 9, 1), dtype=np.uint8)
    fitted = StreamedImages(arrays, (6, 6, 3))
    stored, items = StoredImages.of(fitted, tmp_path, range(3))
    np.testing.assert_array_equal(np.stack(stored.read(items)), np.asarray(fitted))
    files = []
    for i, array in enumerate(arrays):
        files.append(tmp_path / f"{i}.png")
        Image.fromarray(array[..., 0]).save(files[-1])
    of_files = StreamedImages(files, (6, 6, 3))
    stored, items = StoredImages.of(of_files, tmp_path, range(3))
    np.testing.assert_array_equal(np.stack(stored.read(items)), np.asarray(of_files))
    before = identity(items[0])
    Path(items[0]).write_bytes(b"nothing")
    assert identity(items[0]) != before
    assert isinstance(stored.read(items)[0], str)
