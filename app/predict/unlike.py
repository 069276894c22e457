"""When an answer means little: only what can be told for certain.

Nothing here guesses from the answer alone whether a network has ever seen such a picture: a softmax is often sure of
pictures of things that it never learnt. What a picture itself shows is said where it is read (`app.datasets.reading`).
"""

import numpy as np

from app.maps.doubts import doubt_prediction
from app.maps.verdict import percent
from app.program.heads import Head

WHOLE = 0.01
"""Difference from 1 of probabilities that are shares of one whole; those of separate sigmoid units are not."""


def answer_notes(values: np.ndarray, head: Head) -> tuple[str, ...]:
    """Return what there is to doubt of an answer, (classes,): that it is next to even shares."""
    if (
        head.kind in ("value", "pixels")
        or abs(float(values.sum()) - 1) > WHOLE
        or not doubt_prediction(values)
    ):
        return ()
    largest, even = percent(float(values.max())), percent(1 / len(values))
    return (f"undecided: the likeliest class has {largest}, even shares would be {even}",)
