"""Article 000, second part: pooling, the dense layers, the loss."""

import math

from app.claims import boards, maps, scores
from app.claims.claim import AMBIGUOUS, EXACT, ROUNDED, WRONG, About, Claim
from app.counting import formulas
from app.counting.chalkboard import nn

CLAIMS = (
    Claim(
        "000-16",
        "Filters",
        "Several filters on one picture give as many feature maps.",
        "",
        EXACT,
        "Each filter makes one map, a channel of the output.",
        value=lambda: [boards.output_shape((5, 5, 1), nn.Conv2D(k, 3))[-1] for k in (1, 2, 4)],
        figure=[1, 2, 4],
    ),
    Claim(
        "000-17",
        "Pooling",
        "Max-pooling 2×2 without overlap takes four steps on the 3×3 map; windows may be incomplete.",
        "2×2, 2×1, 1×2, 1×1",
        EXACT,
        "⌈3/2⌉ = 2 windows each way, which Keras calls 'same'.",
        value=lambda: maps.windows(3, 2),
        figure=[(2, 2), (2, 1), (1, 2), (1, 1)],
    ),
    Claim(
        "000-18",
        "Pooling",
        "Mean pooling gives a 2×2 matrix too.",
        "2×2",
        EXACT,
        "The windows are the same; Keras' mean is taken over the real cells of each.",
        value=lambda: boards.output_shape((3, 3, 1), nn.AveragePooling2D(2, padding="same"))[:2],
        figure=(2, 2),
    ),
    Claim(
        "000-19",
        "Pooling",
        "Pooling drops about 75 % of the information, keeping one value of four.",
        "~75 %",
        WRONG,
        "The article's own 3×3 map keeps 4 of its 9 values. One of four is kept only where every window is "
        "whole, as on a 4×4 map. And values are not information.",
        value=lambda: {
            "the article's 3×3 map loses (% of its values)": boards.percent_lost(
                (3, 3, 1), nn.MaxPooling2D(2, padding="same")
            ),
            "a 4×4 map would lose": boards.percent_lost((4, 4, 1), nn.MaxPooling2D(2)),
        },
        holds=lambda own, _: round(own) == 75,
    ),
    Claim(
        "000-20",
        "Flattening",
        "Four filters give four maps, four 2×2 matrices, one flat column.",
        "16 (in a picture)",
        EXACT,
        "2·2 values of 4 maps.",
        value=lambda: boards.cells(boards.layer_shape("x_or_not_x", "flatten")),
        figure=16,
    ),
    Claim(
        "000-21",
        "The neural network",
        "Fully connected: every input and every neuron is joined to another neuron.",
        "",
        AMBIGUOUS,
        "To every neuron of the next layer is what is meant; to another one would be far fewer.",
        value=lambda: {
            "links if to every neuron of the hidden layer": boards.dense_weights(
                boards.cells(boards.layer_shape("x_or_not_x", "flatten")), 3
            ),
            "links if to one neuron": boards.cells(boards.layer_shape("x_or_not_x", "flatten")),
        },
    ),
    Claim(
        "000-22",
        "The neural network",
        "The dense part is one hidden layer of 3 neurons and 1 output neuron.",
        "3 and 1",
        EXACT,
        "The hidden layer reads the 16 values of the flat column.",
        value=lambda: {
            "hidden neurons": boards.layer_shape("x_or_not_x", "hidden")[-1],
            "output neurons": boards.layer_shape("x_or_not_x", "output")[-1],
            "hidden parameters": boards.layer_parameters("x_or_not_x", "hidden"),
            "output parameters": boards.layer_parameters("x_or_not_x", "output"),
        },
        holds=lambda hidden, output, *parameters: (
            (hidden, output) == (3, 1) and parameters == (16 * 3 + 3, 3 * 1 + 1)
        ),
    ),
    Claim(
        "000-23",
        "The neural network",
        "The sigmoid squeezes any number into 0…1.",
        "0–1",
        EXACT,
        "It rises from 0 to 1 through 1/2 and reaches neither end.",
        value=lambda: {f"sigmoid({x})".replace("-", "−"): scores.sigmoid(x) for x in (-6, 0, 6)},
        holds=lambda low, middle, high: 0 < low < middle == 0.5 < high < 1,
    ),
    Claim(
        "000-24",
        "The neural network",
        "An output of 0.98 means an X with a probability of 98 %.",
        "98 %",
        EXACT,
        "That is how a sigmoid is read: odds of 49 to 1. Whether 98 of 100 such pictures are an X is "
        "a question of calibration (Guo et al., On calibration of modern neural networks, 2017).",
        value=lambda: 100 * scores.sigmoid(math.log(49)),
        figure=98,
    ),
    Claim(
        "000-25",
        "The neural network",
        "The squared error cannot be used for this kind of prediction.",
        "cannot",
        WRONG,
        "It can (the Brier score): it too falls as p nears the label. But its slope almost vanishes "
        "where the network is sure and wrong, so log loss learns faster.",
        value=lambda: {
            "squared error at p = 0.98": 2 * scores.squared_error([1], [0.98]),
            "at p = 0.02": 2 * scores.squared_error([1], [0.02]),
            "slope by the logit at p = 0.02": scores.slope(
                lambda z: (1 - scores.sigmoid(z)) ** 2, scores.logit(0.02)
            ),
            "slope of log loss there": scores.slope(
                lambda z: scores.log_loss(1, scores.sigmoid(z)), scores.logit(0.02)
            ),
        },
        holds=lambda good, bad, slope, _: not (good < bad and slope < 0),
    ),
    Claim(
        "000-26",
        "The neural network",
        "The log loss of the example (label 1, p = 0.98) is very close to 0.",
        "very close to 0",
        ROUNDED,
        "−ln 0.98; the article's sum was in a lost picture.",
        value=lambda: scores.log_loss(1, 0.98),
        figure=About(0, to=0.1),
    ),
    Claim(
        "000-27",
        "Training",
        "A filter is just a 3×3 matrix; filters and their biases are trained too.",
        "3×3",
        EXACT,
        "Nine weights and a bias for each of the four filters, all of them trained.",
        value=lambda: {
            "trained in the convolution": boards.layer_parameters("x_or_not_x", "conv"),
            "in one 3×3 filter with bias": formulas.conv_parameters((3, 3), 1, 1),
        },
        holds=lambda layer, single: single == 3 * 3 + 1 and layer == 4 * single,
    ),
)
