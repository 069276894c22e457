"""Layers that make one map of several."""

from collections.abc import Sequence
from typing import Any

from app.counting.axes import padded_taps
from app.counting.count import Count, product_count
from app.counting.fields import Field
from app.counting.layers.base import Layer, is_placed
from app.counting.layers.shapes import find_axis
from app.counting.rows import Shape


def broadcast(shapes: Sequence[Shape], kind: str) -> Shape:
    """Return the shape of a value-by-value combination: axes of size 1 are repeated.

    Raises:
        ValueError: two sizes differ and neither is 1.
    """
    rank = max(len(shape) for shape in shapes)
    sizes = []
    for axis in range(-rank, 0):
        found = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(found) > 1:
            listed = ", ".join(str(tuple(map(int, shape))) for shape in shapes)
            raise ValueError(f"{kind} takes maps of one shape, not {listed}")
        sizes.append(found.pop() if found else 1)
    return tuple(sizes)


class Merge(Layer):
    """Several maps combined value by value."""

    is_taught = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape that all inputs share, axes of size 1 repeated."""
        if len(inputs) < 2 and self.kind != "Subtract":
            return inputs[0]
        return broadcast(inputs, self.kind)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the union over the inputs."""
        return merge_fields(shapes, fields, self.output_shape(*shapes))


class Add(Merge):
    """The sum of several maps, value by value."""

    is_taught = True


class Subtract(Merge):
    """The difference of two maps, value by value."""


class Multiply(Merge):
    """The product of several maps, value by value; a gate of 1×1 weighs whole channels."""


class Average(Merge):
    """The mean of several maps, value by value."""


class Maximum(Merge):
    """The larger of several maps, value by value."""


class Minimum(Merge):
    """The smaller of several maps, value by value."""


class Concatenate(Layer):
    """Several maps one after the other along one axis, the channels if nothing else is said."""

    def __init__(self, axis: int = -1, **common: Any) -> None:
        super().__init__(**common)
        self.axis = axis

    def output_shape(self, *inputs: Shape) -> Shape:
        """Add up the sizes along the axis; all others must agree."""
        index = find_axis(self.axis, inputs[0], self.kind)
        others = {(len(shape), *shape[:index], *shape[index + 1 :]) for shape in inputs}
        if len(others) > 1:
            listed = ", ".join(str(tuple(map(int, shape))) for shape in inputs)
            raise ValueError(f"Concatenate takes maps of one size, not {listed}")
        parts = [shape[index] for shape in inputs]
        joined = Count(sum(parts), " + ".join(f"{int(n):,}" for n in parts))
        return (*inputs[0][:index], joined, *inputs[0][index + 1 :])

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the union over the inputs; along an axis of places, each where it stands."""
        index = find_axis(self.axis, shapes[0], self.kind)
        placed = all(f is None or is_placed(s, f) for s, f in zip(shapes, fields, strict=True))
        if index == len(shapes[0]) - 1 or not placed:
            return merge_fields(shapes, fields, self.output_shape(*shapes))
        before, total, standing = 0, sum(shape[index] for shape in shapes), []
        for shape, field in zip(shapes, fields, strict=True):
            after = total - before - shape[index]
            if field is not None:
                shift = padded_taps(shape[index], before, after)
                standing.append(field.read([shift if i == index else None for i in range(len(shape) - 1)]))
            before += shape[index]
        return unite_fields(standing)

    def settings(self) -> str:
        """Return the axis, if not the last."""
        return "" if self.axis == -1 else f"along axis {self.axis}"


class Dot(Layer):
    """Sums of products of two maps along one axis of each."""

    keeps_field = is_taught = False

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **common: Any) -> None:
        super().__init__(**common)
        self.axes = (axes, axes) if isinstance(axes, int) else tuple(axes)
        self.normalize = normalize

    def _indices(self, inputs: Sequence[Shape]) -> list[int]:
        if len(inputs) != 2:
            raise ValueError(f"Dot takes two inputs, not {len(inputs)}")
        pairs = zip(self.axes, inputs, strict=True)
        return [find_axis(axis, shape, self.kind) for axis, shape in pairs]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Leave the summed axis out of both and join the rest; a single number stays a vector of one."""
        left, right = self._indices(inputs)
        one, other = inputs
        if one[left] != other[right]:
            raise ValueError(f"Dot sums along axes of one size, not {one[left]} and {other[right]}")
        rest = (*one[:left], *one[left + 1 :], *other[:right], *other[right + 1 :])
        return rest or (1,)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return n for each value that comes out."""
        return product_count(inputs[0][self._indices(inputs)[0]], *self.output_shape(*inputs))

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return everything that either input saw."""
        return unite_fields([field.collapse() for field in fields if field is not None])


def merge_fields(shapes: Sequence[Shape], fields: Sequence[Field | None], output: Shape) -> Field | None:
    """Return the union of several fields, each spread over the output where it is repeated.

    None where the positions of an input no longer stand for places.
    """
    known = [(s, f) for s, f in zip(shapes, fields, strict=True) if f is not None]
    alike = len({(shape, field.cells) for shape, field in known}) == 1
    if alike and known[0][0][:-1] == output[:-1]:
        return unite_fields([field for _, field in known])
    if all(set(field.cells) == {1} for _, field in known):
        return unite_fields([field for _, field in known])
    places = tuple(output[:-1])
    if any(len(f.cells) != len(places) or not _fits(s, f) for s, f in known):
        return None
    return unite_fields([field.spread(places) for _, field in known])


def _fits(shape: Shape, field: Field) -> bool:
    return set(field.cells) == {1} or is_placed(shape, field)


def unite_fields(fields: Sequence[Field]) -> Field:
    """Return the union of fields of one size."""
    merged = fields[0]
    for field in fields[1:]:
        merged = merged.merge(field)
    return merged
