"""A question put to the calculator in Python, and its answer, which shows itself."""

import difflib
from dataclasses import dataclass
from typing import Any

from app.calculate.questions import QUESTIONS, Question
from app.calculate.settings import as_typed
from app.show.document import Document
from app.show.results import ShowsReport


@dataclass(frozen=True, repr=False)
class LayerAnswer(ShowsReport):
    """What the calculator says: `print` it for the formulas with the numbers in place.

    `answer["parameters"]` is one number of the report, `answer.to_dict()` is all of it.
    """

    question: str
    report: Document

    def __repr__(self) -> str:
        return f"<{self.report.title}>"

    def __getitem__(self, quantity: str) -> Any:
        data = self.to_dict()
        found = {line["quantity"]: line["result"] for line in data.get("answers", ())} | data
        if quantity not in found:
            raise ValueError(f"the answer has no {quantity!r}; there are {', '.join(found)}")
        return found[quantity]

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the report."""
        return self.report


def work_out(question: str, about: tuple[Any, ...], settings: dict[str, Any]) -> LayerAnswer:
    """Return the answer to a question.

    Args:
        question: one of `QUESTIONS`.
        about: what is asked about: the size of one input, or layers.
        settings: by name, as numbers, tuples and texts.

    Raises:
        ValueError: there is no such question or setting, or it cannot be answered.
    """
    name, asked = find_question(question)
    unknown = [setting for setting in settings if setting not in asked.settings]
    if unknown:
        raise ValueError(f"{name} has no setting {unknown[0]!r}; it has {', '.join(asked.settings)}")
    given = {setting: as_typed(setting, settings.get(setting)) for setting in asked.settings}
    if asked.asks_about == "layers":
        given["layers"] = tuple(map(str, about))
    elif len(about) > 1:
        raise ValueError(f"{name} takes one input, not {len(about)}; write a size as (28, 28, 1)")
    else:
        given["size"] = as_typed("size", about[0]) if about else None
    return LayerAnswer(name, asked.answer(given))


def find_question(text: str) -> tuple[str, Question]:
    """Return a question with its name.

    Raises:
        ValueError: there is none; the message names those there are.
    """
    name = str(text).replace("_", "-")
    if name not in QUESTIONS:
        close = difflib.get_close_matches(name, QUESTIONS, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"there is no question {text!r}; {hint}There are {', '.join(QUESTIONS)}")
    return name, QUESTIONS[name]
