"""Imports flow one way: each room may import only the rooms and packages listed here."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What a folder may import, besides the standard library and itself.
MAY_IMPORT = {
    "models": set(),
    "models/layers": {"keras", "tensorflow", "numpy"},
    "app/counting": {"models", "h5py"},
    "app/files": {"models", "app.counting", "h5py"},
    "app/datasets": {"models", "numpy", "PIL"},
    "app/engine": {
        "models",
        "app.counting",
        "app.files",
        "app.datasets",
        "numpy",
        "keras",
        "tensorflow",
        "h5py",
    },
    "app/visualisation": {"app.counting", "app.files", "app.engine", "numpy", "tensorflow", "tf_keras_vis"},
    "app/articles": {"models", "app.counting", "app.files", "app.datasets"},
    "app/experiments": {
        "models",
        "app.counting",
        "app.files",
        "app.datasets",
        "app.engine",
        "app.articles",
        "numpy",
    },
    "app/show": {"models", "app.counting", "app.files", "numpy", "rich", "matplotlib", "PIL"},
    "app": {
        "models",
        "app.counting",
        "app.files",
        "app.datasets",
        "app.engine",
        "app.visualisation",
        "app.show",
        "app.articles",
        "app.experiments",
        "app.door",
        "app.reporting",
        "app.map_options",
        "app.map_request",
        "app.map_session",
        "app.map_output",
        "app.map_folder",
        "app.map_tests",
        "app.faith_session",
        "app.faith_output",
        "app.picturing",
        "app.unit_pictures",
        "click",
        "numpy",
        "rich",
    },
}
HEAVY = {"tensorflow", "keras", "matplotlib", "tf_keras_vis", "app.engine", "app.visualisation"}


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node


def covered(name, allowed):
    return any(name == a or name.startswith(a + ".") for a in allowed)


def is_standard(name):
    return name.split(".")[0] in sys.stdlib_module_names


FILES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "models").rglob("*.py")])


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])
def test_imports_flow_one_way(path):
    room = room_of(path)
    allowed = MAY_IMPORT[room] | {room.replace("/", ".")}
    if room == "app":
        allowed -= {"app"}
    for name, node in imports(ast.parse(path.read_text("utf-8"))):
        assert is_standard(name) or covered(name, allowed), (
            f"{room} must not import {name} (line {node.lineno})"
        )


DOORS = sorted((ROOT / "app").glob("*.py"))
LIGHT = DOORS + [
    p
    for p in FILES
    if room_of(p) in ("models", "app/counting", "app/files", "app/articles", "app/experiments")
]


@pytest.mark.parametrize("path", LIGHT, ids=[str(p.relative_to(ROOT)) for p in LIGHT])
def test_light_modules_import_nothing_heavy_at_the_top(path):
    tree = ast.parse(path.read_text("utf-8"))
    top = ast.Module([n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))], [])
    for name, node in imports(top):
        assert not covered(name, HEAVY), f"{name} belongs inside the command (line {node.lineno})"


def test_the_check_sees_a_wrong_import():
    tree = ast.parse("def f():\n    from app.engine.replay import replay\n")
    ((name, _),) = imports(tree)
    assert not covered(name, MAY_IMPORT["app/counting"] | {"app.counting"})
    assert covered(name, MAY_IMPORT["app/visualisation"])
