"""The time-delay neural network: a convolution over time, before the word."""

from typing import Any


def tdnn(nn: Any, classes: int = 3, input_shape: tuple[int, int] = (15, 16)) -> Any:
    """Two convolutions over time with sigmoid units, then a mean over time for each class.

    15 frames of 16 coefficients; 392 + 123 = 515 parameters. The paper adds up each class's row of
    hidden units over time with fixed, equal weights: so here with 1/9, which stores nothing. The
    sigmoid behind that sum is left out: it would change no order, and the paper prints no weight for it.

    Source: Waibel, Hanazawa, Hinton, Shikano and Lang, Phoneme recognition using time-delay neural
    networks, 1989, after secondary sources.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="frames"),
            nn.Conv1D(8, 3, activation="sigmoid", name="hidden1"),
            nn.Conv1D(classes, 5, activation="sigmoid", name="hidden2"),
            nn.GlobalAveragePooling1D(name="output"),
        ],
        name="tdnn",
    )
