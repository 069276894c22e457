"""What is kept of an explanation besides the picture: its words and its unscaled numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.maps.explain import Explanation, Map
from app.maps.probabilities import Probabilities


def describe(headings: Sequence[str], results: Sequence[Explanation]) -> list[str]:
    """Return each verdict in lines of text; what holds for several maps or classes is said once."""
    lines: list[str] = []
    said: set[str] = set()
    told: set[Probabilities] = set()
    wide = max((len(m.method) for result in results for m in result.maps), default=0)
    for heading, result in zip(headings, results, strict=True):
        lines.append(f"{heading}: {result.prediction.sentence()}")
        probabilities = result.prediction.probabilities
        if probabilities is not None and probabilities not in told:
            lines.append(f"  {probabilities}")
            told.add(probabilities)
        for each in result.maps:
            first, *others = each.verdict.sentences()
            lines.append(f"  {each.method:{wide}} {first}")
            lines += [f"  {'':{wide}} {line}" for line in others if line not in said]
            said.update(each.verdict.notes)
        lines += [f"  {note}" for note in result.notes if note not in said]
        said.update(result.notes)
    return lines


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
