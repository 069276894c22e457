"""A network as plain data for the page's calculator: layers, settings, and which reads which.

`{"name": …, "input": [h, w, c], "inputs": [{"name": …, "shape": […]}], "layers": […], "output": name, "outputs":
[names]}`; nested models are unrolled, and every call of a layer is an entry of its own. A layer is
`{"name": …, "kind": …, "settings": {…}, "reads": [names]}` in Keras' names; shapes are without the batch axis.
What else an entry may say: `sharedWith` (the first call of the same layer), `operation` (one of `keras.ops`), `inner`
(the layer inside a wrapper), and for what has no formula `unknown`, `stated` and `weights` from the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.counting.chalkboard import Board, nn
from app.counting.count import Count
from app.counting.counted import open_counted
from app.counting.layers.activations import activation_name
from app.counting.layers.base import NEUTRAL, NEUTRAL_ENDINGS, Layer
from app.counting.layers.unknown import ElementwiseOperation, FurtherOutput, ReductionOperation, StatedLayer
from app.counting.layers.wrappers import Wrapper
from app.counting.rows import Row, Sheet
from app.counting.stored.model_files import read_config
from app.counting.stored.reader import read_board
from app.counting.symbols import Symbol

MOST_VALUES = 10_000
"""Numbers in one setting; longer lists change no count and stay at home."""
LEFT_OUT = {"name", "values", "layer", "data_format", "build_config", "kernel_quantizer"}


def network_data(board: Board, sheet: Sheet | None = None) -> dict[str, Any]:
    """Return a network on the chalkboard as data for the page.

    Args:
        board: the network.
        sheet: its rows, where they say more than the board's own: parameters of layers without a formula, read from
            a file's stored weights.

    Raises:
        ValueError: the rows are another network's.

    >>> board = nn.Sequential([nn.Input((8, 8, 1)), nn.Conv2D(4, 3, name="conv")])
    >>> network_data(board)["layers"]
    [{'name': 'conv', 'kind': 'Conv2D', 'settings': {'filters': 4, 'kernel_size': 3}, 'reads': ['input_layer']}]
    """
    sheet = sheet or board.sheet()
    symbols = board.symbols()
    if len(symbols) > len(sheet.rows):
        raise ValueError(f"{board.name} has {len(symbols)} calls of layers, its rows are {len(sheet.rows)}")
    pairs = list(zip(symbols, sheet.rows, strict=False))
    names = {symbol.order: row.name for symbol, row in pairs}
    inputs = [{"name": names[s.order], "shape": _numbers(s.shape)} for s in board.inputs]
    layers = [_layer_entry(symbol, row) for symbol, row in pairs if symbol.layer is not None]
    layers += [_unknown_entry(row) for row in sheet.rows[len(symbols) :]]
    outputs = [names[symbol.order] for symbol in board.outputs]
    return {
        "name": sheet.name,
        "input": inputs[0]["shape"],
        "inputs": inputs,
        "layers": layers,
        "output": outputs[0],
        "outputs": outputs,
    }


def open_network_data(name: str, input_shape: Sequence[int] | None = None) -> dict[str, Any]:
    """Return a network of the catalogue, or of a model file, as data for the page.

    Args:
        name: of a network, or of a `.keras`, `.h5` or `.json` file.
        input_shape: another input; for a file, sizes that it leaves open.

    Raises:
        ValueError: there is no such network or file, or its layers are not listed.
    """
    counted = open_counted(name, input_shape)
    if counted.network is None:
        shape = tuple(input_shape) if input_shape else None
        board = read_board(read_config(Path(name)), strict=False, input_shape=shape)
    else:
        arguments = counted.network.arguments(input_shape=tuple(input_shape) if input_shape else None)
        board = counted.network.builder(nn, **arguments)
    return network_data(board, counted.sheet)


def _layer_entry(symbol: Symbol, row: Row) -> dict[str, Any]:
    """Return one call of a layer."""
    layer: Layer = symbol.layer
    entry = {"name": row.name, **_told(layer), "reads": list(row.inputs)}
    if row.shared_with:
        entry["sharedWith"] = row.shared_with
    if isinstance(layer, FurtherOutput):
        entry["further"] = True
    if isinstance(layer, StatedLayer) or getattr(layer, "stated", None):
        entry |= _stated(symbol, row)
    if row.unknown:
        entry |= _weights(row)
        if layer.unknown:
            entry["unknown"] = row.unknown
    return entry


def _told(layer: Layer) -> dict[str, Any]:
    """Return a layer's kind and settings; a wrapper's layer is told inside it."""
    told: dict[str, Any] = {"kind": layer.kind, "settings": _settings(layer)}
    if isinstance(layer, Wrapper):
        told["inner"] = _told(layer.layer)
    if isinstance(layer, ElementwiseOperation):
        told["operation"] = "elementwise"
    if isinstance(layer, ReductionOperation):
        told["operation"] = "reduction"
        told["settings"] |= {"axis": _plain(layer.axis), "keepdims": layer.keepdims}
    return told


def _settings(layer: Layer) -> dict[str, Any]:
    """Return what a layer was told, as far as it can change a count."""
    settings = {key: _plain(value) for key, value in layer.arguments.items() if _matters(key)}
    if "activation" in settings:
        settings["activation"] = activation_name(layer.arguments["activation"])
    if layer.channels_first:
        settings["data_format"] = "channels_first"
    if not layer.is_trained:
        settings["trainable"] = False
    return {key: value for key, value in settings.items() if value is not ...}


def _matters(key: str) -> bool:
    return key not in LEFT_OUT and key not in NEUTRAL and not key.endswith(NEUTRAL_ENDINGS)


def _plain(value: Any) -> Any:
    """Return a setting as JSON has it; `...` for one that it has not."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else ...
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        return ...
    values = [_plain(each) for each in value]
    return values if ... not in values and _length(values) <= MOST_VALUES else ...


def _length(values: Any) -> int:
    return sum(map(_length, values)) if isinstance(values, list) else 1


def _stated(symbol: Symbol, row: Row) -> dict[str, Any]:
    """Return the shape that the file states for a call, and the shapes that it reads there."""
    if not row.is_shape_known:
        return {}
    read = [_numbers(parent.shape) for parent in symbol.parents]
    return {"stated": {"inputs": read, "shape": _numbers(row.output_shape)}}


def _unknown_entry(row: Row) -> dict[str, Any]:
    """Return weights that belong to the model itself."""
    told = {"name": row.name, "kind": row.kind, "settings": {}, "reads": [], "unknown": row.unknown}
    return told | _weights(row)


def _weights(row: Row) -> dict[str, Any]:
    """Return the parameters of a row without a formula, exact as texts."""
    counts = {"trainable": row.trainable, "nonTrainable": row.non_trainable}
    stored = {name: _count(count) for name, count in counts.items()}
    return {"weights": {**stored, "known": row.is_weighed, "splitKnown": row.is_split_known}}


def _count(count: Count) -> dict[str, str]:
    return {"value": str(int(count)), "working": count.working}


def _numbers(shape: Sequence[int]) -> list[int]:
    return [int(n) for n in shape]
