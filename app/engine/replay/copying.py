"""Copies of a model's layers, so that the caller's model is never touched.

A fused activation is split off: `Conv2D(activation="relu")` becomes a linear convolution and a step
of its own for the rectifier. Half-precision layers are copied in float32.
"""

from typing import Any

import keras
from keras.dtype_policies import QuantizedDTypePolicy

from app.engine.quiet import first_line
from app.engine.replay.following import fresh_inputs, unchanged

FUSED = (
    keras.layers.Dense,
    keras.layers.EinsumDense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)
"""Layers whose `activation` is applied last, to the whole output."""


HALF = ("float16", "bfloat16")
"""Precisions too coarse for gradients; their layers are copied in float32."""
HALF_POLICIES = (*HALF, "mixed_float16", "mixed_bfloat16")


class ReplayError(ValueError):
    """The model cannot be replayed; the message says what is in the way and what to do."""


def fused_activation(layer: keras.Operation) -> Any:
    """Return the activation that `layer` applies at its end, None if it applies none."""
    if not isinstance(layer, FUSED) or type(layer).call not in [base.call for base in FUSED]:
        return None
    activation = layer.activation
    return None if activation in (None, keras.activations.linear) else activation


def unquantised(layer: keras.Layer) -> Any:
    """Return the precision in which a layer computes, for a layer beside it that holds no whole numbers."""
    policy = layer.dtype_policy
    return policy.compute_dtype if isinstance(policy, QuantizedDTypePolicy) else policy


def copy_operation(
    operation: keras.Operation, call: Any = None, with_activation: bool = False
) -> keras.Operation:
    """Return an operation that computes the same, with its own weights and without its activation.

    Args:
        operation: the layer or operation; it is only read.
        call: arguments and keywords that it was called with, symbolic tensors among them.
        with_activation: whether the copy keeps the activation.

    Raises:
        ReplayError: the layer does not describe itself well enough to be copied.
    """
    if not isinstance(operation, keras.Layer):
        return _copy_stateless(operation)
    try:
        config = in_full_precision(operation.get_config())
        if fused_activation(operation) is not None and not with_activation:
            config["activation"] = "linear"
        twin = type(operation).from_config(config)
        if operation.built and not twin.built:
            twin.build_from_config(operation.get_build_config() or {})
        if call is not None and len(twin.weights) != len(operation.weights):
            arguments, keywords = fresh_inputs(*call)
            twin(*arguments, **keywords)  # layers within it are built where they are first called
        twin.set_weights(operation.get_weights())
        if isinstance(twin, keras.layers.Normalization):
            for name in ("mean", "variance"):  # its weights may be newer than what it computes with
                setattr(twin, name, keras.ops.cast(getattr(operation, name), twin.compute_dtype))
    except Exception as error:
        if not operation.built:
            raise ReplayError(
                f"layer {operation.name!r} ({type(operation).__name__}) cannot be copied "
                f"({first_line(error)}); give it a get_config that returns all its arguments"
            ) from error
        return SharedLayer(operation)
    return twin


class SharedLayer(keras.layers.Layer):
    """A layer or model that cannot be copied, called as it is, at inference; its weights are not ours to change."""

    def __init__(self, layer: keras.Layer) -> None:
        super().__init__(name=layer.name, dtype=unquantised(layer), autocast=False)
        self._hold = lambda: layer  # held so that Keras does not take its weights for this layer's
        self.built = True

    @property
    def shared(self) -> keras.Layer:
        """The caller's layer."""
        return self._hold()

    def call(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what the layer returns at inference."""
        keywords.pop("training", None)
        if self.shared._call_has_training_arg:
            keywords["training"] = False
        with unchanged(self.shared):
            return self.shared(*arguments, **keywords)


def _copy_stateless(operation: keras.Operation) -> keras.Operation:
    """Return an operation without weights again, without the calls that it was part of."""
    twin: keras.Operation = object.__new__(type(operation))  # copy.copy would ask for its configuration
    twin.__dict__.update(vars(operation))
    twin._inbound_nodes, twin._outbound_nodes = [], []
    for name, value in vars(operation).items():
        if "dtype" in name and _is_half(value):
            setattr(twin, name, "float32")
    return twin


def in_full_precision(config: Any) -> Any:
    """Return a configuration in which float32 stands wherever a half precision stood."""
    if isinstance(config, dict):
        policy = config.get("config")
        if "DTypePolicy" in str(config.get("class_name")) and isinstance(policy, dict):
            return "float32" if policy.get("name") in HALF_POLICIES else config
        return {
            key: "float32" if "dtype" in str(key) and _is_half(value) else in_full_precision(value)
            for key, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        return type(config)(in_full_precision(value) for value in config)
    return config


def _is_half(value: Any) -> bool:
    return isinstance(value, str) and value in HALF_POLICIES
