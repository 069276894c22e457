"""What trips people up who count the classics, with the figures, which are counted when it is shown."""

from app.counting.chalkboard import nn
from app.counting.formulas import output_size
from app.counting.rows import Sheet, shape_text
from app.params.reports.comparison import largest_field
from models import CATALOGUE

GROUPS_MILLISECONDS = {"Conv2D(groups=2)": 707, "GroupedConv2D": 98, "slices, two Conv2D, Concatenate": 107}
"""AlexNet's second convolution, forward and backward, batch 8, two cores: `make bench ARGS=groups`."""


def traps() -> list[str]:
    """Return a paragraph for each trap."""
    said = (
        ("A grouped convolution on a CPU", _groups()),
        ("AlexNet's 227", _alexnet_input()),
        ("ResNet v1 and v1.5", _strides()),
        ("The shortcuts of ResNet-18 and 34", _shortcuts()),
        ("Poolings that round up", _rounding_up()),
        ("Biases and batch normalisation", _normalisation()),
        ("Stand-ins", _stand_ins()),
    )
    return [f"{number}. {name}. {text}" for number, (name, text) in enumerate(said, 1)]


def _sheet(name: str, *input_shape: int) -> Sheet:
    arguments = {"input_shape": input_shape} if input_shape else {}
    return CATALOGUE[name].builder(nn, **arguments).sheet()


def _groups() -> str:
    slow, *others = GROUPS_MILLISECONDS.values()
    measured = "; ".join(f"{name}: {ms} ms" for name, ms in GROUPS_MILLISECONDS.items())
    stored, whole = _sheet("alexnet").trainable, _sheet("alexnet_ungrouped").trainable
    return (
        "AlexNet's second, fourth and fifth convolutions have two groups "
        f"({stored:,} parameters; without groups {whole:,}). Keras' Conv2D(groups=2) gives the right sums, but "
        f"on a CPU it trains {slow / min(others):.1f} times slower than one Conv2D for each half of the "
        "channels, joined by Concatenate. The catalogue's GroupedConv2D takes the same arguments and works "
        f"with slices inside. Measured once on two cores (make bench ARGS=groups): {measured}."
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
        "In the paper a stage begins with a 1×1 convolution of stride 2; in torchvision the 3×3 convolution "
        f"behind it has the stride. Both ResNet-50 train {v1.trainable:,} parameters, so the total does not "
        f"tell them apart. Their MACs do ({v1.multiply_accumulates:,} and {v1_5.multiply_accumulates:,}), and "
        f"so do their receptive fields ({shape_text(largest_field(v1.rows))} and "
        f"{shape_text(largest_field(v1_5.rows))} pixels)."
    )


def _shortcuts() -> str:
    a, b, plain = (_sheet(n).trainable for n in ("resnet34_option_a", "resnet34", "plain34"))
    return (
        f"Option A, which the paper's comparison uses, appends zeros and "
        f"stores nothing: {a:,} parameters in 34 layers, as many as without any shortcut ({plain:,}). Option "
        f"B, torchvision's, projects with a 1×1 convolution: {b:,} parameters, {b - a:,} more."
    )


def _rounding_up() -> str:
    down = [112]
    while len(down) < 5:
        down.append(output_size(down[-1], 3, 2))
    up = [row.output_shape[0] for row in _sheet("googlenet").rows if row.kind == "MaxPooling2D"]
    stages = [112, *dict.fromkeys(n for n in up if n < 112)]
    return (
        "GoogLeNet's poolings round their size up, as Caffe's do. On even sizes padding='same' has the same "
        f"windows: the maps are {' → '.join(map(str, stages))}. Without padding they would be "
        f"{' → '.join(map(str, down))}. On odd sizes 'same' would begin outside the map, so AlexNet's "
        f"poolings, on maps of {_sheet('alexnet').row('conv1').output_shape[0]}, have no padding."
    )


def _normalisation() -> str:
    sheet = _sheet("resnet50")
    kept = sum(row.output_shape[-1] for row in sheet.rows if row.kind == "Conv2D")
    return (
        "Batch normalisation subtracts the mean, and with it any bias in front of it. The papers' networks "
        f"have no such biases; keras.applications keeps {kept:,} of them in ResNet-50. Keras' count_params() "
        f"also counts the {sheet.non_trainable:,} moving statistics, torchvision's num_params does not: "
        f"{sheet.parameters:,} and {sheet.trainable:,} are the same network."
    )


def _stand_ins() -> str:
    neocognitron, tdnn = _sheet("neocognitron"), _sheet("tdnn")
    return (
        "A stand-in has the paper's parameters, but the paper does not say all that it computes. The "
        f"neocognitron has the paper's cells and sizes, so its {neocognitron.trainable:,} modifiable weights "
        "can be counted. The paper only draws how its maps become smaller, it does not learn by gradient "
        f"descent, and its fixed weights are left out here. The TDNN is built after secondary sources. "
        f"Its {tdnn.trainable:,} parameters are those of its two convolutions; the weights of its sum over "
        "time are fixed."
    )
