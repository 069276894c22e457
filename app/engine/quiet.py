"""TensorFlow imported without its start-up chatter, its real warnings kept; its errors in a line."""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.cluster.team import Team
from app.show.progress import LOADING, waiting

CHATTER = re.compile(
    r"^(I\d{4} "  # information of the C++ side
    r"|WARNING: All log messages before absl::InitializeLog"
    r"|\d{4}-\d\d-\d\d [\d:.]+: I "
    r"|.*(oneDNN custom operations are on|Could not find cuda drivers|cpu_feature_guard)"
    r"|To enable the following instructions: )"
)
NO_GPU = re.compile(r".*failed call to cuInit")
"""An error line that is no error on a machine without a GPU."""


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Hold back what is written to standard error inside, and pass on what is not chatter.

    TensorFlow's C++ side writes before it reads any setting, so file descriptor 2 itself is held.
    """
    try:
        saved = os.dup(2)
    except OSError:  # no standard error at all
        yield
        return
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            held.seek(0)
            lines = held.read().decode(errors="replace").splitlines(keepends=True)
            sys.stderr.write("".join(line for line in lines if not _is_chatter(line)))


def _is_chatter(line: str) -> bool:
    no_gpu = not Path("/dev/nvidiactl").exists()
    return bool(CHATTER.match(line) or (no_gpu and NO_GPU.match(line)))


class BackendError(ImportError, ValueError):
    """Keras is running on another backend than TensorFlow."""


def import_tensorflow() -> None:
    """Import TensorFlow and Keras on the TensorFlow backend.

    Raises:
        BackendError: Keras is already running on another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    os.environ.setdefault(ONE_DNN, "1")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    spinner = waiting(LOADING)  # made where standard error is still the terminal
    with without_chatter(), spinner:
        import keras
        import tensorflow as tf

        if Team.current is None:  # else it has to be told of the other workers first
            tf.constant(0.0)  # the device search speaks on first use
    if keras.config.backend() != "tensorflow":
        raise BackendError(
            f"ConvLab needs Keras on TensorFlow; it is already imported on {keras.config.backend()}: start Python "
            "with KERAS_BACKEND=tensorflow, and load the model from its file"
        )


ONE_DNN = "TF_ENABLE_ONEDNN_OPTS"
"""Has TensorFlow compute with oneDNN. It does so by itself on some processors alone; without it, a convolution with
channels in front cannot be computed on a processor, and gradients take up to 1.8 times as long (AVX2)."""
STYLING = re.compile(r"\x1b\[[0-9;]*m")
"""What makes letters bold in a terminal."""


def first_line(error: Exception) -> str:
    """Return the first line that says what is wrong; Keras puts one in front of it, and many behind."""
    lines = [line.strip() for line in STYLING.sub("", str(error)).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return (telling or lines or [type(error).__name__])[0]
