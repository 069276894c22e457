"""One small network in many spellings, all with the same weights."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import keras
import numpy as np

layers = keras.layers
SIZE = (12, 12, 1)

RELUS = {
    "layer": lambda x: layers.ReLU()(x),
    "activation": lambda x: layers.Activation("relu")(x),
    "op": lambda x: keras.ops.relu(x),
    "function": lambda x: keras.activations.relu(x),
    "maximum": lambda x: keras.ops.maximum(x, 0.0),
}
SOFTMAXES = {
    "activation": lambda x: layers.Activation("softmax")(x),
    "layer": lambda x: layers.Softmax()(x),
    "op": lambda x: keras.ops.softmax(x),
    "function": lambda x: keras.activations.softmax(x),
    "none": lambda x: x,
    "then flatten": lambda x: layers.Flatten()(layers.Softmax()(x)),
    "then cast": lambda x: layers.Activation("linear", dtype="float32")(layers.Softmax()(x)),
}


def body(x, relu):
    """Two convolutions with a pooling between them, flattened."""
    fused = "relu" if relu == "fused" else None
    rectify = (lambda y: y) if relu == "fused" else RELUS[relu]
    x = rectify(layers.Conv2D(4, 3, activation=fused, name="c1")(x))
    x = layers.MaxPooling2D()(x)
    return rectify(layers.Conv2D(5, 3, activation=fused, name="c2")(x))


def head(x, softmax):
    x = layers.Flatten()(x)
    if softmax == "fused":
        return layers.Dense(3, activation="softmax", name="d")(x)
    return SOFTMAXES[softmax](layers.Dense(3, name="d")(x))


def flat(relu="fused", softmax="fused"):
    image = keras.Input(SIZE)
    return keras.Model(image, head(body(image, relu), softmax))


def nested(relu="fused", softmax="fused"):
    image = keras.Input(SIZE)
    backbone = keras.Model(image, body(image, relu), name="backbone")
    whole = keras.Input(SIZE)
    return keras.Model(whole, head(backbone(whole), softmax))


def twice_nested(relu="fused", softmax="fused"):
    inner = nested(relu, softmax)
    return keras.Sequential([keras.Input(SIZE), inner])


def sequential(with_input=True):
    model = keras.Sequential(
        ([keras.Input(SIZE)] if with_input else [])
        + [
            layers.Conv2D(4, 3, activation="relu"),
            keras.Sequential([layers.MaxPooling2D(), layers.Conv2D(5, 3), layers.ReLU()]),
            layers.Flatten(),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )
    model(np.zeros((1, *SIZE), "float32"))
    return model


def channels_first():
    """The same with its channels in front; Flatten turns them back before it flattens."""
    in_front = {"data_format": "channels_first"}
    image = keras.Input((SIZE[2], *SIZE[:2]))
    x = layers.Conv2D(4, 3, activation="relu", **in_front)(image)
    x = layers.MaxPooling2D(**in_front)(x)
    x = layers.Conv2D(5, 3, activation="relu", **in_front)(x)
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten(**in_front)(x)))


def of_dtype(policy):
    """The same with layers of another precision."""
    keras.config.set_dtype_policy(policy)
    try:
        return flat()
    finally:
        keras.config.set_dtype_policy("float32")


def all_spellings():
    """Every spelling by name; the first is the reference."""
    models = {"fused": flat()}
    models |= {f"softmax {name}": flat(softmax=name) for name in SOFTMAXES}
    models |= {f"relu {name}": flat(relu=name) for name in RELUS}
    models |= {f"nested {name}": nested(relu=name) for name in ("fused", "layer", "op")}
    models["twice nested"] = twice_nested("layer", "layer")
    models["sequential"] = sequential()
    models["sequential without Input"] = sequential(with_input=False)
    models["channels first"] = channels_first()
    models |= {policy: of_dtype(policy) for policy in ("float64", "mixed_float16", "mixed_bfloat16")}
    weights = [np.random.default_rng(1).normal(0, 0.3, w.shape) for w in models["fused"].weights]
    for model in models.values():
        model.set_weights(weights)
    return models
