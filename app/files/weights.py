"""The arrays in a file of weights, by the names of their layers; read as data, links not followed."""

import contextlib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.counting.rows import Shape
from app.counting.stored.model_files import DAMAGE, HDF5_SIGNATURE, verify_contents
from app.counting.stored.weight_files import WEIGHTS, Room, list_names, list_texts, weights_in
from app.untrusted.archives import verify_list
from app.untrusted.limits import READING, within
from app.untrusted.places import verify_readable


@dataclass(frozen=True)
class StoredArray:
    """An array in an open file, whose numbers are not yet read."""

    shape: Shape
    type: str
    """As NumPy says it: `float32`."""
    numbers: Any
    """The `h5py.Dataset`; `numbers[()]` reads it."""


Layers = Mapping[str, tuple[StoredArray, ...]]
"""Each layer's arrays, in Keras' order: kernel, bias; γ, β, mean, variance."""
Arrays = dict[str, StoredArray]
"""All arrays of a file by their paths."""
BESIDE = ("optimizer", "optimizer_weights", "metrics", "_loss_tracker")
"""Groups of a whole model's file that are not its weights."""


class _UnfitError(Exception):
    """The file is whole, and not what is wanted."""


@contextlib.contextmanager
def open_weights(path: Path) -> Iterator[Layers]:
    """Open a file of weights; as long as it is open, its arrays can be read.

    It is one that Keras writes: HDF5 with a group for each layer (as the published files are), Keras 3's
    `.weights.h5`, or a whole model, `.h5` or `.keras`.

    Raises:
        ValueError: it is missing, damaged, no file of weights, or holds an array of no layer.
    """
    verify_readable(path, "weight file", "an .h5, .weights.h5 or .keras file")
    import h5py

    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(h5py.File(stack.enter_context(_hdf5_of(path)), "r"))
            with within(READING):
                layers = _read_layers(file)
        except _UnfitError as error:
            raise ValueError(f"{path} {error}") from error
        except (*DAMAGE, LookupError, ValueError, TypeError, AttributeError, MemoryError) as error:
            if str(path) in str(error):
                raise
            raise ValueError(f"{path} is damaged or cut short: {error}") from error
        yield layers


@contextlib.contextmanager
def _hdf5_of(path: Path) -> Iterator[Any]:
    """Open the HDF5 that the file is, or that is inside it."""
    with path.open("rb") as file:
        if file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE:
            yield file
            return
    if zipfile.is_zipfile(path):
        verify_list(path)
        with zipfile.ZipFile(path) as archive:
            is_keras = WEIGHTS in archive.namelist()
        if is_keras:
            verify_contents(path)
            with weights_in(path) as inside:
                yield inside
            return
    raise _UnfitError("is not a file of Keras weights (neither HDF5 nor .keras), or it is cut short")


def _read_layers(file: Any) -> Layers:
    groups, arrays = _walk(file)
    base = "model_weights/" if "model_weights" in groups else ""
    if named := list_names(groups[base.rstrip("/")], "layer_names"):
        layers = _read_named(groups, arrays, base, named)
    else:
        layers = _read_numbered(groups, arrays)
    for name in arrays:
        if name.split("/")[0] not in BESIDE:
            raise _UnfitError(f"holds the array {name}, which belongs to no layer")
    if not layers:
        raise _UnfitError("is HDF5, but holds no layers with weights")
    return layers


def _walk(file: Any) -> tuple[dict[str, Any], Arrays]:
    """Return the groups and the arrays of an HDF5 file by their paths, those behind links left out."""
    import h5py

    groups: dict[str, Any] = {"": file}
    arrays: Arrays = {}
    room = Room()

    def note(path: str, item: Any) -> None:
        if isinstance(item, h5py.Group):
            groups[path] = item
        elif isinstance(item, h5py.Dataset):
            room.take(path, item)
            arrays[path] = StoredArray(tuple(map(int, item.shape)), str(item.dtype), item)

    file.visititems(note)
    return groups, arrays


def _read_named(groups: dict[str, Any], arrays: Arrays, base: str, names: list[str]) -> Layers:
    """Take the arrays of the older layout, which lists its layers and the arrays of each."""
    layers = {}
    for layer in names:
        found = list_names(groups[f"{base}{layer}"], "weight_names")
        if found:
            layers[layer] = tuple(arrays.pop(f"{base}{layer}/{name}") for name in found)
    return layers


def _read_numbered(groups: dict[str, Any], arrays: Arrays) -> Layers:
    """Take the arrays of Keras 3's layout, `layers/conv2d_1/vars/0`; the layer's name lies with it."""
    layers: dict[str, tuple[StoredArray, ...]] = {}
    for path, group in groups.items():
        parts = path.split("/")
        if len(parts) != 3 or (parts[0], parts[2]) != ("layers", "vars") or not len(group):
            continue
        if "name" not in group.attrs:
            raise _UnfitError(
                "does not say which layers its arrays belong to, as files of early Keras 3; load it "
                "with keras.applications and save it again"
            )
        (name,) = list_texts(group, "name")
        if name in layers:
            raise _UnfitError(f"holds two layers that are called {name}")
        layers[name] = tuple(arrays.pop(f"{path}/{i}") for i in range(len(group)))
    return layers
