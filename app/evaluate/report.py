"""An evaluation as tables: the summary, the classes, what is confused, how sure the network is, the worst mistakes."""

from typing import TYPE_CHECKING, Any

from app.datasets.confusion import most_confused
from app.evaluate.measures import BINS, ClassScore, Reliability
from app.maps.verdict import percent
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table

if TYPE_CHECKING:
    from app.evaluate.results import Evaluation

MOST_CELLS = 12
"""Classes up to which the confusion matrix is a table in the terminal."""
MOST_LINES = 20
"""Classes that are listed in the terminal, those with the least F1."""
PAIRS, FEW_PAIRS = 10, 3
"""Confused pairs that are listed, and those that the summary names."""
SURE = 0.02
"""Difference of mean probability and accuracy below which a network is called neither too sure nor too unsure."""
CLASSES_READ = (
    "Precision: right ones among the images that were taken for the class. Recall: right ones among the images of the "
    "class. F1: their harmonic mean."
)
CALIBRATION_READ = (
    f"Expected calibration error: the images are put into {BINS} bins of equal width by the probability of their "
    "likeliest class; in each bin the mean probability is held against the share that is right; the error is the mean "
    "of the differences, each bin weighted by its images (Guo et al. 2017)."
)


def evaluation_report(found: "Evaluation", format_: str) -> Document:
    """Return the report for one of the formats of `app.show.writers`."""
    is_text = format_ == "text"
    blocks: list[Block] = [Paragraph("\n".join(summary(found)))]
    blocks += [Paragraph("\n".join(found.notes))] if found.notes else []
    scores = found.per_class
    title = "Classes"
    if is_text and len(scores) > MOST_LINES:
        scores = tuple(sorted(scores, key=lambda each: each.f1 or 0)[:MOST_LINES])
        title = (
            f"The {MOST_LINES} of {len(found.per_class):,} classes with the least F1 (a report file has all)"
        )
    blocks.append(_classes(scores, title))
    if not is_text:
        blocks.append(Paragraph(CLASSES_READ, is_small=True))
    blocks += _confused(found, is_text)
    blocks.append(_bins(found.calibration, "How sure the network is, and how often it is right", "right"))
    if found.calibration_of_second is not None:
        name = found.class_names[1]
        title = f"The probability of class {name}, and how often it is the true class"
        blocks.append(_bins(found.calibration_of_second, title, name))
    if not is_text:
        blocks.append(Paragraph(CALIBRATION_READ, is_small=True))
    if found.mistakes:
        blocks.append(_mistakes(found))
    if found.unreadable:
        rows = tuple(found.unreadable.items())
        blocks.append(Table(("image", "why"), rows, "Images that could not be read", prose=(1,)))
    if format_ in PAGES:
        blocks += _drawings(found)
    data = to_data(found) if format_ == "json" else None
    return Document(f"{found.model} on {found.what}", tuple(blocks), data)


def summary(found: "Evaluation") -> list[str]:
    """Return what there is to know first, in sentences."""
    low, high = found.interval
    lines = [
        f"Accuracy {100 * found.accuracy:.2f} %: {found.right:,} of {found.count:,} images are right (95 % interval: "
        f"{100 * low:.2f} to {100 * high:.2f} %). Always the commonest class would give "
        f"{100 * found.commonest:.1f} %."
    ]
    if found.card_accuracy is not None:
        lines.append(f"The model's card says {100 * found.card_accuracy:.2f} % of the same images.")
    if found.top_5 is not None:
        lines.append(
            f"The right class is among the five likeliest for {100 * found.top_5:.2f} % of the images."
        )
    lines.append(f"Log loss {found.log_loss:.4f}, Brier score {found.brier:.4f}; 0 is best for both.")
    lines.append(_sureness(found))
    if found.unreadable:
        lines.append(f"Not read, and counted nowhere: {len(found.unreadable):,} of the images.")
    return lines


def short_summary(found: "Evaluation") -> list[str]:
    """Return the same in a few lines: how many are right, what is confused most, how sure the network is."""
    low, high = found.interval
    lines = [
        f"{found.model} on {found.what}",
        f"Accuracy {100 * found.accuracy:.2f} %: {found.right:,} of {found.count:,} images are right "
        f"(95 % interval: {100 * low:.2f} to {100 * high:.2f} %).",
    ]
    if found.card_accuracy is not None:
        lines.append(f"The model's card says {100 * found.card_accuracy:.2f} % of the same images.")
    if found.top_5 is not None:
        lines.append(
            f"The right class is among the five likeliest for {100 * found.top_5:.2f} % of the images."
        )
    mean, verdict = _mean_and_verdict(found)
    lines.append(f"The likeliest class gets {100 * mean:.1f} % on average: the network is {verdict}.")
    pairs = most_confused(found.confusion, found.class_names, FEW_PAIRS)
    if pairs:
        told = ", ".join(f"{true} for {taken} ({count:,} times)" for true, taken, count in pairs)
        lines.append(f"Taken for another class most often: {told.replace('(1 times)', '(once)')}.")
    if found.unreadable:
        lines.append(f"Not read, and counted nowhere: {len(found.unreadable):,} of the images.")
    return [*lines, *found.notes[:1]]


def _mean_and_verdict(found: "Evaluation") -> tuple[float, str]:
    """Return the mean probability of the likeliest class, and how that compares with the accuracy."""
    mean = float(found.calibration.probabilities.mean())
    gap = mean - found.accuracy
    if abs(gap) < SURE:
        return mean, "about as sure as it is right"
    return mean, "surer than it is right" if gap > 0 else "less sure than it is right"


def _sureness(found: "Evaluation") -> str:
    curve = found.calibration
    mean, verdict = _mean_and_verdict(found)
    return (
        f"Expected calibration error {100 * curve.error:.2f} % ({curve.bins} bins). The likeliest class gets "
        f"{100 * mean:.1f} % on average, and is right in {100 * found.accuracy:.1f} %: the network is {verdict}."
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _classes(scores: tuple[ClassScore, ...], title: str) -> Table:
    rows = tuple(
        (
            each.name,
            f"{each.images:,}",
            f"{each.right:,}",
            _share(each.precision),
            _share(each.recall),
            _share(each.f1),
        )
        for each in scores
    )
    columns = ("class", "images", "right", "precision", "recall", "F1")
    return Table(columns, rows, title, numbers=(1, 2, 3, 4, 5))


def _confused(found: "Evaluation", is_text: bool) -> list[Block]:
    pairs = most_confused(found.confusion, found.class_names, PAIRS)
    if not pairs:
        return [Paragraph("No image was put into a wrong class.")]
    rows = tuple((true, taken, f"{count:,}") for true, taken, count in pairs)
    blocks: list[Block] = [Table(("true class", "taken for", "images"), rows, "Most confused", numbers=(2,))]
    if len(found.class_names) <= MOST_CELLS or not is_text:
        names = found.class_names
        matrix = tuple(
            (names[i], *(f"{n:,}" if n else "·" for n in row))
            for i, row in enumerate(found.confusion.tolist())
        )
        title = "Confusion matrix"
        blocks.append(
            Table(("true class, taken for:", *names), matrix, title, numbers=tuple(range(1, len(names) + 1)))
        )
    return blocks


def _bins(curve: Reliability, title: str, true: str) -> Table:
    rows = tuple(
        (
            f"{each.low:.3f} to {each.high:.3f}",
            f"{each.images:,}",
            f"{each.confidence:.3f}",
            f"{each.accuracy:.3f}",
        )
        for each in curve.filled
    )
    columns = ("probability", "images", "mean probability", f"share that is {true}")
    return Table(columns, rows, title, numbers=(1, 2, 3))


def _mistakes(found: "Evaluation") -> Table:
    rows = tuple(
        (each.image, each.label, each.predicted, percent(each.probability), percent(each.of_label))
        for each in found.mistakes
    )
    columns = ("image", "true class", "taken for", "probability", "of the true class")
    return Table(columns, rows, "Mistakes that the network is surest of", numbers=(3, 4))


def _drawings(found: "Evaluation") -> list[Block]:
    from app.show.canvas import figure_svg

    made = [(found.plot(), "confusion matrix"), (found.plot_calibration(), "reliability curve")]
    if found.mistakes:
        made.append((found.plot_mistakes(), "mistakes that the network is surest of, with their maps"))
    return [Drawing(figure_svg(figure), caption) for figure, caption in made]


def to_data(found: "Evaluation") -> dict[str, Any]:
    """Return all numbers as plain values."""
    low, high = found.interval
    second = found.calibration_of_second
    return {
        "model": found.model,
        "data": found.data,
        "part": found.part,
        "images": found.count,
        "right": found.right,
        "accuracy": found.accuracy,
        "interval_95": [low, high],
        "accuracy_of_commonest_class": found.commonest,
        "card_accuracy": found.card_accuracy,
        "top_5": found.top_5,
        "log_loss": found.log_loss,
        "brier": found.brier,
        "calibration": _curve(found.calibration),
        "calibration_of_second_class": None if second is None else _curve(second),
        "classes": [
            {
                "class": each.name,
                "images": each.images,
                "predicted": each.predicted,
                "right": each.right,
                "precision": each.precision,
                "recall": each.recall,
                "f1": each.f1,
            }
            for each in found.per_class
        ],
        "class_names": list(found.class_names),
        "confusion": found.confusion.tolist(),
        "mistakes": [
            {
                "image": each.image,
                "class": each.label,
                "predicted": each.predicted,
                "probability": each.probability,
                "probability_of_class": each.of_label,
            }
            for each in found.mistakes
        ],
        "unreadable": [{"image": image, "error": why} for image, why in found.unreadable.items()],
        "notes": list(found.notes),
    }


def _curve(curve: Reliability) -> dict[str, Any]:
    return {"error": curve.error, "bins": [vars(each) for each in curve.filled], "of": curve.bins}
