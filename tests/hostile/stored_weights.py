"""Models, by their weights: HDF5 files whose arrays lie elsewhere, claim too much, or are no numbers."""

import io
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from hostile.making import h5_file, keras_file, weights
from hostile.rows import Row

Change = Callable[[h5py.File], object]
KERNEL = "layers/conv2d/vars/0"
OLD_KERNEL = "model_weights/conv/conv/kernel"
STORES = "claims|stores|bytes|memory"
BAD = r"damaged|claims|numbers|weights|array|cannot be loaded|link|file"


def _instead(make: Callable[[h5py.Group, str], object], at: str = KERNEL) -> Change:
    """Return a change that puts something else in the place of an array."""

    def change(file: h5py.File) -> None:
        folder, _, name = at.rpartition("/")
        if at in file:
            del file[at]
        make(file[folder], name)

    return change


def _declared(
    shape: tuple[int, ...], dtype: Any = "f4", **options: Any
) -> Callable[[h5py.Group, str], object]:
    return lambda group, name: group.create_dataset(name, shape, dtype, **options)


def _packed_zeros(group: h5py.Group, name: str) -> None:
    """32,000 by 32,000 zeros, every block of which is really there."""
    array = group.create_dataset(name, (32_000, 32_000), "f4", chunks=(4000, 4000), compression="gzip")
    block = zlib.compress(bytes(4000 * 4000 * 4), 1)
    for row in range(8):
        for column in range(8):
            array.id.write_direct_chunk((4000 * row, 4000 * column), block)


def _bad_chunk(group: h5py.Group, name: str) -> None:
    array = group.create_dataset(name, (3, 3, 1, 4), "f4", chunks=(3, 3, 1, 4), compression="gzip")
    array.id.write_direct_chunk((0, 0, 0, 0), b"no zlib at all")


def _bomb_chunk(group: h5py.Group, name: str) -> None:
    array = group.create_dataset(name, (3, 3, 1, 4), "f4", chunks=(3, 3, 1, 4), compression="gzip")
    array.id.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(60 << 20), 9))


def _virtual(group: h5py.Group, name: str) -> None:
    layout = h5py.VirtualLayout((3, 3, 1, 4), "f4")
    layout[...] = h5py.VirtualSource("/etc/passwd", "x", (3, 3, 1, 4))
    group.create_virtual_dataset(name, layout)


def _external(group: h5py.Group, name: str, file: str = "/etc/passwd") -> None:
    group.create_dataset(name, (3, 3, 1, 4), "f4", external=[(file, 0, 144)])


def _references(group: h5py.Group, name: str) -> None:
    array = group.create_dataset(name, (36,), h5py.ref_dtype)
    array[:] = group.ref


def _regions(group: h5py.Group, name: str) -> None:
    base = group.create_dataset("base", data=np.zeros(36, "f4"))
    array = group.create_dataset(name, (1,), h5py.regionref_dtype)
    array[0] = base.regionref[0:3]


def _of(values: Any, **options: Any) -> Callable[[h5py.Group, str], object]:
    return lambda group, name: group.create_dataset(name, data=values, **options)


def _ragged(group: h5py.Group, name: str) -> None:
    array = group.create_dataset(name, (2,), h5py.vlen_dtype("f4"))
    array[0] = np.zeros(36, "f4")


def _unknown_filter(group: h5py.Group, name: str) -> None:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((3, 3, 1, 4))
    plist.set_deflate(1)
    space, kind = h5py.h5s.create_simple((3, 3, 1, 4)), h5py.h5t.IEEE_F32LE
    array = h5py.h5d.create(group.id, name.encode(), kind, space, plist)
    array.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(144)), 1)


SHAPE = (3, 3, 1, 4)
NAN, INFINITE = (np.full(SHAPE, value, "f4") for value in (np.nan, np.inf))
ARRAYS: dict[str, tuple[Callable[[h5py.Group, str], object], tuple[int, ...], str]] = {
    "32,000 by 32,000, never written": (_declared((32_000, 32_000)), (2,), STORES),
    "2**30 by 2**30, never written": (_declared((2**30, 2**30)), (2,), STORES),
    "2**62 numbers, never written": (_declared((2**61,), chunks=(1024,)), (2,), STORES),
    "chunks of 4 GB, never written": (_declared((32_000, 32_000), chunks=(30_000, 30_000)), (2,), STORES),
    "32,000 by 32,000 packed zeros": (_packed_zeros, (2,), STORES),
    "rows without end": (_declared((0, 10), maxshape=(None, 10), chunks=(100, 10)), (1, 2), r"\w"),
    "a chunk that is not packed": (_bad_chunk, (0, 2), r"\w"),
    "a chunk that swells to 60 MiB": (_bomb_chunk, (0, 2), r"\w"),
    "in an external file": (_external, (2,), "another file|elsewhere"),
    "in a virtual data set": (_virtual, (2,), "another file|elsewhere|virtual"),
    "references": (_references, (2,), "no numbers|numbers"),
    "references to regions": (_regions, (2,), "no numbers|numbers"),
    "texts": (_of([b"a"] * 36), (2,), "no numbers|numbers"),
    "texts of any length": (_of(["a"] * 36, dtype=h5py.string_dtype()), (2,), "no numbers|numbers"),
    "truth values": (_of(np.ones(SHAPE, bool)), (0, 2), r"\w"),
    "complex numbers": (_of(np.ones(SHAPE, "c8")), (2,), "numbers|complex"),
    "compounds": (_of(np.zeros(SHAPE, [("a", "f4"), ("b", "i8")])), (2,), "no numbers|numbers"),
    "arrays in arrays": (_declared((3, 3), np.dtype((np.float32, (1, 4)))), (1, 2), r"\w"),
    "ragged": (_ragged, (2,), "no numbers|numbers"),
    "opaque": (_of(np.zeros(SHAPE, "V4")), (0, 2), r"\w"),
    "one number": (_of(np.float32(1)), (1,), "differ|conv"),
    "no space": (_of(h5py.Empty("f4")), (1, 2), r"\w"),
    "32 axes": (_of(np.zeros((1,) * 32, "f4")), (1,), "conv"),
    "whole numbers": (_of(np.ones(SHAPE, "i8")), (0, 2), r"\w"),
    "of another shape": (_of(np.ones((5, 5, 1, 4), "f4")), (1,), "conv"),
    "with an axis too many": (_of(np.ones((*SHAPE, 1), "f4")), (1,), "conv"),
    "nothing": (lambda group, name: None, (1,), "conv"),
    "a group": (lambda group, name: group.create_group(name), (1, 2), r"conv|damaged"),
    "a link to nowhere": (
        lambda group, name: group.__setitem__(name, h5py.SoftLink("/no")),
        (1, 2),
        r"conv|damaged|link",
    ),
    "a link to itself": (
        lambda group, name: group.__setitem__(name, h5py.SoftLink(f"/{KERNEL}")),
        (1, 2),
        r"conv|damaged|link",
    ),
    "a link to another array": (
        lambda group, name: group.__setitem__(name, h5py.SoftLink("/layers/dense/vars/0")),
        (1, 2),
        r"conv|link",
    ),
    "a link to another file": (
        lambda group, name: group.__setitem__(name, h5py.ExternalLink("/etc/passwd", "/")),
        (1, 2),
        r"conv|link|damaged",
    ),
    "NaN": (_of(NAN), (0,), "tiny"),
    "infinite": (_of(INFINITE), (0,), "tiny"),
}
CAN_BE_MAPPED = ("whole numbers", "opaque", "infinite", "truth values", "a chunk that swells to 60 MiB")


def arrays() -> Iterator[Row]:
    """Yield rows in which the kernel of the convolution is something else, for the count and for a map."""
    for name, (put, codes, says) in ARRAYS.items():
        make = lambda folder, put=put: keras_file(folder / "m.keras", None, weights(_instead(put)))  # noqa: E731
        yield Row(f"models/weights: {name}", "params m.keras", says, make, codes)
        if name == "NaN":
            yield Row(
                "models/saliency, weights: NaN",
                "saliency --model m.keras",
                r"NaN|not finite|no numbers",
                make,
                (0, 2),
                says_always=True,
            )
        else:
            codes = (0, 2) if name in CAN_BE_MAPPED else (2,)
            yield Row(
                f"models/saliency, weights: {name}",
                "saliency --model m.keras",
                r"\w",
                make,
                codes,
                seconds=30,
            )
    for name in (
        "32,000 by 32,000, never written",
        "in an external file",
        "texts",
        "NaN",
        "a link to another file",
        "of another shape",
        "32,000 by 32,000 packed zeros",
        "compounds",
    ):
        put, codes, says = ARRAYS[name]
        change = _instead(put, OLD_KERNEL)
        make = lambda folder, change=change: h5_file(folder / "m.h5", None, change)  # noqa: E731
        yield Row(f"models/weights in one HDF5 file: {name}", "params m.h5", says, make, codes)
        codes = (0, 2) if name == "NaN" else (2,)
        yield Row(
            f"models/saliency, weights in one HDF5 file: {name}",
            "saliency --model m.h5",
            r"NaN|finite" if name == "NaN" else r"\w",
            make,
            codes,
            says_always=name == "NaN",
        )


# --- groups and attributes -------------------------------------------------------------------------------------------


def _attribute(path: str, name: str, value: Any) -> Change:
    return lambda file: file[path].attrs.__setitem__(name, value)


def _deep(file: h5py.File) -> None:
    group = file
    for _ in range(1000):
        group = group.create_group("g")
    group["x"] = np.zeros(3, "f4")


def _many(file: h5py.File) -> None:
    group = file.create_group("layers/more")
    for i in range(5000):
        group.create_group(str(i))


def _many_arrays(file: h5py.File) -> None:
    group = file.create_group("layers/more/vars")
    group["0"] = np.zeros(1, "f4")
    for i in range(1, 50_100):
        group.id.links.create_hard(b"%d" % i, group.id, b"0")


NAME, VARS = "name", "layers/conv2d/vars"
LONG = np.bytes_(b"x" * 60_000)
CHANGES: dict[str, tuple[Change, tuple[int, ...], dict[str, Any]]] = {
    "an array that belongs to nobody": (
        lambda f: f.__setitem__("layers/nobody/vars/0", np.zeros(3, "f4")),
        (1, 2),
        {},
    ),
    "an array at the top": (lambda f: f.__setitem__("x", np.zeros(3, "f4")), (0, 1, 2), {}),
    "two thousand arrays more": (
        lambda f: [f.__setitem__(f"layers/conv2d/vars/{i}", np.zeros(1, "f4")) for i in range(2, 2000)],
        (1, 2),
        {},
    ),
    "50,100 names": (_many_arrays, (1, 2), {"libver": "latest"}),
    "5,000 empty groups": (_many, (0, 2), {}),
    "a thousand groups inside each other": (_deep, (0, 1, 2), {"libver": "latest"}),
    "a group in itself": (lambda f: f["layers"].__setitem__("round", f["layers"]), (0, 1, 2), {}),
    "a group linked to the top": (
        lambda f: f["layers"].__setitem__("round", h5py.SoftLink("/")),
        (0, 1, 2),
        {},
    ),
    "all layers in another file": (
        lambda f: (f.__delitem__("layers"), f.__setitem__("layers", h5py.ExternalLink("/etc/passwd", "/"))),
        (1, 2),
        {},
    ),
    "no layers": (lambda f: f.__delitem__("layers"), (1, 2), {}),
    "layers an array": (
        lambda f: (f.__delitem__("layers"), f.__setitem__("layers", np.zeros(3, "f4"))),
        (1, 2),
        {},
    ),
    "a name that is a number": (_attribute(VARS, NAME, 7), (0, 1, 2), {}),
    "a name that is a list": (_attribute(VARS, NAME, [1, 2, 3]), (0, 1, 2), {}),
    "a name of 60,000 letters": (_attribute(VARS, NAME, LONG), (0, 1, 2), {}),
    "a name of 16 MB": (_attribute(VARS, NAME, np.bytes_(b"x" * (1 << 24))), (0, 1, 2), {"libver": "latest"}),
    "a name without a value": (_attribute(VARS, NAME, h5py.Empty("S1")), (0, 1, 2), {}),
    "a name with escapes": (_attribute(VARS, NAME, "\x1b[31mred\r"), (1, 2), {}),
    "a name of another layer": (_attribute(VARS, NAME, "dense"), (1, 2), {}),
    "a name that is no UTF-8": (_attribute(VARS, NAME, np.bytes_(b"\xff\xfe")), (0, 1, 2), {}),
    "a group called as escapes": (
        lambda f: f.__setitem__("layers/\x1b[31m/vars/0", np.zeros(3, "f4")),
        (1, 2),
        {},
    ),
}


def groups() -> Iterator[Row]:
    """Yield rows whose groups and names are not what Keras writes."""
    for name, (change, codes, options) in CHANGES.items():
        make = lambda folder, change=change, options=options: keras_file(  # noqa: E731
            folder / "m.keras", None, weights(change, **options)
        )
        yield Row(f"models/weights: {name}", "params m.keras", r"\w", make, codes)
        yield Row(f"models/saliency, weights: {name}", "saliency --model m.keras", r"\w", make, (0, 2))


WHOLE: dict[str, tuple[Change, tuple[int, ...], dict[str, Any]]] = {
    "no model_config": (lambda f: f.attrs.__delitem__("model_config"), (2,), {}),
    "model_config a number": (_attribute("/", "model_config", 7), (2,), {}),
    "model_config a list of texts": (_attribute("/", "model_config", [b"{}", b"{}"]), (2,), {}),
    "model_config without a value": (_attribute("/", "model_config", h5py.Empty("S1")), (2,), {}),
    "model_config of 9 MB": (
        _attribute("/", "model_config", np.bytes_(b" " * (9 << 20) + b"{}")),
        (2,),
        {"libver": "latest"},
    ),
    "model_config of 9 MB, of any length": (
        _attribute("/", "model_config", " " * (9 << 20) + "{}"),
        (2,),
        {},
    ),
    "model_config no UTF-8": (_attribute("/", "model_config", np.bytes_(b"\xff\xfe")), (2,), {}),
    "model_config 300 levels deep": (_attribute("/", "model_config", "[" * 300 + "]" * 300), (2,), {}),
    "training_config a number": (_attribute("/", "training_config", 7), (0, 2), {}),
    "training_config 300 levels deep": (
        _attribute("/", "training_config", "[" * 300 + "]" * 300),
        (0, 2),
        {},
    ),
    "keras_version a number": (_attribute("/", "keras_version", 2), (0, 2), {}),
    "keras_version of the future": (_attribute("/", "keras_version", "99.0"), (0, 2), {}),
    "keras_version a list": (_attribute("/", "keras_version", [b"2", b"3"]), (0, 2), {}),
    "no layer_names": (lambda f: f["model_weights"].attrs.__delitem__("layer_names"), (0, 1, 2), {}),
    "layer_names of nobody": (_attribute("model_weights", "layer_names", [b"nobody"]), (0, 1, 2), {}),
    "layer_names numbers": (_attribute("model_weights", "layer_names", [1, 2]), (0, 1, 2), {}),
    "layer_names 20,000 times": (
        _attribute("model_weights", "layer_names", [b"conv"] * 20_000),
        (0, 1, 2),
        {"libver": "latest"},
    ),
    "weight_names of nobody": (_attribute("model_weights/conv", "weight_names", [b"nobody"]), (1, 2), {}),
    "weight_names that lead out": (
        _attribute("model_weights/conv", "weight_names", [b"../dense/dense/kernel", b"/"]),
        (1, 2),
        {},
    ),
    "weight_names numbers": (_attribute("model_weights/conv", "weight_names", [1, 2]), (1, 2), {}),
    "weight_names twice": (
        _attribute("model_weights/conv", "weight_names", [b"conv/kernel"] * 2),
        (1, 2),
        {},
    ),
    "no model_weights": (lambda f: f.__delitem__("model_weights"), (1, 2), {}),
    "model_weights an array": (
        lambda f: (f.__delitem__("model_weights"), f.__setitem__("model_weights", 1.0)),
        (1, 2),
        {},
    ),
    "model_weights in another file": (
        lambda f: (
            f.__delitem__("model_weights"),
            f.__setitem__("model_weights", h5py.ExternalLink("/etc/passwd", "/")),
        ),
        (1, 2),
        {},
    ),
    "a layer that is an array": (
        lambda f: (f.__delitem__("model_weights/conv"), f.__setitem__("model_weights/conv", 1.0)),
        (1, 2),
        {},
    ),
}


def whole_files() -> Iterator[Row]:
    """Yield rows for models in one HDF5 file, of Keras 3 and of Keras 2."""
    for name, (change, codes, options) in WHOLE.items():
        for version in ("3.15.1", "2.4.0"):
            make = lambda folder, change=change, version=version, options=options: h5_file(  # noqa: E731
                folder / "m.h5", None, change, version, **options
            )
            command = "params m.h5" if version.startswith("3") else "saliency --model m.h5"
            right = codes if version.startswith("3") else (0, 2)
            yield Row(f"models/HDF5 of Keras {version[0]}: {name}", command, r"\w", make, right)
    for names in (b"/etc/passwd", b"../../x"):
        change = _attribute("model_weights", "layer_names", [names])
        make = lambda folder, change=change: h5_file(folder / "m.h5", None, change)  # noqa: E731
        yield Row(
            f"models/pretrained: layer_names {names.decode()}",
            "pretrained densenet121 --weights m.h5 --output output",
            r"\w",
            make,
        )


def _cut(share: float, inside: bool) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        if inside:
            data = weights()
            keras_file(folder / "m.keras", None, data[: int(len(data) * share)])
            return
        h5_file(folder / "m.h5")
        os.truncate(folder / "m.h5", int((folder / "m.h5").stat().st_size * share))

    return make


def truncated() -> Iterator[Row]:
    """Yield rows for HDF5 that is cut short."""
    for share in (0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99, 0.9999):
        yield Row(f"models/HDF5 cut to {share:.2%}", "params m.h5", BAD, _cut(share, False), names="m.h5")
        yield Row(
            f"models/weights cut to {share:.2%}", "params m.keras", BAD, _cut(share, True), names="m.keras"
        )
    for share in (0.1, 0.5, 0.9, 0.99):
        yield Row(
            f"models/saliency, HDF5 cut to {share:.2%}", "saliency --model m.h5", r"\w", _cut(share, False)
        )
        yield Row(
            f"models/saliency, weights cut to {share:.2%}",
            "saliency --model m.keras",
            r"\w",
            _cut(share, True),
        )

    def grown(folder: Path) -> None:
        keras_file(folder / "m.keras", None, weights() + bytes(1 << 20))

    yield Row("models/weights with a megabyte behind them", "params m.keras", "tiny", grown, (0, 2))


def _of_weights(change: Change | None) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        buffer = io.BytesIO(weights(change))
        (folder / "m.weights.h5").write_bytes(buffer.getvalue())

    return make


def files_of_weights() -> Iterator[Row]:
    """Yield rows for files of weights, which fill a network."""
    command = "pretrained densenet121 --weights m.weights.h5 --output output"
    changes: dict[str, Change | None] = {
        "of another network": None,
        "with a group in itself": CHANGES["a group in itself"][0],
        "with an array of nobody": CHANGES["an array at the top"][0],
        "with names that are numbers": CHANGES["a name that is a number"][0],
        "with two layers of one name": CHANGES["a name of another layer"][0],
        "with 32,000 by 32,000 zeros": _instead(_packed_zeros),
        "in an external file": _instead(_external),
        "of texts": _instead(ARRAYS["texts"][0]),
    }
    for name, change in changes.items():
        yield Row(f"models/pretrained: weights {name}", command, r"m\.weights\.h5", _of_weights(change))
    yield Row(
        "models/params: weights alone",
        "params m.weights.h5",
        "weights only",
        _of_weights(None),
        names="m.weights.h5",
    )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (arrays, groups, whole_files, truncated, files_of_weights):
        yield from part()
