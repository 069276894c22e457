"""Versions of what computes: packages, and the program's own text."""

import functools
import hashlib
import platform
from pathlib import Path

PACKAGES = ("tensorflow", "keras", "numpy", "pillow")
"""Packages whose version may change a result."""
PROGRAM_TEXT = "ConvLab"
PROGRAM = Path(__file__).resolve().parents[2]


@functools.cache
def program_versions() -> dict[str, str]:
    """Return the versions of what computes; two versions of ConvLab differ if one line of their programs does."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"Python": ".".join(platform.python_version_tuple()[:2]), PROGRAM_TEXT: _own_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _own_version() -> str:
    text = hashlib.sha256()
    for folder in ("app", "models"):
        for path in sorted((PROGRAM / folder).rglob("*.py")):
            text.update(path.relative_to(PROGRAM).as_posix().encode())
            text.update(path.read_bytes())
    return text.hexdigest()[:12]
