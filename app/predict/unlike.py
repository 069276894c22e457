"""When a picture is unlike what the network learnt from: only what can be told for certain.

Nothing here guesses from the answer alone whether a network has ever seen such a picture: a softmax is often sure of
pictures of things that it never learnt. What is said is what the picture itself shows (it is blank, it is far smaller
than the input), what its preparation found (`app.datasets.digits`), and that an answer is next to even shares.
"""

import numpy as np

from app.datasets.pictures import PlainPicture
from app.maps.doubts import doubt_prediction
from app.maps.verdict import percent
from app.program.heads import Head

MOST_ENLARGED = 4.0
"""Times that both sides of a picture may be enlarged: beyond that, fewer than a 16th of the pixels are its own."""
BLANK = 2
"""Grey levels between the darkest and the brightest value of a picture that shows nothing."""

WHOLE = 0.01
"""Difference from 1 of probabilities that are shares of one whole; those of separate sigmoid units are not."""


def picture_notes(
    picture: PlainPicture, pixels: np.ndarray, shape: tuple[int | None, ...], is_cropped: bool
) -> tuple[str, ...]:
    """Return what there is to doubt of a picture.

    Args:
        picture: as it was read.
        pixels: as the network gets it, bytes.
        shape: height, width and channels that the network takes.
        is_cropped: whether it was prepared as a sign of a hand, which is cut out first.
    """
    notes = []
    if np.ptp(pixels.reshape(-1, pixels.shape[-1]), axis=0).max() <= BLANK:
        notes.append("the picture is blank: all its pixels have the same value")
    height, width = shape[:2]
    if height and width and not is_cropped:
        given_width, given_height = picture.size if all(picture.size) else picture.image.size
        times = min(height / given_height, width / given_width)
        if times > MOST_ENLARGED:
            notes.append(
                f"enlarged {times:.1f} times from {given_width}×{given_height}: the answer means little, "
                "unless the network learnt from pictures as small"
            )
    return tuple(notes)


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
