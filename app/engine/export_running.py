"""Exported files run as their users run them: ONNX Runtime, LiteRT's interpreter, a SavedModel loaded by TensorFlow."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from app.engine.export_onnx import every_node, opsets
from app.engine.exporting import Arrays
from app.engine.quiet import first_line


@dataclass(frozen=True)
class Runner:
    """An exported file, ready to be run."""

    runtime: str
    """What runs it: `ONNX Runtime 1.32.0`."""
    operators: dict[str, int]
    """How often each kind of operator is in the file."""
    opset: int | None
    """The version of ONNX' set of operators."""
    run: Callable[[Arrays], Arrays]
    """Gives the outputs by name for inputs by name."""


def open_exported(path: Path, format: str) -> Runner:
    """Return an exported file, ready to be run on the processor.

    Raises:
        ValueError: the runtime does not take it.
        ImportError: the runtime cannot be imported.
    """
    opening = {"saved_model": _open_saved_model, "onnx": _open_onnx, "litert": _open_litert}[format]
    try:
        return opening(path)
    except ImportError:
        raise
    except Exception as error:
        raise ValueError(f"the exported file cannot be opened: {first_line(error)}") from error


def _open_saved_model(folder: Path) -> Runner:
    loaded = tf.saved_model.load(str(folder))
    signature = loaded.signatures["serving_default"]
    inside = signature.graph.as_graph_def(add_shapes=False)
    nodes = [
        node.op for part in (inside.node, *(f.node_def for f in inside.library.function)) for node in part
    ]

    def run(arrays: Arrays) -> Arrays:
        outputs = signature(**{name: tf.convert_to_tensor(array) for name, array in arrays.items()})
        return {name: np.asarray(value) for name, value in outputs.items()}

    operators = Counter(op for op in nodes if op not in PLUMBING)
    return Runner(f"TensorFlow {tf.__version__}", dict(operators), None, run)


PLUMBING = {
    *(
        "Placeholder",
        "Const",
        "Identity",
        "IdentityN",
        "NoOp",
        "ReadVariableOp",
        "VarHandleOp",
        "AssignVariableOp",
    ),
    *(
        "StatefulPartitionedCall",
        "PartitionedCall",
        "RestoreV2",
        "SaveV2",
        "MergeV2Checkpoints",
        "ShardedFilename",
    ),
    *("StringJoin", "StaticRegexFullMatch", "Select", "Pack", "DisableCopyOnRead"),
}
"""Operations of TensorFlow's that compute nothing of a network: they hold, name, store and pass on."""


def _open_onnx(path: Path) -> Runner:
    os.environ.setdefault(
        "ORT_DISABLE_TELEMETRY", "1"
    )  # else it sends its maker reports, under an id kept at home
    import onnx
    import onnxruntime

    model = onnx.load(str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def run(arrays: Arrays) -> Arrays:
        return dict(zip(names, session.run(None, arrays), strict=True))

    operators = Counter(node.op_type for node in every_node(model.graph))
    runtime = f"ONNX Runtime {onnxruntime.__version__}"
    return Runner(runtime, dict(operators), opsets(model)[""], run)


def _open_litert(path: Path) -> Runner:
    interpreter, runtime = _litert_interpreter()
    signature = interpreter(str(path)).get_signature_runner()

    def run(arrays: Arrays) -> Arrays:
        return {name: np.copy(value) for name, value in signature(**arrays).items()}

    return Runner(runtime, _litert_operators(path.read_bytes()), None, run)


def _litert_interpreter() -> tuple[Any, str]:
    """Return LiteRT's own interpreter where it is installed, else the one that TensorFlow has."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        return tf.lite.Interpreter, f"the LiteRT interpreter of TensorFlow {tf.__version__}"
    return Interpreter, f"LiteRT {version('ai-edge-litert')}"


def _litert_operators(content: bytes) -> dict[str, int]:
    """Return how often each operator is in a LiteRT file, which is a FlatBuffer."""
    from tensorflow.lite.python import schema_py_generated as schema

    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    used = [operator.opcodeIndex for graph in model.subgraphs for operator in graph.operators or ()]
    return dict(Counter(names[codes[index]] for index in used))
