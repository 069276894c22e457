"""The kinds of questions. A kind is a module with its makers, and a line here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.questions.draws import Draws
from app.questions.kinds import article, backward, choice, convolution, fields, parameters, pooling, sizes
from app.questions.question import Question


@dataclass(frozen=True)
class Kind:
    """A kind of questions."""

    name: str
    words: str
    """What it asks for."""
    makers: Sequence[Callable[[Draws], Question]]
    """Each makes one sort of question of this kind; a sheet takes them in turn."""
    is_fixed: bool = False
    """Whether there is just one question of each maker, in the makers' order."""
    topic: str = ""
    """What a sheet of them is about, where the name alone does not say it."""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("convolution", "the result of a small convolution, cell by cell", convolution.MAKERS),
        Kind("pooling", "the result of max-pooling or mean-pooling", pooling.MAKERS),
        Kind("sizes", "how large the output of a layer is", sizes.MAKERS),
        Kind("parameters", "how many parameters a layer has", parameters.MAKERS),
        Kind("fields", "how much of the image a cell sees", fields.MAKERS),
        Kind("choice", "one of four options, A to D", choice.MAKERS),
        Kind("backward", "one step of backpropagation, or of the delta rule", backward.MAKERS),
        Kind(
            "article",
            "the five exercises of article 001, section “Exercises” (练习)",
            article.MAKERS,
            is_fixed=True,
            topic="exercises of article 001, section “Exercises”",
        ),
    )
}
ALL = tuple(name for name, kind in KINDS.items() if not kind.is_fixed)
"""The kinds that never run out."""
