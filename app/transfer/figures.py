"""The picture of a transfer: loss and error, epoch by epoch, the phases one behind the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame

History = Sequence[Mapping[str, float]]
ENDS = (("", "training"), ("val_", "test"))
SCRATCH = "test pictures, without the borrowed weights"


def draw_phases(phases: Sequence[History], scratch: History | None, title: str) -> Figure:
    """Return loss and error of training and test pictures, with a line between the phases.

    Args:
        phases: the epochs of each.
        scratch: the epochs of the same network without borrowed weights, where there are any.
        title: a heading.
    """
    figure = new_figure(8.2, 3.8, title)
    epochs = [epoch for phase in phases for epoch in phase]
    panels = (("loss", "loss (cross-entropy)"), ("accuracy", "error, % of the pictures"))
    for axes, (key, label) in zip(figure.subplots(1, 2), panels, strict=True):
        numbers = np.arange(1, len(epochs) + 1)
        for prefix, name, colour in (("", "training pictures", BLUE), ("val_", "test pictures", ORANGE)):
            values = _values(epochs, prefix + key)
            axes.plot(numbers, values, color=colour, label=name)
        if scratch is not None:
            values = _values(scratch, f"val_{key}")
            axes.plot(np.arange(1, len(values) + 1), values, color=INK, linestyle="--", label=SCRATCH)
        axes.set(xlabel="epoch", ylabel=label)
        axes.set_xlim(0.5, max(len(epochs), len(scratch or ())) + 0.5)
        axes.set_ylim(0, 1.08 * axes.dataLim.ymax or 1)
        ends = [f"{name} {_last(_values(epochs, f'{prefix}{key}'), key)}" for prefix, name in ENDS]
        if scratch is not None:
            ends.append(f"without {_last(_values(scratch, f'val_{key}'), key)}")
        axes.set_title(f"at the end: {', '.join(ends)}", fontsize=9, loc="left", pad=18)
        if len(phases) > 1:
            _mark_phases(axes, len(phases[0]), len(epochs))
        open_frame(axes)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def _mark_phases(axes: object, first: int, last: int) -> None:
    """Draw the line between the phases, and say what each is."""
    axes.axvline(first + 0.5, color=INK, linewidth=0.8, linestyle=":")  # type: ignore[attr-defined]
    for middle, number in (((first + 1) / 2, 1), ((first + last + 1) / 2, 2)):
        axes.text(  # type: ignore[attr-defined]
            middle,
            1.0,
            f"phase {number}",
            ha="center",
            va="bottom",
            fontsize=9,
            transform=axes.get_xaxis_transform(),  # type: ignore[attr-defined]
        )


def _values(epochs: History, key: str) -> np.ndarray:
    values = np.array([epoch[key] for epoch in epochs])
    return 100 * (1 - values) if key.endswith("accuracy") else values


def _last(values: np.ndarray, key: str) -> str:
    return f"{values[-1]:.3g}" + (" %" if key == "accuracy" else "")
