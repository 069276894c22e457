"""The card of an export: everything that a user of the file needs to know, as JSON."""

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.export.comparing import Agreement
from app.export.formats import Format
from app.export.leaving import files_of, hash_export
from app.export.source import Source
from app.files.cards import now, versions

if TYPE_CHECKING:
    from app.engine.export_running import Runner
    from app.engine.exporting import Port


def known_before(source: Source) -> dict[str, Any]:
    """Return what is known of a model before its export is there, as the card says it."""
    from app.engine.store import hash_weights

    opened, picture = source.opened, source.entrance.picture
    facts, pixels = opened.facts, opened.pixels
    ink = None if picture is None else facts.ink
    said = {**asdict(pixels), "words": pixels.words(), "is_stated": opened.is_range_stated}
    sha256 = hash_weights(source.exportable.model) if facts.path is None else opened.hash()
    file = None if facts.path is None else facts.path.name
    return {
        "source": {"model": opened.name, "file": file, "sha256": sha256},
        "pixels": None if picture is None else said,
        "ink": None if ink is None else asdict(ink),
        "channels": "first" if source.entrance.channels_first else "last",
        "classes": source.class_names,
    }


def metadata(known: dict[str, Any]) -> dict[str, str]:
    """Return what is written into the file itself, where it has a place for texts."""
    pixels = known["pixels"]
    return {
        "model": known["source"]["model"],
        "source_sha256": known["source"]["sha256"],
        "pixels": "" if pixels is None else pixels["words"],
        "classes": json.dumps(known["classes"], ensure_ascii=False),
    }


@dataclass(frozen=True)
class Trial:
    """An export that was run beside Keras."""

    made: Path
    """Where it lies until it goes to its place."""
    runner: "Runner"
    fixed: int | None
    """The only size of batches that it takes, where it takes one alone."""
    pictures: str
    """What it was tried on, in words."""
    found: Agreement


def make_card(
    path: Path, format: Format, source: Source, known: dict[str, Any], trial: Trial
) -> dict[str, Any]:
    """Return the card of an export.

    Args:
        path: where the export goes.
        format: what it is.
        source: the model.
        known: what `known_before` said of it.
        trial: how it was tried.
    """
    found, runner, fixed = trial.found, trial.runner, trial.fixed
    return {
        "format": format.name,
        "file": path.name,
        "size_bytes": sum(each.stat().st_size for each in files_of(trial.made)),
        "sha256": hash_export(trial.made),
        "opset": runner.opset,
        "operators": runner.operators,
        **known,
        "inputs": [_told(port, fixed) for port in source.exportable.inputs],
        "outputs": [_told(port, fixed) for port in source.exportable.outputs],
        "checked": {
            "runtime": runner.runtime,
            "pictures": trial.pictures,
            "count": found.pictures,
            "largest_difference": found.difference,
            "allowed": found.allowed,
            "same_class": found.same_class,
            "batches": list(found.batches),
        },
        "notes": [*source.notes, *_notes(format, source, known, trial)],
        "versions": {**versions(), **{name: version(name) for name in format.packages}},
        "created": now(),
    }


def card_text(card: dict[str, Any]) -> str:
    """Return a card as JSON."""
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


def _told(port: "Port", batch: int | None) -> dict[str, Any]:
    return {"name": port.name, "shape": [batch, *port.shape], "type": port.dtype}


def _notes(format: Format, source: Source, known: dict[str, Any], trial: Trial) -> list[str]:
    """Return what a user of the file must know and would not guess, a sentence each."""
    notes = []
    if trial.fixed is not None:
        notes.append(
            f"the file takes one picture at a time, since {format.title} cannot hold its loop for any number"
        )
    if known["ink"] is not None:
        notes.append(_ink_words(known["ink"]))
    if known["classes"] and source.units == 1:
        notes.append(f"the one output is the probability of {known['classes'][1]}")
    if trial.found.says_little:
        notes.append(
            f"the outputs differ by {trial.found.spread:.1g} at most between these pictures, so the comparison says "
            "little; give pictures that the model tells apart: --image or --data"
        )
    return notes


def _ink_words(ink: dict[str, Any]) -> str:
    light, dark = ("light", "dark") if ink["is_light"] else ("dark", "light")
    return (
        f"the network learnt from {light} shapes on {dark} ground that fill {100 * ink['box']:.0f} % of the picture's "
        "height or width; the file expects such pictures, and prepares none"
    )
