"""A network counted by the page's calculator and on the chalkboard, in the same words."""

from javascript import run_javascript

from app.counting.chalkboard import Board, nn
from app.counting.count import Count
from app.counting.layers import LAYERS
from app.counting.layers.base import apply_layer
from app.counting.symbols import make_input
from app.lab.layers_data import network_data

COUNT = """
import { countNetwork } from "./paper/network.js";
import { changeInput, changeLayer } from "./paper/changing.js";
const keys = ["whole", "text", "size", "sizes", "jump", "start", "image"];
const shown = (row) => row.problem || row.waits ? { name: row.name, problem: row.problem, waits: row.waits } : {
  name: row.name, kind: row.kind, reads: row.reads, shape: row.shape, unknown: Boolean(row.unknown),
  sizes: row.sizes && row.sizes.map((size) => size.line),
  trainable: row.trainable.line, nonTrainable: row.nonTrainable.line, parameters: row.parameters.line,
  macs: row.macs && row.macs.line, connections: row.connections && row.connections.line,
  sharedWith: row.sharedWith, isWeighed: row.isWeighed,
  weights: row.unknown ? [] : row.weights.map((weight) => [weight.name, weight.shape, weight.trained]),
  fields: Object.fromEntries(Object.entries(row.fields).map(
    ([image, field]) => [image, Object.fromEntries(keys.map((key) => [key, field[key]]))])),
};
const change = (network, [name, changes]) =>
  name === null ? changeInput(network, changes) : changeLayer(network, name, changes);
const result = given.map(({ network, changes = [] }) => {
  const before = JSON.stringify(network);
  const count = countNetwork(changes.reduce(change, network));
  if (JSON.stringify(network) !== before) throw new Error("the network was changed in place");
  return count.rows.map(shown);
});
"""


def lines(shape):
    """The sizes of a shape with their workings, as app.params explains them."""
    return [size.sum_line() if isinstance(size, Count) else f"{size:,}" for size in shape]


def field_facts(field):
    return {
        "whole": field.whole,
        "text": field.text(),
        "size": list(field.window_sizes()),
        "sizes": [list(axis.sizes) for axis in field.axes],
        "jump": None if field.whole else [axis.jump for axis in field.axes],
        "start": None if field.whole else [axis.start for axis in field.axes],
        "image": [axis.pixels for axis in field.axes],
    }


def weight_facts(weight):
    return [weight.name, [int(n) for n in weight.shape], weight.is_trained]


def facts(row):
    """What the chalkboard says of a row, as COUNT shows the page's."""
    is_counted = not row.unknown
    return {
        "name": row.name,
        "kind": row.kind,
        "reads": list(row.inputs),
        "shape": [int(n) for n in row.output_shape] if row.is_shape_known else None,
        "unknown": bool(row.unknown),
        "sizes": lines(row.output_shape) if row.is_shape_known else None,
        "trainable": row.trainable.sum_line(),
        "nonTrainable": row.non_trainable.sum_line(),
        "parameters": row.working or f"{row.parameters:,}",
        "macs": row.multiply_accumulates.sum_line() if is_counted else None,
        "connections": row.connections.sum_line() if is_counted else None,
        "sharedWith": row.shared_with or None,
        "isWeighed": row.is_weighed,
        "weights": [weight_facts(weight) for weight in row.weights if is_counted],
        "fields": {image: field_facts(field) for image, field in row.fields.items()},
    }


def disagreements(cases, sheets):
    """Every row on which the page and the chalkboard differ, of cases that both count."""
    counted = run_javascript(COUNT, cases)
    found = []
    for rows, sheet in zip(counted, sheets, strict=True):
        expected = [facts(row) for row in sheet.rows]
        found += [(row, other) for row, other in zip(rows, expected, strict=True) if row != other]
    return found


def chain(*layers, shape=(32, 32, 3)):
    """A chain as data for the page."""
    return network_data(nn.Sequential([nn.Input(shape), *layers]))


def own_networks():
    """Networks with the kinds and the joins that the catalogue has few of."""
    image = nn.Input((32, 28, 3), name="image")
    left = nn.Conv2D(6, 3, padding="same", name="left")(image)
    right = nn.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="right")(image)
    joined = nn.Add(name="added")([left, right])
    low = nn.MaxPooling2D(2, name="low")(joined)
    high = nn.Conv2DTranspose(6, 2, strides=2, name="high")(low)
    skipped = nn.Concatenate(name="skipped")([joined, high])
    gate = nn.GlobalAveragePooling2D(keepdims=True, name="mean")(skipped)
    gate = nn.Dense(12, name="gate")(gate)
    weighed = nn.Multiply(name="weighed")([skipped, gate])
    out = nn.Conv2D(4, 3, groups=2, strides=2, name="grouped")(weighed)
    branched = nn.Dense(5, name="scores")(nn.Flatten(name="flat")(out))
    return [
        network_data(Board(image, branched, "branched")),
        chain(
            nn.SeparableConv2D(8, 3, depth_multiplier=2, name="separable"),
            nn.BatchNormalization(name="norm"),
            nn.AveragePooling2D(3, 2, "same", name="pool"),
            nn.Conv2D(8, 3, dilation_rate=2, groups=4, name="dilated"),
            nn.UpSampling2D(2, interpolation="bilinear", name="up"),
            nn.Cropping2D(((1, 2), (0, 3)), name="crop"),
            nn.Conv2DTranspose(4, 4, strides=3, padding="same", name="wider"),
            nn.AdaptiveAveragePooling2D((5, 4), name="adaptive"),
            nn.GroupNormalization(2, name="groups"),
            nn.GlobalMaxPooling2D(name="most"),
            nn.Dense(3, use_bias=False, name="last"),
        ),
        chain(
            nn.Conv1D(8, 5, padding="causal", dilation_rate=2, name="causal"),
            nn.MaxPooling1D(2, name="halved"),
            nn.SeparableConv1D(6, 3, name="separable"),
            nn.DepthwiseConv1D(3, strides=2, name="depthwise"),
            nn.Conv1DTranspose(4, 3, strides=2, name="longer"),
            nn.ZeroPadding1D((2, 1), name="padded"),
            nn.LayerNormalization(name="norm"),
            nn.GlobalAveragePooling1D(name="mean"),
            shape=(90, 2),
        ),
        chain(
            nn.Conv3D(4, 3, strides=(1, 2, 2), name="volume"),
            nn.AveragePooling3D((1, 2, 2), name="pool"),
            nn.Conv3DTranspose(2, 3, strides=2, name="back"),
            nn.UpSampling3D((1, 2, 1), name="up"),
            nn.PReLU(shared_axes=[1, 2, 3], name="prelu"),
            nn.GlobalAveragePooling3D(name="mean"),
            shape=(9, 20, 18, 2),
        ),
    ]


class RefusedError(Exception):
    """The chalkboard refuses a layer."""


def on_the_chalkboard(network):
    """The chalkboard's rows of a network of data; RefusedError with the layer that it refuses."""
    known, name = {}, ""
    try:
        for given_input in network["inputs"]:
            name = given_input["name"]
            known[name] = make_input(given_input["shape"], name)
        for entry in network["layers"]:
            name = entry["name"]
            layer = LAYERS[entry["kind"]].from_config(entry["settings"])
            known[name] = apply_layer(layer, [known[read] for read in entry["reads"]], name)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise RefusedError(name) from error
    outputs = [known[each] for each in network["outputs"]]
    inputs = [known[each["name"]] for each in network["inputs"]]
    return Board(inputs, outputs, network["name"], list(known.values())).sheet()
