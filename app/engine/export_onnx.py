"""A Keras model as an ONNX file, by tf2onnx; large weights go round the converter, which copies what it sees often."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.engine.export_silence import held_back
from app.engine.exporting import LONGEST, MOST_BYTES, Exportable, refuse_for_memory
from app.engine.quiet import first_line

LARGE = 40 << 20
"""Bytes of a model from which on its kernels go round the converter, which needs 60 times their memory."""
KERNEL = 32 << 10
"""Bytes from which on a weight does so; the converter moves transpositions through vectors that it sees."""


def to_onnx(exportable: Exportable, about: dict[str, str]) -> bytes:
    """Return the ONNX file of a model.

    Args:
        exportable: the model.
        about: texts that are written into the file.

    Raises:
        ValueError: ONNX has no operator for something in it, or it is too large.
    """
    import onnx

    weights = [(variable, variable.numpy().nbytes) for variable in exportable.model.variables]
    is_large = sum(size for _, size in weights) >= LARGE
    outside = [variable for variable, size in weights if is_large and size >= KERNEL]
    named = {f"weight_{i}": variable for i, variable in enumerate(outside)}
    model = _converted(exportable, named)
    if named:
        _put_in(model, named)
        fold_constants(model)
    opset = opsets(model)[""]
    lacking = sorted({node.op_type for node in every_node(model.graph) if not _is_known(node, opset)})
    if lacking:
        raise ValueError(f"ONNX {opset} has no operator for TensorFlow's {', '.join(lacking)}")
    for values in (model.graph.input, model.graph.output):
        for value in values:
            _name_sizes(value)
    onnx.helper.set_model_props(model, about)
    if model.ByteSize() > MOST_BYTES:
        raise ValueError(
            f"an ONNX file holds at most 2 GB, and this one would be {model.ByteSize() / 1e9:.1f} GB"
        )
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _converted(exportable: Exportable, outside: dict[str, keras.Variable]) -> Any:
    """Return what tf2onnx makes of a model; these variables become inputs of these names."""
    from keras.src.export.tf2onnx_lib import patch_tf2onnx

    with held_back():
        import tf2onnx

        patch_tf2onnx()
    inputs = len(exportable.inputs)

    def call(*tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        mapping = list(zip(outside.values(), tensors[inputs:], strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return exportable.call(*tensors[:inputs])

    weights = [tf.TensorSpec(v.shape, v.dtype, name) for name, v in outside.items()]
    specs = [*exportable.specs(), *weights]
    graph = tf.function(call, input_signature=specs, autograph=False)
    with _functions_inlined():
        graph.get_concrete_function()
    try:
        model, _ = tf2onnx.convert.from_function(graph, input_signature=specs)
    except Exception as error:  # whatever a converter stumbles over
        refuse_for_memory(error, "tf2onnx")
        raise ValueError(f"tf2onnx cannot convert it: {first_line(error)[:LONGEST]}") from error
    return model


@contextlib.contextmanager
def _functions_inlined() -> Iterator[None]:
    """Trace functions inside a function as part of it: Keras compiles convolutions in groups apart."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _put_in(model: Any, variables: dict[str, keras.Variable]) -> None:
    """Turn the inputs of these names into weights in the file."""
    import onnx

    inputs = [value for value in model.graph.input if value.name not in variables]
    asked = [value.name for value in model.graph.input if value.name in variables]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    for name in asked:
        model.graph.initializer.append(onnx.numpy_helper.from_array(variables[name].numpy(), name))


def fold_constants(model: Any) -> None:
    """Work out the operators of an ONNX model that see weights alone, as the transposed kernel of a convolution."""
    import onnx

    graph = model.graph
    known = {tensor.name: tensor for tensor in graph.initializer}
    kept = []
    for node in graph.node:
        rule = FOLDED.get(node.op_type)
        if rule is None or not all(name in known for name in node.input):
            kept.append(node)
            continue
        arrays = [onnx.numpy_helper.to_array(known[name]) for name in node.input]
        settings = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        made = np.ascontiguousarray(rule(*arrays, **settings))
        known[node.output[0]] = onnx.numpy_helper.from_array(made, node.output[0])
    used = {name for node in every_node(kept) for name in node.input} | {value.name for value in graph.output}
    del graph.node[:]
    graph.node.extend(kept)
    del graph.initializer[:]
    graph.initializer.extend(tensor for name, tensor in known.items() if name in used)


def _transposed(array: np.ndarray, perm: list[int] | None = None) -> np.ndarray:
    return np.transpose(array, perm)


def _reshaped(array: np.ndarray, shape: np.ndarray, allowzero: int = 0) -> np.ndarray:
    sizes = [array.shape[i] if size == 0 and not allowzero else int(size) for i, size in enumerate(shape)]
    return array.reshape(sizes)


FOLDED: dict[str, Callable[..., Any]] = {"Transpose": _transposed, "Reshape": _reshaped}
"""Operators that turn kernels as ONNX wants them, with the same in NumPy."""


def opsets(model: Any) -> dict[str, int]:
    """Return the versions of the sets of operators that an ONNX model asks for, by domain; "" is ONNX's own."""
    return {entry.domain: entry.version for entry in model.opset_import}


def every_node(nodes: Any) -> list[Any]:
    """Return the nodes of an ONNX graph, or in a list, those inside loops and branches too."""
    found = []
    for node in getattr(nodes, "node", nodes):
        found.append(node)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                found += every_node(inner)
    return found


def _is_known(node: Any, opset: int) -> bool:
    import onnx

    try:
        onnx.defs.get_schema(node.op_type, opset, node.domain)
    except onnx.defs.SchemaError:
        return node.domain not in ("", "ai.onnx")
    return True


def _name_sizes(value: Any) -> None:
    """Name the sizes that are open: the first `batch`, the others of a picture `height` and `width`."""
    names = ("batch", "height", "width")
    for i, size in enumerate(value.type.tensor_type.shape.dim):
        if size.dim_param or not size.HasField("dim_value"):
            size.dim_param = names[i] if i < len(names) else f"size_{i}"
