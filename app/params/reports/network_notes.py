"""What trips people up who count the classics, with the figures, which are counted when it is shown."""

from app.counting.chalkboard import nn
from app.counting.formulas import output_size
from app.counting.rows import Sheet, shape_text
from app.params.reports.comparison import largest_field
from app.show.document import Table
from models import CATALOGUE

GROUPS_MILLISECONDS = {"Conv2D(groups=2)": 707, "GroupedConv2D": 98, "slices, two Conv2D, Concatenate": 107}
"""AlexNet's second convolution, forward and backward, batch 8, two cores: `make bench ARGS=groups`."""


def traps_table() -> Table:
    """Return a row for each trap."""
    rows = (
        ("grouped convolution on a CPU", _groups()),
        ("AlexNet's 227", _alexnet_input()),
        ("ResNet v1 and v1.5", _strides()),
        ("shortcuts of ResNet-18 and 34", _shortcuts()),
        ("poolings that round up", _rounding_up()),
        ("biases and batch normalisation", _normalisation()),
        ("stand-ins", _stand_ins()),
    )
    return Table(("trap", "what is so"), rows, "Traps", prose=(1,))


def _sheet(name: str, *input_shape: int) -> Sheet:
    arguments = {"input_shape": input_shape} if input_shape else {}
    return CATALOGUE[name].builder(nn, **arguments).sheet()


def _groups() -> str:
    slow, *others = GROUPS_MILLISECONDS.values()
    measured = "; ".join(f"{name}: {ms} ms" for name, ms in GROUPS_MILLISECONDS.items())
    stored, whole = _sheet("alexnet").trainable, _sheet("alexnet_ungrouped").trainable
    return (
        "AlexNet's second, fourth and fifth convolutions have two groups "
        f"({stored:,} parameters; without groups {whole:,}). Conv2D(groups=2) gives the right sums, but "
        f"trains {slow / min(others):.1f} times slower there than slices of the channels, a Conv2D for "
        "each, and their maps joined. GroupedConv2D, which the catalogue uses, is Conv2D to the outside "
        f"and slices inside. One run of make bench ARGS=groups on two cores: {measured}."
    )


def _alexnet_input() -> str:
    small, right = _sheet("alexnet", 224, 224, 3), _sheet("alexnet")
    sizes = [output_size(n, 11, 4).sum_line() for n in (224, 227)]
    return (
        f"The paper says 224×224, but its maps of 55×55 need 227×227: {sizes[0]}, and "
        f"{sizes[1]}. With 224 and no padding the last maps are "
        f"{shape_text(small.row('pool5').output_shape)} instead of "
        f"{shape_text(right.row('pool5').output_shape)}, and {small.trainable:,} parameters are left."
    )


def _strides() -> str:
    v1, v1_5 = _sheet("resnet50"), _sheet("resnet50_v1_5")
    assert v1.trainable == v1_5.trainable
    return (
        "As published a stage begins with a 1×1 convolution that moves by 2; in "
        f"torchvision the 3×3 behind it does. Both ResNet-50 train {v1.trainable:,} parameters, so the "
        f"total does not tell them apart; {v1.multiply_accumulates:,} and "
        f"{v1_5.multiply_accumulates:,} MACs do, and fields of {shape_text(largest_field(v1.rows))} and "
        f"{shape_text(largest_field(v1_5.rows))} pixels."
    )


def _shortcuts() -> str:
    a, b, plain = (_sheet(n).trainable for n in ("resnet34_option_a", "resnet34", "plain34"))
    return (
        f"Option A, which the paper's comparison uses, appends zeros and "
        f"stores nothing ({a:,} for 34 layers, {plain:,} without any shortcut); option B, torchvision's, "
        f"projects with a 1×1 convolution ({b:,}, {b - a:,} more)."
    )


def _rounding_up() -> str:
    down = [112]
    while len(down) < 5:
        down.append(output_size(down[-1], 3, 2))
    up = [row.output_shape[0] for row in _sheet("googlenet").rows if row.kind == "MaxPooling2D"]
    stages = [112, *dict.fromkeys(n for n in up if n < 112)]
    return (
        "GoogLeNet's poolings round up, as Caffe's do. On even sizes padding='same' is the same windows, "
        f"so that its maps are {' → '.join(map(str, stages))}; without padding they would be "
        f"{' → '.join(map(str, down))}. On odd sizes, AlexNet's "
        f"{_sheet('alexnet').row('conv1').output_shape[0]}, 'same' would begin outside the map: there "
        "the poolings have no padding."
    )


def _normalisation() -> str:
    sheet = _sheet("resnet50")
    kept = sum(row.output_shape[-1] for row in sheet.rows if row.kind == "Conv2D")
    return (
        "A bias in front of a normalisation goes away with the mean; the papers' networks have none, "
        f"keras.applications keeps {kept:,} of them in ResNet-50. "
        f"Keras' count_params() adds the {sheet.non_trainable:,} moving statistics, which torchvision's "
        f"num_params does not: {sheet.parameters:,} and {sheet.trainable:,} are one network."
    )


def _stand_ins() -> str:
    neocognitron, tdnn = _sheet("neocognitron"), _sheet("tdnn")
    return (
        "A network is called one where the paper fixes what is counted but not all that is "
        "computed. The neocognitron's cells and sizes are the paper's, so that its "
        f"{neocognitron.trainable:,} modifiable weights can be counted; how it thins out its maps is only "
        "drawn there, its learning is not gradient descent, and its fixed weights are left out. The TDNN "
        f"follows secondary sources; its {tdnn.trainable:,} parameters are those of its two "
        "convolutions, and the sum over time has fixed weights."
    )
