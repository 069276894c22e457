"""Bounds of texts, of memory and of what unpacks."""

import json

import pytest
from conftest import refusal, refusal_of_file

from app.untrusted import memory
from app.untrusted.json_text import parse_json, read_json
from app.untrusted.text import visible


def nested(levels):
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (nested(65), "is nested 65 levels deep; at most 64"),
        (nested(100_000), "nested too deep"),
        ('{"a":' * 65 + "1" + "}" * 65, "65 levels deep"),
        ("1" * 5000, "a number of 5,000 digits"),
        (str(2**64 + 1), "a number of 20 digits"),
        (" " * (8 << 20) + "1", "has 8,388,609 bytes"),
        ("{", "is no JSON"),
        (b"\xff\xfe\xff", "is no JSON"),
    ],
)
def test_what_is_beyond_is_refused(text, words, tmp_path):
    assert words in refusal(parse_json, text)
    path = tmp_path / "a.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert refusal_of_file(read_json, path).startswith("PATH ")


@pytest.mark.parametrize(
    "value", [json.loads(nested(64)), {"seed": 2**63 - 1, "low": -(2**62)}, [float("inf"), 1e300, None]]
)
def test_all_else_is_read(value):
    assert parse_json(json.dumps(value)) == value


def test_what_needs_more_than_there_is(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 10_000_000_000)
    memory.verify_fits(8_900_000_000, "it")
    assert (
        refusal(memory.verify_fits, 9_100_000_000, "it")
        == "it needs about 9.1 GB of memory; 10.0 GB are free"
    )
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    memory.verify_fits(1 << 60, "it")


def test_free_memory_is_the_least_of_what_is_known(monkeypatch):
    assert 1 << 20 < memory.free_memory() < 1 << 50
    for name, value in (("machine", 7), ("container", None), ("process", 5)):
        monkeypatch.setattr(memory, f"_of_{name}", lambda value=value: value)
    assert memory.free_memory() == 5
    assert memory.is_short_of_memory()


def test_what_grows_beyond_measure():
    memory.verify_growth(512 << 20, 0, "it")
    memory.verify_growth(10 * (60 << 20), 60 << 20, "it")
    message = refusal(memory.verify_growth, 10 * (60 << 20) + 1, 60 << 20, "it")
    assert "it would unpack from 62,914,560 bytes to 629,145,601" in message


@pytest.mark.parametrize(
    ("text", "shown"), [("\u202eevil", "\\u202eevil"), ("a\nb", "a\\nb"), ("Katze 猫", "Katze 猫")]
)
def test_names_cannot_steer_a_terminal(text, shown):
    assert visible(text) == shown
