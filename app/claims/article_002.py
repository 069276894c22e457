"""Article 002: a convolutional network in NumPy."""

import math

from app.claims import boards, maps, scores, shipped
from app.claims.claim import EXACT, NOT_COMPUTABLE, WRONG, Claim
from app.counting import formulas
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples

CLAIMS = (
    Claim(
        "002-01",
        "Introduction",
        "A 100×100 colour picture has 30,000 inputs.",
        "30000",
        EXACT,
        "Height times width times three colours.",
        value=lambda: boards.flattened((100, 100, 3)),
        figure=30_000,
    ),
    Claim(
        "002-02",
        "Introduction",
        "A hidden layer of 1,024 nodes on 30,000 inputs has 30,720,000 weights.",
        "30720000",
        EXACT,
        "Weights alone; 1,024 biases come on top.",
        value=lambda: boards.dense_weights(boards.flattened((100, 100, 3)), 1024),
        figure=30_720_000,
    ),
    Claim(
        "002-03",
        "The goal",
        "MNIST images are 28×28 with a centred grey digit.",
        "28*28",
        EXACT,
        "Read from the bundled files; centred by mass, as LeCun et al. 1998 say.",
        value=lambda: shipped.mnist().image_shape,
        figure=(28, 28, 1),
    ),
    Claim(
        "002-04",
        "Convolution",
        "A convolution is a weighted average.",
        "average",
        WRONG,
        "A weighted sum. An average of ones would be 1; the article's own Sobel filter gives 0.",
        value=lambda: {"Sobel filter on a patch of ones": maps.dot(examples.ONES, examples.SOBEL_VERTICAL)},
        holds=lambda response: response == 1,
    ),
    Claim(
        "002-05",
        "Kernels",
        "The vertical and the horizontal Sobel filter detect edges.",
        "(pictures lost)",
        EXACT,
        "Each answers to edges of its own direction and not to the other.",
        value=lambda: {
            "vertical filter on a vertical edge": maps.dot(examples.VERTICAL_EDGE, examples.SOBEL_VERTICAL),
            "on a horizontal edge": maps.dot(examples.HORIZONTAL_EDGE, examples.SOBEL_VERTICAL),
            "horizontal filter on a vertical edge": maps.dot(
                examples.VERTICAL_EDGE, examples.SOBEL_HORIZONTAL
            ),
            "on a horizontal edge again": maps.dot(examples.HORIZONTAL_EDGE, examples.SOBEL_HORIZONTAL),
        },
        holds=lambda v_on_v, v_on_h, h_on_v, h_on_h: v_on_h == h_on_v == 0 < min(v_on_v, h_on_h),
    ),
    Claim(
        "002-06",
        "Padding",
        "A 3×3 filter makes 2×2 of a 4×4 picture.",
        "2x2",
        EXACT,
        "4 − 3 + 1.",
        value=lambda: boards.output_shape((4, 4, 1), nn.Conv2D(1, 3))[:2],
        figure=(2, 2),
    ),
    Claim(
        "002-07",
        "Padding",
        "A border of zeros keeps the size ('same'); none is 'valid'.",
        "",
        EXACT,
        "A border of (3 − 1)/2 = 1 keeps 4×4; without it 2×2 is left.",
        value=lambda: {
            "size with a border of 1": boards.output_shape((4, 4, 1), nn.ZeroPadding2D(1), nn.Conv2D(1, 3))[
                0
            ],
            "same": formulas.output_size(4, kernel=3, padding="same"),
            "valid": formulas.output_size(4, kernel=3),
        },
        holds=lambda border, same, valid: border == same == 4 and valid < 4,
    ),
    Claim(
        "002-08",
        "Using a convolutional layer",
        "Eight filters make 26×26×8 of a 28×28 image.",
        "26x26x8",
        EXACT,
        "28 − 3 + 1 each way, one map for each filter.",
        value=lambda: boards.layer_shape("numpy_cnn", "conv"),
        figure=(26, 26, 8),
    ),
    Claim(
        "002-09",
        "Using a convolutional layer",
        "The convolution of eight 3×3 filters has 72 trainable weights.",
        "3x3x8 = 72",
        EXACT,
        "The article's code has no biases; with them there would be 80.",
        value=lambda: boards.layer_parameters("numpy_cnn", "conv"),
        figure=72,
    ),
    Claim(
        "002-10",
        "Using a convolutional layer: Code",
        "For Var(W) = 1/n with n = 9 the random weights are divided by 9.",
        "/9",
        WRONG,
        "Dividing by 9 gives a variance of 1/81; 1/9 takes division by 3, the root of 9. "
        "(And Xavier's rule is 2/(n_in + n_out); 1/n_in is LeCun's.)",
        value=lambda: {"divisor": math.sqrt(boards.conv_weights((3, 3), in_channels=1))},
        figure=9,
    ),
    Claim(
        "002-11",
        "Using a convolutional layer: Code",
        "The input is called y and the output x.",
        "input y, output x",
        NOT_COMPUTABLE,
        "A choice of letters, the reverse of the usual one; the variance rule is not touched by it.",
    ),
    Claim(
        "002-12",
        "Pooling",
        "Pooling by 2 halves width and height: 26×26×8 becomes 13×13×8.",
        "13x13x8",
        EXACT,
        "26 divides by 2, so the halves are exact.",
        value=lambda: boards.layer_shape("numpy_cnn", "pool"),
        figure=(13, 13, 8),
    ),
    Claim(
        "002-13",
        "The softmax layer",
        "The last layer is a softmax of 10 nodes.",
        "10",
        EXACT,
        "One for each digit; they read 13·13·8 = 1,352 values.",
        value=lambda: {
            "nodes": boards.layer_shape("numpy_cnn", "output")[-1],
            "parameters": boards.layer_parameters("numpy_cnn", "output"),
        },
        holds=lambda nodes, parameters: nodes == 10 and parameters == 1352 * 10 + 10,
    ),
    Claim(
        "002-14",
        "Cross-entropy",
        "The cross-entropy of an image is −ln of the probability of its class.",
        "L = −ln(p_c)",
        EXACT,
        "With a one-hot label only one term of the sum of −t·ln p is left.",
        value=lambda: {
            "sum of −t·ln p, label 3, p = 0.75": scores.cross_entropy(
                scores.one_hot(3, 10), examples.DIGIT_SCORES
            ),
            "−ln 0.75": scores.log_loss(1, 0.75),
        },
        holds=lambda whole, short: math.isclose(whole, short),
    ),
    Claim(
        "002-15",
        "Cross-entropy: Code",
        "The untrained network is right about one time in ten.",
        "10 %",
        EXACT,
        "Blind guessing among ten classes, whatever their shares; one untrained network varies.",
        value=lambda: 100 / shipped.mnist().classes,
        figure=10,
    ),
    Claim(
        "002-16",
        "Using a convolutional layer: Code",
        "Listings show the layers as classes.",
        "",
        NOT_COMPUTABLE,
        "Only the first line of each listing has survived, so there is nothing to run.",
    ),
)
