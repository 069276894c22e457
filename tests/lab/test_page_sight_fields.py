"""What the page says that a cell sees: against the chalkboard, against gradients' support, and by changing pixels."""

import copy
import random

import numpy as np
import pytest
from sighted import Seen, ask, branched, of_many_kinds, randomised, shapes_only, steps_of

from app.counting.chalkboard import nn as chalk
from app.scratch.build import build_network
from app.scratch.vocabulary import nn
from models import find_network

pytestmark = pytest.mark.browser
TEN = (
    *(
        "lenet5",
        "mnist",
        "lecun1989",
        "neocognitron",
        "dilated_context",
        "googlenet",
        "resnet20",
        "densenet40_12",
    ),
    *("efficientnet_lite0", "resnet18"),
)
CELLS = 50
FIELDS = """
const result = programs.map(({ steps }, p) => ({
  sizes: Object.fromEntries(steps.map((step) => [step.name, fieldSize(steps, step.fills).text])),
  seen: given.cells[p].map(([slot, cell]) => {
    const { seen, count, bounds, beyond } = fieldOf(steps, slot, cell);
    const marked = [];
    seen.forEach((is, i) => is && marked.push(i));
    return { marked, count, bounds, beyond };
  }),
}));
"""


def odd_windows(nn):
    """Fields that alternate from cell to cell, and that are no rectangles."""
    image = nn.Input((13, 12, 2))
    x = nn.Conv2D(3, (3, 2), strides=2, padding="same", name="conv")(image)
    x = nn.Conv2DTranspose(3, 3, strides=2, padding="same", name="transposed")(x)
    x = nn.ZeroPadding2D(((1, 0), (0, 2)), name="zeros")(x)
    x = nn.UpSampling2D((1, 2), interpolation="bilinear", name="smooth")(x)
    x = nn.Cropping2D(((0, 1), (2, 1)), name="cropped")(x)
    tall = nn.Conv2D(3, (5, 1), padding="same", dilation_rate=(2, 1), name="tall")(x)
    wide = nn.Conv2D(3, (1, 7), padding="same", name="wide")(x)
    x = nn.Concatenate(name="cross")([nn.Add(name="plus")([tall, wide]), x])
    x = nn.MaxPooling2D(3, strides=2, padding="same", name="pool")(x)
    x = nn.Resizing(9, 8, name="resized")(x)
    x = nn.Concatenate(axis=1, name="below")([x, nn.Conv2D(6, 1, name="one")(x)])
    gate = nn.Dense(6, name="gate")(nn.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x))
    y = nn.Multiply(name="gated")([x, gate])
    x = nn.AveragePooling2D(2, name="means")(nn.Concatenate(name="both")([x, y]))
    x = nn.Flatten(name="flat")(x)
    return nn.Model(image, nn.Dense(2, name="classes")(x), name="odd")


def sheet_rows(sheet):
    return {row.name: row for row in sheet.rows}


def drawn(field, row, column):
    """Return the pixels that the chalkboard says a cell sees, as positions row by row."""
    width = field.parts[0][-1].pixels
    found = set()
    for part in field.parts:
        axes = part if len(part) == 2 else (None, part[0])
        at = [row if len(part) == 2 else 0, column]
        seen = [
            {0} if axis is None else bits(axis.cells[min(i, len(axis.cells) - 1)])
            for axis, i in zip(axes, at, strict=True)
        ]
        found |= {r * width + c for r in seen[0] for c in seen[1]}
    return sorted(found)


def bits(seen):
    first, mask = seen
    return {first + i for i in range(mask.bit_length()) if mask >> i & 1}


def beyond(field, row, column):
    """Return how far the window of a cell reaches over each border, by the fields of an image without ends."""
    ends = [axis.endless(i) for axis, i in zip(field.axes, (row, column), strict=True)]
    sizes = [axis.pixels for axis in field.axes]
    (top, bottom), (left, right) = ends
    return {
        "top": max(-top, 0),
        "bottom": max(bottom - sizes[0] + 1, 0),
        "left": max(-left, 0),
        "right": max(right - sizes[1] + 1, 0),
    }


def chosen_cells(steps, rows, draw, count):
    """Return slots and cells at random, those of rows of units left out but the last."""
    maps = [step for step in steps if len(step["shape"]) == 3]
    found = []
    for _ in range(count):
        step = draw.choice([*maps, *steps[-1:]])
        shape = [1] * (3 - len(step["shape"])) + step["shape"]
        row, column = draw.randrange(shape[0]), draw.randrange(shape[1])
        found.append((step, {"row": row, "column": column}))
    return [(rows[step["name"].removesuffix(":linear")], step["fills"], cell) for step, cell in found]


def check(found, rows, chosen):
    """Hold what node found against the chalkboard; return how many cells, pixels and sizes were compared."""
    pixels = 0
    for (row, _, cell), seen in zip(chosen, found["seen"], strict=True):
        wanted = drawn(row.field, cell["row"], cell["column"])
        assert seen["marked"] == wanted, (row.name, cell)
        assert seen["count"] == len(wanted)
        if not row.field.whole:
            assert seen["beyond"] == beyond(row.field, cell["row"], cell["column"]), (row.name, cell)
        if wanted:
            width = row.field.parts[0][-1].pixels
            lines = sorted({i // width for i in wanted}), sorted({i % width for i in wanted})
            ends = {"top": lines[0][0], "bottom": lines[0][-1], "left": lines[1][0], "right": lines[1][-1]}
            assert seen["bounds"] == ends
        pixels += len(wanted)
    for name, text in found["sizes"].items():
        field = rows[name.removesuffix(":linear")].field
        if field is not None:
            assert text == field.text(), name
    return len(chosen), pixels, len(found["sizes"])


@pytest.fixture(scope="module")
def networks():
    """Steps and the chalkboard's rows of ten networks of the catalogue, and of one of odd windows."""
    found = {}
    for name in TEN:
        network = find_network(name)
        sheet = network.builder(chalk, **network.arguments(None, None)).sheet()
        found[name] = shapes_only(network), sheet_rows(sheet)
    found["odd"] = steps_of(odd_windows(nn)), sheet_rows(odd_windows(chalk).sheet())
    return found


def test_fields_are_the_chalkboards(networks):
    draw = random.Random(0)
    chosen = [chosen_cells(*pair, draw, CELLS) for pair in networks.values()]
    cells = [[(slot, cell) for _, slot, cell in each] for each in chosen]
    answers = ask(FIELDS, [{"steps": steps, "values": {}} for steps, _ in networks.values()], cells=cells)
    for (_, rows), each, found in zip(networks.values(), chosen, answers, strict=True):
        cells, pixels, sizes = check(found, rows, each)
        assert cells == CELLS
        assert pixels > 1000
        assert sizes > 10


@pytest.mark.parametrize("change", ["dilation", "stride", "padding"])
def test_a_wrong_window_is_seen(networks, change):
    """The comparison above can fail: one setting of one layer is another."""
    steps, rows = networks["odd"]
    draw = random.Random(1)
    chosen = chosen_cells(steps, rows, draw, CELLS)
    bad = copy.deepcopy(steps)
    by_name = {step["name"]: step["settings"] for step in bad}
    if change == "dilation":
        by_name["tall"]["dilation_rate"] = 1
    elif change == "stride":
        by_name["transposed"]["strides"] = (2, 1)
    else:
        by_name["zeros"]["padding"] = ((0, 1), (0, 2))
    cells = [[(slot, cell) for _, slot, cell in chosen]]
    (found,) = ask(FIELDS, [{"steps": bad, "values": {}}], cells=cells)
    with pytest.raises(AssertionError):
        check(found, rows, chosen)


MASKS = """
const result = programs.map(({ steps }, p) => given.cells[p].map(([slot, cell]) => {
  const image = steps[0].reads[0];
  const path = pathToPixels(steps, slot, cell);
  const same = path.every((at) => JSON.stringify(seenIn(steps, slot, cell, at.slot).seen) === JSON.stringify(at.seen));
  return { seen: fieldOf(steps, slot, cell).seen, same, slots: path.map((at) => at.slot), image,
    names: path.map((at) => at.stepName), first: path[0].count };
}));
"""


def changes(seen, slot, cell, pixels, draw, size=1.0):
    """Return whether a cell, in any of its channels, changes for an image in which some pixels are others."""
    images = np.repeat(draw.uniform(-1, 1, (1, *seen.image.shape)), 2, axis=0)
    rows, columns = np.nonzero(pixels)
    images[1, rows, columns] += size * draw.uniform(0.5, 1, (len(rows), images.shape[-1]))
    found = seen.run(images)[slot]
    at = (cell["channel"],) if found.ndim == 2 else (cell["row"], cell["column"])
    before, after = found[(0, *at)], found[(1, *at)]
    return bool(np.any(before != after))


def mask_is_right(seen, slot, cell, mask, draw, tries=24):
    """Return whether no pixel outside a mask ever changes a cell, and each one inside does for some image."""
    if any(changes(seen, slot, cell, ~mask, draw) for _ in range(4)):
        return False
    for place in draw.permutation(np.argwhere(mask))[:12]:
        one = np.zeros_like(mask)
        one[tuple(place)] = True
        if not any(changes(seen, slot, cell, one, draw, 1 + 4.0 * n) for n in range(tries)):
            return False
    return True


def test_a_pixel_inside_changes_the_cell_and_none_outside_does():
    programs = {
        "branched": Seen(randomised(branched(nn))),
        "kinds": Seen(randomised(of_many_kinds(nn))),
        "odd": Seen(randomised(odd_windows(nn))),
        "numpy_cnn": Seen(randomised(build_network(find_network("numpy_cnn")))),
    }
    names = {
        "branched": (
            "right",
            "norm",
            "left",
            "narrow",
            "add",
            "separable",
            "larger",
            "beside",
            "mean",
            "most",
        ),
        "kinds": ("border", "stamped", "resized", "cropped", "near", "gate"),
        "odd": (
            "conv",
            "transposed",
            "zeros",
            "smooth",
            "cropped",
            "tall",
            "cross",
            "pool",
            "resized",
            "below",
        ),
        "numpy_cnn": ("conv", "pool", "flatten"),
    }
    draw, rng = random.Random(2), np.random.default_rng(2)
    cells = []
    for name, seen in programs.items():
        steps = [seen.by_name[each] for each in names[name] for _ in range(2)]
        each = []
        for step in steps:
            shape = [1] * (3 - len(step["shape"])) + step["shape"]
            each.append(
                (
                    step["fills"],
                    dict(zip(("row", "column", "channel"), map(draw.randrange, shape), strict=True)),
                )
            )
        cells.append(each)
    answers = ask(MASKS, [seen.for_node() for seen in programs.values()], cells=cells)
    count = 0
    for seen, each, found in zip(programs.values(), cells, answers, strict=True):
        for (slot, cell), answer in zip(each, found, strict=True):
            mask = np.array(answer["seen"], bool).reshape(seen.image.shape[:2])
            name = next(step["name"] for step in seen.steps if step["fills"] == slot)
            assert mask_is_right(seen, slot, cell, mask, rng), (name, cell)
            assert answer["same"]
            assert (answer["slots"][0], answer["names"][0]) == (slot, name)
            if mask.any():
                assert answer["slots"][-1] == answer["image"]
                assert answer["names"][-1] is None
            count += 1
    assert count == sum(map(len, cells)) > 50
    seen, (slot, cell) = programs["branched"], cells[0][4]
    mask = np.array(answers[0][4]["seen"], bool).reshape(seen.image.shape[:2])
    row, column = np.argwhere(mask)[0]
    mask[row, column] = False
    assert not mask_is_right(seen, slot, cell, mask, rng)  # one pixel too few
    mask[row, column] = True
    mask[tuple(np.argwhere(~mask)[0])] = True
    assert not mask_is_right(seen, slot, cell, mask, rng, tries=6)  # one too many


EARLIER = """
const result = given.cases.map(([slot, cell, earlier]) => seenIn(programs[0].steps, slot, cell, earlier));
"""


def later_changes(seen, slot, cell, earlier, places, draw):
    """Return whether a cell changes when some places of an earlier slot hold other values."""
    nodes = seen.machine.network.nodes
    first = next(i for i, node in enumerate(nodes) if node.output == earlier) + 1
    values = seen.run(draw.uniform(-1, 1, (1, *seen.image.shape)))
    other = {k: v for k, v in values.items() if k == earlier or all(k != n.output for n in nodes[first:])}
    other[earlier] = values[earlier] + places[None, :, :, None] * draw.uniform(1, 9, values[earlier].shape)
    found = seen.machine.network.run(other, nodes=slice(first, None)).values
    at = (0, cell["row"], cell["column"])
    return bool(np.any(found[slot][at] != values[slot][at]))


def test_what_a_cell_sees_of_an_earlier_layer():
    seen = Seen(randomised(branched(nn)))
    draw, rng, cases = random.Random(4), np.random.default_rng(4), []
    for later, earlier in (
        ("mean", "larger"),
        ("most", "leaky"),
        ("larger", "narrow"),
        ("separable", "left"),
    ):
        height, width, _ = seen.by_name[later]["shape"]
        cell = {"row": draw.randrange(height), "column": draw.randrange(width)}
        cases.append((seen.by_name[later]["fills"], cell, seen.by_name[earlier]["fills"]))
    answers = ask(EARLIER, [seen.for_node()], cases=[*cases, (cases[0][2], {}, cases[0][0])])
    for case, answer in zip(cases, answers[:-1], strict=True):
        mask = np.array(answer["seen"], bool).reshape(answer["rows"], answer["columns"])
        assert 0 < mask.sum() < mask.size
        assert not any(later_changes(seen, *case, ~mask, rng) for _ in range(4))
        for place in np.argwhere(mask):
            one = np.zeros_like(mask)
            one[tuple(place)] = True
            assert any(later_changes(seen, *case, one, rng) for _ in range(20)), (case, place)
    assert answers[-1]["bounds"] is None  # what comes later is not seen
    assert answers[-1]["count"] == 0
