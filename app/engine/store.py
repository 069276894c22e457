"""Models to files and back: loaded as untrusted input, written whole or not at all."""

import contextlib
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import keras

from app.counting.stored.model_files import (
    HDF5_SIGNATURE,
    Config,
    find_foreign_classes,
    read_config,
    refuse_code,
)
from app.counting.stored.needs import verify_needs
from app.counting.stored.shared import part_shared
from app.engine.legacy import is_keras_2, modernise
from app.engine.legacy_archives import is_keras_2_archive, load_archive, write_parted
from app.engine.quiet import first_line
from app.files.atomic import replacing_all, write_bytes
from app.files.cards import Card, card_path, card_text
from app.untrusted.limits import LOADING, within

LONGEST = 200
"""Letters of what Keras says that are passed on."""


def load_model(path: Path) -> keras.Model:
    """Return the model in a `.keras` or `.h5` file, without its optimiser.

    Nothing in the file is executed: safe mode stays on, and a Lambda layer is refused before Keras
    sees it.

    Raises:
        ValueError: the file is missing, damaged, or holds something that is not plain Keras.
    """
    config = read_config(path)
    refuse_code(config, path)
    verify_needs(path, config)
    try:
        with within(LOADING):
            if is_keras_2_archive(path):
                return load_archive(path, config)
            with _readable(path, config) as readable:
                return keras.saving.load_model(readable, compile=False, safe_mode=True)
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded as a Keras model: {_reason(error, config)}") from error


UNKNOWN = re.compile(r"Unknown layer: '([^']+)'")
CODE = re.compile(r"could not be deserialized properly|<function|<lambda|positional argument")
INNER = re.compile(r"Exception encountered: (.+)")
OPERATIONS = (keras.src.ops.core, keras.src.ops.numpy, keras.src.ops.nn, keras.src.ops.math)
WAY_OUT = "where it is defined, load the model in Python and hand it over: app.explain(model, image)"


def _reason(error: Exception, config: Config) -> str:
    """Return why a file cannot be loaded, and what to do, in a sentence without its full stop."""
    inner = INNER.search(str(error))
    text = inner[1] if inner else first_line(error)
    unknown = UNKNOWN.search(text)
    if unknown and any(hasattr(module, unknown[1]) for module in OPERATIONS):
        return (
            f"it contains the operation {unknown[1]}, which an .h5 file cannot give back; save it as .keras"
        )
    foreign = sorted({*find_foreign_classes(config), *(unknown.groups() if unknown else ())})
    if foreign:
        return f"it contains {', '.join(foreign)}, which is not of Keras' own; {WAY_OUT}"
    if CODE.search(text):
        return (
            "it holds something that Keras wrote and cannot read, as a function of one's own for an activation, or "
            "an operation in an .h5 file; load the model where it was made and hand it over: app.explain(model, image)"
        )
    return text[:LONGEST].rstrip()


@contextlib.contextmanager
def _readable(path: Path, config: Config) -> Iterator[Path]:
    """Give a file that Keras 3 reads: `path` itself, or a copy put into its words.

    Such a copy is made of a file of Keras 2, and of an archive with a layer in several models, which Keras 3 writes and
    cannot read: there each place gets a layer of its own, with the same weights.
    """
    with path.open("rb") as file:
        is_hdf5 = file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    if not is_hdf5:
        parted, pairs = part_shared(config)
        if not pairs:
            yield path
            return
        with tempfile.TemporaryDirectory() as folder:
            readable = Path(folder) / "model.keras"
            write_parted(path, readable, parted, pairs)
            yield readable
        return
    if not is_keras_2(path):
        yield path
        return
    modern = modernise({key: config[key] for key in ("class_name", "config")})
    with tempfile.TemporaryDirectory() as folder:
        readable = Path(folder) / "model.h5"
        with h5py.File(path, "r") as old, h5py.File(readable, "w") as new:
            new.attrs["model_config"] = json.dumps(modern)
            old.copy("model_weights", new)
        yield readable


def save_model(model: keras.Model, path: Path) -> None:
    """Write `model` to a `.keras` file, without optimiser state, whole or not at all."""
    write_bytes(path, _as_bytes(model))


def save_with_card(model: keras.Model, path: Path, make_card: Callable[[Path], Card]) -> Card:
    """Write a model and its card, both or neither; return the card.

    Args:
        model: what to write.
        path: the `.keras` file.
        make_card: makes the card from where the model lies until both are in their places.
    """
    with replacing_all(path, card_path(path)) as (model_file, card_file):
        model_file.write_bytes(_as_bytes(model))
        card = make_card(model_file)
        card_file.write_text(card_text(card), encoding="utf-8")
    return card


def _as_bytes(model: keras.Model) -> memoryview:
    """Return the `.keras` file of a model, made in memory: where a disk is full, HDF5 ends the process."""
    content = io.BytesIO()
    optimizer, compiled = getattr(model, "optimizer", None), model.compiled
    model.optimizer, model.compiled = None, False
    try:
        keras.src.saving.saving_lib.save_model(model, content)
    finally:
        model.optimizer, model.compiled = optimizer, compiled
    return content.getbuffer()


def hash_weights(model: keras.Model) -> str:
    """Return a SHA-256 over all weights, in order: the same for two runs that agree to the bit."""
    digest = hashlib.sha256()
    for weight in model.weights:
        digest.update(weight.numpy().tobytes())
    return digest.hexdigest()
