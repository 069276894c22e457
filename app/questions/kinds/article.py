"""The five exercises at the end of article 001, in words of our own; the order of the options is drawn."""

from collections.abc import Callable
from dataclasses import replace

from app.questions.draws import Draws
from app.questions.kinds.choice import ask, stated
from app.questions.kinds.parameters import conv_question, dense_question
from app.questions.kinds.sizes import shape_question
from app.questions.question import Question

KIND = "article"


def exercise_1(draws: Draws) -> Question:  # noqa: ARG001
    """Return the question for the parameters of a fully connected layer on a colour picture."""
    return replace(dense_question(256, 3, 1000), kind=KIND)


def exercise_2(draws: Draws) -> Question:  # noqa: ARG001
    """Return the question for the parameters of a convolution on the same picture."""
    return replace(conv_question(256, 3, 10, 3), kind=KIND)


def exercise_3(draws: Draws) -> Question:  # noqa: ARG001
    """Return the question for the shape after a padded convolution."""
    return replace(shape_question((100, 100, 3), 4, 3, 1, 2), kind=KIND)


def exercise_4(draws: Draws) -> Question:
    """Return the choice among statements about convolutions."""
    return ask(stated(0)(draws), draws, KIND)


def exercise_5(draws: Draws) -> Question:
    """Return the choice among statements about pooling."""
    return ask(stated(1)(draws), draws, KIND)


MAKERS: tuple[Callable[[Draws], Question], ...] = (exercise_1, exercise_2, exercise_3, exercise_4, exercise_5)
