"""TensorFlow imported without its start-up chatter, its real warnings kept; its errors in a line."""

import os
import re
import sys

from app.cluster.team import Team
from app.show.chatter import SETTINGS, without_chatter
from app.show.progress import LOADING, waiting


class BackendError(ImportError, ValueError):
    """Keras is running on another backend than TensorFlow."""


def import_tensorflow() -> None:
    """Import TensorFlow and Keras on the TensorFlow backend.

    Raises:
        BackendError: Keras is already running on another backend.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
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


STYLING = re.compile(r"\x1b\[[0-9;]*m")
"""What makes letters bold in a terminal."""


def first_line(error: Exception) -> str:
    """Return the first line that says what is wrong; Keras puts one in front of it, and many behind."""
    lines = [line.strip() for line in STYLING.sub("", str(error)).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return (telling or lines or [type(error).__name__])[0]
