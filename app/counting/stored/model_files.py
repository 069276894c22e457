"""Model files read as data: the configuration inside a `.keras` or `.h5` file, never its code."""

import zipfile
import zlib
from pathlib import Path
from typing import Any, cast

from app.counting.symbols import snake_case
from app.untrusted.archives import verify_keras_archive, verify_list
from app.untrusted.json_text import MOST_BYTES, parse_json, read_json
from app.untrusted.limits import READING, within
from app.untrusted.places import verify_readable

Config = dict[str, Any]

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)
"""What reading a damaged zip archive raises: one wrong byte can ask for an unknown compression."""
SMALL_SCALE = 0.1
"""A factor below this is meant for pixels of 0…255; one above it for pixels of 0…1."""
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
FOREIGN_KINDS = {
    ".tflite": "a TensorFlow Lite model, which has lost the layers' gradients",
    ".onnx": "an ONNX model",
    ".pt": "a PyTorch model",
    ".pth": "a PyTorch model",
    ".safetensors": "a file of weights",
    ".ckpt": "a checkpoint of weights",
    ".pb": "a TensorFlow graph",
    ".pkl": "a Python pickle, which may run code",
    ".joblib": "a Python pickle, which may run code",
    ".mlmodel": "a Core ML model",
}
ADVICE = "give the Keras model that it was made from, saved as .keras or .h5"
FOR_QUANTITIES = tuple(
    "mean_squared mse mean_absolute mae msle mape huber log_cosh logcosh poisson tweedie".split()
)
"""How the names of losses for quantities begin, as opposed to scores of classes."""


def read_config(path: Path) -> Config:
    """Return the model configuration stored in the file at `path`.

    `.keras` is a zip archive with `config.json`; a legacy `.h5` file holds the same in the attribute
    `model_config`; a `.json` file is what
    `model.to_json()` wrote. Nothing in them is executed and no weights are read.

    Raises:
        ValueError: no such file, or it is not a whole Keras model; the message says which.
    """
    foreign = name_foreign(path) if path.is_dir() else None
    if foreign:
        raise ValueError(foreign)
    verify_readable(path, "model file", "a .keras, .h5 or .json file")
    try:
        with path.open("rb") as file:
            signature = file.read(8)
    except OSError as error:
        raise ValueError(f"model file {path} cannot be read: {error.strerror}") from error
    is_archive = zipfile.is_zipfile(path)
    if is_archive:
        verify_list(path)
    if signature == HDF5_SIGNATURE:
        if is_archive:
            raise ValueError(
                f"{path} is two files in one, HDF5 and a zip archive; nobody can say which counts"
            )
        text, compiled = _config_in_hdf5(path)
    elif foreign := name_foreign(path):
        raise ValueError(foreign)
    elif is_archive:
        text, compiled = _config_in_zip(path), None
    elif path.suffix.lower() == ".json":
        text, compiled = _config_in_json(path), None
    else:
        raise ValueError(
            f"{path} is not a Keras model (neither a .keras archive nor HDF5), or it is cut short"
        )
    return _parse(text, compiled, path)


def _parse(text: str, compiled: str | None, path: Path) -> Config:
    try:
        config = parse_json(text)
        _verify_entry(config, [])
        if compiled:
            config["compile_config"] = parse_json(compiled)
    except ValueError as error:
        raise ValueError(f"{path}: the model configuration inside is damaged: it {error}") from error
    return cast(Config, config)


MOST_LAYERS = 5_000
"""Layers of a model, those of models inside it included; NASNet has 1,000."""
LONGEST_NAME = 1_000
"""Letters of a name."""


def _verify_entry(entry: Any, counted: list[None]) -> None:
    """Refuse what is no model or layer as Keras writes it, so that readers may take the bones for granted.

    Raises:
        ValueError: it is none, or there are too many; a phrase without its subject.
    """
    counted.append(None)
    if len(counted) > MOST_LAYERS:
        raise ValueError(f"lists more than {MOST_LAYERS:,} layers")
    if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
        raise ValueError("lists something that is no layer: it has no class")
    inner = entry.get("config")
    if not isinstance(inner, (dict, list)):
        raise ValueError(f"has a {entry['class_name'][:40]} without a configuration")
    for name in (
        entry.get("name"),
        inner.get("name") if isinstance(inner, dict) else None,
        entry["class_name"],
    ):
        if isinstance(name, str) and len(name) > LONGEST_NAME:
            raise ValueError(f"has a name of {len(name):,} letters")
    layers = inner.get("layers", []) if isinstance(inner, dict) else inner
    if not isinstance(layers, list):
        raise ValueError("has layers that are no list")
    for layer in layers:
        _verify_entry(layer, counted)


def refuse_code(config: Config, path: Path) -> None:
    """Refuse a configuration that carries Python code.

    Raises:
        ValueError: there is a Lambda layer; the message names it.
    """
    found = _find_lambda(config)
    if found is not None:
        raise ValueError(
            f"{path} contains the Lambda layer {found!r}, which is code; a model file is never "
            "allowed to run code here. Replace it by a layer or an op of Keras and save again"
        )


def _find_lambda(value: Any) -> str | None:
    if isinstance(value, dict):
        if value.get("class_name") in ("Lambda", "__lambda__"):
            inner = value.get("config")
            return str(inner.get("name", "Lambda")) if isinstance(inner, dict) else "Lambda"
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            found = _find_lambda(item)
            if found is not None:
                return found
    return None


def find_foreign_classes(config: Any) -> list[str]:
    """Return the names of the classes in a configuration that are not Keras' own."""
    if isinstance(config, list):
        return [name for item in config for name in find_foreign_classes(item)]
    if not isinstance(config, dict):
        return []
    own = [str(config["class_name"])] if _is_foreign(config) else []
    return own + find_foreign_classes(list(config.values()))


def _is_foreign(entry: Config) -> bool:
    """Return whether an entry is of a class that is neither Keras' own nor ours."""
    module, registered = entry.get("module", "keras"), str(entry.get("registered_name") or "")
    if "class_name" not in entry or registered.startswith("convlab>"):
        return False
    if module is None:  # what is registered, or was made in a notebook
        return bool(registered)
    return isinstance(module, str) and not module.startswith("keras") and module != "builtins"


def verify_contents(path: Path) -> None:
    """Read a `.keras` archive to its end and compare every checksum.

    Raises:
        ValueError: a member is damaged; the message names it.
    """
    if not zipfile.is_zipfile(path):
        return  # HDF5 notices a cut file when it is opened
    try:
        verify_keras_archive(path)
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except DAMAGE as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if damaged is not None:
        raise ValueError(f"{path} is damaged: its member {damaged} fails its checksum")


def contains_convolution(config: Config) -> bool:
    """Return whether any layer of the configuration, nested ones included, is a convolution, or may hold one."""
    if "Conv" in str(config.get("class_name", "")) or _is_foreign(config) or _is_unheard_of(config):
        return True
    inner = config.get("config")
    wrapped = [inner["layer"]] if isinstance(inner, dict) and isinstance(inner.get("layer"), dict) else []
    return any(contains_convolution(entry) for entry in [*_layers(config), *wrapped])


WITHOUT_CONVOLUTION = (
    "Functional Model Sequential InputLayer Lambda LSTM GRU SimpleRNN RNN Bidirectional LSTMCell GRUCell SimpleRNNCell "
    "StackedRNNCells Attention AdditiveAttention MultiHeadAttention GroupQueryAttention EinsumDense Masking "
    "TextVectorization StringLookup IntegerLookup Hashing Discretization CategoryEncoding HashedCrossing"
).split()
"""Classes of Keras without a formula here, which hold no convolution."""


def _is_unheard_of(entry: Config) -> bool:
    """Return whether an entry of an older file, which names no modules, is of a class that nobody here knows."""
    from app.counting.layers import LAYERS

    kind = entry.get("class_name")
    known = kind in LAYERS or kind in WITHOUT_CONVOLUTION
    return isinstance(kind, str) and "module" not in entry and not known


def rescales_itself(config: Config) -> bool:
    """Return whether the model turns pixels of 0…255 into small numbers before it weighs them."""
    return _finds_bytes(config) is True


def _finds_bytes(config: Config) -> bool | None:
    """Return True or False as soon as a layer decides it, None if none does."""
    for entry in _layers(config):
        kind, inner = entry.get("class_name", ""), entry.get("config", {})
        if kind == "Rescaling":
            scale = inner.get("scale", 0)
            return not isinstance(scale, int | float) or abs(scale) < SMALL_SCALE
        if kind == "Normalization":
            mean = inner.get("mean")
            return mean is None or bool(max(map(abs, _numbers(mean)), default=0) > 2)
        if kind in ("TrueDivide", "Divide", "Multiply"):
            values = _numbers([node.get("args") for node in entry.get("inbound_nodes", [])])
            factors = [1 / v if kind != "Multiply" and v else v for v in values]
            if factors:
                return any(abs(factor) < SMALL_SCALE for factor in factors)
        if "Conv" in kind or kind in ("Dense", "BatchNormalization"):
            return False
        decided = _finds_bytes(entry) if _layers(entry) else None
        if decided is not None:
            return decided
    return None


def _numbers(value: Any) -> list[float]:
    """Return the numbers in nested lists; tensors, which are stored as dicts, are passed over."""
    if isinstance(value, list):
        return [number for item in value for number in _numbers(item)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _layers(config: Config) -> list[Config]:
    """Return the layers of a model's configuration; an old Sequential is the list itself."""
    inner = config.get("config")
    layers = inner.get("layers", []) if isinstance(inner, dict) else inner
    return layers if isinstance(layers, list) else []


def _config_in_json(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} is too large for a model's configuration")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no JSON text: {error}") from error


def _config_in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            if "config.json" not in archive.namelist():
                raise ValueError(f"{path} is a zip archive without a Keras model in it")
        verify_keras_archive(path)
        with zipfile.ZipFile(path) as archive:
            return archive.read("config.json").decode()
    except DAMAGE as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _config_in_hdf5(path: Path) -> tuple[str, str | None]:
    """Return the configuration and what the model was compiled with."""
    import h5py  # only a legacy file needs it

    try:
        with within(READING), h5py.File(path, "r") as file:
            text, compiled = (_text_in(file, name) for name in ("model_config", "training_config"))
    except (*DAMAGE, LookupError, TypeError, MemoryError) as error:
        raise ValueError(f"{path} is damaged or cut short: {error}") from error
    if text is None:
        raise ValueError(f"{path} holds weights only; save the whole model with model.save()")
    return text, compiled


def _text_in(file: Any, name: str) -> str | None:
    """Return an attribute that is one text; its size is read before it is believed."""
    if name not in file.attrs:
        return None
    place = file.attrs.get_id(name)
    if place.shape or place.dtype.itemsize > MOST_BYTES:
        raise OSError(f"its attribute {name} is not one text of at most {MOST_BYTES:,} bytes")
    value = file.attrs[name]
    if not isinstance(value, (bytes, str)):
        raise OSError(f"its attribute {name} is no text")
    return value.decode() if isinstance(value, bytes) else value


def name_foreign(path: Path) -> str | None:
    """Return what is wrong with a file or folder that is no Keras model, if its kind is known.

    `PATH is a PyTorch model; give …`, a sentence without its full stop. Nothing in it is executed.
    """
    if path.is_dir():
        if (path / "saved_model.pb").exists():
            return (
                f"{path} is a folder in TensorFlow's SavedModel format, which has no list of layers; "
                "load it where it was made and write model.save('model.keras')"
            )
        return None
    if zipfile.is_zipfile(path):
        return _name_archive(path)
    if path.suffix.lower() in FOREIGN_KINDS:
        return f"{path} is {FOREIGN_KINDS[path.suffix.lower()]}; {ADVICE}"
    if path.suffix.lower() == ".json":
        return _name_json(path)
    return None


def _name_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGE:
        return None  # damaged: whoever reads it says so
    inside = [name for name in names if name.endswith((".keras", ".h5", ".hdf5"))]
    if inside and "config.json" not in names:
        return f"{path} is an archive with {inside[0]} in it; unpack it and give that file"
    if path.suffix.lower() in FOREIGN_KINDS or any(name.endswith("data.pkl") for name in names):
        return f"{path} is {FOREIGN_KINDS.get(path.suffix.lower(), 'a PyTorch model')}; {ADVICE}"
    return None


def _name_json(path: Path) -> str | None:
    try:
        keys = read_json(path)
    except (ValueError, OSError):
        return None  # whoever reads it as a configuration says so
    if isinstance(keys, dict) and "modelTopology" in keys:
        return (
            f"{path} is a TensorFlow.js model; export it as Keras instead (Teachable Machine: Export Model, "
            "TensorFlow, Keras) and give keras_model.h5"
        )
    return None


def loss_name(loss: Any) -> tuple[str, bool]:
    """Return a stored loss's name, `sparse_categorical_crossentropy`, and whether it takes logits."""
    if isinstance(loss, str):
        return snake_case(loss), False
    if not isinstance(loss, dict):
        return "", False
    inner = loss.get("config")
    if isinstance(inner, str):
        return snake_case(inner), False
    from_logits = isinstance(inner, dict) and inner.get("from_logits") is True
    return snake_case(str(loss.get("class_name", ""))), from_logits


def is_for_quantities(name: str) -> bool:
    """Return whether a loss of this name compares quantities: `mean_squared_error`."""
    return name.lower().startswith(FOR_QUANTITIES)
