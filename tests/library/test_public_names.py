"""`import app` is light, and every name of it is there however the house below was imported."""

import subprocess
import sys

import pytest
from conftest import ROOT

import app as lab

PUBLIC = sorted(lab._HOMES)
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "app").rglob("*.py"))
    if path.name != "__main__.py"
]


def fresh(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_it_loads_nothing_heavy():
    loaded = fresh("import sys, app; print(*sys.modules)").split()
    assert not {"numpy", "keras", "tensorflow", "matplotlib", "click", "rich", "PIL"} & set(loaded)
    assert not [name for name in loaded if name.startswith(("app.", "models"))]


def test_looking_at_the_names_loads_nothing_heavy_either():
    loaded = fresh("import sys, app; dir(app); app.count, app.explain; print(*sys.modules)").split()
    assert not {"keras", "tensorflow", "matplotlib"} & set(loaded)


def test_every_name_is_a_function_that_says_what_it_does():
    for name in PUBLIC:
        function = getattr(lab, name)
        assert callable(function)
        assert function.__name__ == name
        assert ">>>" in function.__doc__, f"{name} has no example"


def test_all_and_dir_list_the_same_names():
    assert sorted(lab.__all__) == sorted(["__version__", *PUBLIC])
    assert set(PUBLIC) <= set(dir(lab))


def test_no_name_is_that_of_a_folder():
    """Importing anything from a folder `app/train/` would replace a function `app.train`."""
    folders = {path.name for path in (ROOT / "app").iterdir() if path.is_dir()}
    assert not folders & set(PUBLIC)


@pytest.mark.keras
def test_every_name_is_still_there_when_every_module_was_imported():
    code = f"""
import importlib
for name in {MODULES!r}:
    importlib.import_module(name)
import app
for name in {PUBLIC!r}:
    assert callable(getattr(app, name)), name
    home = importlib.import_module("app.library." + app._HOMES[name])
    assert getattr(app, name) is getattr(home, name), name
print(len({PUBLIC!r}))
"""
    assert int(fresh(code).split()[-1]) == len(PUBLIC)


def test_a_name_that_is_not_there_is_an_attribute_error_that_lists_them():
    with pytest.raises(AttributeError, match=r"no attribute 'cuont'; there are .*count"):
        lab.cuont  # noqa: B018
