"""The written form of programs: read again it is the same, damage is refused, and machines get the golden numbers."""

import app.engine  # noqa: F401, I001

import copy
import json

import numpy as np
import pytest
from golden import FOLDER, vectors

from app.engine.machine import TensorFlowMachine
from app.engine.replay.plain import as_replay
from app.program.program import NotWrittenError, Program
from app.program.written import as_json, from_json, read_written, write_program
from app.scratch.machine import NumpyMachine

pytestmark = pytest.mark.keras
FILES = sorted(FOLDER.glob("*.json"))
MACHINES = {"NumPy": NumpyMachine, "TensorFlow": lambda program: TensorFlowMachine(as_replay(program))}


def golden(path):
    return json.loads(path.read_text())


def numbers(stored):
    return {k: np.reshape(v[1], v[0]) for k, v in stored.items() if k not in ("program", "layer")}


def test_there_are_golden_files():
    assert [path.stem for path in FILES] == ["chain", "lenet", "residual"]


def compare(machine, stored):
    wanted = numbers(stored)
    step = next(step for step in machine.program.steps if step.name == stored["layer"])
    found = vectors(machine, wanted["images"], wanted["seeds"], step)
    for name, values in found.items():
        np.testing.assert_allclose(values, wanted[name], rtol=1e-7, atol=2e-9, err_msg=name)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_machine_gets_the_golden_numbers(path, machine):
    stored = golden(path)
    compare(MACHINES[machine](from_json(stored["program"])), stored)


@pytest.mark.parametrize("machine", MACHINES)
def test_another_number_is_noticed(machine):
    stored = golden(FILES[0])
    program = from_json(stored["program"])
    next(step for step in program.steps if step.arrays).arrays["kernel"][0] += 1e-6
    with pytest.raises(AssertionError):
        compare(MACHINES[machine](program), stored)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_read_again_it_is_the_same(path, tmp_path):
    program = from_json(golden(path)["program"])
    assert as_json(program) == golden(path)["program"]
    write_program(program, tmp_path / "program.json")
    assert as_json(read_written(tmp_path / "program.json")) == golden(path)["program"]


def damaged(change):
    value = copy.deepcopy(golden(FOLDER / "residual.json")["program"])
    change(value)
    return value


def array(value):
    return next(iter(value["arrays"].values()))


DAMAGE = {
    "no program": (lambda v: v.update(format="x"), "no written program"),
    "another version": (lambda v: v.update(version=9), "version 9; this reads version 1"),
    "another type": (lambda v: v.update(dtype="float16"), "float32, float64, not 'float16'"),
    "no steps": (lambda v: v.pop("steps"), "damaged"),
    "a slot that is empty": (
        lambda v: v["steps"][0].update(reads=[99]),
        "reads a slot that nothing has filled",
    ),
    "a slot that is full": (
        lambda v: v["steps"][1].update(fills=v["image"]["slot"]),
        "fills one that is full",
    ),
    "an array that is missing": (lambda v: v["arrays"].popitem(), "damaged"),
    "too few bytes": (lambda v: array(v).update(data="AAAA"), "bytes; its shape"),
    "no base64": (lambda v: array(v).update(data="§"), "."),
    "an absurd shape": (lambda v: array(v).update(shape=[-1]), "a shape is a list of sizes"),
    "a size that is no number": (lambda v: v["steps"][0].update(shape=["x"]), "a shape is a list of sizes"),
    "an output that is none": (lambda v: v.update(output=1000), "head or its output"),
    "a head of another kind": (lambda v: v["head"].update(kind="x"), "head or its output"),
    "other units": (lambda v: v["head"].update(units=7), "not 7 units"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_refused(damage):
    change, match = DAMAGE[damage]
    with pytest.raises(ValueError, match=match):
        from_json(damaged(change))


def test_a_file_that_is_none_is_named(tmp_path):
    path = tmp_path / "some.json"
    path.write_text('{"format": "x"}')
    with pytest.raises(ValueError, match=r"some\.json: it is no written program"):
        read_written(path)
    path.write_text("[")
    with pytest.raises(ValueError, match=r"some\.json is no JSON"):
        read_written(path)


def test_a_kind_that_nobody_has_is_named_by_the_machine():
    value = damaged(lambda v: v["steps"][0].update(kind="Hologram"))
    for machine in MACHINES.values():
        with pytest.raises(NotWrittenError, match="Hologram"):
            machine(from_json(value))


def test_programs_of_calls_have_no_written_form():
    program = from_json(golden(FILES[0])["program"])
    with pytest.raises(NotWrittenError, match="no plain step"):
        as_json(as_replay(program))
    with pytest.raises(NotWrittenError, match="a known size"):
        as_json(Program("x", program.steps, program.image, (None, None, 1), program.output, program.head))
