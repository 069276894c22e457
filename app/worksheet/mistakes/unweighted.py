"""Mistakes with the parameters of layers that have no kernel of weights: poolings, normalisations."""

import math

from app.worksheet.cases import Case, setting
from app.worksheet.mistakes.finding import Recogniser
from app.worksheet.mistakes.outputs import POOLS


def pooling_given_parameters(case: Case) -> int | None:
    """Return k·k·c for a layer that stores nothing."""
    kernel = setting(case.layer, "kernel_size", ())
    return math.prod(kernel) * case.inputs[0][-1] if case.row.kind in POOLS else None


def pooling_counted_as_convolution(case: Case) -> int | None:
    """Return (k·k·c + 1)·c for a layer that stores nothing."""
    weights = pooling_given_parameters(case)
    return None if weights is None else (weights + 1) * case.inputs[0][-1]


def pooling_window_counted(case: Case) -> int | None:
    """Return k·k for a layer that stores nothing."""
    return math.prod(setting(case.layer, "kernel_size", ())) if case.row.kind in POOLS else None


def moving_statistics_forgotten(case: Case) -> int | None:
    """Return 2·c: γ and β only."""
    return int(case.row.trainable) if case.row.kind == "BatchNormalization" else None


def one_number_a_channel(case: Case) -> int | None:
    """Return c."""
    return case.inputs[0][-1] if case.row.kind == "BatchNormalization" else None


def normalised_at_each_position(case: Case) -> int | None:
    """Return 4·h·w·c."""
    positions = math.prod(case.inputs[0][:-1])
    if case.row.kind != "BatchNormalization":
        return None
    return int(case.row.parameters) * positions


UNWEIGHTED_MISTAKES: dict[Recogniser, str] = {
    pooling_given_parameters: "a pooling is given weights; it stores nothing",
    pooling_counted_as_convolution: "a pooling is counted as a convolution; it stores nothing",
    pooling_window_counted: "the window of a pooling is counted; it stores nothing",
    moving_statistics_forgotten: "the moving mean and variance are forgotten; they are stored too",
    one_number_a_channel: "one number a channel is counted; γ, β, mean and variance are four",
    normalised_at_each_position: "counted at every position; the numbers are shared by a channel",
}
