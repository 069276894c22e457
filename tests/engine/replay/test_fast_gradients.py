"""The faster gradient is TensorFlow's own, borders included."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.replay.fast_gradients import _conv2d_gradient, faster

pytestmark = pytest.mark.keras
layers = keras.layers


def gradients(function, x, weights):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
        score = tf.reduce_sum(y * weights[: tf.size(y)].reshape(y.shape))
    return np.asarray(y), np.asarray(tape.gradient(score, x))


def compare(layer, shape):
    draw = np.random.default_rng(hash(shape) % 1000)
    x = draw.normal(0, 1, shape)
    x = tf.constant(x, tf.float32)
    layer(x)
    quick = faster(layer, (None, *shape[1:]))
    assert quick is not None
    weights = draw.normal(0, 1, 100_000).astype("float32")
    for ours, theirs in zip(gradients(quick, x, weights), gradients(layer, x, weights), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel", [1, 2, 3, (5, 4)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_first_convolution(padding, kernel, channels):
    layer = layers.Conv2D(4, kernel, padding=padding, bias_initializer="random_normal")
    compare(layer, (2, 9, 7, channels))


ONE_CELL = {
    "1D": (lambda s, p: layers.Conv1D(4, 1, strides=s, padding=p, bias_initializer="ones"), (2, 9, 3)),
    "2D": (lambda s, p: layers.Conv2D(4, 1, strides=s, padding=p, bias_initializer="ones"), (2, 9, 8, 3)),
    "3D": (lambda s, p: layers.Conv3D(4, 1, strides=s, padding=p), (2, 5, 6, 7, 2)),
    "groups": (lambda s, p: layers.Conv2D(4, 1, strides=s, padding=p, groups=2), (2, 9, 8, 6)),
    "transposed": (
        lambda s, p: layers.Conv2DTranspose(4, 1, strides=s, padding=p, bias_initializer="ones"),
        (2, 5, 4, 3),
    ),
}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("name", ONE_CELL)
def test_one_cell_with_a_stride(name, stride, padding):
    """Against the layer, whose gradient is harmless in the tests; a transposed one against its definition."""
    make, shape = ONE_CELL[name]
    layer = make(stride, padding)
    draw = np.random.default_rng(0)
    x = tf.constant(draw.normal(0, 1, shape), tf.float32)
    layer.build(shape)
    weights = tf.constant(draw.normal(0, 1, layer.compute_output_shape(shape)), tf.float32)

    def gradient(function):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            score = tf.reduce_sum(y * weights)
        return y, tape.gradient(score, x)

    def apart(values):
        kernel = np.asarray(layer.kernel)[0, 0]  # (filters, channels)
        made = np.tile(np.asarray(layer.bias), (*weights.shape[:3], 1))
        made[:, ::stride, ::stride] += np.asarray(values) @ kernel.T
        return made, np.asarray(weights)[:, ::stride, ::stride] @ kernel

    quick = faster(layer, (None, *shape[1:]))
    expected = apart(x) if name == "transposed" else gradient(layer)
    for ours, theirs in zip(gradient(quick), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


RESIDUAL = """
import app.engine
import keras, numpy as np, app as lab
from keras import layers as L
kind, stride, padding = {settings!r}
image = keras.Input((31, 30, 3))
x = L.Conv2D(5, 3, activation="relu")(image)
for filters in (8, 16, 32):
    if kind == "transposed":
        x = L.Conv2DTranspose(filters, 1, strides=stride, padding=padding)(L.MaxPooling2D(stride)(x))
    else:
        x = L.Conv2D(filters, 1, strides=stride, padding=padding)(x)
model = keras.Model(image, L.Dense(3)(L.GlobalAveragePooling2D()(x)))
seen = lab.explain(model, np.zeros((2, 31, 30, 3), np.uint8), methods=["guided", "relu", "vanilla"])
print(np.isfinite(seen.maps["guided"]).all())
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "transposed"])
@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_no_gradient_ends_the_process(command, kind, stride, padding):
    done = command("-c", RESIDUAL.format(settings=(kind, stride, padding)))
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr[-300:]


SWEEP = """
import app.engine, itertools
import keras, numpy as np, tensorflow as tf, app as lab
from keras import layers as L, ops

class Own(L.Layer):
    def __init__(self, kernel, stride, padding):
        super().__init__()
        self.settings = stride, padding.upper()
        self.kernel = self.add_weight(shape=(kernel, kernel, 5, 4))
    def call(self, x):
        return tf.nn.conv2d(x, self.kernel, *self.settings)

def part(kind, k, s, p, dtype):
    how = dict(strides=s, padding=p, dtype=dtype)
    return dict(
        conv2d=lambda: L.Conv2D(4, k, **how),
        flat=lambda: L.Conv2D(4, (1, k), **how),
        transposed=lambda: L.Conv2DTranspose(4, k, **how),
        depthwise=lambda: L.DepthwiseConv2D(k, **how),
        wrapped=lambda: L.TimeDistributed(L.Conv1D(4, k, **how)),
        operation=lambda: (lambda x: ops.conv(x, np.ones((k, k, 5, 4), dtype), s, p)),
        own=lambda: Own(k, s, p),
    )[kind]()

for k, s, p, dtype in itertools.product((1, 2, 3), (1, 2, 3, 4), ("valid", "same"), {dtypes!r}):
    image = keras.Input((21, 20, 5), dtype=dtype)
    layer = part({kind!r}, k, s, p, dtype)
    x = layer(L.AveragePooling2D(s, dtype=dtype)(image) if {kind!r} == "transposed" else image)
    model = keras.Model(image, L.Flatten(dtype=dtype)(x)[:, :3])
    net = lab.load(model)
    for _ in range(2):  # as it is, and compiled
        maps = net.explain(np.ones((2, 21, 20, 5), "float32"), 1, methods=["vanilla"]).maps["vanilla"]
        assert np.isfinite(maps).all()
print("none")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "dtypes"),
    [
        ("conv2d", ("float32", "float64")),
        ("flat", ("float32",)),
        ("transposed", ("float32",)),
        ("depthwise", ("float32",)),
        ("wrapped", ("float32",)),
        ("operation", ("float32",)),
        ("own", ("float32",)),
    ],
)
def test_the_sweep_of_gradients_ends_no_process(command, monkeypatch, kind, dtypes):
    """Kernels, strides and paddings of `docs/safety.md`, with glibc's checks of the heap on."""
    monkeypatch.setenv("MALLOC_CHECK_", "3")
    monkeypatch.setenv("MALLOC_PERTURB_", "165")
    done = command("-c", SWEEP.format(kind=kind, dtypes=dtypes))
    assert (done.returncode, done.stdout.strip()) == (0, "none"), done.stderr[-300:]


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("kernel", [1, 3])
def test_the_gradient_of_a_convolution_nobody_sees(kernel, strides, padding, data_format):
    """Against sums of its definition: no kernel of TensorFlow's is asked."""
    if data_format == "NCHW" and kernel != 1:
        pytest.skip("TensorFlow has it on a GPU alone")
    draw = np.random.default_rng(0)
    values, weights = draw.normal(0, 1, (2, 7, 6, 3)), draw.normal(0, 1, (kernel, kernel, 3, 4))
    rows, columns = (
        -(-n // s) if padding == "SAME" else (n - kernel) // s + 1
        for n, s in zip((7, 6), strides, strict=True)
    )
    above = draw.normal(0, 1, (2, rows, columns, 4))
    margin = [
        max(0, (m - 1) * s + kernel - n) // 2 if padding == "SAME" else 0
        for n, m, s in zip((7, 6), (rows, columns), strides, strict=True)
    ]
    expected = [np.zeros_like(values), np.zeros_like(weights)]
    for r, c, i, j in np.ndindex(rows, columns, kernel, kernel):
        y, x = r * strides[0] + i - margin[0], c * strides[1] + j - margin[1]
        if 0 <= y < 7 and 0 <= x < 6:
            expected[0][:, y, x] += above[:, r, c] @ weights[i, j].T
            expected[1][i, j] += values[:, y, x].T @ above[:, r, c]
    is_first = data_format == "NCHW"

    class Operation:
        inputs = (tf.constant(values.transpose(0, 3, 1, 2) if is_first else values), tf.constant(weights))

        @staticmethod
        def get_attr(name):
            steps = [1, 1, *strides] if is_first else [1, *strides, 1]
            return {
                "strides": steps,
                "padding": padding.encode(),
                "explicit_paddings": [],
                "data_format": data_format.encode(),
                "dilations": [1, 1, 1, 1],
            }[name]

    if is_first and strides == (1, 1):
        pytest.skip("TensorFlow has it on a GPU alone")
    turned = above.transpose(0, 3, 1, 2) if is_first else above
    by_input, by_kernel = _conv2d_gradient(Operation, tf.constant(turned))
    by_input = np.transpose(by_input, (0, 2, 3, 1)) if is_first else by_input
    np.testing.assert_allclose(by_input, expected[0], atol=1e-9)
    np.testing.assert_allclose(by_kernel, expected[1], atol=1e-9)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv2D(2, 3, strides=2), (None, 8, 8, 1)),
        (layers.Conv2D(2, 3, dilation_rate=2), (None, 8, 8, 1)),
        (layers.Conv2D(2, 3), (None, 8, 8, 8)),
        (layers.Conv2D(2, 3, activation="relu"), (None, 8, 8, 1)),
        (layers.MaxPooling2D(), (None, 8, 8, 1)),
    ],
)
def test_other_layers_keep_their_own_gradient(layer, shape):
    assert faster(layer, shape) is None
