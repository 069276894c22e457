"""Layers without a formula, and operations: named, and never counted as nothing."""

from collections.abc import Sequence

from app.counting.fields import Field
from app.counting.layers.base import Layer
from app.counting.layers.merging import broadcast, merge_fields
from app.counting.rows import Shape


class StatedLayer(Layer):
    """A call whose kind and output only the file knows."""

    keeps_field = is_taught = False

    def __init__(self, kind: str, name: str | None, stated: Shape | None) -> None:
        super().__init__(name)
        self.kind, self.stated = kind, stated
        self.is_shape_known = stated is not None

    def output_shape(self, *inputs: Shape) -> Shape:  # noqa: ARG002
        """Return the shape that the file states for it; nothing where it states none."""
        return self.stated or ()

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return nothing: it is not known."""
        return None


class UnknownLayer(StatedLayer):
    """A layer of a kind that the chalkboard does not know: custom, Lambda, recurrent …

    Its parameters can only be read from stored weights, its multiply-accumulates not at all.
    """

    is_weighed = False

    def __init__(self, kind: str, name: str | None, reason: str, stated: Shape | None) -> None:
        super().__init__(kind, name, stated)
        self.unknown = reason


class FurtherOutput(StatedLayer):
    """The second, third … output of a call that makes several: it stores and costs nothing more."""


class OtherOperation(StatedLayer):
    """An operation of `keras.ops` without a formula."""

    def __init__(self, kind: str, name: str | None, stated: Shape | None = None) -> None:
        super().__init__(kind, name, stated)
        self.unknown = f"the operation {kind} has no formula here"


class Operation(Layer):
    """A function of `keras.ops` in a functional model: it stores nothing."""

    def __init__(self, kind: str, name: str | None, stated: Shape | None = None) -> None:
        super().__init__(name)
        self.kind, self.stated = kind, stated


class ElementwiseOperation(Operation):
    """An operation on each value, or on the values of several maps at one place."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape that the inputs share, axes of size 1 repeated."""
        if self.stated or len(inputs) == 1:
            return self.stated or inputs[0]
        return broadcast(inputs, self.kind)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the union over the inputs."""
        return merge_fields(shapes, fields, self.output_shape(*shapes))


class ReductionOperation(Operation):
    """A mean, sum or maximum over some axes, which disappear or become 1."""

    def __init__(
        self, kind: str, name: str | None, stated: Shape | None, axis: object, keepdims: bool
    ) -> None:
        super().__init__(kind, name, stated)
        self.axis, self.keepdims = axis, keepdims

    def output_shape(self, *inputs: Shape) -> Shape:
        """Leave the axes out, or keep them as 1."""
        gone = self._reduced(inputs[0])
        sizes = enumerate(inputs[0])
        return tuple(1 if i in gone else n for i, n in sizes if self.keepdims or i not in gone)

    def _reduced(self, shape: Shape) -> set[int]:
        axes = self.axis if isinstance(self.axis, list | tuple) else [self.axis]
        return {axis - 1 if axis > 0 else axis + len(shape) for axis in axes if isinstance(axis, int)}

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the field of one cell that reads all places, where all of them are reduced."""
        places, gone = set(range(len(shapes[0]) - 1)), self._reduced(shapes[0])
        if fields[0] is None or places <= gone:
            return fields[0] and fields[0].collapse()
        return fields[0] if self.keepdims and not places & gone else None


_UNARY = (
    "Relu Relu6 Sigmoid SparseSigmoid HardSigmoid Silu HardSilu Gelu Elu Selu Celu Glu LeakyRelu "
    "Softplus Softsign SoftShrink HardShrink TanhShrink HardTanh Tanh Threshold LogSigmoid Squareplus "
    "Absolute Abs Negative Exp Expm1 Log Log1p Log2 Log10 Sqrt Rsqrt Square Sign Round Floor Ceil "
    "Clip Sin Cos Erf Cast StopGradient Identity Copy NanToNum Reciprocal Softmax LogSoftmax"
)
_BINARY = (
    "Add Subtract Multiply Divide TrueDivide FloorDivide Power Maximum Minimum Mod Where Greater "
    "GreaterEqual Less LessEqual Equal NotEqual LogicalAnd LogicalOr Average"
)
_REDUCTIONS = "Mean Sum Max Min Amax Amin Prod Std Var Any All Logsumexp"

ELEMENTWISE = frozenset((_UNARY + " " + _BINARY).split())
REDUCTIONS = frozenset(_REDUCTIONS.split())


def make_operation(kind: str, config: dict[str, object], stated: Shape | None, name: str | None) -> Layer:
    """Return the chalkboard's layer for one operation of a stored functional model."""
    axis = config.get("axis", -1)
    per_channel = kind not in ("Softmax", "LogSoftmax") or axis == -1
    if kind in ELEMENTWISE and per_channel:
        return ElementwiseOperation(kind, name, stated)
    if kind in REDUCTIONS and config.get("axis") is not None:
        return ReductionOperation(kind, name, stated, axis, bool(config.get("keepdims")))
    return OtherOperation(kind, name, stated)
