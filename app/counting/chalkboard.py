"""The chalkboard: the vocabulary `nn` read with paper and chalk instead of Keras.

`nn.Sequential`, `nn.Model`, `nn.Input` and the layers take the arguments that Keras' take. What comes
out is a `Board`, whose `sheet()` lists one worked-out row for each call of a layer.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from app.counting.count import NONE
from app.counting.layers import LAYERS, Layer
from app.counting.layers.base import apply_layer
from app.counting.rows import Row, Sheet
from app.counting.symbols import Symbol, make_input


class Board:
    """A network on the chalkboard: everything between its inputs and its outputs."""

    def __init__(
        self,
        inputs: Symbol | Sequence[Symbol],
        outputs: Symbol | Sequence[Symbol],
        name: str = "model",
        others: Sequence[Symbol] = (),
    ) -> None:
        self.name = name
        self.inputs = (inputs,) if isinstance(inputs, Symbol) else tuple(inputs)
        self.outputs = (outputs,) if isinstance(outputs, Symbol) else tuple(outputs)
        self.others = tuple(others)
        """Symbols that belong to the network though no output reads them."""

    def symbols(self) -> list[Symbol]:
        """Return every symbol from the inputs to the outputs, in the order of the calls."""
        found: dict[int, Symbol] = {}
        waiting = [*self.outputs, *self.inputs, *self.others]
        while waiting:
            symbol = waiting.pop()
            if symbol.order not in found:
                found[symbol.order] = symbol
                waiting.extend(symbol.parents)
        return [found[order] for order in sorted(found)]

    def sheet(self) -> Sheet:
        """Return the rows; the weights of a layer that is called again count once."""
        rows: list[Row] = []
        names: dict[int, str] = {}
        taken: Counter[str] = Counter()
        calls: dict[int, list[str]] = {}
        for symbol in self.symbols():
            row = symbol.row
            earlier = calls.setdefault(id(symbol.layer), []) if symbol.layer else []
            changes: dict[str, Any] = {"inputs": tuple(names[p.order] for p in symbol.parents)}
            if earlier:
                changes |= {
                    "name": _call_name(earlier, taken),
                    "shared_with": earlier[0],
                    "trainable": NONE,
                    "non_trainable": NONE,
                    "weights": (),
                }
            elif taken[row.name]:
                changes["name"] = f"{row.name}_{taken[row.name]}"
            taken[row.name] += 1
            row = dataclasses.replace(row, **changes)
            names[symbol.order] = row.name
            earlier.append(row.name)
            rows.append(row)
        outputs = tuple(names[symbol.order] for symbol in self.outputs)
        return Sheet(self.name, tuple(rows), tuple(m.shape for m in self.outputs), outputs)

    def __call__(self, inputs: Symbol | Sequence[Symbol]) -> Symbol | list[Symbol]:
        """Call the network like a layer: its rows, named `network/layer`, join the caller's.

        Raises:
            ValueError: it takes another number of inputs.
        """
        given = (inputs,) if isinstance(inputs, Symbol) else tuple(inputs)
        if len(given) != len(self.inputs):
            raise ValueError(f"{self.name} takes {len(self.inputs)} inputs, not {len(given)}")
        known = {symbol.order: other for symbol, other in zip(self.inputs, given, strict=True)}
        for symbol in self.symbols():
            if symbol.layer is not None:
                parents = [known[parent.order] for parent in symbol.parents]
                known[symbol.order] = apply_layer(symbol.layer, parents, f"{self.name}/{symbol.row.name}")
        outputs = [known[symbol.order] for symbol in self.outputs]
        return outputs[0] if len(outputs) == 1 else outputs


def _call_name(earlier: Sequence[str], taken: Counter[str]) -> str:
    """Return the name of a layer's next call: `conv:2`, unless a layer is really called that."""
    number = len(earlier) + 1
    while taken[f"{earlier[0]}:{number}"]:
        number += 1
    return f"{earlier[0]}:{number}"


class Sequential(Board):
    """A chain of layers, the first of them an `Input`."""

    def __init__(self, layers: Sequence[Symbol | Layer | Board], name: str = "sequential") -> None:
        if not layers:
            raise ValueError(f"{name} has no layers; begin with an Input")
        first, *rest = layers
        if not isinstance(first, Symbol):
            raise ValueError(f"{name}: the first layer must be an Input, to know the image's size")
        symbol = first
        for layer in rest:
            if isinstance(layer, Symbol):
                raise ValueError(f"{name}: an Input comes first, and only once")
            after = layer(symbol)
            if not isinstance(after, Symbol):
                raise ValueError(f"{name}: a network with several outputs cannot be in a chain")
            symbol = after
        super().__init__(first, symbol, name)


nn = SimpleNamespace(Input=make_input, Sequential=Sequential, Model=Board, **LAYERS)
"""The vocabulary that a builder of `models/` is handed for a count by hand."""
