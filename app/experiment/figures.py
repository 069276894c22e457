"""The figures of the experiments; each is drawn from what its experiment wrote as JSON."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from app.experiment.autoencoder.figures import draw_autoencoder
from app.show.canvas import BLUE, INK, ORANGE, count_along, new_figure, open_frame
from app.show.numbers import superscript

Result = Mapping[str, Any]
GREEN, SKY = "#009e73", "#56b4e9"
"""Okabe and Ito, 2008."""
PALE = "#a9cde4"
"""The bars' blue, light enough for dark marks on it."""
WIDTH = 8.2
"""Inches of a figure: A4 is 8.27 wide."""
BAND = "line: mean over the seeds; band: least to greatest"
DEPTHS: tuple[dict[str, Any], ...] = (
    {"color": ORANGE, "linestyle": "--", "marker": "o", "markerfacecolor": "white"},
    {"color": ORANGE, "linestyle": "-", "marker": "o"},
    {"color": BLUE, "linestyle": "--", "marker": "s", "markerfacecolor": "white"},
    {"color": BLUE, "linestyle": "-", "marker": "s"},
)
"""Shallow plain, deep plain, shallow residual, deep residual."""
GRADIENTS: tuple[dict[str, Any], ...] = (
    {"color": ORANGE, "linestyle": "-", "marker": "o"},
    {"color": SKY, "linestyle": ":", "marker": "v"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": INK, "linestyle": "--", "marker": "s"},
    {"color": BLUE, "linestyle": "-", "marker": "D"},
)
"""One for each network whose gradients are drawn; apart for every kind of colour vision and in grey."""
PLACES = (
    ("outputs", "by the output of block …", "gradient of the loss by a block's output"),
    ("kernels", "by the kernel of convolution …", "gradient of the loss by a kernel"),
)
X_STYLES: tuple[dict[str, Any], ...] = tuple(
    {"color": colour, "marker": marker, "linestyle": "none", "markerfacecolor": face or colour}
    for face in ("white", None)
    for colour, marker in ((BLUE, "s"), (ORANGE, "o"))
)
"""Trained on centred X (hollow) and on moved ones: the convolution, then the dense network."""
FAMILIES = (("ResNet", BLUE, "s", "--"), ("DenseNet", ORANGE, "o", "-"))
MEASURES = (
    ("trainable", "trainable parameters, thousands", 1e3),
    ("multiply_accumulates", "multiply-accumulates for one image, millions", 1e6),
)


def draw_training_curves(result: Result) -> Figure:
    """Return loss and error on the training images, averages while each epoch was trained."""
    data = result["data"]
    figure = new_figure(WIDTH, 4.4, "How well plain and residual networks learn their training images")
    _write_below(figure, f"{data['training_images']:,} images of {data['name']}, {_seeds(result)}; {BAND}")
    loss, error = figure.subplots(1, 2)
    _draw_curves(loss, result, lambda epoch: epoch["loss"])
    _draw_curves(error, result, lambda epoch: 100 * (1 - epoch["accuracy"]))
    loss.set(xlabel="epoch", ylabel="training loss (cross-entropy, log scale)", yscale="log")
    error.set(xlabel="epoch", ylabel="training error, %", ylim=(0, None))
    for axes in (loss, error):
        _finish(axes)
    error.legend(frameon=False, loc="upper right")
    return figure


def _draw_curves(axes: Axes, result: Result, measure: Callable[[Mapping[str, float]], float]) -> None:
    for network, style in zip(result["networks"], DEPTHS, strict=True):
        values = _read(result, network, lambda run: [measure(epoch) for epoch in run["history"]])
        _draw_band(axes, values, values.mean(axis=0), style, markersize=5, label=f"{network['name']} layers")


def draw_gradients(result: Result) -> Figure:
    """Return four panels: by outputs and by kernels, before training and after some steps."""
    recipe, lines = result["recipe"], BAND.replace("mean", "geometric mean")
    title = f"How much gradient arrives at each of the {recipe['depth']} layers (the output is on the right)"
    figure = new_figure(WIDTH, 7.2, title)
    times = (("start", "at the start"), ("later", f"after {recipe['steps']} steps"))
    grid = figure.subplots(2, 2, sharey="row")
    for row, (key, place, label) in zip(grid, PLACES, strict=True):
        for axes, (when, words) in zip(row, times, strict=True):
            _draw_norms(axes, result, when, key)
            axes.set_title(words, fontsize=10, loc="left")
            axes.set(xlabel=place, yscale="log")
            _finish(axes)
        row[0].set_ylabel(f"{label}\n(Euclidean norm, log scale)", fontsize=9)
    handles, labels = grid[0][0].get_legend_handles_labels()
    settings = f"{result['data']['name']}, {_seeds(result)}; {lines}"
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=len(labels),
        frameon=False,
        title=settings,
        title_fontsize=9,
    )
    return figure


def _draw_norms(axes: Axes, result: Result, when: str, key: str) -> None:
    """Draw one line for each network, over the seeds whose gradient is nowhere 0, and say which are."""
    left_out = []
    for network, style in zip(result["networks"], GRADIENTS, strict=True):
        every = _read(result, network, lambda run: run[when][key])
        norms = every[(every > 0).all(axis=1)]
        if len(norms) < len(every):
            zeros = f"0 in {len(every) - len(norms)} of {len(every)} seeds"
            left_out.append(f"{network['name']}: {zeros}, not drawn")
        ends = norms if len(norms) else np.full((1, every.shape[1]), np.nan)
        middle, apart = np.exp(np.log(ends).mean(axis=0)), max(1, every.shape[1] // 8)
        _draw_band(axes, ends, middle, style, markersize=4, markevery=apart, label=network["name"])
    axes.text(0.98, 0.03, "\n".join(left_out), transform=axes.transAxes, ha="right", fontsize=9)


def draw_families(result: Result) -> Figure:
    """Return test accuracy against parameters and against work, each seed a small mark."""
    data = result["data"]
    figure = new_figure(
        WIDTH, 4.6, "ResNets and DenseNets: how often they are right for their size and their work"
    )
    _write_below(
        figure,
        f"{data['training_images']:,} training images of {data['name']}, {_seeds(result)}; line: mean; bar: least to "
        "greatest; dots: single seeds",
    )
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (key, label, unit) in zip(panels, MEASURES, strict=True):
        for family in FAMILIES:
            _draw_family(axes, result, family, key, unit)
        axes.set(xlabel=label)
        open_frame(axes)
    panels[0].set_ylabel(f"accuracy on {data['test_images']:,} test images, %")
    panels[0].legend(frameon=False, loc="lower right")
    return figure


def _draw_family(
    axes: Axes, result: Result, family: tuple[str, str, str, str], key: str, unit: float
) -> None:
    name, colour, marker, line = family
    networks = [network for network in result["networks"] if network["name"].startswith(name)]
    places = np.array([network[key] / unit for network in networks])
    values = np.array(
        [_read(result, network, lambda run: 100 * run["test_accuracy"]) for network in networks]
    )
    mean = values.mean(axis=1)
    ends = np.stack([mean - values.min(axis=1), values.max(axis=1) - mean])
    axes.errorbar(places, mean, ends, color=colour, marker=marker, linestyle=line, capsize=4, label=name)
    for seeds in values.T:
        axes.plot(places, seeds, linestyle="none", marker=".", markersize=4, color=colour, alpha=0.6)


def _write_below(figure: Figure, text: str) -> None:
    """Write the settings, and what lines and bands are, below the panels."""
    figure.supxlabel(text, fontsize=9, color=INK)


def _seeds(result: Result) -> str:
    count = len(result["seeds"])
    return f"{count} seed{'s' * (count > 1)}"


def _read(result: Result, network: Mapping[str, Any], measure: Callable[[Any], Any]) -> np.ndarray:
    """Return what `measure` reads from each run of a network, (seeds, …)."""
    return np.array([measure(run) for run in result["runs"] if run["network"] == network["name"]], float)


def _draw_band(
    axes: Axes, values: np.ndarray, middle: np.ndarray, style: dict[str, Any], **more: Any
) -> None:
    """Draw a line over the band from the least to the greatest of the rows of `values`."""
    places, low, high = np.arange(1, len(middle) + 1), values.min(axis=0), values.max(axis=0)
    axes.fill_between(places, low, high, color=style["color"], alpha=0.25, linewidth=0)
    axes.plot(places, middle, **style, **more)


def _finish(axes: Axes) -> None:
    """Put whole numbers along x, powers of ten as they are written by hand, and open the frame."""
    count_along(axes.xaxis)
    if axes.get_yscale() == "log":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_text(value)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    open_frame(axes)


def power_text(value: float) -> str:
    """Return a power of ten as 10⁻³, from 0.01 to 100 as it is; nothing between two powers."""
    power = round(math.log10(value))
    if not math.isclose(value, 10.0**power):
        return ""
    if abs(power) <= 2:
        return f"{10.0**power:g}"
    return f"10{superscript(power)}"


def draw_timeline(data: Result) -> Figure:
    """Return a bar for each year's winner, with the article's figures and a trained human's."""
    figure = new_figure(WIDTH, 4.6, "The winners of the ImageNet challenge err less from year to year")
    axes = figure.subplots()
    years = data["years"]
    places = range(len(years))
    errors = [float(year["top_5_error"]["percent"]) for year in years]
    bars = axes.bar(
        places, errors, 0.5, color=PALE, edgecolor=INK, label="winner, trained on the challenge's images"
    )
    axes.bar_label(bars, [f"{error:.1f}" for error in errors], padding=1, fontsize=9)
    _mark_more(axes, years)
    _mark_article(axes, years)
    human = float(data["human"]["percent"])
    axes.axhline(human, color=INK, linestyle="--", linewidth=1)
    beside = axes.get_yaxis_transform()  # to the right of the bars: nothing else stands there
    axes.text(1.01, human, f"a trained\nhuman:\n{human:g}", transform=beside, va="center", fontsize=9)
    axes.set_xticks(
        places, [f"{year['year']}\n{year['team'].replace(' (', chr(10) + '(')}" for year in years], fontsize=8
    )
    axes.set(ylabel="top-5 error on the test images, %", xlim=(-0.6, len(years) - 0.1))
    axes.margins(y=0.1)
    open_frame(axes, with_grid=False)
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda k: not labels[k].startswith("winner"))
    axes.legend([handles[k] for k in order], [labels[k] for k in order], frameon=False, loc="upper right")
    return figure


def _mark_more(axes: Axes, years: list[dict[str, Any]]) -> None:
    places = [i for i, year in enumerate(years) if year["with_more_images"]]
    errors = [float(years[i]["with_more_images"]["percent"]) for i in places]
    label = "the same, on further images too"
    axes.plot(places, errors, "_", markersize=26, color=INK, markeredgewidth=2, label=label)


def _mark_article(axes: Axes, years: list[dict[str, Any]]) -> None:
    """The article's figures stand to the right of the bars, hollow where they are not as published.

    A bound is a mark that points down from its number.
    """
    said = [(i, each) for i, year in enumerate(years) for each in year["article"]]
    for agrees, face in ((True, ORANGE), (False, "white")):
        marks = [(i + 0.36, each["percent"]) for i, each in said if each["agrees"] is agrees]
        places = [(x, percent) for x, percent in marks if percent is not None]
        label = f"article, {'as published' if agrees else 'not as published'}"
        style: dict[str, Any] = {"color": ORANGE, "markerfacecolor": face, "markersize": 7, "label": label}
        axes.plot(*zip(*places, strict=True), "D", **style)
    for i, each in said:
        percent, face = each["percent"], ORANGE if each["agrees"] else "white"
        height = _bound(each["stated"]) if percent is None else percent
        if percent is None:
            label = f"article, a bound, {'as published' if each['agrees'] else 'not as published'}"
            label = "_again" if label in axes.get_legend_handles_labels()[1] else label
            style = {"color": ORANGE, "markerfacecolor": face, "markersize": 8, "label": label}
            axes.plot(i + 0.36, height, "v", linestyle="none", **style)
        where = "bottom" if percent is None else "center"  # a bound's stands above the human's line
        axes.text(
            i + 0.46,
            height + 0.2 * (percent is None),
            _article_text(each),
            va=where,
            fontsize=9,
            color=ORANGE,
        )


def _bound(stated: str) -> float:
    """Return the number of a bound: 5 of "< 5 %"."""
    return float("".join(sign for sign in stated if sign.isdigit() or sign == "."))


def _article_text(each: dict[str, Any]) -> str:
    """Return what the article says, the number first: `14.8 (as top-8)`."""
    if each["percent"] is None:
        return str(each["stated"])
    number = f"{each['percent']:g}"
    other = each["stated"].replace(number, "").strip(" ;%")
    return f"{number} (as {other})" if other else number


def draw_x_or_not_x(data: Result) -> Figure:
    """Return accuracy on each kind of picture, a panel for each size, and the answers of filters."""
    title = "X or not X: which changed pictures a convolution\nand a dense network still recognise"
    figure = new_figure(WIDTH, 8.0, title)
    _write_below(figure, f"{_seeds(data)}; marks: mean over the seeds; bars: least to greatest")
    sizes = data["data"]["sizes"]
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1)).flat
    panels, last = above.subplots(1, len(sizes), squeeze=False)[0], below.subplots()
    for axes, size in zip(panels, sizes, strict=True):
        networks = [network for network in data["networks"] if f"{size}×{size}" in network["name"]]
        for number, (network, style) in enumerate(zip(networks, X_STYLES, strict=True)):
            values = 100 * _read(data, network, lambda run: list(run["accuracy"].values()))
            label = network["name"].replace(f" {size}×{size}", "")
            _draw_marks(axes, values, (number - 1.5) * 0.12, {**style, "label": label})
        axes.axhline(50, color=INK, linewidth=1, linestyle=":")
        axes.set(ylabel="test accuracy, % (dotted: guessing)", ylim=(35, 102))
        axes.set_title(f"{size}×{size} pixels", fontsize=10, loc="left")
        _name_kinds(axes, data["data"]["kinds"])
    handles, labels = panels[0].get_legend_handles_labels()
    above.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    _draw_answers(last, data)
    return figure


def _draw_marks(axes: Axes, values: np.ndarray, shift: float, style: dict[str, Any]) -> None:
    """Draw the mean of each column of `values` with a bar from the least to the greatest."""
    mean = values.mean(axis=0)
    ends = np.stack([mean - values.min(axis=0), values.max(axis=0) - mean])
    axes.errorbar(np.arange(len(mean)) + shift, mean, ends, capsize=3, **style)


def _draw_answers(axes: Axes, data: Result) -> None:
    """Draw how filters answer to changed X of the larger size, and to other signs."""
    name = f"convolution {data['data']['sizes'][-1]}×{data['data']['sizes'][-1]}, trained on moved"
    (network,) = (network for network in data["networks"] if network["name"] == name)
    for shift, whose, label, style in (
        (-0.08, "article", "the article's X filter", {"color": ORANGE, "marker": "D"}),
        (0.08, "trained", "the trained filter that sets X apart most", {"color": BLUE, "marker": "s"}),
    ):
        values = 100 * _read(data, network, lambda run, w=whose: list(run["response"][w].values()))  # type: ignore[misc]
        _draw_marks(axes, values, shift, {**style, "linestyle": "none", "label": label})
    axes.set(ylabel="answer of a filter,\n% of that to the centred X", ylim=(0, None))
    axes.set_title(f"filters, {name.split(',')[0].split()[1]} pixels", fontsize=10, loc="left")
    _name_kinds(axes, [*data["data"]["kinds"], "not X"])
    axes.legend(frameon=False, fontsize=9, loc="lower left")


def _name_kinds(axes: Axes, kinds: list[str]) -> None:
    axes.set_xticks(range(len(kinds)), kinds, rotation=30)
    open_frame(axes)


DRAW: dict[str, Callable[[Result], Figure]] = {
    "plain-vs-residual": draw_training_curves,
    "vanishing-gradient": draw_gradients,
    "resnet-vs-densenet": draw_families,
    "x_or_not_x": draw_x_or_not_x,
    "variational-autoencoder": draw_autoencoder,
    "imagenet-timeline": draw_timeline,
}
"""The figure of each experiment, by its name."""
