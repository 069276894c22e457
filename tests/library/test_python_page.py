"""docs/python.md, the README and the guide to maps: every example of Python is run and prints what the page shows."""

import contextlib
import io
import re

import numpy as np
import pytest
from conftest import ROOT

import app as lab

PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
MAPS = (ROOT / "docs" / "maps.md").read_text("utf-8")
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
EXAMPLES = EXAMPLE.findall(PAGE)
TOPICS = re.findall(r"^## \d+\. (.*)$", PAGE, re.M)


def tidy(text):
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def printed_by(code, names, folder):
    """Return what an example prints when it is run in a folder; `names` are what examples before it defined."""
    stream = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(stream):
        exec(compile(code, "example", "exec"), names)
    return tidy(stream.getvalue())


@pytest.fixture(scope="module")
def page_run(tmp_path_factory, mnist):
    """Run the examples of the page one after the other, as a reader would: returns run(number)."""
    names, folder, outputs = {}, tmp_path_factory.mktemp("page"), []

    def run(number):
        import matplotlib

        matplotlib.use("Agg")
        while len(outputs) <= number:
            outputs.append(printed_by(EXAMPLES[len(outputs)][0], names, folder))
        return outputs[number]

    yield run
    if "plt" in names:
        names["plt"].close("all")


def test_each_topic_has_one_example():
    assert len(TOPICS) == len(EXAMPLES) == 16
    assert PAGE.count("```python") == len(EXAMPLES)
    assert PAGE.count("```text") == sum(1 for _, shown in EXAMPLES if shown)


@pytest.mark.keras
@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=TOPICS)
def test_an_example_prints_what_the_page_shows(page_run, number):
    assert page_run(number) == tidy(EXAMPLES[number][1])


def test_an_example_that_prints_something_else_would_be_seen(tmp_path):
    code, shown = EXAMPLES[0]
    assert printed_by(code.replace('"lenet5"', '"vgg16"'), {}, tmp_path) != tidy(shown)


def test_the_table_lists_every_public_name_and_no_other():
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    assert sorted(listed) == sorted(set(lab.__all__) - {"__version__"})
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("name", sorted({*re.findall(r"lab\.(\w+)\(", PAGE + README + MAPS)}))
def test_a_function_that_the_pages_name_is_there(name):
    assert callable(getattr(lab, name))


@pytest.mark.keras
def test_what_the_readme_shows_is_printed(tmp_path):
    ((code, shown),) = EXAMPLE.findall(README)
    assert printed_by(code, {}, tmp_path) == tidy(shown)
    assert (tmp_path / "three.html").stat().st_size > 10_000


@pytest.mark.keras
def test_the_line_of_the_guide_to_maps_runs(tmp_path):
    ((code, _),) = EXAMPLE.findall(MAPS)
    names = {"lab": lab, "model": lab.load("mnist"), "images": np.zeros((2, 28, 28), np.uint8)}
    printed_by(code, names, tmp_path)
    assert names["seen"].methods == ("vanilla", "scorecam")


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", PAGE))
def test_a_link_leads_somewhere(target):
    assert (ROOT / "docs" / target).exists()


def test_every_notebook_is_linked():
    for path in (ROOT / "docs" / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in PAGE
        assert f"docs/notebooks/{path.name}" in README
