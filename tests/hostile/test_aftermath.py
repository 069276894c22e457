"""The checks of what a command leaves fail where they should."""

import json
import sys
from dataclasses import replace

import pytest

from hostile.aftermath import Scene, core, differences, ending, remains, torn
from hostile.injector import Outcome

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")]


@pytest.mark.parametrize(
    ("code", "out", "err", "words"),
    [
        (1, "", "Traceback (most recent call last):\nOSError: full\n", "traceback: OSError: full"),
        (2, "Traceback", "Error: full\n", "a traceback"),
        (-11, "", "", "SIGSEGV"),
        (1, "", "Error: full\n", "exit code 1"),
        (2, "", "", "not one line"),
        (2, "", "Error: full\nhdf5 says more\n", "not one line"),
        (2, "", "Warning: full\n", "not one line"),
        (2, "", "Error: \n", "not one line"),
        (130, "", "Error: interrupted\nException ignored in\n", "more than a line"),
        (0, "", "WARNING: disk\n", "on standard error"),
    ],
)
def test_a_bad_end_is_noticed(code, out, err, words):
    (complaint,) = ending(Outcome(code, out, err, (), True), code if code > 2 else 2)
    assert words in complaint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"out/.a-x1.tmp.html": b""}, "out/.a-x1.tmp.html is left over"),
        ({"out/.backup/n-1/unfinished": None}, "unfinished is left over"),
        ({"out/.backup/discarded-n-1": None}, "discarded-n-1 is left over"),
        ({"scratch/tmpabc": None}, "tmpabc is left over"),
        ({"out/b.html": b"new"}, "b.html is left over, which no undisturbed run leaves"),
        ({"out/a.html": b"ne"}, "a.html is neither the old file nor the new one"),
        ({"out/a.html": ...}, "a.html was there before, and is gone"),
    ],
)
def test_a_bad_rest_is_noticed(change, words):
    before = {"out": None, "out/a.html": b"old"}
    undisturbed = before | {"out/a.html": b"new", "out/c.html": b"new"}
    for fine in (
        before,
        undisturbed,
        before | {"out/c.html": b"new"},
        before | {"out/.backup/n-1/epoch-0001/x": b""},
    ):
        assert list(remains(before, fine, undisturbed, False)) == []
    after = {name: content for name, content in (before | change).items() if content is not ...}
    (complaint,) = remains(before, after, undisturbed, False)
    assert words in complaint
    assert list(remains(before, after, undisturbed, True))
    assert list(remains(before, before, undisturbed, True)) == [
        "exit code 0, but out/a.html is not what an undisturbed run leaves",
        "exit code 0, but out/c.html is missing",
    ]


def test_a_card_of_another_model_is_noticed():
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc
    card = json.dumps({"file_sha256": digest}).encode()
    assert list(torn({"a.keras": b"abc", "a.json": card, "b.keras": b""})) == []
    assert list(torn({"a.keras": b"abd", "a.json": card})) == ["a.keras and its card are torn apart"]


def test_a_card_of_another_export_is_noticed():
    """The hashes are those that `hash_export` gives."""
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc
    card = json.dumps({"opset": None, "sha256": digest}).encode()
    assert list(torn({"a.onnx": b"abc", "a.onnx.json": card})) == []
    assert list(torn({"a.onnx": b"abd", "a.onnx.json": card})) == ["a.onnx and its card are torn apart"]
    folder = {"m": None, "m/b": b"abc", "m/a": None, "m/a/c": b"abd", "m.json": card}
    assert list(torn(folder)) == ["m and its card are torn apart"]


def test_a_folder_has_the_hash_that_its_card_says(tmp_path):
    from app.export.leaving import hash_export
    from hostile.aftermath import _hash_of, snapshot

    for name, content in {"b": b"abc", "a/c": b"abd", "a-c": b"", "a/d/e": b"x"}.items():
        (tmp_path / "m" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / name).write_bytes(content)
    assert _hash_of("m", snapshot(tmp_path)) == hash_export(tmp_path / "m")


def test_times_alone_make_no_difference():
    one, two = (
        {"a.json": json.dumps({"created": t, "history": [{"seconds": t, "loss": 1}]}).encode()} for t in "ab"
    )
    assert list(differences(one, two)) == []
    three = {"a.json": one["a.json"].replace(b"1", b"2")}
    assert list(differences(one, three)) == ["a.json is not what an undisturbed run leaves"]
    assert core("a.keras", b"no archive") == b"no archive"


def test_a_command_that_tidies_nothing_is_noticed(scene):
    """The same checks, as they are put together, on a command that writes as nobody should."""
    report = scene("params")

    class Careless(Scene):
        def run(self, **fault):
            outcome = super().run()
            if fault.get("kind") == "write":
                (self.work / "out" / ".mnist-1.tmp.html").write_text("half")
                (self.work / "out" / "mnist.html").write_text("half")
                outcome = replace(outcome, code=2, err="Error: full\n", has_fired=True)
            return outcome

    careless = Careless(report.forks, report.folder, report.arguments)
    _, wrong = careless.try_fault(kind="write", number=1)
    assert len(wrong) == 3, wrong
    assert "WORK" not in wrong[0].partition("[")[0]
    for complaint, words in zip(wrong, (".tmp.html is left", "neither the old", "run again: "), strict=True):
        assert words in complaint
