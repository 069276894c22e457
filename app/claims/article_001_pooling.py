"""Article 001, third part: pooling and its gradients, the exercises."""

from app.claims import boards, maps, scores
from app.claims.claim import EXACT, WRONG, Claim
from app.counting import formulas
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import sources

CLAIMS = (
    Claim(
        "001-46",
        "5 Convolutional networks: 7 Pooling",
        "Max-pooling takes the largest value in its window; a figure shows a 2×2 window.",
        "2×2",
        EXACT,
        "The picture is lost. In the textbook's figure the window slides over the numbers 0 to 8, three in a "
        "row, and finds these.",
        value=lambda: {
            "largest in the windows on 0 1 2 / 3 4 5 / 6 7 8": maps.max_pool(examples.COUNTING, 2, 1)
        },
        figure=[[4, 5], [7, 8]],
        source="Zhang, Lipton, Li and Smola, Dive into Deep Learning, 2020",
    ),
    Claim(
        "001-47",
        "5 Convolutional networks: 7 Pooling",
        "Pooling keeps the number of channels.",
        "",
        EXACT,
        "Each channel is pooled by itself.",
        value=lambda: {
            "channels in": boards.layer_shape("mnist", "conv1")[-1],
            "channels out": boards.layer_shape("mnist", "pool1")[-1],
        },
        holds=lambda before, after: before == after,
    ),
    Claim(
        "001-48",
        "5 Convolutional networks: 7 Pooling",
        "Pooling cannot be differentiated.",
        "non-differentiable",
        WRONG,
        "The mean is linear. The maximum has a derivative wherever one value is the largest: 1 for "
        "that value, 0 for the others; only at ties a choice is made.",
        value=lambda: {
            "slope by the largest of four": scores.slope(lambda x: max(1, x, 2, 3), 5),
            "max-pooling's rule": maps.peak(maps.max_pool_gradient(examples.PATCH, 2, [[1]])),
            "slope by one of four in a mean": scores.slope(
                lambda x: maps.mean_pool([[1, x], [2, 3]], 2, 2)[0][0], 5
            ),
            "mean pooling's rule": maps.peak(maps.mean_pool_gradient([[1]], 2)),
        },
        holds=lambda largest, rule, mean, mean_rule: largest != rule or mean != mean_rule,
    ),
    Claim(
        "001-49",
        "5 Convolutional networks: 7 Pooling",
        "Above a 2×2 pooling there are 16 gradients, below it 64.",
        "16, 64",
        EXACT,
        "One for each value: 4×4 above, 8×8 below.",
        value=lambda: [
            boards.cells(boards.output_shape((8, 8, 1), nn.MaxPooling2D(2))),
            sum(map(len, maps.mean_pool_gradient([[1] * 4] * 4, 2))),
        ],
        figure=[16, 64],
    ),
    Claim(
        "001-50",
        "5 Convolutional networks: 7 Pooling",
        "Mean pooling hands 1/n of a gradient to each of n cells; copying would multiply it by n.",
        "1/n",
        EXACT,
        "A 2×2 window has n = 4 cells: their shares of 1/4 add up to 1, copies to 4.",
        value=lambda: {
            "share": maps.peak(maps.mean_pool_gradient([[1]], 2)),
            "sum of shares": maps.total(maps.mean_pool_gradient([[1]], 2)),
            "sum of copies": maps.total(maps.mean_pool_gradient([[2 * 2]], 2)),
        },
        holds=lambda share, kept, copied: (share, kept, copied) == (1 / 4, 1, 4),
    ),
    Claim(
        "001-51",
        "5 Convolutional networks: 7 Pooling",
        "Max-pooling hands the whole gradient to the largest cell.",
        "",
        EXACT,
        "Of 1, 5, 2 and 3 the 5 gets all.",
        value=lambda: maps.max_pool_gradient(examples.PATCH, 2, [[1]]),
        figure=[[0, 1], [0, 0]],
    ),
    Claim(
        "001-52",
        "5 Convolutional networks: 7 Pooling",
        "PyTorch's MaxPool2d pads with zeros.",
        "implicit zero padding",
        WRONG,
        "It pads with minus infinity, which never wins. Zeros would win over values that are all −1.",
        value=lambda: {
            "corner of −1 without padding cells": maps.max_pool(examples.NEGATIVE, 2, 2)[0][0],
            "with a zero among them": maps.max_pool([[0, 0], [0, examples.NEGATIVE[0][0]]], 2, 2)[0][0],
        },
        holds=lambda real, zeros: real == zeros,
        source=sources.PYTORCH,
    ),
    Claim(
        "001-53",
        "5 Convolutional networks: 7 Pooling",
        "MaxPool2d(3, padding 1, stride (2, 1)) runs on 1×2×4×4.",
        "(no output printed)",
        EXACT,
        "The code runs: ⌊(4 + 2 − 3)/s⌋ + 1 rows and columns, so 1×2×2×4 in PyTorch's order.",
        value=lambda: boards.output_shape((4, 4, 2), nn.ZeroPadding2D(1), nn.MaxPooling2D(3, strides=(2, 1))),
        figure=((4 + 2 - 3) // 2 + 1, (4 + 2 - 3) // 1 + 1, 2),
    ),
    Claim(
        "001-54",
        "5 Convolutional networks: Exercises",
        "A dense layer of 1,000 units on 256×256×3 has 196,609,000 parameters.",
        "196609000",
        EXACT,
        "Biases included.",
        value=lambda: boards.parameters((256, 256, 3), nn.Flatten(), nn.Dense(1000)),
        figure=196_609_000,
    ),
    Claim(
        "001-55",
        "5 Convolutional networks: Exercises",
        "A 3×3 convolution from 3 to 10 channels has 280 parameters.",
        "280",
        EXACT,
        "Whatever the image's size. (The question says dense layer and means convolution.)",
        value=lambda: formulas.conv_parameters((3, 3), in_channels=3, filters=10),
        figure=280,
    ),
    Claim(
        "001-56",
        "5 Convolutional networks: Exercises",
        "Conv2d(3, 4, 3, padding 2) makes 4×102×102 of 3×100×100.",
        "4 × 102 × 102",
        EXACT,
        "100 + 4 − 3 + 1 each way; Keras puts the channels last.",
        value=lambda: boards.output_shape((100, 100, 3), nn.ZeroPadding2D(2), nn.Conv2D(4, 3)),
        figure=(102, 102, 4),
    ),
    Claim(
        "001-57",
        "5 Convolutional networks: Exercises",
        "Exercise 4: of its statements (B) is wrong, that a convolution for 100×100 cannot take 256×256.",
        "B",
        EXACT,
        "The same weights serve both sizes.",
        value=lambda: {
            "parameters for 100×100": boards.parameters((100, 100, 3), nn.Conv2D(10, 3)),
            "parameters for 256×256": boards.parameters((256, 256, 3), nn.Conv2D(10, 3)),
        },
        holds=lambda small, large: small == large,
    ),
    Claim(
        "001-58",
        "5 Convolutional networks: Exercises",
        "Two 3×3 convolutions see as much as one 5×5: of 5 cells the one leaves 1, the two leave 3 and then 1.",
        "1, 3, 1",
        EXACT,
        "Equal sizes alone would be a hint; the receptive fields themselves are 5×5 both times.",
        value=lambda: [
            formulas.output_size(5, kernel=5),
            formulas.output_size(5, kernel=3),
            formulas.output_size(3, kernel=3),
            boards.pixels_seen((5, 5, 1), nn.Conv2D(1, 5)),
            boards.pixels_seen((5, 5, 1), nn.Conv2D(1, 3), nn.Conv2D(1, 3)),
        ],
        figure=[1, 3, 1, (5, 5), (5, 5)],
    ),
    Claim(
        "001-59",
        "5 Convolutional networks: Exercises",
        "Exercise 5: of its statements (A) is wrong, that pooling takes no part in backpropagation; (B) is "
        "right, that it has no parameters.",
        "A",
        EXACT,
        "A gradient of 1 goes through it, to the largest cell.",
        value=lambda: {
            "parameters": boards.parameters((4, 4, 2), nn.MaxPooling2D(2)),
            "gradient that goes through": maps.total(maps.max_pool_gradient(examples.PATCH, 2, [[1]])),
        },
        holds=lambda parameters, passed: parameters == 0 and passed == 1,
    ),
)
