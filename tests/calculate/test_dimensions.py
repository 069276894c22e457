"""Along one, two and three axes, in groups: counted product by product, and built with Keras."""

import itertools
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.calculate.__main__ import main
from app.calculate.dimensions import group_alike
from app.counting.chalkboard import nn
from app.library.teaching import work_out

small = st.integers(1, 4)


@st.composite
def layers(draw, paddings):
    """An input, and a convolution's settings, along one to three axes."""
    rank, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def axes(numbers):
        return tuple(draw(numbers) for _ in range(rank))

    return {
        "size": (*axes(st.integers(1, 6 - rank)), groups * draw(st.integers(1, 2))),
        "kernel": axes(st.integers(1, 3)),
        "stride": axes(st.integers(1, 2)),
        "dilation": axes(st.integers(1, 2)),
        "padding": axes(paddings),
        "filters": groups * draw(st.integers(1, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "dimensions": rank,
    }


def asked(question, layer, **more):
    layer = {**layer, **more}
    return work_out(question, layer.pop("size"), **layer)


def sides_of(layer, axis, padding):
    """The cells before and after; Keras' `same` as TensorFlow documents it."""
    size, stride = layer["size"][axis], layer["stride"][axis]
    reach = (layer["kernel"][axis] - 1) * layer["dilation"][axis]
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + reach + 1 - size, 0)
        return total // 2, total - total // 2
    return {"valid": (0, 0), "full": (reach, reach)}.get(padding, padding)


def boxes(sizes):
    return itertools.product(*map(range, sizes))


def products(layer, places):
    """Every (place, weight): in each group, every filter has a weight for every channel and tap."""
    channels, filters, groups = layer["size"][-1], layer["filters"], layer["groups"]
    for place in places:
        for filter_, channel in itertools.product(range(filters), range(channels)):
            if filter_ * groups // filters == channel * groups // channels:
                for tap in boxes(layer["kernel"]):
                    yield place, (filter_, channel, tap)


def windows_by_hand(layer):
    """The starts of the windows that lie on the padded map, one tuple a window."""
    starts = []
    for axis in range(layer["dimensions"]):
        before, after = sides_of(layer, axis, layer["padding"][axis])
        cells = before + layer["size"][axis] + after
        reach = (layer["kernel"][axis] - 1) * layer["dilation"][axis]
        starts.append(range(0, max(cells - reach, 0), layer["stride"][axis]))
    return starts, list(itertools.product(*starts))


NUMBERS = st.tuples(st.integers(0, 2), st.integers(0, 2))


@settings(deadline=None, max_examples=150)
@given(layers(st.one_of(st.sampled_from(["valid", "same", "full"]), NUMBERS)))
def test_a_convolution_costs_what_its_products_count(layer):
    starts, windows = windows_by_hand(layer)
    if not windows:
        with pytest.raises(ValueError, match="does not fit"):
            asked("conv", layer)
        return
    found = list(products(layer, windows))
    answer = asked("conv", layer)
    assert answer["output"] == [*map(len, starts), layer["filters"]]
    assert answer["MACs"] == len(found)
    weights = {weight for _, weight in found}
    assert answer["parameters"] == len(weights) + layer["bias"] * layer["filters"]


@settings(deadline=None, max_examples=150)
@given(layers(st.one_of(st.just("full"), NUMBERS)))
def test_a_transposed_convolution_costs_what_its_products_count(layer):
    found = list(products(layer, boxes(layer["size"][:-1])))
    sizes = []
    for axis in range(layer["dimensions"]):
        stride, dilation = layer["stride"][axis], layer["dilation"][axis]
        written = {place[axis] * stride + tap[axis] * dilation for place, (_, _, tap) in found}
        before, after = sides_of(layer, axis, layer["padding"][axis])
        sizes.append(max(max(written) + 1 - before - after, 0))
    if 0 in sizes:
        with pytest.raises(ValueError, match="leaves nothing"):
            asked("transposed", layer)
        return
    answer = asked("transposed", layer)
    assert answer["output"] == [*sizes, layer["filters"]]
    assert answer["MACs"] == len(found)
    weights = {weight for _, weight in found}
    assert answer["parameters"] == len(weights) + layer["bias"] * layer["filters"]


def test_full_padding_is_taken_back_by_a_transposed_convolution():
    for size, kernel, dilation in itertools.product((4, 7, 9), (1, 2, 3), (1, 2)):
        settings_ = {"kernel": kernel, "dilation": dilation, "padding": "full"}
        larger = work_out("conv", size, **settings_)["output"][0]
        assert larger == size + dilation * (kernel - 1)
        assert work_out("transposed", larger, **settings_)["output"][:2] == [size, size]


@settings(deadline=None, max_examples=100)
@given(layers(st.sampled_from(["valid", "full"])))
def test_the_axes_are_worked_out_apart(layer):
    """A layer along several axes is as many layers along one."""
    names = ("kernel", "stride", "padding")
    axes = [
        {"size": (layer["size"][axis], 1), "dimensions": 1, **{name: layer[name][axis] for name in names}}
        for axis in range(layer["dimensions"])
    ]
    for question, size in (("conv", "kernel"), ("pool", "pool")):
        each = [{size if k == "kernel" else k: v for k, v in axis.items()} for axis in axes]
        whole = {size if k == "kernel" else k: layer[k] for k in ("size", "dimensions", *names)}
        try:
            sizes = [asked(question, axis)["output"][0] for axis in each]
        except ValueError:
            with pytest.raises(ValueError, match="does not fit"):
                asked(question, whole)
            continue
        assert asked(question, whole)["output"][:-1] == sizes


def keras_cases(rank):
    """Layers of Keras along `rank` axes, and what is asked for each of them."""
    from keras import layers as keras

    size = (9, 10, 11)[:rank]
    kernel, stride = (3, 2, 4)[:rank], (2, 1, 3)[:rank]
    sliding = {"kernel": kernel, "stride": stride, "filters": 6}
    built = {"kernel_size": kernel, "strides": stride, "filters": 6}
    conv, back, pool = (
        getattr(keras, name.format(rank)) for name in ("Conv{}D", "Conv{}DTranspose", "MaxPooling{}D")
    )
    for padding in ("valid", "same"):
        yield conv(**built, padding=padding, groups=2), "conv", {**sliding, "padding": padding, "groups": 2}
        yield back(**built, padding=padding), "transposed", {**sliding, "padding": padding}
        yield pool(kernel, stride, padding), "pool", {"pool": kernel, "stride": stride, "padding": padding}
    yield conv(6, kernel, dilation_rate=2), "conv", {"kernel": kernel, "dilation": 2, "filters": 6}
    return size


@pytest.mark.keras
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_keras_makes_the_same_sizes_and_parameters(rank):
    shape = (*(9, 10, 11)[:rank], 4)
    for layer, question, asked_for in keras_cases(rank):
        answer = work_out(question, shape, **asked_for, dimensions=rank)
        layer.build((None, *shape))
        assert list(layer.compute_output_shape((None, *shape))[1:]) == answer["output"], question
        if question != "pool":
            assert layer.count_params() == answer["parameters"], question


@pytest.mark.keras
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_notes_on_keras_can_be_followed(rank):
    """ZeroPadding and a depthwise convolution, built as the notes say."""
    import keras
    import numpy as np

    shape = (*(5, 6, 7)[:rank], 2)
    answer = work_out("conv", shape, kernel=3, padding="full", groups=2, filters=4, dimensions=rank)
    depthwise, padded = answer["notes"]
    name, sides = re.search(r"(ZeroPadding.D)\((.*)\), then padding='valid'", padded).groups()
    numbers = json.loads(sides.replace("(", "[").replace(")", "]"))
    sides = tuple(map(tuple, numbers)) if rank > 1 else tuple(numbers)
    image = getattr(keras.layers, name)(sides)(np.zeros((1, *shape)))
    kind, setting, value = re.search(r"in Keras (\w+) with (\w+)=(\d)", depthwise).groups()
    filters = () if kind.startswith("Depthwise") else (4,)
    layer = getattr(keras.layers, kind)(*filters, 3, **{setting: int(value)})
    layer.build(image.shape)
    assert list(layer.compute_output_shape(image.shape)[1:]) == answer["output"]
    assert layer.count_params() == answer["parameters"]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_weights_from_elsewhere_need_the_padding_of_so_many_axes(rank):
    answer = work_out("padding", (224,) * rank + (3,), kernel=7, stride=2, dimensions=rank)
    assert f"ZeroPadding{rank}D(3), then padding='valid'" in str(answer)


@pytest.mark.parametrize(("padding", "said"), [("full", True), (1, True), ("same", False), ("valid", False)])
def test_a_pools_padding_that_keras_lacks_is_named(padding, said):
    notes = work_out("pool", 28, pool=3, padding=padding)["notes"]
    assert any("Keras' pools know valid and same only" in note for note in notes) == said


def test_the_note_says_that_keras_has_no_groups_in_a_transposed_convolution():
    """Once Keras has them, the next test fails."""
    notes = work_out("transposed", (7, 7, 64), kernel=4, stride=2, filters=32, groups=8)["notes"]
    assert "Keras' Conv2DTranspose has no groups; PyTorch's ConvTranspose2d takes groups=8." in notes
    without = work_out("transposed", (7, 7, 64), kernel=4, stride=2, filters=32)["notes"]
    assert not [note for note in without if "groups" in note]


@pytest.mark.keras
def test_the_installed_keras_has_no_groups_in_a_transposed_convolution():
    import keras

    with pytest.raises(ValueError, match="groups"):
        keras.layers.Conv2DTranspose(4, 3, groups=2)


def test_published_layers_of_volumes_and_sequences():
    """C3D's first layer (Tran et al. 2015): (3·3·3·3 + 1)·64 = 5,248; its pool keeps the frames apart."""
    first = work_out("conv", (16, 112, 112, 3), kernel=3, padding="same", filters=64)
    assert (first["output"], first["parameters"]) == ([16, 112, 112, 64], 5_248)
    assert work_out("pool", first["output"], pool=(1, 2, 2))["output"] == [16, 56, 56, 64]
    # M5 for raw sound (Dai et al. 2016): 80 taps every 4 samples, 128 filters, on 4 seconds
    sound = work_out("conv", (32_000, 1), kernel=80, stride=4, filters=128, dimensions=1)
    assert (sound["output"], sound["parameters"]) == ([7_981, 128], 10_368)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_chain_along_three_axes_is_that_of_the_chalkboard(data):
    axes = st.tuples(small, small, small)
    sizes = tuple(data.draw(st.integers(8, 16)) for _ in range(3))
    mark, chain = nn.Input((*sizes, 1)), []
    for _ in range(data.draw(st.integers(1, 3))):
        kernel, stride = data.draw(axes), data.draw(axes)
        padding = data.draw(st.sampled_from(["valid", "same"]))
        try:
            mark = nn.Conv3D(1, kernel, stride, padding)(mark)
        except ValueError:
            break
        kernel, stride = ("x".join(map(str, numbers)) for numbers in (kernel, stride))
        chain.append(f"conv{kernel}/{stride},{padding}".removesuffix(",valid"))
    if chain:
        answer = work_out("receptive-field", *chain, input=sizes)
        assert answer["receptive_field"] == [axis.size for axis in mark.row.field.axes]


def test_a_chain_along_one_axis_is_told_once():
    line = {"input": 100, "dimensions": 1}
    answer = work_out("receptive-field", "conv3", "pool2", **line)
    assert answer["receptive_field"] == [4]
    assert [axis["axis"] for axis in answer["axes"]] == ["length"]
    both = work_out("receptive-field", "conv3", "pool2", input=100)
    assert {**both["axes"][0], "axis": "length"} == answer["axes"][0]


@pytest.mark.parametrize(("find", "rank"), [((5, 3), 1), ((4, 7, 7, 2), 3), ((4, 7, 4), 3), ((6, 6, 6), 3)])
def test_the_ways_along_one_and_three_axes_are_those_of_trying_all(find, rank):
    bounds = {"inputs": range(1, 16), "kernels": [2, 3], "strides": [1, 2], "paddings": ["valid", 1]}
    data = work_out("conv", find=find, dimensions=rank, **bounds)
    wanted = find[:rank]
    expected = set()
    for kernel, stride, padding in itertools.product((2, 3), (1, 2), (0, 1)):
        made = {n: (n + 2 * padding - kernel) // stride + 1 for n in range(1, 16)}
        fits = [n for n in made if n + 2 * padding >= kernel]
        for inputs in itertools.product(fits, repeat=rank):
            alike = len({*zip(wanted, inputs, strict=True)}) == len(set(wanted))
            if alike and all(made[n] == size for n, size in zip(inputs, wanted, strict=True)):
                expected.add((inputs, kernel, stride, padding))
    found = set()
    for way in data["ways"]:
        (stage,) = way["stages"]
        padding = 0 if stage["padding"] == "valid" else 1
        ranges = way["inputs"] * (rank if len(way["inputs"]) == 1 else 1)
        for inputs in itertools.product(*(range(first, last + 1) for first, last in ranges)):
            if len({*zip(wanted, inputs, strict=True)}) == len(set(wanted)):
                found.add((inputs, stage["kernel_size"], stage["strides"], padding))
    assert found == expected != set()
    assert data["count"] == len(expected)
    assert data["wanted"] == list(find)


def test_a_size_that_no_volume_reaches_names_the_nearest():
    answer = work_out("pool", find=(5, 13, 13), dimensions=3, pool=2, stride=2, inputs=range(20, 25))
    assert answer["nearest"] == [[10, 12, 12]]
    assert "The nearest that can be reached: 10×12×12." in str(answer)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_axes_that_share_a_value_are_named_together(values):
    groups = group_alike(values)
    assert [value for _, value in groups] == list(dict.fromkeys(values))
    names = {1: ["length"], 2: ["rows", "columns"], 3: ["depth", "rows", "columns"]}[len(values)]
    for name, value in zip(names, values, strict=True):
        assert [v for words, v in groups if name in words] == [value]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv 28x28x3 --dimensions 1 --kernel 3", "not a size of 1 dimension; write it as 100 or 100x3"),
        ("conv 16x28x28x3 --dimensions 2 --kernel 3", "not a size of 2 dimensions; write it as 28 or 28x32"),
        ("conv 16x112 --dimensions 3 --kernel 3", "write it as 16 or 16x28x32 or 16x28x32x3"),
        ("conv 1x2x3x4x5 --kernel 1", "not a size of 2 dimensions"),
        ("conv 28 --dimensions 4 --kernel 3", "number of dimensions must be a whole number from 1 to 3"),
        ("pool 28 --dimensions 2d --pool 2", "the number of dimensions '2d' is not a whole number"),
        ("conv 28x28x3 --kernel 3x3x3", "write 3, or 3x5 (rows x columns); three axes need --dimensions 3"),
        ("conv 16x28x28x3 --kernel 3x3", "has too few parts; write 3, or 3x5x7 (depth x rows x columns)"),
        ("conv 100x3 --dimensions 1 --kernel 3x3", "the kernel size '3x3' has too many parts; write 3"),
        ("conv 16x28x28x3 --kernel 3 --padding 1x1", "write 1, or 1x3x5 (depth x rows x columns)"),
        ("padding --kernel 3x3x3", "three axes need --dimensions 3"),
        ("dense 2x2x2x2x2 --units 3", "not a size of 3 dimensions"),
        ("receptive-field conv3x3x3 conv3x5", "the kernel of conv3x5 '3x5' has too few parts"),
        ("receptive-field conv3x3x3 --dimensions 2", "has too many parts"),
        ("receptive-field conv3 --input 28x28x3", "the input without channels '28x28x3' has too many parts"),
        ("receptive-field conv3x3x3 --input 9 --cell 1x2x9", "no cell 9 along the columns"),
        ("receptive-field --find 9 conv1x3x3", "stacks square layers only"),
        ("conv --find 13x13x4 --dimensions 1", "the size to find '13x13x4' is not a size of 1 dimension"),
        ("transposed 7x7x64 --kernel 3 --groups 5", "5 groups cannot share out 64 channels"),
        ("transposed 7x7x64 --kernel 3 --groups 4 --filters 6", "4 groups cannot share out 6 filters"),
        ("transposed 7x7x64 --kernel 3 --groups 0", "the number of groups must be a whole number from 1"),
        ("transposed --find 9 --groups 2", "--groups says nothing to --find"),
        ("transposed 2 --kernel 9 --padding full", "cuts off 16 cells leaves nothing of 10"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(line, message, door):
    code, output, error = door(main, *line.split())
    assert (code, output) == (2, "")
    assert message in error
    assert re.fullmatch(r"Error: [^\n]+\n", error)
