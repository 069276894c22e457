"""What is kept of an explanation besides the picture: its words and its unscaled numbers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.files.atomic import replacing
from app.visualisation.explain import Explanation


def describe(headings: Sequence[str], results: Sequence[Explanation]) -> list[str]:
    """Return each verdict in lines of text; what holds for several maps is said once."""
    lines: list[str] = []
    said: set[str] = set()
    for heading, result in zip(headings, results, strict=True):
        lines.append(f"{heading}: {result.prediction.sentence()}")
        for each in result.maps:
            first, *others = each.verdict.sentences()
            lines.append(f"  {each.method:8} {first}")
            lines += [f"  {'':8} {line}" for line in others if line not in said]
            said.update(each.verdict.notes)
        lines += [f"  {note}" for note in result.notes if note not in said]
        said.update(result.notes)
    return lines


def save_raw(path: Path, inputs: np.ndarray, results: Sequence[Explanation]) -> None:
    """Write the unscaled maps: `METHOD` as drawn, `METHOD_raw` signed, one entry a row."""
    arrays = {
        "image": inputs,
        "class_index": np.array([r.prediction.explained_index for r in results]),
        "predicted_class": np.array([r.prediction.class_index for r in results]),
        "probability": np.array([r.prediction.explained_probability for r in results]),
        "unseen": np.stack([r.unseen for r in results]),
    }
    for i, each in enumerate(results[0].maps):
        arrays[each.method] = np.stack([r.maps[i].values for r in results])
        arrays[f"{each.method}_raw"] = np.stack([r.maps[i].raw for r in results])
    with replacing(path) as temporary:
        np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
