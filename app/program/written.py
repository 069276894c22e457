"""A program's written form: one JSON text that a machine in any language can read.

    {"format": "convlab program", "version": 1, "name": "mnist", "dtype": "float32",
     "image": {"slot": 1, "shape": [28, 28, 1]}, "output": 9, "notes": [],
     "head": {"kind": "softmax", "units": 10, "slot": 9},
     "steps": [{"name": "conv1:linear", "kind": "Conv2D", "settings": {"filters": 32, …}, "reads": [1], "fills": 2,
                "shape": [26, 26, 32], "arrays": {"kernel": "conv1:linear/kernel", …}}, …],
     "arrays": {"conv1:linear/kernel": {"shape": [3, 3, 1, 32], "data": "…"}, …}}

Steps stand in the order in which they run: each reads slots that the image or an earlier step has filled, and fills one
of its own. Kinds and settings are Keras' names for its layers. The step that fills the head's slot is left out for
logits. Shapes are without the batch axis, channels last. Data are the numbers of an array, little-endian, of the type
`dtype`, in row-major order, as base64. Two steps that share their weights name the same arrays.
"""

import base64
import json
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np

from app.files.atomic import write_text
from app.program.heads import Head
from app.program.program import NotWrittenError, Program
from app.program.steps import PlainStep, Slot
from app.untrusted.json_text import read_json

FORMAT = "convlab program"
VERSION = 1
DTYPES = ("float32", "float64")
MOST_BYTES = 256 << 20
"""Length of a written program."""
KINDS = get_args(Head.__annotations__["kind"])


def as_json(program: Program) -> dict[str, Any]:
    """Return a program as what its JSON text holds.

    Raises:
        NotWrittenError: its steps are no plain ones, or its size is left open.
    """
    if program.given or program.is_per_pixel or program.channels_first or None in program.image_shape:
        raise NotWrittenError(
            "written are programs of one image of a known size, channels last, and a row of classes"
        )
    arrays: dict[str, Any] = {}
    names: dict[int, Mapping[str, str]] = {}
    steps = []
    twice = [name for name, count in Counter(step.name for step in program.steps).items() if count > 1]
    if twice:  # x:linear is x before its activation, and may be a layer's name as well
        raise NotWrittenError(f"two of its layers are called {twice[0]!r}")
    for step in program.steps:
        if not isinstance(step, PlainStep):
            raise NotWrittenError(f"layer {step.name!r} is no plain step")
        key = id(step.arrays)
        if key not in names:
            names[key] = {name: f"{step.name}/{name}" for name in step.arrays}
            for name, values in step.arrays.items():
                arrays[f"{step.name}/{name}"] = _written(np.asarray(values), program.dtype)
        steps.append(
            {
                "name": step.name,
                "kind": step.kind,
                "settings": dict(step.settings),
                "reads": [slot.index for slot in step.reads],
                "fills": step.outputs[0].index,
                "shape": list(step.shape[1:]),
                "arrays": names[key],
            }
        )
    return written_form(program, steps, arrays)


def written_form(program: Program, steps: list[dict[str, Any]], arrays: dict[str, Any]) -> dict[str, Any]:
    """Return what a text holds of a program, with steps and arrays as they are written."""
    head = program.head
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": program.name,
        "dtype": program.dtype,
        "image": {"slot": program.image.index, "shape": list(program.image_shape)},
        "output": program.output.index,
        "head": {"kind": head.kind, "units": head.units, "slot": head.slot and head.slot.index},
        "notes": list(program.notes),
        "steps": steps,
        "arrays": arrays,
    }


def write_program(program: Program, path: Path) -> None:
    """Write a program's JSON, whole or not at all.

    Raises:
        NotWrittenError: it has no written form.
    """
    write_text(path, json.dumps(as_json(program), ensure_ascii=False))


def read_written(path: Path) -> Program:
    """Return the program in a JSON file.

    Raises:
        ValueError: it is none, or contradicts itself; the message names the file.
    """
    value = read_json(path, MOST_BYTES)
    try:
        return from_json(value)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def from_json(value: Any) -> Program:
    """Return the program that the content of a JSON text describes. Nothing in it is run.

    Raises:
        ValueError: it is none, or contradicts itself.
    """
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ValueError("it is no written program")
    if value.get("version") != VERSION:
        raise ValueError(f"it is a program of version {value.get('version')!r}; this reads version {VERSION}")
    try:
        return _program(value)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("the written program is damaged: a value is missing or of another kind") from error


def _program(value: Mapping[str, Any]) -> Program:
    dtype, image = value["dtype"], value["image"]
    if dtype not in DTYPES:
        raise ValueError(f"its dtype must be one of {', '.join(DTYPES)}, not {dtype!r}")
    arrays = {name: _read(name, each, dtype) for name, each in value["arrays"].items()}
    shapes = {image["slot"]: _shape(image["shape"])}
    held: dict[tuple[tuple[str, str], ...], Mapping[str, Any]] = {}
    steps = []
    for step in value["steps"]:
        name, reads, fills = str(step["name"]), step["reads"], step["fills"]
        unknown = [slot for slot in reads if slot not in shapes]
        if unknown or not reads or fills in shapes or not isinstance(fills, int):
            raise ValueError(f"step {name!r} reads a slot that nothing has filled, or fills one that is full")
        shapes[fills] = _shape(step["shape"])
        key = tuple(step["arrays"].items())
        kept = held.setdefault(key, {each: arrays[stored] for each, stored in key})
        steps.append(
            PlainStep(
                name=name,
                call=str(step["kind"]),
                told=dict(step["settings"]),
                reads=tuple(map(Slot, reads)),
                outputs=(Slot(fills),),
                shape=(None, *shapes[fills]),
                input_shape=(None, *shapes[reads[0]]),
                arrays=kept if key else {},
            )
        )
    head, output = value["head"], value["output"]
    slot = head["slot"]
    if head["kind"] not in KINDS or output not in shapes or (slot is not None and slot not in shapes):
        raise ValueError("its head or its output is none of its slots")
    if shapes[output] != (head["units"],):
        raise ValueError(f"its output has the shape {shapes[output]}, not {head['units']!r} units")
    return Program(
        str(value["name"]),
        steps,
        Slot(image["slot"]),
        shapes[image["slot"]],
        Slot(output),
        Head(head["kind"], head["units"], None if slot is None else Slot(slot)),
        dtype,
        notes=tuple(map(str, value["notes"])),
        entry=Slot(image["slot"]),
    )


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(n) is int and 0 < n < 1 << 31 for n in value):
        raise ValueError(f"a shape is a list of sizes, not {value!r}"[:200])
    return tuple(value)


def _written(values: np.ndarray, dtype: str) -> dict[str, Any]:
    data = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()
    return {"shape": list(values.shape), "data": base64.b64encode(data).decode("ascii")}


def _read(name: str, stored: Mapping[str, Any], dtype: str) -> np.ndarray:
    shape, kind = _shape(stored["shape"]), np.dtype(dtype).newbyteorder("<")
    data = base64.b64decode(stored["data"], validate=True)
    if len(data) != math.prod(shape) * kind.itemsize:
        raise ValueError(
            f"the array {name!r} has {len(data):,} bytes; its shape {shape} wants another number"
        )
    return np.frombuffer(data, kind).astype(dtype).reshape(shape)
