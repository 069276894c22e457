"""Archives are judged by their lists of members."""

import zipfile

import pytest
from conftest import refusal_of_file

from app.untrusted import memory
from app.untrusted.archives import verify_keras_archive, verify_list


def write(path, *members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


WHOLE = (
    ("metadata.json", "{}"),
    ("config.json", "{}"),
    ("model.weights.h5", b"\x89HDF"),
    ("assets/words.txt", "a"),
)


def test_what_keras_writes_passes(tmp_path):
    verify_keras_archive(write(tmp_path / "m.keras", *WHOLE))
    verify_keras_archive(write(tmp_path / "m.keras", *WHOLE, method=zipfile.ZIP_DEFLATED))


def link():
    info = zipfile.ZipInfo("assets/link")
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("member", "content", "words"),
    [
        ("../../evil.txt", "", "leads out of the archive"),
        ("/etc/passwd", "", "leads out of the archive"),
        ("assets/../../evil", "", "leads out of the archive"),
        ("C:evil", "", "leads out of the archive"),
        ("assets/a\x1b[2Jb", "", "control characters"),
        ("assets/a\u202eb", "", "control characters"),
        (link(), "/etc/passwd", "is a link"),
        ("run.py", "", "none that Keras writes"),
        ("config.json", "again", "is there twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_other_members_do_not(tmp_path, member, content, words):
    path = write(tmp_path / "m.keras", *WHOLE, (member, content))
    assert words in refusal_of_file(verify_keras_archive, path)


def test_what_grows_beyond_measure(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "SMALL", 1 << 20)
    zeros = bytes(2 << 20)
    path = write(tmp_path / "m.keras", ("model.weights.h5", zeros), method=zipfile.ZIP_DEFLATED)
    assert "'model.weights.h5' would unpack from" in refusal_of_file(verify_keras_archive, path)
    few = bytes(600 << 10)
    path = write(tmp_path / "m.keras", ("assets/a", few), ("assets/b", few), method=zipfile.ZIP_DEFLATED)
    assert "all that is in it would unpack from" in refusal_of_file(verify_keras_archive, path)


def test_a_long_configuration(tmp_path):
    path = write(tmp_path / "m.keras", ("config.json", bytes(9 << 20)), method=zipfile.ZIP_DEFLATED)
    assert "config.json has 9,437,184 bytes" in refusal_of_file(verify_keras_archive, path)


def test_a_member_that_ends_beyond_the_file(tmp_path):
    path = write(tmp_path / "m.keras", ("assets/a", "a" * 100))
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\1\2")
    content[entry + 20 : entry + 28] = (1 << 30).to_bytes(4, "little") * 2  # packed and unpacked
    path.write_bytes(bytes(content))
    assert "says that it has 1,073,741,824 bytes in a file of" in refusal_of_file(verify_keras_archive, path)


def test_members_in_one_place(tmp_path):
    """The list says that the second member lies where the first one does."""
    path = write(tmp_path / "m.keras", ("config.json", "a" * 100), ("metadata.json", "b" * 100))
    content = bytearray(path.read_bytes())
    second = content.rindex(b"PK\1\2")
    content[second + 42 : second + 46] = bytes(4)  # its offset
    path.write_bytes(bytes(content))
    assert "lies where another one lies" in refusal_of_file(verify_keras_archive, path)


@pytest.mark.parametrize("bit", ["encrypted", "packed in a way"])
def test_what_cannot_be_unpacked_here(tmp_path, bit):
    path = write(tmp_path / "m.keras", ("config.json", "{}"))
    content = bytearray(path.read_bytes())
    start = content.rindex(b"PK\1\2")
    place = start + (8 if bit == "encrypted" else 10)
    content[place] = 1 if bit == "encrypted" else 97
    path.write_bytes(bytes(content))
    assert bit in refusal_of_file(verify_keras_archive, path)


def test_too_many(tmp_path):
    path = write(tmp_path / "m.keras", *((f"assets/{i}", "") for i in range(501)))
    assert "an archive of 501 members" in refusal_of_file(verify_keras_archive, path)
    path = write(tmp_path / "m.keras", *((f"assets/{i}", "") for i in range(20_000)))
    assert "absurdly long list" in refusal_of_file(verify_list, path)
