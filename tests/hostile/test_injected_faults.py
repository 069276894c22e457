"""Disks that are full or fail, and commands that are ended: one line, old files whole, and the next run succeeds."""

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from hostile.aftermath import snapshot, torn
from hostile.injector import CHANGES, ERRORS, SIGNALS

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")]
IS_WHOLE = bool(os.environ.get("CONVLAB_FUZZ"))
"""Whether every operation fails once; else a few of each kind, from different places."""
FAULTS = (*ERRORS, *SIGNALS)
CARD = re.compile(r"/out/\.numpy_cnn-\w+\.tmp\.json$")
ROOMS = (0, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20)
"""Bytes that a file may take, or that are free."""


def test_a_report_survives_every_fault(scene):
    report = scene("params")
    assert report.sweep(FAULTS, True, 0) == []


def test_the_sheets_of_a_class_survive_faults(scene):
    assert scene("class").sweep(FAULTS, IS_WHOLE, 2) == []


def test_the_fault_that_is_asked_for_comes(scene):
    report = scene("params")
    calm, _ = report.undisturbed
    assert [each.kind for each in calm.operations].count("write") == 1
    assert all(each.path.startswith(str(report.work)) for each in calm.operations)
    outcome, wrong = report.try_fault(kind="write", number=1)
    assert (outcome.code, outcome.has_fired, outcome.fault.kind, wrong) == (2, True, "write", [])
    assert os.strerror(ERRORS["write"]) in outcome.err
    assert "app/files/atomic.py" in outcome.fault.site
    outcome, wrong = report.try_fault(kind="write", number=2)
    assert (outcome.code, outcome.has_fired, wrong) == (0, False, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"), [("sheet", 9), ("class", 9), ("checked", 3), ("data", 2), ("saliency", 1)]
)
def test_commands_survive_faults(scene, name, most):
    assert scene(name).sweep(FAULTS, IS_WHOLE, most) == []


@pytest.mark.slow
@pytest.mark.parametrize(("epochs_done", "most"), [(0, 1), (1, 1)])
def test_a_training_survives_faults(scene, epochs_done, most):
    """Also one that goes on after an epoch; with the next run the weights are those of an undisturbed one."""
    training = scene("train", epochs_done)
    assert ("Resuming after epoch 1" in training.undisturbed[0].out) == bool(epochs_done)
    kinds = FAULTS if IS_WHOLE or not epochs_done else ("write", "read", "kill")
    assert training.sweep(kinds, IS_WHOLE, most) == []


@pytest.mark.parametrize("name", ["predict"])
def test_answers_survive_faults(scene, name):
    assert scene(name).sweep(FAULTS, IS_WHOLE, 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["evaluate", "litert", "onnx", "saved model", "transfer"])
def test_commands_with_trained_networks_survive_faults(scene, name):
    """Evaluations, exports into each format, and a transfer; of each kind of fault that changes something one."""
    kinds = FAULTS if IS_WHOLE else ("write", "rename", "interrupt")
    assert scene(name).sweep(kinds, IS_WHOLE, 1) == []


@pytest.mark.slow
def test_a_training_gets_by_without_temporary_files(scene):
    """AutoGraph would write some, and say in lines of its own that it cannot."""
    training = scene("train")
    writes = [each for each in training.undisturbed[0].operations if each.kind == "write"]
    for number in [i for i, each in enumerate(writes, 1) if "/scratch/" in each.path][:1]:
        assert training.try_fault(kind="write", number=number)[1] == []


@pytest.mark.slow
@pytest.mark.skipif(not IS_WHOLE, reason="takes long; set CONVLAB_FUZZ")
def test_a_training_that_keeps_epochs_survives_faults(scene):
    assert scene("kept epochs").sweep(FAULTS, True, 0) == []


@pytest.mark.slow
def test_killed_between_model_and_card_leaves_a_card_that_is_not_believed(scene):
    """The one moment that no file system makes one of; an error there takes the model back too."""
    from app.files.saved import find_model

    training = scene("train")
    changes = [each for each in training.undisturbed[0].operations if each.kind in CHANGES]
    renames = [i for i, each in enumerate(changes, 1) if each.kind == "rename" and CARD.search(each.path)]
    training.prepare()
    assert training.run(kind="kill", number=renames[-1]).code == -signal.SIGKILL
    assert list(torn(snapshot(training.work))) == ["out/numpy_cnn.keras and its card are torn apart"]
    assert find_model(str(training.work / "out" / "numpy_cnn.keras")).card is None
    number = sum(each.kind == "rename" for each in changes[: renames[-1]])
    outcome, wrong = training.try_fault(kind="rename", number=number)
    assert (outcome.code, wrong) == (2, [])


@pytest.mark.slow
def test_a_training_gets_by_without_hard_links(scene):
    """Some file systems have none."""
    training = scene("train")
    links = [each for each in training.undisturbed[0].operations if each.kind == "link"]
    for number in range(1, len(links) + 1):
        outcome, wrong = training.try_fault(kind="link", number=number)
        assert (outcome.code, wrong) == (0, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["train", "saliency"])
def test_files_that_cannot_grow(scene, name):
    """HDF5 and zip write past Python: RLIMIT_FSIZE stops them too, and they are taken down at the end."""
    asked = scene(name)
    for room in ROOMS if IS_WHOLE else (4 << 10, 64 << 10):
        _, wrong = asked.try_fault(room=room, is_quick=False)
        assert wrong == [], room


@pytest.mark.slow
@pytest.mark.parametrize("name", ["train", "saliency", "class"])
def test_a_full_disk(scene, name, small_disk):
    """A file system that is full, for temporary files as well."""
    asked = scene(name)
    shutil.copytree(asked.folder / "start", small_disk.folder / "start")
    asked = replace(asked, folder=small_disk.folder, _cache={"undisturbed": asked.undisturbed})
    for room in ROOMS if IS_WHOLE else (0, 16 << 10, 256 << 10):
        before = asked.prepare()
        with small_disk.with_room(room):
            outcome = asked.run(is_quick=False)
        assert asked.judge(before, outcome, room=room) == []


class SmallDisk:
    """A file system in memory, whose size can be set."""

    def __init__(self, folder):
        self.folder = folder
        self.resize(1 << 28)

    def resize(self, size):
        is_new = not os.path.ismount(self.folder)
        options = f"size={size}" if is_new else f"remount,size={size}"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("may not mount a file system")

    def with_room(self, room):
        """Leave so many bytes free inside the block."""
        return Filled(self, room)


class Filled:
    """What `SmallDisk.with_room` returns."""

    def __init__(self, disk, room):
        self.disk, self.room = disk, room

    def __enter__(self):
        facts = os.statvfs(self.disk.folder)
        self.disk.resize((facts.f_blocks - facts.f_bfree) * facts.f_frsize + max(self.room, 1))

    def __exit__(self, *_):
        self.disk.resize(1 << 28)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    yield SmallDisk(folder)
    subprocess.run(["umount", str(folder)], capture_output=True)
