"""The command: what is printed and written, as table, CSV and JSON; its exit codes; what a Ctrl-C leaves."""

import csv
import io
import json
import os
import sys
from types import SimpleNamespace

import pytest
from PIL import Image

from app.predict.__main__ import main
from app.predict.run import predict_pictures

ODD = ("plain.png", "with space.png", 'it\'s "quoted".png', "größe 大.png", "two\nlines.png", "=1+1.png")
"""Names that break what is written without care."""


@pytest.fixture(scope="module")
def digits(mnist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    for i, name in enumerate(ODD):
        Image.fromarray(mnist.test_images[i, ..., 0]).save(folder / name)
    return folder


@pytest.fixture
def predict(door):
    def run(*arguments):
        return door(main, "--model", "mnist", "--engine", "numpy", *arguments)

    return run


@pytest.fixture
def piped(monkeypatch):
    """Give the command a list on standard input."""

    def give(content):
        fake = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: False)
        monkeypatch.setattr(sys, "stdin", fake)

    return give


def test_a_table_has_a_row_for_each_picture(predict, digits):
    code, output, error = predict(digits, "--top", "3")
    assert code == 0
    assert "What mnist says" in output
    for word in ("plain.png", "größe 大.png", "two\\nlines.png", "next likeliest"):
        assert word in output
    assert error.strip() == "6 pictures predicted"


def test_csv_can_be_read_again(predict, digits, tmp_path, monkeypatch):
    monkeypatch.chdir(digits)
    code, _, _ = predict(*ODD, "--top", "2", "--output", tmp_path / "said.csv")
    with (tmp_path / "said.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert code == 0
    assert [*rows[0]] == [
        "image",
        "class",
        "probability",
        "class_2",
        "probability_2",
        "changes",
        "notes",
        "error",
    ]
    assert [row["class"] for row in rows] == ["7", "2", "1", "0", "4", "1"]
    assert [row["image"] for row in rows] == [*ODD[:4], "two\\nlines.png", "./=1+1.png"]
    assert all(float(row["probability"]) > float(row["probability_2"]) for row in rows)


@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_json_keeps_every_name(format_, predict, digits):
    code, output, _ = predict(digits, "--format", format_)
    rows = json.loads(output) if format_ == "json" else [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert {row["image"] for row in rows} == {str(digits / name) for name in ODD}
    assert all(len(row["top"]) == 5 for row in rows)
    assert rows[0]["top"][0] == {"class": rows[0]["class"], "probability": rows[0]["probability"]}


@pytest.mark.parametrize("ends", ["\n", "\0"])
def test_a_list_on_standard_input_is_taken(ends, predict, digits, piped):
    names = [name for name in ODD if ends == "\0" or "\n" not in name]
    piped((ends + (ends * 2).join(str(digits / name) for name in names) + ends).encode())
    code, output, _ = predict("-", "--format", "jsonl")
    assert code == 0
    assert [json.loads(line)["image"] for line in output.splitlines()] == [
        str(digits / name) for name in names
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux alone")
def test_a_name_that_is_no_text_is_kept(predict, mnist, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff.png")  # noqa: PTH118
    Image.fromarray(mnist.test_images[0, ..., 0]).save(os.fsdecode(path))
    for format_ in ("table", "csv"):
        code, output, _ = predict(tmp_path, "--format", format_)
        assert code == 0
        assert "\\udcff.png" in output
    (row,) = json.loads(predict(tmp_path, "--format", "json")[1])
    assert os.fsencode(row["image"]) == path


def test_what_cannot_be_read_makes_the_exit_code_1(predict, digits, tmp_path):
    (tmp_path / "bad.jpg").write_text("no picture")
    code, output, error = predict(digits, tmp_path / "bad.jpg", tmp_path / "none.png", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(output)))
    assert code == 1
    assert len(rows) == 8
    assert "not an image" in rows[6]["error"]
    assert rows[7]["error"].startswith("does not exist")
    assert error.splitlines() == [
        "6 pictures predicted",
        "Error: 2 of 8 pictures could not be read; their rows say why",
    ]


def test_nothing_to_read_is_one_line(predict, tmp_path):
    (tmp_path / "bad.jpg").write_text("no picture")
    for given, words in (
        ([tmp_path / "bad.jpg"], "bad.jpg: not an image"),
        ([tmp_path / "bad.jpg", tmp_path / "none.png"], "none of the 2 pictures could be read; the first: "),
    ):
        code, _, error = predict(*given)
        assert code == 2
        assert words in error
        assert len(error.splitlines()) == 1


def test_bad_usage_is_one_line(predict, digits, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        ([tmp_path / "empty"], "has no pictures (.png, "),
        ([digits, "--output", "said.doc"], "use an ending of .txt, .csv, .json, .jsonl, .ndjson"),
        ([digits, "--top", "0"], "1<=x<=1000"),
        ([digits, "--output", tmp_path], "is a folder"),
        ([], "Missing argument 'PICTURES...'"),
    ):
        code, output, error = predict(*arguments)
        assert (code, output) == (2, "")
        assert words in error.splitlines()[-1]


def test_an_empty_folder_beside_others_is_told(predict, digits, tmp_path):
    code, _, error = predict(digits, tmp_path)
    assert code == 0
    assert "has no pictures" in error


@pytest.mark.parametrize("format_", ["csv", "json", "jsonl", "txt"])
def test_ctrl_c_leaves_the_rows_written_so_far(format_, predict, digits, tmp_path, monkeypatch):
    def stopped(*arguments, **options):
        for number, each in enumerate(predict_pictures(*arguments, **options)):
            if number == 4:
                raise KeyboardInterrupt
            yield each

    monkeypatch.setattr("app.predict.request.predict_pictures", stopped)
    path = tmp_path / f"said.{format_}"
    path.write_text("old")
    code, _, error = predict(digits, "--batch-size", "2", "--output", path)
    assert code == 130
    assert f"Stopped: the rows of 4 of 6 pictures are written in {path}" in error
    text = path.read_text("utf-8")
    count = {
        "csv": lambda: len(list(csv.reader(io.StringIO(text)))) - 1,
        "json": lambda: len(json.loads(text)),
        "jsonl": lambda: len([json.loads(line) for line in text.splitlines()]),
        "txt": lambda: text.count(".png"),
    }[format_]()
    assert count == 4
    names = {each.name for each in tmp_path.iterdir()}
    goes_on = format_ in ("csv", "jsonl")
    assert names == ({path.name, f".{path.name}.stopped"} if goes_on else {path.name})
    assert ("the same command goes on" in error) == goes_on


def stop_after(count, monkeypatch):
    """Stop the next prediction after so many pictures; return a list of how many each run asks of."""
    asked, wanted = [], [count]

    def counted(opened, listing, *arguments):
        asked.append(len(listing.files))
        most = wanted.pop() if wanted else None
        for number, each in enumerate(predict_pictures(opened, listing, *arguments)):
            if number == most:
                raise KeyboardInterrupt
            yield each

    monkeypatch.setattr("app.predict.request.predict_pictures", counted)
    return asked


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_the_same_command_goes_on_behind_the_rows_that_are_there(
    ending, predict, digits, tmp_path, monkeypatch
):
    whole, path = tmp_path / f"whole.{ending}", tmp_path / f"said.{ending}"
    assert predict(digits, "--output", whole)[0] == 0
    asked = stop_after(4, monkeypatch)
    command = (digits, "--batch-size", "2", "--output", path)
    assert predict(*command)[0] == 130
    code, _, error = predict(*command)
    assert (code, asked) == (0, [6, 2])
    assert f"Going on behind the rows of 4 pictures in {path}" in error
    assert "6 pictures predicted" in error
    rows = [each.read_text("utf-8").splitlines() for each in (whole, path)]
    assert len(rows[0]) == len(rows[1])
    for one, other in zip(*rows, strict=True):  # batches of another size round otherwise
        assert one.split(".png")[0] == other.split(".png")[0]
    assert {each.name for each in tmp_path.iterdir()} == {whole.name, path.name}
    predict(*command)
    assert asked == [6, 2, 6]  # a run that ended begins anew


@pytest.mark.parametrize("change", ["rows", "options", "pictures", "note"])
def test_another_command_or_other_rows_begin_anew(change, predict, digits, tmp_path, monkeypatch):
    path = tmp_path / "said.csv"
    asked = stop_after(4, monkeypatch)
    assert predict(digits, "--batch-size", "2", "--output", path)[0] == 130
    options = ["--top", "2"] if change == "options" else []
    pictures = digits / "plain.png" if change == "pictures" else digits
    if change == "rows":
        path.write_text(path.read_text("utf-8") + "mine\n")
    if change == "note":
        (tmp_path / ".said.csv.stopped").write_text('{"read": -1}')
    assert predict(pictures, *options, "--output", path)[0] == 0
    assert asked == [6, 1 if change == "pictures" else 6]
    assert "mine" not in path.read_text("utf-8")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_failure_leaves_the_old_file(predict, digits, tmp_path, monkeypatch):
    def broken(*arguments, **options):
        raise ValueError("no")
        yield

    monkeypatch.setattr("app.predict.request.predict_pictures", broken)
    path = tmp_path / "said.csv"
    path.write_text("old")
    assert predict(digits, "--output", path)[0] == 2
    assert path.read_text() == "old"


def test_a_long_table_is_written_in_blocks(predict, digits, piped, monkeypatch):
    monkeypatch.setattr("app.predict.rows.BLOCK", 4)
    code, output, _ = predict(digits)
    assert code == 0
    assert output.count("next likeliest") == 2
    assert output.count("What mnist says") == 1
    assert output.count(".png") == 6
