"""What docs/lab.md says is what the command prints and what the page has on it."""

import re
import shlex
from importlib import import_module

import pytest
from conftest import ROOT

PAGE = ROOT / "app" / "lab" / "page"
GUIDE = (ROOT / "docs" / "lab.md").read_text("utf-8")
SAFETY = (ROOT / "docs" / "safety.md").read_text("utf-8")


def texts_of_page():
    """Return every English text of the page, with a pattern in the place of each value."""
    found = []
    for file in sorted((PAGE / "words").glob("*.js")):
        english = file.read_text("utf-8").split("zh: {")[0]
        for text in re.findall(r': "((?:[^"\\]|\\.)*)"', english):
            found.append(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)))
    return found


def on_page(words):
    return any(re.fullmatch(text, words) for text in texts_of_page())


def plain(text):
    return " ".join(text.split())


def main_of(module):
    return import_module(f"{module}.__main__").main


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\*\*([^*]+)\*\*", plain(GUIDE)))))
def test_what_the_guide_calls_by_name_is_on_the_page(name):
    assert on_page(name)


def test_a_button_that_is_gone_would_be_seen():
    assert on_page("Save as drawing.png")
    assert not on_page("Save the drawing")


def test_the_sentence_of_the_check_is_the_pages():
    (said,) = re.findall(r'it says: "([^"]*)"', plain(GUIDE))
    assert on_page(said)


def test_the_options_of_the_guide_exist(door):
    helps = "".join(door(main_of(name), "--help-all")[1] for name in ("app.lab", "app.train"))
    for option in set(re.findall(r"--[a-z0-9][a-z0-9-]+", GUIDE)):
        assert re.search(rf"{option}\b", helps), option


def test_the_limits_of_the_guide_are_those_of_the_code():
    from app.lab import answers, checking, contents, results

    text = plain(GUIDE)
    for said in (
        f"{contents.MOST_PARAMETERS / 1e6:g} million weights, {2 * contents.MOST_PARAMETERS / 1e6:g} million with",
        f"{contents.MOST_PRODUCTS / 1e6:g} million multiply-accumulates",
        f"{contents.MOST_EPOCH_BYTES >> 20} MiB",
        f"up to {contents.PROBES} images",
        f"{answers.MOST_LAYERS} layers, {answers.MOST_MAPS} maps of a layer, {answers.MOST_SIDE} rows and columns",
        f"more than {results.MOST_IN_NOTEBOOK / 1e6:g} MB",
    ):
        assert said in text, said
    assert checking.TOLERANCE == 1e-5
    assert "10⁻⁵" in text


def test_the_limits_of_the_server_are_those_of_the_code():
    from app.lab.serving.server import Limits

    limits, text = Limits(), plain(SAFETY)
    for said in (
        f"{limits.connections} connections",
        f"{limits.body_bytes >> 20} MiB",
        f"{limits.read_seconds:g} s for a whole request",
        f"{limits.wait_seconds:g} s for its turn",
        f"{limits.answer_seconds:g} s for an answer",
        f"{limits.log_lines} lines a minute",
    ):
        assert said in text, said


@pytest.mark.keras
def test_the_hand_out_is_written_as_shown(door, tmp_path):
    """All but the megabytes, which go with every line of the page."""

    def words(text):
        return re.sub(r"\d\.\d MB", "# MB", plain(text))

    (line,) = re.findall(r"```sh\npython -m ([^\n]*)\n```", GUIDE)
    (shown,) = re.findall(r"```text\n(Page: .*?)```", GUIDE, re.S)
    module, *arguments = shlex.split(line)
    path = tmp_path / "lab.html"
    code, said, error = door(
        main_of(module), *[str(path) if a == "output/lab.html" else a for a in arguments]
    )
    assert code == 0, error
    assert words(shown).split("(")[1] == words(said).split("(")[1]
    assert path.stat().st_size < 2e6


@pytest.mark.keras
def test_the_python_of_the_guide_prints_what_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    (shown,) = re.findall(r"```text\n(<lab page.*?)```", GUIDE, re.S)
    exec(compile(block, "docs/lab.md", "exec"), {})
    assert re.sub(r"\d\.\d MB", "# MB", capsys.readouterr().out) == re.sub(r"\d\.\d MB", "# MB", shown)
    assert (tmp_path / "lab.html").is_file()


def names_of_ink(text):
    """Return the names in the `MNIST_INK` of a module."""
    return re.findall(r"(\w+):", re.search(r"MNIST_INK = Object\.freeze\(\{(.*?)\}", text)[1])


def test_the_page_is_told_by_its_own_names_how_digits_are_prepared():
    from app.lab.contents import told_ink
    from models.pixels import Ink

    module = (PAGE / "drawing" / "preparing.js").read_text("utf-8")
    assert told_ink(Ink()) == {"isLight": True, "box": 20 / 28, "byMass": True}
    assert list(told_ink(Ink())) == names_of_ink(module)
    assert list(told_ink(Ink())) != names_of_ink(module.replace("byMass", "by_mass"))
    assert told_ink(None) is None
