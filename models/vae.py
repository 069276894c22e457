"""A variational auto-encoder for MNIST (Kingma and Welling 2014; layers of the Keras example)."""

from typing import Any

LATENT = 2
"""Numbers that a picture is encoded in."""


def vae_mnist(nn: Any, input_shape: tuple[int, int, int] = (28, 28, 1)) -> Any:
    """Two convolutions down to two numbers, three transposed convolutions back to the picture.

    z = mean + e^(log variance / 2)·ε. While training, ε is drawn from N(0, 1) by a layer of Gaussian
    noise added to zeros; afterwards ε = 0, and z is the mean. Three outputs: the picture, the mean and
    the logarithm of the variance, which the loss needs. Height and width must be divisible by 4.

    Source: the sizes are those of keras.io's example "Variational AutoEncoder" (F. Chollet 2020):
    69,076 parameters in the encoder, 65,089 in the decoder.
    """
    if len(input_shape) != 3:
        raise ValueError(f"vae_mnist takes three sizes, height, width and channels, not {input_shape}")
    height, width, channels = input_shape
    if height % 4 or width % 4:
        raise ValueError(
            f"vae_mnist halves a picture twice and doubles it twice: height and width must be "
            f"divisible by 4, not {height}×{width}"
        )
    image = nn.Input(input_shape, name="image")
    mean, log_variance = _encode(nn, image)
    deviation = nn.Rescaling(0.5, name="half_log_variance")(log_variance)
    deviation = nn.Activation("exponential", name="deviation")(deviation)
    zeros = nn.Subtract(name="zeros")([mean, mean])
    noise = nn.GaussianNoise(1.0, name="noise")(zeros)
    spread = nn.Multiply(name="spread")([deviation, noise])
    z = nn.Add(name="z")([mean, spread])
    picture = _decode(nn, z, (height // 4, width // 4, 64), channels)
    return nn.Model(image, [picture, mean, log_variance], name="vae_mnist")


def _encode(nn: Any, image: Any) -> tuple[Any, Any]:
    """Return the mean and the logarithm of the variance of each latent number."""
    x = image
    for i, filters in enumerate((32, 64), 1):
        conv = nn.Conv2D(filters, 3, strides=2, padding="same", activation="relu", name=f"encoder_conv{i}")
        x = conv(x)
    x = nn.Flatten(name="encoder_flatten")(x)
    x = nn.Dense(16, activation="relu", name="encoder_hidden")(x)
    return nn.Dense(LATENT, name="mean")(x), nn.Dense(LATENT, name="log_variance")(x)


def _decode(nn: Any, z: Any, smallest: tuple[int, int, int], channels: int) -> Any:
    """Return the picture that z stands for: a map of `smallest`, doubled twice."""
    height, width, depth = smallest
    x = nn.Dense(height * width * depth, activation="relu", name="decoder_hidden")(z)
    x = nn.Reshape(smallest, name="decoder_map")(x)
    for i, filters in enumerate((64, 32), 1):
        conv = nn.Conv2DTranspose(
            filters, 3, strides=2, padding="same", activation="relu", name=f"decoder_conv{i}"
        )
        x = conv(x)
    last = nn.Conv2DTranspose(channels, 3, padding="same", activation="sigmoid", name="picture")
    return last(x)
