"""Models, by their configuration: what the JSON says of layers, sizes and names."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hostile.making import Config, changed, graph, keras_file, layer, tensor, tiny
from hostile.rows import Row

NO_MODEL = "|".join(
    (
        *("cannot be loaded", "too large"),
        *"damaged JSON nested levels number missing kind layer bytes deep weights shape input reads".split(),
    )
)


def as_json(content: Any) -> Callable[[Path], None]:
    """Return what writes `m.json`: a text as it is, anything else as JSON."""

    def make(folder: Path) -> None:
        text = content() if callable(content) else content
        (folder / "m.json").write_text(text if isinstance(text, str) else json.dumps(text))

    return make


def as_keras(content: Any) -> Callable[[Path], None]:
    """Return what writes `m.keras` with this configuration and the weights of the small network."""
    return lambda folder: keras_file(folder / "m.keras", content() if callable(content) else content)


def both(
    name: str,
    content: Any,
    says: str = NO_MODEL,
    code: int | tuple[int, ...] = 2,
    named: bool = True,
    is_fine: bool = False,
) -> Iterator[Row]:
    """Yield a configuration for the count, and as a whole model for a map, which is refused unless it is fine."""
    yield Row(
        f"models/configuration: {name}", "params m.json", says if code == 2 else r"\w", as_json(content), code
    )
    yield Row(
        f"models/saliency, configuration: {name}",
        "saliency --model m.keras",
        r"\w" if is_fine else says,
        as_keras(content),
        0 if is_fine else 2,
        names="m.keras" if named and not is_fine else "",
    )


# --- texts -----------------------------------------------------------------------------------------------------------


def _text_with(old: str, new: str) -> str:
    text = json.dumps(tiny())
    assert old in text
    return text.replace(old, new, 1)


TEXTS: dict[str, Any] = {
    "300 levels of lists": "[" * 300 + "]" * 300,
    "100,000 levels of lists": "[" * 100_000 + "]" * 100_000,
    "100,000 lists that never end": "[" * 100_000,
    "100,000 levels of objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "300 levels within a layer": lambda: _text_with('"relu"', "[" * 300 + "]" * 300),
    "8 MiB and a byte": lambda: json.dumps(tiny()) + " " * ((8 << 20) + 1),
    "a number": "1",
    "a text": '"Sequential"',
    "null": "null",
    "a list": "[]",
    "an empty object": "{}",
    "true": "true",
    "NaN": "NaN",
    "filters NaN": lambda: _text_with('"filters": 4', '"filters": NaN'),
    "filters Infinity": lambda: _text_with('"filters": 4', '"filters": Infinity'),
    "filters 1e999": lambda: _text_with('"filters": 4', '"filters": 1e999'),
    "filters of 5,001 digits": lambda: _text_with('"filters": 4', '"filters": 1' + "0" * 5000),
    "filters of 100,000 digits": lambda: _text_with('"filters": 4', '"filters": ' + "9" * 100_000),
    "filters -Infinity": lambda: _text_with('"filters": 4', '"filters": -Infinity'),
    "half of it": lambda: json.dumps(tiny())[:500],
    "a zero byte": lambda: json.dumps(tiny())[:50] + "\0" + json.dumps(tiny())[50:],
    "two of them": lambda: json.dumps(tiny()) * 2,
}


def texts() -> Iterator[Row]:
    """Yield rows for what is no JSON, or no reasonable one."""
    for name, content in TEXTS.items():
        yield from both(name, content)
    lone = lambda: _text_with('"tiny"', r'"\ud800"')  # noqa: E731
    yield Row(
        "models/configuration: a lone surrogate for a name", "params m.json", r"\w", as_json(lone), (0, 2)
    )
    twice = lambda: _text_with('"filters": 4', '"filters": 4, "filters": -4')  # noqa: E731
    yield from both("filters twice", twice)


# --- sizes -----------------------------------------------------------------------------------------------------------

FIELDS = {"filters": 1, "kernel_size": 1, "strides": 1, "dilation_rate": 1, "groups": 1, "units": 3}
"""Settings, and the layer that each is a setting of."""
NO_SIZES: tuple[Any, ...] = (
    -1,
    0,
    2.5,
    "3",
    True,
    [],
    [0, 0],
    [-3, 3],
    [3, 3, 3],
    ["3", "3"],
    {},
    {"a": 1},
    [[3], 3],
)
NEVER_NONE = ("filters", "kernel_size", "units")
LARGE: dict[str, Any] = {
    "filters": 5 * 10**7,
    "units": 10**9,
    "kernel_size": 10**9,
    "strides": 10**18,
    "groups": 10**12,
}


def _set(number: int, **settings: Any) -> Callable[[], Config]:
    def change(config: Config) -> None:
        config["config"]["layers"][number]["config"].update(settings)

    return lambda: changed(change)


def sizes() -> Iterator[Row]:
    """Yield rows for sizes that are none, and for enormous ones."""
    for field, number in FIELDS.items():
        for value in (*NO_SIZES, *([None] if field in NEVER_NONE else [])):
            name = f"{field} {json.dumps(value)}"
            yield Row(
                f"models/configuration: {name}",
                "params m.json",
                rf"{field}|{NO_MODEL}",
                as_json(_set(number, **{field: value})),
            )
    for field in ("filters", "units", "kernel_size"):
        for value in (-1, "3", [], {}):
            yield Row(
                f"models/saliency, configuration: {field} {json.dumps(value)}",
                "saliency --model m.keras",
                r"\w",
                as_keras(_set(FIELDS[field], **{field: value})),
                names="m.keras",
            )
    for field, value in LARGE.items():
        name = f"{field} {value:,}"
        yield Row(
            f"models/configuration: {name}",
            "params m.json",
            r"\w",
            as_json(_set(FIELDS[field], **{field: value})),
            (0, 1, 2),
        )
        yield Row(
            f"models/saliency, configuration: {name}",
            "saliency --model m.keras",
            r"\w",
            as_keras(_set(FIELDS[field], **{field: value})),
            names="m.keras",
        )
    for value in (1e308, 10**18, -(10**18), math.pi):
        yield Row(
            f"models/configuration: batch_shape of {value:g}",
            "params m.json",
            r"\w",
            as_json(_set(0, batch_shape=[None, value, value, 1])),
            (0, 2),
        )


SHAPES: dict[str, Any] = {
    "10**9 by 10**9": [None, 10**9, 10**9, 1],
    "10**6 by 10**6": [None, 10**6, 10**6, 1],
    "10**9 channels": [None, 28, 28, 10**9],
    "negative": [None, -28, 28, 1],
    "nothing": [None, 0, 0, 0],
    "texts": [None, "28", "28", "1"],
    "fractions": [None, 28.0, 28.5, 1],
    "a text": "28x28x1",
    "an object": {"rows": 28},
    "a number": 28,
    "lists in lists": [[None], [28], [28], [1]],
    "one size": [None],
    "no sizes": [],
    "fifty sizes": [None, *[1] * 50],
    "true": [None, True, 28, 1],
    "all open": [None, None, None, None],
}


def shapes() -> Iterator[Row]:
    """Yield rows for shapes of inputs that are none."""
    for name, value in SHAPES.items():
        large = name.startswith("10")
        yield from both(
            f"an input of {name}",
            _set(0, batch_shape=value),
            r"\w" if large else rf"\w|{NO_MODEL}",
            (0, 1, 2) if large or name == "no sizes" else 2,
            named=not large,
            is_fine=name == "no sizes",  # the model itself says what it was built on
        )


# --- what is missing, or leads in circles ----------------------------------------------------------------------------


def _without(*path: Any) -> Callable[[], Config]:
    def change(config: Any) -> None:
        for key in path[:-1]:
            config = config[key]
        del config[path[-1]]

    return lambda: changed(change)


def _instead(value: Any, *path: Any, model: Callable[[], Config] = tiny) -> Callable[[], Config]:
    def change(config: Any) -> None:
        for key in path[:-1]:
            config = config[key]
        config[path[-1]] = value

    return lambda: changed(change, model)


LAYERS = ("config", "layers")
MISSING = {
    "no class_name": ("class_name",),
    "no config": ("config",),
    "no layers": LAYERS,
    "a layer without class_name": (*LAYERS, 1, "class_name"),
    "a layer without config": (*LAYERS, 1, "config"),
    "no filters": (*LAYERS, 1, "config", "filters"),
    "no kernel_size": (*LAYERS, 1, "config", "kernel_size"),
    "no units": (*LAYERS, 3, "config", "units"),
}
WRONG: dict[str, tuple[Any, ...]] = {
    "layers a number": (3, *LAYERS),
    "layers a text": ("abc", *LAYERS),
    "layers an object": ({"a": {}}, *LAYERS),
    "layers of numbers": ([1, 2], *LAYERS),
    "layers of null": ([None], *LAYERS),
    "layers empty": ([], *LAYERS),
    "config a text": ("x", "config"),
    "config null": (None, "config"),
    "class_name a number": (3, "class_name"),
    "class_name a list": (["Sequential"], "class_name"),
    "a layer's class_name a list": (["Conv2D"], *LAYERS, 1, "class_name"),
    "a layer's class_name an object": ({}, *LAYERS, 1, "class_name"),
    "a layer's config a number": (3, *LAYERS, 1, "config"),
    "a layer's name a number": (3, *LAYERS, 1, "config", "name"),
    "a layer's name a list": (["conv"], *LAYERS, 1, "config", "name"),
    "a layer's module a list": (["keras.layers"], *LAYERS, 1, "module"),
    "padding a number": (1, *LAYERS, 1, "config", "padding"),
    "padding unknown": ("outside", *LAYERS, 1, "config", "padding"),
    "data_format unknown": ("channels_middle", *LAYERS, 1, "config", "data_format"),
    "an unknown activation": ("system", *LAYERS, 1, "config", "activation"),
    "a dtype that is none": ("float31", *LAYERS, 1, "config", "dtype"),
}
ONLY_A_MAP = ("an unknown activation", "a dtype that is none", "data_format unknown")


def missing() -> Iterator[Row]:
    """Yield rows for configurations that lack something, or hold something else there."""
    for name, path in MISSING.items():
        yield from both(name, _without(*path))
    for name, (value, *rest) in WRONG.items():
        code = (0, 2) if name in ONLY_A_MAP else 2
        yield from both(name, _instead(value, *rest), r"\w", code)


INBOUND = ("inbound_nodes", 0, "args", 0)
CALLS: dict[str, tuple[Any, ...]] = {
    "a cycle": (tensor("dense"), *LAYERS, 1, *INBOUND),
    "a layer that reads itself": (tensor("conv"), *LAYERS, 1, *INBOUND),
    "a layer that is not there": (tensor("nobody"), *LAYERS, 2, *INBOUND),
    "a call that is not there": (tensor("conv", 7), *LAYERS, 2, *INBOUND),
    "an output that is not there": (tensor("conv", 0, 10**9), *LAYERS, 2, *INBOUND),
    "a negative call": (tensor("conv", -1), *LAYERS, 2, *INBOUND),
    "a call that is a text": (tensor("conv", "0"), *LAYERS, 2, *INBOUND),
    "a name that is a list": (tensor(["conv"]), *LAYERS, 2, *INBOUND),  # type: ignore[arg-type]
    "a history that is short": ({"config": {"keras_history": ["conv"]}}, *LAYERS, 2, *INBOUND),
    "inbound_nodes a number": (3, *LAYERS, 2, "inbound_nodes"),
    "inbound_nodes a text": ("conv", *LAYERS, 2, "inbound_nodes"),
    "inbound_nodes of null": ([None], *LAYERS, 2, "inbound_nodes"),
    "an input that is no layer": ([["nobody", 0, 0]], "config", "input_layers"),
    "an output that is no layer": ([["nobody", 0, 0]], "config", "output_layers"),
    "an input that is a convolution": ([["conv", 0, 0]], "config", "input_layers"),
    "no inputs": ([], "config", "input_layers"),
    "no outputs": ([], "config", "output_layers"),
    "outputs a number": (3, "config", "output_layers"),
    "outputs an object": ({"a": 1}, "config", "output_layers"),
}


def calls() -> Iterator[Row]:
    """Yield rows for functional models whose layers read what is not there."""
    for name, (value, *path) in CALLS.items():
        yield from both(name, _instead(value, *path, model=graph), r"\w")
    same = lambda: changed(lambda c: c["config"]["layers"][2].update(name="conv"), graph)  # noqa: E731
    yield from both("two layers of one name", same, r"\w")

    def alike(config: Config) -> None:
        for entry in config["config"]["layers"][1:]:
            entry["config"]["name"] = "same"

    yield Row(
        "models/saliency, configuration: a chain of one name",
        "saliency --model m.keras",
        r"\w",
        as_keras(lambda: changed(alike)),
    )
    yield Row(
        "models/configuration: a chain of one name",
        "params m.json",
        r"\w",
        as_json(lambda: changed(alike)),
        (0, 2),
    )


# --- many ------------------------------------------------------------------------------------------------------------


def _chain(count: int) -> Config:
    def change(config: Config) -> None:
        entries = config["config"]["layers"]
        entries[2:2] = [layer("Activation", name=f"a{i}", activation="relu") for i in range(count)]

    return changed(change)


def _fan(count: int) -> Config:
    """Return a functional model in which one layer reads another very often."""

    def change(config: Config) -> None:
        join = {**layer("Add", name="add"), "name": "add"}
        join["inbound_nodes"] = [{"args": [[tensor("image") for _ in range(count)]], "kwargs": {}}]
        config["config"]["layers"].insert(1, join)
        config["config"]["layers"][2]["inbound_nodes"][0]["args"] = [tensor("add")]

    return changed(change, graph)


def _dolls(depth: int, copies: int = 2) -> Config:
    """Return models inside each other, each of which calls the one inside several times."""
    inner: Config = layer("Activation", name="deepest", activation="relu")
    for level in range(depth):
        name = f"m{level}"
        start = {**layer("InputLayer", batch_shape=[None, 28, 28, 1], name=f"i{level}"), "name": f"i{level}"}
        start["inbound_nodes"] = []
        inside = {**inner, "name": inner["config"]["name"]}
        own = inside["name"]
        sources = [tensor(f"i{level}"), *(tensor(own, n) for n in range(copies - 1))]
        inside["inbound_nodes"] = [{"args": [source], "kwargs": {}} for source in sources]
        config = {"name": name, "layers": [start, inside]}
        config.update(input_layers=[[f"i{level}", 0, 0]], output_layers=[[own, copies - 1, 0]])
        inner = {"module": "keras", "class_name": "Functional", "config": config, "registered_name": None}
    return inner


def many() -> Iterator[Row]:
    """Yield rows for models with very many layers."""
    for count in (2_000, 20_000):
        yield Row(
            f"models/configuration: {count:,} layers",
            "params m.json",
            r"\w",
            as_json(lambda n=count: _chain(n)),
            (0, 2),
        )
    yield Row(
        "models/saliency, configuration: 20,000 layers",
        "saliency --model m.keras",
        r"\w",
        as_keras(lambda: _chain(20_000)),
        (0, 2),
    )
    yield Row(
        "models/configuration: one layer that reads 20,000 times",
        "params m.json",
        r"\w",
        as_json(lambda: _fan(20_000)),
        (0, 2),
    )
    yield Row(
        "models/configuration: 20 models inside each other, twice each",
        "params m.json",
        "calls|levels|nested",
        as_json(lambda: _dolls(20)),
    )
    yield Row(
        "models/configuration: 10 models inside each other, nine times each",
        "params m.json",
        "calls|levels|nested",
        as_json(lambda: _dolls(10, 9)),
    )
    yield Row(
        "models/configuration: 60 models inside each other",
        "params m.json",
        r"\w",
        as_json(lambda: _dolls(60, 1)),
        (0, 2),
    )
    yield Row(
        "models/saliency, configuration: 20 models inside each other, twice each",
        "saliency --model m.keras",
        r"\w",
        as_keras(lambda: _dolls(20)),
    )


# --- code and names --------------------------------------------------------------------------------------------------

SHELL = "touch pwned"
PICKLED = "4wEAAAAAAAAAAAAAAAEAAAABAAAAQwAAAHMEAAAAZAEAUygCAAAATmkqAAAAKAAAAAA="
CODE: dict[str, Config] = {
    "a Lambda": layer(
        "Lambda", name="own", function={"class_name": "__lambda__", "config": {"code": PICKLED}}
    ),
    "a Lambda of Keras 2": layer(
        "Lambda", name="own", function=[PICKLED, None, None], function_type="lambda", module="builtins"
    ),
    "os.system": layer("system", "os", command=SHELL),
    "builtins.eval": layer("eval", "builtins", source=f"__import__('os').system('{SHELL}')"),
    "subprocess.Popen": layer("Popen", "subprocess", args=["touch", "pwned"]),
    "a registered name": {**layer("Dense", "builtins", units=3), "registered_name": "builtins>eval"},
    "keras.utils.get_file": layer("get_file", "keras.utils", fname="pwned", origin="http://127.0.0.1:9/x"),
    "keras.src.utils.file_utils": layer(
        "extract_archive", "keras.src.utils.file_utils", file_path="/etc/passwd"
    ),
    "keras.models.load_model": layer("load_model", "keras.models", filepath="/etc/passwd"),
    "TFSMLayer": layer("TFSMLayer", filepath="/tmp", call_endpoint="serve", name="own"),
    "TorchModuleWrapper": layer(
        "TorchModuleWrapper", "keras.src.utils.torch_utils", name="own", inner="gASVHgA="
    ),
    "numpy's memmap": layer("memmap", "numpy", filename="pwned", mode="w+", shape=[1000]),
}
FUNCTIONS: dict[str, Any] = {
    "a lambda for an activation": {"class_name": "__lambda__", "config": {"value": PICKLED}},
    "os.system for an activation": {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": "system",
    },
    "eval for an activation": {
        "module": "builtins",
        "class_name": "function",
        "config": "eval",
        "registered_name": "eval",
    },
    "a numpy array for an activation": {
        "class_name": "__numpy__",
        "config": {"value": [0] * 9, "dtype": "object"},
    },
    "an own type for an activation": {
        "class_name": "__typespec__",
        "spec_name": "RaggedTensorSpec",
        "module": "os",
        "config": [],
    },
}


def code() -> Iterator[Row]:
    """Yield rows for configurations that would run something: `pwned` must not be there, nor a connection tried."""
    for name, entry in CODE.items():
        config = lambda entry=entry: changed(lambda c: c["config"]["layers"].insert(2, entry))  # noqa: E731
        yield Row(
            f"models/saliency, code: {name}",
            "saliency --model m.keras",
            r"\w",
            as_keras(config),
            names="m.keras",
        )
        yield Row(f"models/params, code: {name}", "params m.json", r"\w", as_json(config), (0, 1, 2))
    for name, value in FUNCTIONS.items():
        config = _set(1, activation=value)
        yield Row(
            f"models/saliency, code: {name}",
            "saliency --model m.keras",
            r"\w",
            as_keras(config),
            names="m.keras",
        )
    config = _set(1, kernel_initializer=FUNCTIONS["os.system for an activation"])
    yield Row(
        "models/saliency, code: os.system for an initializer",
        "saliency --model m.keras",
        r"\w",
        as_keras(config),
        0,  # NumPy draws nothing, so it looks at no initializer
    )


NAMES = {
    "escapes": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "direction": "\u202egpj.exe\u202c",
    "a carriage return": "conv\rError: nothing",
    "lines": "conv\nError: nothing\n",
    "zero bytes": "co\0nv",
    "slashes": "../../outside/precious",
    "markup": "[red]<script>alert(1)</script>[/red]",
    "an unclosed tag": "[/nothing] [bold",
    "formulas of a spreadsheet": "=cmd|' /C calc'!A0",
    "LaTeX": r"\input{/etc/passwd}$\write18{ls}",
    "a megabyte": "x" * (1 << 20),
    "nothing": "",
    "blanks": "   ",
}


def names() -> Iterator[Row]:
    """Yield rows for names that a terminal, a page or a file system might take for something else."""
    for what, name in NAMES.items():
        for level, path in (("a layer", (*LAYERS, 1, "config", "name")), ("the model", ("config", "name"))):
            config = _instead(name, *path)
            yield Row(
                f"models/configuration: {level} called {what}",
                "params m.json",
                r"\w",
                as_json(config),
                (0, 2),
            )
        config = _instead(name, *LAYERS, 1, "config", "name")
        yield Row(
            f"models/saliency: a layer called {what}",
            "saliency --model m.keras --method gradcam",
            r"\w",
            as_keras(config),
            (0, 2),
        )
    kind = _instead(NAMES["escapes"], *LAYERS, 1, "class_name")
    yield Row("models/configuration: a class called escapes", "params m.json", r"\w", as_json(kind), (0, 2))
    yield Row("models/saliency: a class called escapes", "saliency --model m.keras", r"\w", as_keras(kind))


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (texts, sizes, shapes, missing, calls, many, code, names):
        yield from part()
