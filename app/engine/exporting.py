"""A Keras model as a file of another format: its call, with the weights in it, converted."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.export.export_utils import get_input_signature

from app.engine.export_silence import held_back
from app.engine.quiet import first_line

Arrays = dict[str, np.ndarray]
HALF = ("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")
"""Keras' policies of numbers that are made float32 before a conversion."""
MOST_BYTES = 2**31 - 1
"""Of one file: what the formats of ONNX and LiteRT can address."""
LONGEST = 200
"""Letters of what a converter says that are passed on."""


@dataclass(frozen=True)
class Port:
    """An input or an output of an exported model."""

    name: str
    shape: tuple[int | None, ...]
    """Without the batch; None where a size is open."""
    dtype: str

    def spec(self, batch: int | None = None) -> tf.TensorSpec:
        """Return it as TensorFlow's specification of a tensor."""
        return tf.TensorSpec((batch, *self.shape), self.dtype, self.name)


class Exportable:
    """A Keras model as one function of tensors that stand side by side, its inputs and outputs named.

    Args:
        model: it is called as it predicts: dropout and augmentation are off.

    Raises:
        ValueError: it was never built, or its inputs are unknown.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        try:
            self._structure = get_input_signature(model)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"the inputs of the model {model.name!r} are not known; call it once, then export it"
            ) from error
        specs = keras.tree.flatten(self._structure)
        self.inputs = [
            Port(name, tuple(spec.shape[1:]), str(spec.dtype))
            for name, spec in zip(_input_names(specs), specs, strict=True)
        ]

    @property
    def outputs(self) -> list[Port]:
        """Its outputs, in order."""
        found = self._traced.structured_outputs
        return [Port(name, tuple(value.shape[1:]), value.dtype.name) for name, value in found.items()]

    @cached_property
    def _traced(self) -> Any:
        """The call as a graph, traced once."""
        return self.graph().get_concrete_function()

    def call(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return what the model puts out, by name."""
        arguments = keras.tree.pack_sequence_as(self._structure, list(tensors))
        return _named(self.model, self.model(*arguments, training=False))

    def numbers(self, arrays: Arrays) -> Arrays:
        """Return what Keras puts out for the inputs of these names."""
        outputs = self._traced(*(tf.convert_to_tensor(arrays[port.name]) for port in self.inputs))
        return {name: np.asarray(value) for name, value in outputs.items()}

    def specs(self, batch: int | None = None) -> list[tf.TensorSpec]:
        """Return the inputs for batches of this size; None: of any."""
        return [port.spec(batch) for port in self.inputs]

    def graph(self, batch: int | None = None) -> Any:
        """Return the call as a graph of TensorFlow."""
        return tf.function(self.call, input_signature=self.specs(batch), autograph=False)


def _input_names(specs: Sequence[Any]) -> list[str]:
    """Return a name for each input: `image` for a single one that is a picture, else Keras' own."""
    if len(specs) == 1:
        return ["image" if len(specs[0].shape) == 4 else "input"]
    given = [re.sub(r"\W+", "_", spec.name or "") or f"input_{i}" for i, spec in enumerate(specs)]
    return given if len(set(given)) == len(given) else [f"input_{i}" for i in range(len(specs))]


def _named(model: keras.Model, outputs: Any) -> dict[str, Any]:
    """Return outputs by name: the keys of a dictionary, `output` for a single one, else Keras' own."""
    flat = keras.tree.flatten(outputs)
    if isinstance(outputs, dict) and len(flat) == len(outputs):
        names = sorted(outputs)  # as `flatten` goes through them
    elif len(flat) == 1:
        names = ["output"]
    else:
        names = list(getattr(model, "output_names", ()) or ())
    names = [re.sub(r"\W+", "_", name) for name in names]
    if len(set(names)) != len(flat):
        names = [f"output_{i}" for i in range(len(flat))]
    return dict(zip(names, flat, strict=True))


def convert(
    exportable: Exportable, format: str, path: Path, about: dict[str, str] | None = None
) -> int | None:
    """Write a model to `path` in another format; return the one size of batches that the file takes, None for any.

    Args:
        exportable: the model.
        format: `saved_model`, `onnx` or `litert`.
        path: a file, or for `saved_model` a folder.
        about: facts that are written into the file, where the format has a place for them.

    Raises:
        ValueError: the format has no operator for something in the model; the message names it.
    """
    if format == "saved_model":
        _write_saved_model(exportable, path)
    elif format == "onnx":
        from app.engine.export_onnx import to_onnx  # which needs this module

        path.write_bytes(to_onnx(exportable, about or {}))
    else:
        content, batch = _to_litert(exportable)
        path.write_bytes(content)
        return batch
    return None


def _write_saved_model(exportable: Exportable, folder: Path, batch: int | None = None) -> None:
    """Write a SavedModel as Keras would, with each weight once: Keras' own export writes every one twice."""
    module = tf.Module()
    module.serve = exportable.graph(batch)
    concrete = module.serve.get_concrete_function()
    module.kept = list(concrete.graph.variables)
    try:
        tf.saved_model.save(module, str(folder), {"serving_default": concrete})
    except (AssertionError, ValueError) as error:
        raise ValueError(f"TensorFlow cannot save it: {first_line(error)[:LONGEST]}") from error


OUT_OF_MEMORY = ("bad_alloc", "Could not allocate", "out of memory", "Failed to serialize")


def refuse_for_memory(error: Exception, who: str) -> None:
    """Say that memory ran out, if an error says so in one of the ways of C++.

    Raises:
        ValueError: it did.
    """
    if isinstance(error, MemoryError) or any(words in str(error) for words in OUT_OF_MEMORY):
        raise ValueError(
            f"{who} needs more memory for a model of this size than there is; CONVLAB_MEMORY sets the limit, in bytes"
        ) from error


BATCH_OF_ONE = ("TensorListReserve", "element_shape to be static")
"""What LiteRT's converter says of a loop whose batch is open, as in recurrent layers."""


def _to_litert(exportable: Exportable) -> tuple[bytes, int | None]:
    """Return a LiteRT file, and the size of batches that it takes; loops need one, and get 1."""
    try:
        return _to_litert_for(exportable, None), None
    except ValueError as error:
        if not any(words in str(error.__cause__) for words in BATCH_OF_ONE):
            raise
    return _to_litert_for(exportable, 1), 1


def _to_litert_for(exportable: Exportable, batch: int | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _write_saved_model(exportable, Path(folder) / "model", batch)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(Path(folder) / "model"))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            with held_back() as held:
                content: bytes = converter.convert()
        except Exception as error:  # whatever a converter stumbles over
            refuse_for_memory(error, "LiteRT's converter")
            raise ValueError(_why_not_litert(error, held.text)) from error
    return content


def _why_not_litert(error: Exception, said: str) -> str:
    text = f"{error}\n{said}"
    if "too large" in text or "2GB" in text:
        return "a LiteRT file holds at most 2 GB"
    lacking = sorted(set(re.findall(r"'tf\.(\w+)' op is neither", text)))
    if lacking:
        return f"LiteRT has no operator for TensorFlow's {', '.join(lacking)}"
    return f"LiteRT's converter cannot convert it: {_plain(first_line(error))[:LONGEST]}"


def _plain(line: str) -> str:
    """Return a message of MLIR's without the place in the graph that it begins with."""
    return re.sub(r"^.*?error: (?:loc\(.*\)+: )?", "", line)


def computes_in_float32(model: keras.Model) -> bool:
    """Return whether every layer computes in float32."""
    layers = [model, *model._flatten_layers(include_self=False)]
    return all(layer.compute_dtype not in HALF for layer in layers)


def in_float32(model: keras.Model) -> keras.Model:
    """Return a copy of a model whose layers compute in float32, with the same weights.

    Raises:
        ValueError: it cannot be built again from its configuration.
    """
    try:
        config = keras.saving.serialize_keras_object(model)
        config.pop("compile_config", None)
        copy = keras.saving.deserialize_keras_object(_with_float32(config), safe_mode=True)
        copy.set_weights(model.get_weights())
    except Exception as error:
        raise ValueError(
            f"the model {model.name!r} computes in {model.compute_dtype}, and cannot be built again in float32, which "
            "an export needs; build it with dtype='float32' and take its weights over"
        ) from error
    return copy


def _with_float32(config: Any) -> Any:
    """Return a configuration with every policy of numbers made float32."""
    if isinstance(config, list):
        return [_with_float32(each) for each in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy" and config.get("config", {}).get("name") in HALF:
        return {**config, "config": {**config["config"], "name": "float32"}}
    return {
        key: "float32" if key == "dtype" and value in HALF else _with_float32(value)
        for key, value in config.items()
    }
