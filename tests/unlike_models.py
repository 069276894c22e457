"""Small models as different from each other as people's models are.

Every builder takes what the model is to end in, as "softmax"; None for logits.
"""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import keras
import tensorflow as tf

layers, ops = keras.layers, keras.ops
SIZE = (12, 12, 3)


def features(image):
    """A convolution and a pooling, flattened."""
    return layers.Flatten()(layers.MaxPooling2D()(layers.Conv2D(4, 3, activation="relu")(image)))


def classes(x, end, units=4):
    return layers.Dense(units, activation=end)(x)


def classifier(*middle, shape=SIZE):
    """Return the builder of a chain of layers, made anew for each model, before the classes."""

    def build(end):
        return keras.Sequential(
            [keras.Input(shape), *(make() for make in middle), layers.Dense(4, activation=end)]
        )

    return build


def convolution():
    return layers.Conv2D(4, 5, strides=2, activation="relu")


plain = classifier(convolution, layers.Flatten)
with_dense = classifier(convolution, layers.Flatten, lambda: layers.Dense(6, activation="relu"))
series = classifier(lambda: layers.Conv1D(5, 3, dilation_rate=2), layers.GlobalMaxPooling1D, shape=(30, 2))
matrix = classifier(lambda: layers.Reshape((28, 28, 1)), convolution, layers.Flatten, shape=(28, 28))
vector = classifier(lambda: layers.Dense(9, activation="relu"), shape=(784,))
vector_reshaped = classifier(lambda: layers.Reshape((32, 32, 3)), convolution, layers.Flatten, shape=(3072,))
resizing = classifier(
    lambda: layers.Resizing(12, 12),
    lambda: layers.Rescaling(1 / 255),
    convolution,
    layers.Flatten,
    shape=(17, 15, 3),
)
rows = classifier(lambda: layers.Reshape((12, 36)), lambda: layers.GRU(5))


def between(middle):
    """Return the builder of a model whose maps go through `middle`, then into the classes."""

    def build(end):
        image = keras.Input(SIZE)
        x = middle(layers.Conv2D(6, 3, padding="same")(image))
        return keras.Model(image, classes(layers.Flatten()(layers.MaxPooling2D()(x)), end))

    return build


def spelled(function):
    """Return the builder of a model that ends in a function of its logits."""

    def build(end):
        image = keras.Input(SIZE)
        logits = classes(features(image), None)
        return keras.Model(image, function(logits) if end else logits)

    return build


@keras.saving.register_keras_serializable("unlike")
class Tokens(layers.Layer):
    """A class token in front of the patches, and a learned position for each."""

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), name="token")
        self.positions = self.add_weight(shape=(1, shape[1] + 1, shape[-1]), name="positions")

    def call(self, x):
        token = ops.broadcast_to(self.token, (ops.shape(x)[0], 1, x.shape[-1]))
        return ops.concatenate([token, x], 1) + self.positions

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] + 1, shape[2])


def patches(image):
    """Nine patches of 4×4 pixels, eight values each."""
    return layers.Reshape((9, 8))(layers.Conv2D(8, 4, strides=4)(image))


def vision_transformer(end):
    image = keras.Input(SIZE)
    x = Tokens(name="tokens")(patches(image))
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(2, 4)(y, y)])
        y = layers.Dense(12, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(8)(y)])
    return keras.Model(image, classes(x[:, 0], end))


def attention_over_patches(end):
    image = keras.Input(SIZE)
    x = patches(image)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 5, dropout=0.1)(x, x)])
    return keras.Model(image, classes(layers.GlobalAveragePooling1D()(x), end))


def several_heads(end):
    image = keras.Input(SIZE)
    x = features(image)
    heads = {"kind": 4, "place": 3}
    return keras.Model(image, [layers.Dense(n, activation=end, name=name)(x) for name, n in heads.items()])


def three_deep(end):
    """A Sequential in a Sequential in a Sequential, the innermost frozen."""
    inner = keras.Sequential(
        [keras.Input((10, 10, 4)), layers.Conv2D(5, 3), layers.BatchNormalization()], name="inner"
    )
    inner.trainable = False
    middle = keras.Sequential([keras.Input(SIZE), layers.Conv2D(4, 3), inner, layers.ReLU()], name="middle")
    outer = keras.Sequential(
        [keras.Input(SIZE), middle, layers.MaxPooling2D(), layers.Flatten()], name="outer"
    )
    return keras.Sequential([keras.Input(SIZE), outer, layers.Dense(4, activation=end)])


def ensemble(end):
    """The mean of three softmaxes."""
    image = keras.Input(SIZE)
    members = [
        classifier(lambda n=n: layers.Conv2D(n, 3, activation="relu"), layers.GlobalAveragePooling2D)
        for n in (2, 3, 4)
    ]
    return keras.Model(image, layers.Average()([member("softmax")(image) for member in members]))


def u_net(end):
    image = keras.Input(SIZE)
    wide = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    narrow = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.MaxPooling2D()(wide))
    both = layers.Concatenate()([wide, layers.Conv2DTranspose(4, 2, strides=2)(narrow)])
    return keras.Model(image, layers.Conv2D(3, 1, activation=end)(both))


class OwnPixels(layers.Layer):
    """The sum of every class's logits over the pixels whose largest logit is its own."""

    def call(self, logits):
        own = tf.one_hot(tf.argmax(logits, -1), logits.shape[-1])
        return tf.reduce_sum(logits * own, (1, 2))

    def compute_output_shape(self, shape):
        return (shape[0], shape[-1])


def u_net_sums():
    bare = u_net(None)
    return keras.Model(bare.input, OwnPixels()(bare.output))


@keras.saving.register_keras_serializable("unlike")
class Block(layers.Layer):
    """A convolution, its normalisation, and a list of further layers."""

    def __init__(self, filters=6, **options):
        super().__init__(**options)
        self.filters = filters
        self.first, self.norm = layers.Conv2D(filters, 3, activation="relu"), layers.BatchNormalization()
        self.more = [layers.Conv2D(filters, 1), layers.ReLU()]

    def call(self, x, training=None):
        x = self.norm(self.first(x), training=training)
        for layer in self.more:
            x = layer(x)
        return x

    def get_config(self):
        return super().get_config() | {"filters": self.filters}


class UnknownBlock(Block):
    """The same, registered nowhere."""


registered = classifier(Block, layers.MaxPooling2D, layers.Flatten)
unregistered = classifier(UnknownBlock, layers.MaxPooling2D, layers.Flatten)


class OwnWeight(keras.Model):
    """A subclassed model with weights of its own beside its layers', one of them frozen."""

    def __init__(self, end, **options):
        super().__init__(**options)
        self.end = end
        self.conv, self.out = layers.Conv2D(6, 3, activation="relu"), layers.Dense(4, activation=end)
        self.scale = self.add_weight(shape=(6,), name="scale")
        self.shift = self.add_weight(shape=(6,), name="shift", trainable=False)

    def call(self, x):
        return self.out(ops.mean(self.conv(x) * self.scale + self.shift, (1, 2)))

    def get_config(self):
        return super().get_config() | {"end": self.end}


def own_weight(end):
    model = OwnWeight(end)
    model(tf.zeros((1, *SIZE)))
    return model


class FunctionalSubclass(keras.Model):
    """It makes its own graph when it is made."""

    def __init__(self, end, **options):
        image = keras.Input(SIZE)
        super().__init__(image, classes(features(image), end), **options)


def called_three_times(end):
    conv = layers.Conv2D(3, 3, padding="same", activation="relu")
    image = keras.Input(SIZE)
    return keras.Model(image, classes(features(conv(conv(conv(image)))), end))


def inside_and_outside(end):
    """One convolution in a nested model and behind it."""
    conv = layers.Conv2D(3, 3, padding="same", activation="relu")
    inside, image = keras.Input(SIZE), keras.Input(SIZE)
    inner = keras.Model(inside, layers.Conv2D(3, 1)(conv(inside)))
    return keras.Model(image, classes(features(conv(inner(image))), end))


def in_two_models(end):
    """One convolution and its normalisation in two nested models."""
    conv, norm = layers.Conv2D(3, 3, padding="same", activation="relu"), layers.BatchNormalization()
    one = keras.Sequential([keras.Input(SIZE), conv, norm])
    two = keras.Sequential([keras.Input(SIZE), layers.Conv2D(3, 1), conv, norm])
    image = keras.Input(SIZE)
    return keras.Model(image, classes(features(layers.Add()([one(image), two(image)])), end))


@keras.saving.register_keras_serializable("unlike")
class Transposed(layers.Layer):
    """The way back through another layer's kernel."""

    def __init__(self, dense, **options):
        super().__init__(**options)
        self.dense = dense

    def call(self, x):
        return ops.matmul(x, ops.transpose(self.dense.kernel))

    def get_config(self):
        return super().get_config() | {"dense": keras.saving.serialize_keras_object(self.dense)}


def tied_weights(end):
    """An encoder whose decoder has the same kernel."""
    image, encoder = keras.Input((8, 8, 3)), layers.Dense(6, activation="relu")
    decoded = Transposed(encoder)(encoder(layers.Flatten()(image)))
    return keras.Model(image, classes(decoded, end))


def of_policy(policy):
    """Return the builder of a model whose layers have another precision; of its twin, which has not."""

    def build(end):
        how = {"dtype": policy if end else "float32"}
        image = keras.Input(SIZE)
        x = layers.Conv2D(6, 3, activation="relu", **how)(image)
        x = layers.MaxPooling2D(**how)(layers.BatchNormalization(**how)(x))
        x = layers.Dense(8, activation="relu", **how)(layers.Flatten(**how)(x))
        return keras.Model(image, layers.Dense(4, activation=end, **how)(x))

    return build


@between
def squeeze_and_excite(x):
    """Every map times a weight that is worked out of all maps' means."""
    means = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Conv2D(6, 1, activation="sigmoid")(layers.Conv2D(2, 1, activation="relu")(means))
    return layers.Multiply()([x, weights])


@between
def smooth(x):
    """GELU and SiLU, fused, as layers and as operations."""
    x = layers.Activation("gelu")(layers.Conv2D(5, 3, activation="silu")(x))
    return ops.silu(ops.gelu(layers.Conv2D(5, 3)(x), approximate=False))


@between
def normalised(x):
    x = layers.LayerNormalization(axis=(1, 2, 3))(layers.GroupNormalization(3)(x))
    return layers.BatchNormalization()(layers.UnitNormalization()(layers.Conv2D(4, 3)(x)))


@between
def each_in_turn(x):
    """Every row of pixels by one Dense, then by one nested model."""
    inside = keras.Input((12, 6))
    body = keras.Model(inside, layers.Conv1D(3, 3, activation="relu")(inside))
    return layers.TimeDistributed(body)(layers.TimeDistributed(layers.Dense(6, activation="relu"))(x))


@between
def spectral(x):
    return layers.SpectralNormalization(layers.Conv2D(5, 3, activation="relu"))(x)


@between
def depthwise(x):
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu")(x)
    return layers.SeparableConv2D(4, 3, depth_multiplier=2, use_bias=False)(x)


@between
def decoder(x):
    x = layers.UpSampling2D(interpolation="bilinear")(layers.Conv2D(4, 3, strides=2, activation="relu")(x))
    return layers.Conv2DTranspose(3, 3, strides=2, activation="relu")(x)


class Strided(layers.Layer):
    """TensorFlow's own convolution, 1×1 with stride 2."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(1, 1, shape[-1], 4), name="kernel")

    def call(self, x):
        return tf.nn.conv2d(x, self.kernel, 2, "VALID")


@between
def strided_in_own_words(x):
    return Strided()(x)


@between
def strided_operation(x):
    return ops.conv(x, ops.reshape(ops.linspace(-1.0, 1.0, 24), (1, 1, 6, 4)), strides=2)


def channels_in_front(end):
    first = {"data_format": "channels_first"}
    image = keras.Input((3, 12, 12))
    x = layers.BatchNormalization(axis=1)(layers.Conv2D(4, 3, activation="relu", **first)(image))
    x = layers.DepthwiseConv2D(3, **first)(layers.MaxPooling2D(**first)(x))
    return keras.Model(image, classes(layers.GlobalAveragePooling2D(**first)(x), end))


def one_quantity(end):
    """A regression: it was compiled with a loss for quantities."""
    image = keras.Input(SIZE)
    model = keras.Model(image, classes(features(image), None, 1))
    model.compile("sgd", "mse")
    return model


def one_unit(end):
    image = keras.Input(SIZE)
    return keras.Model(image, classes(features(image), end, 1))


def image_and_metadata(end):
    """What is known beside the image says how much each feature counts."""
    image, facts = keras.Input(SIZE, name="image"), keras.Input((5,), name="facts")
    x = layers.Multiply()([features(image), layers.Dense(100, activation="sigmoid")(facts)])
    return keras.Model([image, facts], classes(x, end))


def any_size(end):
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(6, 3, activation="relu")(image)
    return keras.Model(image, classes(layers.GlobalAveragePooling2D()(layers.Conv2D(5, 3)(x)), end))


def volume(end):
    image = keras.Input((6, 6, 6, 1))
    x = layers.MaxPooling3D()(layers.Conv3D(4, 3, activation="relu")(image))
    return keras.Model(image, classes(layers.GlobalAveragePooling3D()(x), end))


def words(end):
    text = keras.Input((12,), dtype="int32")
    x = layers.Embedding(20, 6)(text)
    ways = [layers.GlobalMaxPooling1D()(layers.Conv1D(4, n, activation="relu")(x)) for n in (2, 3)]
    return keras.Model(text, classes(layers.Concatenate()(ways), end))
