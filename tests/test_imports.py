"""Imports flow one way: the ground floor in its order, the wings on the ground and not on each other, the roof
on all of them."""

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

HEAVY_PACKAGES = {"tensorflow", "keras", "tf_keras_vis"}
GROUND = {  # in its order: each may import those above it, models, and the packages named here
    "untrusted": set(),
    "counting": {"h5py"},
    "datasets": {"numpy", "PIL"},
    "files": {"h5py", "numpy"},
    "show": {"numpy", "rich", "matplotlib", "PIL", "typst"},
    "shards": {"numpy", "dask", "distributed"},
    "cluster": set(),
    "questions": set(),
    "program": {"numpy"},
    "scratch": {"numpy", "rich", "matplotlib"},
    "workings": {"numpy"},
    "engine": {"numpy", "keras", "tensorflow", "h5py", "onnx", "onnxruntime", "tf2onnx", "ai_edge_litert"},
    "maps": {"numpy", "tensorflow", "tf_keras_vis", "matplotlib", "PIL"},
    "commands": {"click", "numpy", "rich"},
}
ROOF = "library"
WINGS = {path.parent.name for path in (ROOT / "app").glob("*/__main__.py")} - set(GROUND)
WING_PACKAGES = {"click", "numpy", "rich", "matplotlib", "PIL"} | HEAVY_PACKAGES
FROM_WING_TO_WING = {
    ("saliency", "faith"): "tests of faith that are asked for with a map",
    ("experiment", "claims"): "the timeline judges what the article says as the ledger does",
}
DOORS = {"scratch": ("__main__.py", "request.py", "beside_keras.py")}
"""Files on the ground floor that belong to a command: they may import what stands below it, and the engine late."""
FORKED_FROM = ROOT / "app/shards/loaded_once.py"
"""What is imported there, the process that workers are forked from has loaded for them."""
MODELS = {"models": set(), "models/layers": {"keras", "tensorflow", "numpy"}}


def folder_of(path):
    parts = path.relative_to(ROOT).parts
    if parts[0] == "models":
        return "/".join(parts[:2]) if len(parts) > 2 else "models"
    return parts[1] if len(parts) > 2 else "app"


def allowed_in(folder):
    """What a folder may import besides the standard library, as prefixes of dotted names."""
    if folder in MODELS:
        return MODELS[folder] | {"models"}
    if folder == "app":
        return {"app.commands", "app.__version__", "click", f"app.{ROOF}"}
    if folder == ROOF:
        return {"app", "models", "numpy"}
    if folder in GROUND:
        above = list(GROUND)[: list(GROUND).index(folder) + 1]
        return {f"app.{name}" for name in above} | GROUND[folder] | {"models"}
    others = {f"app.{wing}" for mine, wing in FROM_WING_TO_WING if mine == folder}
    return {f"app.{name}" for name in (*GROUND, folder)} | others | WING_PACKAGES | {"models"}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node


def at_the_top(tree):
    return imports(ast.Module([n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))], []))


def covered(name, allowed):
    return any(name == a or name.startswith(a + ".") for a in allowed)


def is_standard(name):
    return name.split(".")[0] in sys.stdlib_module_names


FILES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "models").rglob("*.py")])
EACH_FILE = pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])


@EACH_FILE
def test_imports_flow_one_way(path):
    folder = folder_of(path)
    allowed = allowed_in(folder)
    if path.name in DOORS.get(folder, ()):
        allowed = allowed | {f"app.{name}" for name in GROUND} | {"click"} | HEAVY_PACKAGES
    if path == FORKED_FROM:
        allowed = allowed | HEAVY_PACKAGES
    for name, node in imports(ast.parse(path.read_text("utf-8"))):
        assert is_standard(name) or covered(name, allowed), (
            f"{folder} must not import {name} (line {node.lineno})"
        )


@EACH_FILE
def test_matplotlib_is_imported_by_show_and_by_figures(path):
    names = {name for name, _ in imports(ast.parse(path.read_text("utf-8")))}
    if covered("app.show", {f"app.{folder_of(path)}"}) or "figures" in (path.stem, path.parent.name):
        return
    assert not [name for name in names if covered(name, {"matplotlib"})]


@EACH_FILE
def test_figures_and_reports_see_rows_and_arrays(path):
    if {path.stem, path.parent.name} & {"figures", "report", "reports", "results"}:
        names = {name for name, _ in imports(ast.parse(path.read_text("utf-8")))}
        assert not [name for name in names if covered(name, HEAVY_PACKAGES | {"app.engine"})]


LIGHT = {"app", "models", "counting", "files", "commands", "claims", "library"}


@EACH_FILE
def test_light_modules_import_nothing_heavy_at_the_top(path):
    if folder_of(path) not in LIGHT and path.name not in ("__init__.py", "__main__.py"):
        return
    if folder_of(path) in ("engine", "models/layers"):
        return
    for name, node in at_the_top(ast.parse(path.read_text("utf-8"))):
        assert not covered(name, HEAVY_PACKAGES | {"matplotlib", "app.engine"}), (
            f"{name} belongs inside the command (line {node.lineno})"
        )


MAPS = [path for path in FILES if folder_of(path) == "maps"]


@pytest.mark.parametrize("path", MAPS, ids=[str(p.relative_to(ROOT)) for p in MAPS])
def test_maps_import_tensorflow_and_the_engine_late(path):
    """Another engine may run the same maps, and commands list the methods before TensorFlow is there."""
    for name, node in at_the_top(ast.parse(path.read_text("utf-8"))):
        assert not covered(name, HEAVY_PACKAGES | {"app.engine"}), f"{name} (line {node.lineno})"


def test_all_maps_can_be_imported_without_tensorflow():
    modules = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in MAPS]
    modules = [n for n in modules if not n.startswith(("app.maps.figures", "app.maps.strip"))]
    assert {"app.maps.explainer", "app.maps.explain", "app.maps.methods.cam"} < set(modules)
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & (HEAVY_PACKAGES | {"matplotlib", "app.engine"})


def test_app_holds_folders_and_two_files():
    """A loose file in `app/` is a helper without a home."""
    tracked = subprocess.run(["git", "ls-files", "app"], cwd=ROOT, capture_output=True, text=True).stdout
    loose = {line for line in tracked.split() if line.count("/") == 1}
    assert loose <= {"app/__init__.py", "app/__main__.py"}


def test_every_folder_is_ground_or_wing():
    folders = {path.name for path in (ROOT / "app").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(GROUND) | WINGS | {ROOF}


def test_only_the_public_names_stand_on_the_roof():
    for path in FILES:
        names = {name for name, _ in imports(ast.parse(path.read_text("utf-8")))}
        if folder_of(path) != ROOF and path != ROOT / "app" / "__init__.py":
            assert not [name for name in names if covered(name, {f"app.{ROOF}"})], path


def test_few_wings_import_each_other_and_all_that_are_written_down_do():
    assert len(FROM_WING_TO_WING) <= 4
    found = {
        (folder, name.split(".")[1])
        for path in FILES
        if (folder := folder_of(path)) in WINGS
        for name, _ in imports(ast.parse(path.read_text("utf-8")))
        if name.startswith("app.") and name.split(".")[1] in WINGS - {folder}
    }
    assert found == set(FROM_WING_TO_WING)


@pytest.mark.parametrize(
    ("folder", "line", "is_fine"),
    [
        ("counting", "from app.engine.store import load_model", False),
        ("counting", "from app.params.lint import lint", False),
        ("maps", "from app.engine.store import load_model", True),
        ("maps", "from app.faith.sanity import sanity", False),
        ("train", "from app.params.lint import lint", False),
        ("saliency", "from app.faith.sanity import sanity", True),
        ("app", "from app.params.lint import lint", False),
        ("models", "import keras", False),
    ],
)
def test_the_check_sees_a_wrong_import(folder, line, is_fine):
    ((name, _),) = imports(ast.parse(line))
    assert covered(name, allowed_in(folder)) == is_fine
