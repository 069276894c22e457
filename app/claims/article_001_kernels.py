"""Article 001, second part: the curve detector, the classes, training, padding and strides."""

import math

from app.claims import boards, maps, scores, shipped
from app.claims.claim import AMBIGUOUS, EXACT, WRONG, Claim
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import sources

CLAIMS = (
    Claim(
        "001-23",
        "4 Convolutional and dense layers understood",
        "A 7×7×3 kernel can be a curve detector; its depth is left out.",
        "7×7×3",
        EXACT,
        "The kernel has 147 weights, 49 in each of its three layers; the worked example uses one layer.",
        value=lambda: boards.conv_weights((7, 7), in_channels=3),
        figure=7 * 7 * 3,
    ),
    Claim(
        "001-24",
        "4 Convolutional and dense layers understood",
        "On the curve, at the top left, the detector answers 6600.",
        "6600",
        EXACT,
        "Five cells meet: four times 50·30 and once 20·30 (arrays from the English original).",
        value=lambda: maps.dot(examples.CURVE, examples.CURVE_FILTER),
        figure=6600,
    ),
    Claim(
        "001-25",
        "4 Convolutional and dense layers understood",
        "Where there is no curve, at the top right, the detector answers 0.",
        "0",
        EXACT,
        "No non-zero cell of the picture meets one of the filter.",
        value=lambda: maps.dot(examples.NO_CURVE, examples.CURVE_FILTER),
        figure=0,
    ),
    Claim(
        "001-26",
        "4 Convolutional and dense layers understood",
        "Five 5×5×3 kernels on 32×32×3 give 28×28×5.",
        "28 × 28 × 5",
        EXACT,
        "32 − 5 + 1 each way, one map for each kernel.",
        value=lambda: boards.output_shape((32, 32, 3), nn.Conv2D(5, 5)),
        figure=(28, 28, 5),
    ),
    Claim(
        "001-27",
        "4 Convolutional and dense layers understood",
        "Kernels of deeper layers see more of the image.",
        "larger",
        EXACT,
        "Each layer adds (k − 1) times the distance of its input's cells.",
        value=lambda: {
            f"{name} sees": boards.layer_sees("mnist", name) for name in ("conv1", "conv2", "conv3")
        },
        holds=lambda first, second, third: first < second < third,
    ),
    Claim(
        "001-28",
        "4 Convolutional and dense layers understood",
        "The ten outputs say 10 % a 1, 10 % a 2, 75 % a 3 and 5 % a 9.",
        "10 %, 10 %, 75 %, 5 %",
        EXACT,
        "The ten numbers add up to 1, as probabilities must.",
        value=lambda: scores.percentages(examples.DIGIT_SCORES),
        figure=[0, 10, 10, 75, 0, 0, 0, 0, 0, 5],
    ),
    Claim(
        "001-29",
        "4 Convolutional and dense layers understood",
        "An untrained network gives every class about .1.",
        "[.1 … .1]",
        EXACT,
        "Exactly so where all ten scores are equal, with a loss of ln 10; random weights come near it.",
        value=lambda: {
            "classes": scores.softmax([0] * 10),
            "loss": scores.cross_entropy(scores.one_hot(3, 10), scores.softmax([0] * 10)),
        },
        holds=lambda shares, loss: shares == [0.1] * 10 and math.isclose(loss, math.log(10)),
    ),
    Claim(
        "001-30",
        "4 Convolutional and dense layers understood",
        "The label of a 3 is [0 0 0 1 0 0 0 0 0 0].",
        "[0 0 0 1 0 0 0 0 0 0]",
        EXACT,
        "One-hot, counted from 0.",
        value=lambda: scores.one_hot(3, 10),
        figure=[0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ),
    Claim(
        "001-31",
        "4 Convolutional and dense layers understood",
        'The mean squared error is "(actual − predicted)22".',
        "(actual − predicted)22",
        WRONG,
        "A superscript and a fraction bar were lost: it is half the sum of (actual − predicted)^2. Read as "
        "printed, the differences times 22 cancel out.",
        value=lambda: {
            "half the sum of (t − o)^2, untrained, label 3": scores.squared_error(
                scores.one_hot(3, 10), scores.softmax([0] * 10)
            ),
            "as printed, the sum of (t − o)·22": scores.differences_times(
                scores.one_hot(3, 10), scores.softmax([0] * 10), 22
            ),
        },
        holds=lambda right, printed: abs(right - printed) < 1e-9,
    ),
    Claim(
        "001-32",
        "4 Convolutional and dense layers understood",
        "The weights are changed against the gradient dL/dW.",
        "dLdWdLdW",
        EXACT,
        "One step down the slope lowers the loss. The fraction is printed twice and without its bar.",
        value=lambda: {
            "loss at logit 0": scores.log_loss(1, scores.sigmoid(0)),
            "after one step": scores.log_loss(
                1,
                scores.sigmoid(
                    scores.step_down(lambda z: scores.log_loss(1, scores.sigmoid(z)), 0, rate=0.5)
                ),
            ),
        },
        holds=lambda before, after: after < before,
    ),
    Claim(
        "001-33",
        "4 Convolutional and dense layers understood",
        "Once every image has been used the network is probably well trained.",
        "probably",
        AMBIGUOUS,
        "Good after one pass, better after five; what counts as well trained is not said.",
        value=lambda: {
            "accuracy after one pass (%)": shipped.accuracy_after(1),
            "after five (%)": shipped.accuracy_after(5),
        },
        needs=shipped.ARTICLE_RUN,
    ),
    Claim(
        "001-34",
        "5 Convolutional networks: 2 The convolutional layer",
        "Convolution is cross-correlation with the kernel flipped both ways.",
        "",
        EXACT,
        "Worked out by both definitions on the X with a Sobel filter.",
        value=lambda: {
            "convolution": maps.convolve(examples.X, examples.SOBEL_VERTICAL),
            "cross-correlation, flipped": maps.cross_correlate(
                examples.X, maps.flip(examples.SOBEL_VERTICAL)
            ),
            "not flipped": maps.cross_correlate(examples.X, examples.SOBEL_VERTICAL),
        },
        holds=lambda true, flipped, plain: true == flipped != plain,
    ),
    Claim(
        "001-35",
        "5 Convolutional networks: 2 The convolutional layer",
        "A 2-D convolution holds its kernel and one scalar bias.",
        "",
        EXACT,
        "A 2×2 kernel from one channel to one; with more output channels, a bias for each.",
        value=lambda: {
            "weights": boards.conv_weights((2, 2), in_channels=1),
            "biases": boards.conv_biases((2, 2), in_channels=1, filters=1),
        },
        holds=lambda weights, biases: (weights, biases) == (2 * 2, 1),
    ),
    Claim(
        "001-36",
        "5 Convolutional networks: 3 Feature maps and receptive fields",
        "Two 2×2 kernels on 3×3: the last value sees 4 cells of the map and 9 of the input.",
        "4 and 9",
        EXACT,
        "1 + (2 − 1) = 2 and 1 + (2 − 1) + (2 − 1) = 3 cells each way.",
        value=lambda: [
            boards.cells(boards.pixels_seen((2, 2, 1), nn.Conv2D(1, 2))),
            boards.cells(boards.pixels_seen((3, 3, 1), nn.Conv2D(1, 2), nn.Conv2D(1, 2))),
        ],
        figure=[4, 9],
    ),
    Claim(
        "001-37",
        "5 Convolutional networks: 4 Padding and stride",
        "With a padding of p rows in all the output has n + p − k + 1 rows; the same goes for columns.",
        "104 − 3 + 1 = 102 (formula lost)",
        EXACT,
        "The rule as exercise 3 uses it, 100 + 4 − 3 + 1; then a 3×5 kernel on 6×8 with two rows and two "
        "columns of padding in all.",
        value=lambda: [
            boards.output_shape((100, 100, 1), nn.ZeroPadding2D(2), nn.Conv2D(1, 3))[:2],
            boards.output_shape((6, 8, 1), nn.ZeroPadding2D(1), nn.Conv2D(1, (3, 5)))[:2],
        ],
        figure=[(104 - 3 + 1, 104 - 3 + 1), (6 + 2 - 3 + 1, 8 + 2 - 5 + 1)],
        source=sources.GUIDE,
    ),
    Claim(
        "001-38",
        "5 Convolutional networks: 4 Padding and stride",
        "An odd kernel 2k + 1 with padding k on each side and stride 1 keeps the size.",
        "",
        EXACT,
        "n − (2k + 1) + 2k + 1 = n, here n = 28 with kernels 3, 5 and 7.",
        value=lambda: {
            f"k = {k}": boards.output_shape((28, 28, 1), nn.ZeroPadding2D(k), nn.Conv2D(1, 2 * k + 1))[0]
            for k in (1, 2, 3)
        },
        holds=lambda *sizes: set(sizes) == {28},
    ),
    Claim(
        "001-39",
        "5 Convolutional networks: 4 Padding and stride",
        "A figure shows strides of 3 down and 2 across.",
        "3, 2",
        EXACT,
        "The picture is lost. In the textbook's figure, a 2×2 kernel on 3×3 padded to 5×5, neighbouring "
        "windows lie 3 rows and 2 columns apart.",
        value=lambda: [maps.starts(5, 2, 3)[1], maps.starts(5, 2, 2)[1]],
        figure=[3, 2],
        source="Zhang, Lipton, Li and Smola, Dive into Deep Learning, 2020",
    ),
    Claim(
        "001-40",
        "5 Convolutional networks: 4 Padding and stride",
        "With stride s the output has ⌊(n − k + p + s)/s⌋ cells along an axis; for p = k − 1, "
        "⌊(n + s − 1)/s⌋; if s divides n, n/s.",
        "(nh/sh)×(nw/sw)",
        EXACT,
        "7×8, a 3×3 kernel, padding 2 in all, strides 2 and 4: ⌊(7 + 1)/2⌋ rows and 8/4 columns. The first two "
        "formulas are lost and the textbook's.",
        value=lambda: boards.output_shape((7, 8, 1), nn.ZeroPadding2D(1), nn.Conv2D(1, 3, strides=(2, 4)))[
            :2
        ],
        figure=((7 + 2 - 1) // 2, 8 // 4),
        source=sources.GUIDE,
    ),
    Claim(
        "001-41",
        "5 Convolutional networks: 5 Several channels",
        "A colour image of h×w pixels is a 3×h×w array.",
        "3×h×w",
        EXACT,
        "PyTorch puts the channels first, Keras last; the numbers are as many.",
        value=lambda: {"3×4×5": boards.flattened((3, 4, 5)), "4×5×3": boards.flattened((4, 5, 3))},
        holds=lambda first, last: first == last == 3 * 4 * 5,
    ),
    Claim(
        "001-42",
        "5 Convolutional networks: 5 Several channels",
        "The kernels together have the shape co×ci×kh×kw.",
        "co×ci×kh×kw",
        EXACT,
        "Two input channels, three filters of 3×5; Keras orders the axes kh, kw, ci, co.",
        value=lambda: boards.conv_weights((3, 5), in_channels=2, filters=3),
        figure=3 * 2 * 3 * 5,
    ),
    Claim(
        "001-43",
        "5 Convolutional networks: 5 Several channels",
        "A 1×1 convolution from 3 to 2 channels is a dense layer on the channels.",
        "3, 2",
        EXACT,
        "Equal parameters and equal sums at each position.",
        value=lambda: {
            "1×1 convolution": boards.parameters((4, 4, 3), nn.Conv2D(2, 1)),
            "dense layer": boards.parameters((4, 4, 3), nn.Dense(2)),
            "sums of the convolution": boards.macs((4, 4, 3), nn.Conv2D(2, 1)),
            "sums of the dense layer": boards.macs((4, 4, 3), nn.Dense(2)),
        },
        holds=lambda p, q, sums, other: p == q and sums == other,
    ),
    Claim(
        "001-44",
        "5 Convolutional networks: 6 Compared with dense layers",
        "Without biases a convolution has ci·co·h·w weights, a dense layer c1·c2·h1·w1·h2·w2.",
        "",
        EXACT,
        "From 5×5×2 to 3×3×4 with a 3×3 kernel.",
        value=lambda: {
            "convolution": boards.conv_weights((3, 3), in_channels=2, filters=4),
            "dense": boards.dense_weights(
                2 * 5 * 5, boards.cells(boards.output_shape((5, 5, 2), nn.Conv2D(4, 3)))
            ),
        },
        holds=lambda shared, dense: (shared, dense) == (2 * 4 * 3 * 3, 2 * 4 * 5 * 5 * 3 * 3),
    ),
    Claim(
        "001-45",
        "5 Convolutional networks: 6 Compared with dense layers",
        "PyTorch: (4, 2, 3, 5) through Conv2d(2, 3, (3, 5), padding (1, 2)) gives (4, 3, 3, 5); "
        "weights (3, 2, 3, 5), biases (3).",
        "those shapes",
        EXACT,
        "Worked out are rows, columns and channels of one of the four images, the weights and the biases.",
        value=lambda: [
            boards.output_shape((3, 5, 2), nn.ZeroPadding2D((1, 2)), nn.Conv2D(3, (3, 5))),
            boards.conv_weights((3, 5), in_channels=2, filters=3),
            boards.conv_biases((3, 5), in_channels=2, filters=3),
        ],
        figure=[(3, 5, 3), 3 * 2 * 3 * 5, 3],
    ),
)
