"""Which files are predicted: named ones, those of folders, those of a list."""

import io
import os
import sys

import pytest
from conftest import refusal

from app.files.listing import list_pictures, natural_key, read_list


@pytest.fixture
def folder(tmp_path):
    """A folder with all that lies about in folders of pictures."""
    for name in (
        "a10.png",
        "a2.png",
        "B1.JPG",
        "notes.txt",
        ".hidden.png",
        "sub/x.webp",
        ".trash/y.png",
        "sub/deep/z.gif",
    ):
        path = tmp_path / "all" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "all"


def names(listing, folder):
    return [os.path.relpath(file, folder) for file in listing.files]


def test_folders_are_searched_as_people_count(folder):
    listing = list_pictures([str(folder)])
    assert names(listing, folder) == ["a2.png", "a10.png", "B1.JPG", "sub/x.webp", "sub/deep/z.gif"]
    assert listing.left_out() == "1 file of another kind (.txt), 2 hidden"


def test_the_plain_order_is_another():
    assert sorted(["a10", "a2"]) != sorted(["a10", "a2"], key=natural_key) == ["a2", "a10"]


def test_a_named_file_is_taken_whatever_it_is_called(folder):
    listing = list_pictures([str(folder / "notes.txt"), str(folder / ".hidden.png"), "nowhere.png"])
    assert [os.path.basename(file) for file in listing.files] == ["notes.txt", ".hidden.png", "nowhere.png"]  # noqa: PTH119
    assert listing.left_out() == ""


def test_links_in_circles_end(folder):
    (folder / "sub" / "round").symlink_to(folder)
    (folder / "a3.png").symlink_to(folder / "a2.png")
    listing = list_pictures([str(folder)])
    assert len(listing.files) == 6
    assert "1 link to folders" in listing.left_out()


def test_a_folder_without_pictures_says_what_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    said = refusal(list_pictures, [str(tmp_path)])
    assert "has no pictures (.png, " in said
    assert "1 file of another kind (.txt)" in said


def test_series_are_other_files(tmp_path):
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "b.png").write_text("")
    assert names(list_pictures([str(tmp_path)], is_series=True), tmp_path) == ["a.csv"]
    assert names(list_pictures([str(tmp_path)]), tmp_path) == ["b.png"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (b"a.png\nb c.png\n\n   \nd'\"e.png", ["a.png", "b c.png", "d'\"e.png"]),
        (b"a.png\r\nb.png\r\n", ["a.png", "b.png"]),
        (b"\xef\xbb\xbfa.png\n", ["a.png"]),
        (b"a\nb.png\0 c.png\0", ["a\nb.png", " c.png"]),
        ("ö.png\n".encode(), ["ö.png"]),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_a_list_is_one_path_a_line_or_ended_by_zeros(text, paths):
    assert list(read_list(io.BytesIO(text))) == paths


@pytest.mark.parametrize("end", [b"\n", b"\0"])
def test_long_lists_are_read_whole(end):
    paths = [f"folder/{i:06}.png" for i in range(20_000)]
    text = end.join(path.encode() for path in paths)
    assert list(read_list(io.BytesIO(text))) == paths


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux alone")
def test_names_that_are_no_text_stay_what_they_are():
    (path,) = read_list(io.BytesIO(b"\xff.png\n"))
    assert os.fsencode(path) == b"\xff.png"


def test_a_list_may_name_folders_and_is_read_once(folder):
    listing = list_pictures(["-"], io.BytesIO(f"{folder / 'sub'}\n".encode()))
    assert names(listing, folder) == ["sub/x.webp", "sub/deep/z.gif"]
    assert "only once" in refusal(list_pictures, ["-", "-"], io.BytesIO(b""))
    assert "names no file" in refusal(list_pictures, ["-"], io.BytesIO(b"\n"))


@pytest.mark.parametrize("content", [b"\0" * 3_000_000, b"\n" * 3_000_000, b"n" * 3_000_000])
def test_what_names_nothing_for_a_megabyte_is_no_list(content):
    said = refusal(list_pictures, ["-"], io.BytesIO(b"a.png\n" + content))
    assert said == "the list on standard input names no file for a megabyte; write one path a line"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_list_in_utf_16_is_named(encoding):
    content = "\ufeffa.png\r\n".encode(encoding)
    assert "is in UTF-16" in refusal(list_pictures, ["-"], io.BytesIO(content))


def test_a_name_that_is_too_long_is_taken_as_one_that_is_missing():
    assert list_pictures(["n" * 5000, "a\0b"]).files == ["n" * 5000, "a\0b"]
