"""The formats that a model is exported to: what their files are called, and what they need."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Format:
    """A format of exported models."""

    name: str
    title: str
    ending: str
    """Of its file; "" where it is a folder."""
    packages: tuple[str, ...] = ()
    """What must be installed beside TensorFlow, as it is imported."""

    @property
    def is_folder(self) -> bool:
        """Whether an export is a folder."""
        return not self.ending

    def default_path(self, folder: Path, model: str) -> Path:
        """Return where an export goes that is told no place.

        >>> FORMATS["onnx"].default_path(Path("output"), "mnist")
        PosixPath('output/mnist.onnx')
        """
        return folder / (f"{model}_saved_model" if self.is_folder else model + self.ending)

    def verify_installed(self) -> None:
        """Refuse a format whose converter is not there.

        Raises:
            ValueError: it is not; the message says what to install.
        """
        missing = [name for name in self.packages if find_spec(name) is None]
        if missing:
            raise ValueError(
                f"--format {self.name} needs {' and '.join(missing)}; install what exports need: "
                "pip install -r requirements-export.txt"
            )


FORMATS = {
    each.name: each
    for each in (
        Format("saved_model", "SavedModel", ""),
        Format("onnx", "ONNX", ".onnx", ("tf2onnx", "onnx", "onnxruntime")),
        Format("litert", "LiteRT", ".tflite"),
    )
}


def find_format(name: str | None, path: Path | None) -> Format:
    """Return the format that is asked for: by name, else by the ending of the file to be written.

    Raises:
        ValueError: neither says which, or both say something else.

    >>> find_format(None, Path("mnist.tflite")).title
    'LiteRT'
    """
    ending = "" if path is None else path.suffix.lower()
    by_ending = next((each for each in FORMATS.values() if each.ending and each.ending == ending), None)
    if name is None and by_ending is None:
        raise ValueError(
            f"say which format: --format {', '.join(FORMATS)}; or give --output a file that ends in "
            f"{' or '.join(each.ending for each in FORMATS.values() if each.ending)}"
        )
    if name is None:
        assert by_ending is not None
        return by_ending
    if name not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {name!r}")
    if by_ending is not None and by_ending.name != name:
        raise ValueError(
            f"--format {name} and a file that ends in {ending} contradict each other; give one of them"
        )
    return FORMATS[name]


def find_path(format: Format, path: Path | None, folder: Path, model: str) -> Path:
    """Return where an export goes.

    Args:
        format: what is written.
        path: what was asked for: the export itself, or for a file also the folder that it goes into; None: nothing.
        folder: where it goes if nothing was asked for.
        model: what the model is called.

    Raises:
        ValueError: a file with an ending that is not the format's.
    """
    if path is None:
        return format.default_path(folder, model)
    if format.is_folder or path.suffix.lower() == format.ending:
        return path
    if path.is_dir() or not path.suffix:
        return format.default_path(path, model)
    raise ValueError(f"a file of {format.title} ends in {format.ending}, and {path.name} does not")
