"""What a transfer says while it runs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.datasets.dataset import Dataset
from app.files.folders import shown
from app.maps.open_model import OpenModel
from app.show.progress import Pace, Progress
from app.transfer.plan import MOST_KEPT

WORDS = {"head": "the head", "fine-tune": "the last convolutions", "scratch": "from scratch"}
"""What is trained, as logs call it, and in words."""


def show_pictures(progress: Progress, first: int, line: str) -> Callable[[int, int], None]:
    """Return what shows how many pictures are done, and how many a second, from the first that is not there."""
    pace = Pace(first)

    def show(done: int, _: int) -> None:
        progress.update(done, words=f"left, {pace.rate(done)}", line=line)

    return show


def show_step(
    progress: Progress,
    what: str,
    epochs: int,
    epoch: int,
    step: int,
    steps: int,
    measures: Mapping[str, float],
) -> None:
    """Show the step of an epoch, and how many are right so far."""
    accuracy = measures.get("accuracy")
    progress.update(
        epoch * steps + step,
        what=f"{what}, epoch {epoch + 1}/{epochs}",
        total=epochs * steps,
        words="left, accuracy " + ("…" if accuracy is None else f"{accuracy:.3f}"),
        line=f"Training {what}: {many(epochs, 'epoch')} of {many(steps, 'step')} …",
    )


def many(count: int, what: str) -> str:
    """Return so many of a thing."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def listed(names: Sequence[str]) -> str:
    """Return names in a line, of many the first and the last."""
    if len(names) > 6:
        return f"{', '.join(names[:3])}, …, {names[-1]} ({len(names)})"
    return ", ".join(names)


def kept_line(size_bytes: int, folder: Path) -> str:
    """Return where the features of a store are, how large, and for how long."""
    until = "" if size_bytes <= MOST_KEPT else " until the model is saved"
    return f"The features are kept in {shown(folder.parent)}{until}: {size_bytes / 1e6:,.1f} MB"


def fitting_notes(opened: OpenModel, data: Dataset, prepare: str, shape: tuple[int, int, int]) -> list[str]:
    """Return what is to be said of how pictures in files are brought to the shape of a network's."""
    if not data.is_of_files:
        return []
    if opened.ink(prepare) is not None:
        return ["The pictures are prepared as digits or letters on paper; --prepare resize only resizes them"]
    hint = opened.preparing_hint(prepare, shape)
    return [hint[0].upper() + hint[1:]] if hint else []
