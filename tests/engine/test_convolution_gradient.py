"""The gradient of `Conv2D` that ConvLab puts in the place of TensorFlow's."""

import app.engine  # noqa: F401, I001

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry
from tensorflow.python.ops import gen_nn_ops

from app.engine.convolution_gradient import TENSORFLOWS, conv2d_gradient

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("kernel", [1, 3])
def test_it_is_the_sum_of_its_definition(kernel, strides, padding, data_format):
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
                "use_cudnn_on_gpu": True,
            }[name]

    if is_first and strides == (1, 1):
        pytest.skip("TensorFlow has it on a GPU alone")
    turned = above.transpose(0, 3, 1, 2) if is_first else above
    by_input, by_kernel = conv2d_gradient(Operation, tf.constant(turned))
    by_input = np.transpose(by_input, (0, 2, 3, 1)) if is_first else by_input
    np.testing.assert_allclose(by_input, expected[0], atol=1e-9)
    np.testing.assert_allclose(by_kernel, expected[1], atol=1e-9)


def test_it_is_what_tensorflow_asks():
    """Eager and compiled, by a convolution that the project did not make."""
    assert gradient_registry.lookup("Conv2D") is conv2d_gradient is not TENSORFLOWS
    draw = np.random.default_rng(0)
    x, kernel = tf.constant(draw.normal(0, 1, (1, 5, 5, 2))), tf.constant(draw.normal(0, 1, (1, 1, 2, 3)))

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(tf.nn.conv2d(x, kernel, 2, "SAME"))
        return tape.gradient(total, x)

    expected = np.zeros((1, 5, 5, 2))
    expected[:, ::2, ::2] = np.asarray(kernel)[0, 0].sum(axis=-1)
    for how in (gradient, tf.function(gradient), tf.function(gradient, jit_compile=True)):
        np.testing.assert_allclose(how(x), expected, atol=1e-12)


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


@pytest.fixture
def heap_checks(monkeypatch):
    """glibc's checks of the heap in what `command` starts; from 2.34 on they are a library of their own."""
    if library := next(Path("/usr/lib").glob("*/libc_malloc_debug.so.0"), None):
        monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("MALLOC_CHECK_", "3")
    monkeypatch.setenv("MALLOC_PERTURB_", "165")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "transposed"])
@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_no_gradient_ends_the_process(command, heap_checks, kind, stride, padding):
    done = command("-c", RESIDUAL.format(settings=(kind, stride, padding)))
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr[-300:]


SWEEP = """
import app.engine, itertools
import keras, numpy as np, tensorflow as tf, app as lab
from app.engine.compiling import AS_IT_IS
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
    for _ in range(AS_IT_IS + 1):  # as it is, and compiled
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
def test_the_sweep_of_gradients_ends_no_process(command, heap_checks, kind, dtypes):
    """Kernels, strides and paddings of `docs/safety.md`."""
    done = command("-c", SWEEP.format(kind=kind, dtypes=dtypes))
    assert (done.returncode, done.stdout.strip()) == (0, "none"), done.stderr[-300:]


PADDINGS = [[0, 0], [1, 2], [0, 1], [0, 0]]
CONVOLUTIONS = {
    "plain": lambda x, kernel: tf.nn.conv2d(x, kernel, 2, "SAME"),
    "padded": lambda x, kernel: tf.nn.conv2d(x, kernel, (1, 2), PADDINGS),
    "of one cell": lambda x, kernel: tf.nn.conv2d(x, kernel[:1, :1], 2, "SAME"),
    "of one cell, padded": lambda x, kernel: tf.nn.conv2d(x, kernel[:1, :1], 3, PADDINGS),
    "depthwise": lambda x, kernel: tf.nn.depthwise_conv2d(x, kernel, (1, 2, 2, 1), "SAME"),
    "depthwise, padded": lambda x, kernel: tf.nn.depthwise_conv2d(x, kernel, (1, 2, 2, 1), PADDINGS),
}


@pytest.mark.parametrize("kind", CONVOLUTIONS)
def test_the_gradient_by_the_kernel_is_worked_out_only_where_it_is_asked_for(kind, monkeypatch):
    draw = np.random.default_rng(0)
    x, kernel = tf.constant(draw.normal(0, 1, (1, 6, 5, 2))), tf.constant(draw.normal(0, 1, (3, 3, 2, 3)))

    def gradients(*by):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for each in by:
                tape.watch(each)
            total = tf.reduce_sum(CONVOLUTIONS[kind](x, kernel) ** 2)
        return tape.gradient(total, by)

    both = gradients(x, kernel)
    compiled = tf.function(lambda: gradients(x, kernel))()
    for ours, theirs in zip(both, compiled, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    asked = []
    for where, name in (
        (gen_nn_ops, "conv2d_backprop_filter"),
        (gen_nn_ops, "depthwise_conv2d_native_backprop_filter"),
        (tf.raw_ops, "Conv2DBackpropFilter"),
    ):
        monkeypatch.setattr(where, name, lambda *_, **__: asked.append(1))
    np.testing.assert_allclose(gradients(x)[0], both[0], atol=1e-9)
    assert not asked
    gradients(kernel)
    assert asked
