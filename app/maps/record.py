"""What is kept of an explanation besides the picture: its words and its unscaled numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.maps.explain import Explanation, Map
from app.maps.verdict import percent


def describe(headings: Sequence[str], results: Sequence[Explanation]) -> list[str]:
    """Return each verdict in lines of text; what holds for several maps or classes is said once."""
    lines: list[str] = []
    said: set[str] = set()
    told: set[tuple[str, str]] = set()  # of one image, where it is explained for several classes
    wide = max((len(m.method) for result in results for m in result.maps), default=0)
    for heading, result in zip(headings, results, strict=True):
        lines.append(f"{heading}: {result.prediction.sentence()}")
        probabilities = result.prediction.probabilities
        line = f"  {probabilities}"
        if probabilities is not None and (heading, line) not in told:
            lines.append(line)
            told.add((heading, line))
        for each in result.maps:
            first, *others = each.verdict.sentences()
            lines.append(f"  {each.method:{wide}} {first}")
            lines += [f"  {'':{wide}} {line}" for line in others if line not in said]
            said.update(each.verdict.notes)
        lines += [f"  {note}" for note in result.notes if note not in said]
        said.update(result.notes)
    return lines


MOST_LINES, MOST_MAPS = 12, 6
"""Lines of a summary, and maps up to which it has a line for each."""


def summarize(headings: Sequence[str], results: Sequence[Explanation], notes: Sequence[str]) -> list[str]:
    """Return the verdicts in at most twelve lines; the last one says how many are left out.

    Args:
        headings: what each image is called.
        results: an image or a class each.
        notes: what holds for several maps, a sentence each.
    """
    if len(results) == 1:
        lines = _summary_of_one(headings[0], results[0])
    elif len({*headings}) == 1:
        said = results[0].prediction.sentence().split(";")[0].removesuffix(", the class explained")
        lines = [f"{headings[0]}: {said}; the largest value of each map, for each class:"]
        lines += [_summary_of_class(result) for result in results]
    else:
        pairs = zip(headings, results, strict=True)
        lines = [f"{heading}: {result.prediction.sentence()}" for heading, result in pairs]
    lines += [f"  {note}" for note in notes]
    if len(lines) <= MOST_LINES:
        return lines
    left = len(lines) - MOST_LINES + 1
    return [
        *lines[: MOST_LINES - 1],
        f"  {left} more line{'s' * (left > 1)}: add --verbose, or --report FILE",
    ]


def _summary_of_one(heading: str, result: Explanation) -> list[str]:
    lines, each = [f"{heading}: {result.prediction.sentence()}"], result.prediction.probabilities
    lines += [f"  {each}"] if each is not None else []
    if len(result.maps) > MOST_MAPS:
        return [*lines, f"  largest value of each map: {_worth(result)}"]
    wide = max((len(m.method) for m in result.maps), default=0)
    return lines + [f"  {m.method:{wide}} {m.verdict.short_caption()}" for m in result.maps]


def _summary_of_class(result: Explanation) -> str:
    said = result.prediction
    share = "" if said.is_quantity else f" ({percent(said.explained_probability)})"
    return f"  {said.explained_name}{share}: {_worth(result)}"


def _worth(result: Explanation) -> str:
    """Return what the maps are worth in a line: `vanilla 1.6, gradcam no evidence`."""
    found = ", ".join(
        f"{each.method} {each.verdict.short().removeprefix('largest ')}" for each in result.maps
    )
    return found


def as_record(heading: str, result: Explanation) -> dict[str, Any]:
    """Return an explanation as plain values, as JSON keeps it."""
    prediction, each = result.prediction, result.prediction.probabilities
    unit = "value" if prediction.is_quantity else "probability"
    return {
        "image": heading,
        "predicted": prediction.name,
        f"predicted_{unit}": prediction.probability,
        "explained": prediction.explained_name,
        f"explained_{unit}": prediction.explained_probability,
        **({"probabilities": each.to_records()} if each is not None else {}),
        "sentence": prediction.sentence(),
        "unseen_pixels": int(result.unseen.sum()),
        "notes": list(result.notes),
        "maps": [_map_record(each) for each in result.maps],
    }


def _map_record(each: Map) -> dict[str, Any]:
    verdict, judged = each.verdict, each.verdict.judgement
    return {
        "method": each.method,
        "verdict": verdict.headline(),
        "is_blank": judged.is_empty,
        "is_constant": judged.is_constant,
        "largest": judged.largest,
        "lowest_raw": judged.raw_low,
        "tensor": verdict.tensor,
        "tensor_size": list(verdict.tensor_size),
        "rectifiers_changed": verdict.rectifiers or None,
        "gradient_clipped": verdict.clipped or None,
        "framed_cell_sees": None if each.box is None else list(each.box),
        "notes": list(verdict.notes),
    }


def raw_arrays(inputs: np.ndarray, results: Sequence[Explanation]) -> dict[str, np.ndarray]:
    """Return the unscaled maps: `METHOD` as drawn, `METHOD_raw` signed, one entry a row."""
    arrays = {
        "image": inputs,
        "class_index": np.array([r.prediction.explained_index for r in results]),
        "predicted_class": np.array([r.prediction.class_index for r in results]),
        "probability": np.array([r.prediction.explained_probability for r in results]),
        "unseen": np.stack([r.unseen for r in results]),
    }
    probabilities = [r.prediction.probabilities for r in results]
    if all(each is not None for each in probabilities):
        arrays["probabilities"] = np.array([each.values for each in probabilities if each is not None])
    for i, each in enumerate(results[0].maps):
        arrays[each.method] = np.stack([r.maps[i].values for r in results])
        arrays[f"{each.method}_raw"] = np.stack([r.maps[i].raw for r in results])
    return arrays
