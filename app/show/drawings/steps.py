"""The steps of a network as a picture tells them: a layer with its normalisation and activation is one step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.counting.layers import Layer, UnsupportedLayerError, layer_class
from app.counting.layers.base import Elementwise
from app.counting.rows import Row, Shape, Sheet

SIGNS = {"Add": "+", "Subtract": "−", "Multiply": "×", "Concatenate": "concat"}
WORDS = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "BatchNormalization": "batch norm",
    "LocalResponseNormalization": "response norm",
}
BORDERS = ("ZeroPadding", "ConstantPadding")


@dataclass(frozen=True)
class Step:
    """One step: a layer, and what is done to its output before another layer reads it."""

    name: str
    """The layer's own name."""
    kind: str
    """How it is drawn: input, conv, pool, dense, other, or for what joins: concat, sign."""
    pattern: str
    """What it does, `3×3 conv, {}`, with a place for the number of its filters or units."""
    filters: tuple[int, ...] = ()
    """That number; of steps that are drawn as one, each."""
    also: tuple[str, ...] = ()
    """What is done with it, in words: `batch norm`, `ReLU`."""
    parameters: tuple[int | None, ...] = (0,)
    """Its parameters, None where they are not known; of steps that are drawn as one, each."""
    shape: Shape | None = ()
    """What the next step reads; None where that is not known."""
    map_shape: Shape | None = ()
    """What the layer itself makes, before it is flattened, say."""
    inputs: tuple[str, ...] = ()
    """The names of the steps that it reads."""
    layers: int = 1
    times: int = 1
    """How often it is done in a row."""

    @property
    def what(self) -> str:
        """What it does, in words."""
        return self.pattern.format(_span([f"{n:,}" for n in self.filters], self.filters))

    @property
    def parameter_text(self) -> str:
        """Its parameters in words; "" where it has none."""
        many = len(set(self.parameters)) > 1
        return self._count(lambda n: short_number(n) if many else f"{n:,}", "parameters")

    @property
    def parameters_short(self) -> str:
        """The same in few letters: `8.32 k params`."""
        return self._count(short_number, "params")

    def _count(self, write: Callable[[int], str], unit: str) -> str:
        known = [n for n in self.parameters if n is not None]
        if len(known) < len(self.parameters):
            return f"? {unit}"
        return f"{_span([write(n) for n in known], known)} {unit}" if any(known) else ""


def short_number(n: int) -> str:
    """Return a number in three digits: 950, 8.32 k, 1.05 M."""
    for unit, sign in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if n >= unit:
            return f"{n / unit:.3g}{sign}"
    return f"{n}"


def _span(texts: Sequence[str], values: Sequence[int]) -> str:
    if not texts:
        return ""
    low, high = (values.index(choose(values)) for choose in (min, max))
    return texts[low] if values[low] == values[high] else f"{texts[low]}–{texts[high]}"


@dataclass
class _Group:
    rows: list[Row]
    is_light: bool
    """Whether it has as yet nothing but normalisations, activations and the like."""
    main: Row = field(init=False)

    def __post_init__(self) -> None:
        self.main = self.rows[0]


def list_steps(sheet: Sheet) -> list[Step]:
    """Return the steps of a network: those without inputs first, then in the order of the calls."""
    groups, owner = _group_rows(sheet)
    steps = sorted((_make_step(group, owner) for group in groups), key=lambda step: bool(step.inputs))
    place = {step.name: i for i, step in enumerate(steps)}
    return [  # a file may say that a layer reads a later one
        replace(step, inputs=tuple(name for name in step.inputs if place[name] < i))
        for i, step in enumerate(steps)
    ]


def _group_rows(sheet: Sheet) -> tuple[list[_Group], dict[str, _Group]]:
    readers: dict[str, int] = dict.fromkeys(sheet.outputs, 1)
    for row in sheet.rows:
        for name in set(row.inputs):
            readers[name] = readers.get(name, 0) + 1
    groups: list[_Group] = []
    owner: dict[str, _Group] = {}
    for row in sheet.rows:
        before = owner.get(row.inputs[0]) if len(row.inputs) == 1 else None
        is_alone = (
            before is not None and readers[row.inputs[0]] == 1 and before.rows[-1].name == row.inputs[0]
        )
        if before is not None and is_alone and _goes_with(row, before):
            before.rows.append(row)
            if before.is_light and not _is_light(row):
                before.main, before.is_light = row, False
            owner[row.name] = before
        else:
            groups.append(_Group([row], _is_light(row)))
            owner[row.name] = groups[-1]
    return groups, owner


def _goes_with(row: Row, before: _Group) -> bool:
    """Return whether a row that alone reads a group is a part of its step."""
    if before.is_light:  # what comes first waits for the layer that it is made for
        return _sign(row.kind) is None
    if not _is_light(row) or row.kind.startswith(BORDERS) or before.main.kind == "InputLayer":
        return False
    if _sign(before.main.kind) is not None:
        return before.main.kind != "Concatenate" and bool(_class(row.kind).activation or _acts(row.kind))
    return True


def _make_step(group: _Group, owner: Mapping[str, _Group]) -> Step:
    row = group.main
    kind, pattern, filters = _describe(row)
    first = group.rows[0]
    inputs = tuple(dict.fromkeys(owner[name].main.name for name in first.inputs if name in owner))
    also = [word for part in group.rows for word in _words(part, part is row)]
    if isinstance(row.arguments.get("groups"), int) and row.arguments["groups"] > 1:
        also.insert(0, f"{row.arguments['groups']} groups")
    if row.shared_with:
        also.append(f"weights of {row.shared_with}")
    known = all(part.is_weighed for part in group.rows)
    return Step(
        row.name,
        kind,
        pattern,
        filters,
        tuple(dict.fromkeys(also)),
        (sum(part.parameters for part in group.rows) if known else None,),
        _shape(group.rows[-1]),
        _shape(row),
        tuple(name for name in inputs if name != row.name),
        len(group.rows),
    )


def _shape(row: Row) -> Shape | None:
    return tuple(map(int, row.output_shape)) if row.is_shape_known else None


def _words(row: Row, is_main: bool) -> Iterator[str]:
    """Return what a row adds to its step, in words."""
    if is_main:
        activation = row.arguments.get("activation")
        if isinstance(activation, str) and activation != "linear" and row.kind != "Activation":
            yield WORDS.get(activation, activation)
        return
    if row.kind.startswith((*BORDERS, "Flatten", "Reshape", "Cropping")):
        return
    if row.kind == "Activation":
        yield WORDS.get(row.settings, row.settings)
    else:
        yield WORDS.get(row.kind, _plain(row.kind))


def _describe(row: Row) -> tuple[str, str, tuple[int, ...]]:
    """Return how a row is drawn, what it does, and its filters or units."""
    sign = _sign(row.kind)
    if sign is not None:
        return ("concat" if sign == "concat" else "sign"), sign, ()
    if row.kind == "InputLayer":
        return "input", "input", ()
    window = _window(row.arguments.get("kernel_size", row.arguments.get("pool_size")), row)
    stride = _stride(row)
    channels = (int(row.output_shape[-1]),) if row.output_shape else ()
    if "Conv" in row.kind or row.kind in ("SCells", "CCells"):
        words = {"Depthwise": " depthwise conv", "Separable": " separable conv"}
        name = next((text for word, text in words.items() if word in row.kind), " conv")
        name = " transposed conv" if "Transpose" in row.kind else name
        name = name if "Conv" in row.kind else f" {row.kind[0]}-cells"
        filters = "" if row.kind.startswith("Depthwise") else ", {}"
        return "conv", f"{window}{name}{filters}{stride}".strip(), channels if filters else ()
    if "Pool" in row.kind or row.kind.startswith("Subsampling"):
        name = "average pool" if "Average" in row.kind else "max pool"
        name = "sub-sampling" if row.kind.startswith("Subsampling") else name
        if row.kind.startswith("Global"):
            return "pool", f"global {name}", ()
        return "pool", f"{window} {name}{stride}".strip(), ()
    if row.kind in ("Dense", "RadialBasis"):
        return "dense", ("dense, {}" if row.kind == "Dense" else "radial basis, {}"), channels
    if row.kind == "Activation":
        return "other", _literal(WORDS.get(row.settings, row.settings) or "activation"), ()
    return "other", _literal(WORDS.get(row.kind, _plain(row.kind))), ()


def _window(size: Any, row: Row) -> str:
    """Return a window's size: `3×3` for 3 in two dimensions; "" where there is none."""
    sizes = _sizes(size, row)
    return "×".join(map(str, sizes)) + "-wide" * (len(sizes) == 1)


def _stride(row: Row) -> str:
    """Return `, /2` for a stride of 2, `, ×2` where it enlarges, nothing for 1; a pooling's own is its window."""
    told = row.arguments.get("strides")
    if told is None and "Pool" in row.kind:
        told = row.arguments.get("pool_size")
    strides = _sizes(told, row)
    if not strides or set(strides) == {1}:
        return ""
    sign = "×" if "Transpose" in row.kind else "/"
    return f", {sign}{strides[0] if len(set(strides)) == 1 else '×'.join(map(str, strides))}"


def _sizes(told: Any, row: Row) -> tuple[int, ...]:
    if isinstance(told, int):
        return (told,) * max(len(row.output_shape) - 1, 1)
    if isinstance(told, (list, tuple)) and all(isinstance(n, int) for n in told):
        return tuple(told)
    return ()


def _plain(kind: str) -> str:
    """Return a class's name as words: `LayerNormalization` as `layer normalization`."""
    if kind.endswith(("ReLU", "ELU")) or not kind.isascii():
        return kind
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in kind).split()
    return " ".join(words).lower() if all(len(word) > 1 for word in words) else kind


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _sign(kind: str) -> str | None:
    """Return the sign of a layer that joins branches, None for other layers."""
    return SIGNS.get(kind)


def _class(kind: str) -> type[Layer]:
    try:
        return layer_class(kind)
    except (KeyError, UnsupportedLayerError):
        return Layer


def _acts(kind: str) -> bool:
    return kind.endswith(("ReLU", "ELU", "Softmax", "Activation", "Tanh"))


def _is_light(row: Row) -> bool:
    """Return whether a layer goes with another one: an activation, a normalisation, a border, a reshape."""
    if row.unknown or len(row.inputs) != 1:
        return False
    light = (*BORDERS, "Flatten", "Reshape", "Rescaling", "Cropping")
    return (
        _acts(row.kind)
        or row.kind.startswith(light)
        or row.kind.endswith("Normalization")
        or (issubclass(_class(row.kind), Elementwise) and row.kind not in SIGNS)
    )
