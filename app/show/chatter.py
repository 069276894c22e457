"""How TensorFlow is imported: with what settings, and its chatter held back while its real warnings are passed on."""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "1", "TF_ENABLE_ONEDNN_OPTS": "1"}
"""Variables of the environment that TensorFlow reads. The second has it compute with oneDNN, which it does by itself on
some processors alone; without it, a convolution with channels in front cannot be computed on a processor, and gradients
take up to 1.8 times as long (AVX2)."""
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
