"""The page's sources: every sentence in both languages, names used once, and nothing that makes markup of a text."""

import re
from itertools import chain
from pathlib import Path

import pytest
from javascript import PAGE, run_javascript

SOURCES = {path.relative_to(PAGE).as_posix(): path.read_text("utf-8") for path in sorted(PAGE.rglob("*.js"))}
SPEAKING = {name: text for name, text in SOURCES.items() if not name.startswith("words/")}
ALIKE = {"copyPng", "copySvg", "gradcam"}
"""Keys whose texts are the same in both languages: names, and no words."""
KEY = r"[A-Za-z][\w-]*"
SAID = re.compile(rf'(?:\bsay\(\s*|\bsay: *|engineFault\(\s*|\bsay[A-Z]\w*\(\s*)"({KEY})"')
TEXT_OR_COMMENT = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|/\*.*?\*/|//[^\n]*""", re.S)
BUILT = re.compile(r"`([A-Za-z-]*)\$\{[^`]*\}([A-Za-z-]*)`")
TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) +(\{[^}]*\}|\[[^\]]*\]|\w+)", re.M
)
FORBIDDEN = {
    "markup made of text": r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment)\b",
    "code made of text": r"\beval\(|new Function\b|setTimeout\(\s*[\"'`]|javascript:",
    "style attributes": r"setAttribute\(\s*[\"']style|\bstyle=|[{,]\s*style: ",
    "addresses outside": r"https?://(?!www\.w3\.org/2000/svg)",
    "what a bundle has not": r"\bimport\.meta\b|\bimport\(|\bexport default\b|\bexport \{|\bexport \*|^await ",
}


@pytest.fixture(scope="module")
def words():
    """The texts by language and key, as the page has them."""
    return run_javascript('import { WORDS } from "./words/index.js";\nconst result = WORDS;')


def without_comments(text):
    """Texts in quotes may hold what looks like a comment: `"image/*"`."""
    return TEXT_OR_COMMENT.sub(lambda found: found[1] or " ", text)


def placeholders(text):
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.browser
def test_both_languages_have_the_same_keys_and_places_for_values(words):
    assert words["en"].keys() == words["zh"].keys()
    for key, text in words["en"].items():
        assert placeholders(text) == placeholders(words["zh"][key]), key
        assert text.strip(), key


@pytest.mark.browser
def test_chinese_is_chinese(words):
    for key, text in words["zh"].items():
        if key not in ALIKE:
            assert re.search(r"[\u4e00-\u9fff]", text), key
            assert text != words["en"][key], key


@pytest.mark.browser
def test_no_part_has_the_key_of_another():
    counts = run_javascript(
        """
        import { drawingWords } from "./words/drawing.js";
        import { engineWords } from "./words/engine.js";
        import { pageWords } from "./words/page.js";
        import { paperWords } from "./words/paper.js";
        import { sightWords } from "./words/sight.js";
        const parts = [drawingWords, engineWords, pageWords, paperWords, sightWords];
        const result = parts.map((part) => Object.keys(part.en));
        """
    )
    keys = list(chain(*counts))
    assert sorted(keys) == sorted(set(keys))
    assert len(counts) == len(list((PAGE / "words").glob("*.js"))) - 1  # but the index


@pytest.mark.browser
def test_every_key_that_is_said_is_there(words):
    said = {key: name for name, text in SPEAKING.items() for key in SAID.findall(without_comments(text))}
    assert len(said) > 100
    assert {key: name for key, name in said.items() if key not in words["en"]} == {}


@pytest.mark.browser
def test_every_built_key_is_there(words):
    """`tab-${name}` and its like: each way to fill it is a key."""
    keys = set(words["en"])
    assert {f"tab-{name}" for name in ("inside", "paper", "training")} <= keys
    steps = run_javascript(
        'import { PREPARING_STEPS } from "./drawing/preparing.js";\nconst result = PREPARING_STEPS;'
    )
    assert {f"step{name[0].upper()}{name[1:]}" for name in steps} <= keys
    assert {f"{kind}{where}" for kind in ("others", "readAsOne") for where in ("Beside", "Below")} <= keys


@pytest.mark.browser
def test_no_key_is_unused(words):
    texts = "\n".join(map(without_comments, SPEAKING.values()))
    literals = set(re.findall(rf'["\'`]({KEY})["\'`]', texts))
    built = [
        re.compile(f"{re.escape(head)}.+{re.escape(tail)}")
        for head, tail in BUILT.findall(texts)
        if head or tail
    ]
    built = [pattern for pattern in built if len(pattern.pattern) > len(".+") + 3]
    unused = {
        key
        for key in words["en"]
        if key not in literals and not any(pattern.fullmatch(key) for pattern in built)
    }
    assert unused == set()


def test_names_at_the_top_are_used_once():
    """All modules become one scope."""
    owners = {}
    for name, text in SOURCES.items():
        for found in TOP_LEVEL.findall(without_comments(text)):
            for each in re.findall(r"\w+", found):
                owners.setdefault(each, []).append(name)
    assert len(owners) > 400
    assert {each: names for each, names in owners.items() if len(names) > 1} == {}


def test_imports_and_exports_are_of_the_form_that_is_joined():
    from app.lab.bundle import IMPORT, join_modules

    for name, text in SOURCES.items():
        code = without_comments(text)
        assert len(re.findall(r"^\s*import\b", code, re.M)) == len(IMPORT.findall(code)), name
        for names, source in IMPORT.findall(code):
            assert " as " not in names, name
            assert ((PAGE / name).parent / source).is_file(), (name, source)
    for entry in ("main.js", "engine/worker.js"):
        assert not re.search(r"^\s*(?:import|export)\b", join_modules(entry), re.M)


def test_every_module_is_on_the_page():
    from app.lab.bundle import join_modules

    joined = join_modules("main.js") + join_modules("engine/worker.js")
    for name, text in SOURCES.items():
        names = TOP_LEVEL.findall(without_comments(text))
        first = next((found for found in names if re.fullmatch(r"\w+", found)), None)
        assert first is None or re.search(rf"\b{first}\b", joined), name


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_sources_hold_nothing_that_runs_a_text(what):
    for name, text in SOURCES.items():
        assert not re.search(FORBIDDEN[what], without_comments(text), re.M), name


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("markup made of text", "list.innerHTML = name;"),
        ("code made of text", 'setTimeout("go()", 1)'),
        ("style attributes", 'make("p", { style: "color: red" })'),
        ("addresses outside", 'fetch("https://example.org/a")'),
        ("what a bundle has not", 'const a = await import("./a.js")'),
    ],
)
def test_the_search_finds_what_is_forbidden(what, text):
    assert re.search(FORBIDDEN[what], text, re.M)


def test_the_markup_holds_no_handlers_and_no_styles():
    markup = Path(PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<script[^>]+src=|<link[^>]+stylesheet", markup)


def test_numbers_of_the_page_are_read_back():
    from opened_pages import as_told, number

    assert [number(each) for each in ("−0.25", "1,024", "9.8·10⁻⁹", "−1.5·10⁶")] == [
        -0.25,
        1024,
        9.8e-9,
        -1.5e6,
    ]
    assert as_told("1·2 + 3") == "1·2 + 3"
