"""Article 000, first part: the picture, the filter, the feature map."""

from app.claims import boards, maps, scores
from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, WRONG, Claim
from app.counting import formulas
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import sources

CLAIMS = (
    Claim(
        "000-01",
        "Opening",
        "A black-and-white picture is a matrix of 1 for black and 0 for white.",
        "0, 1",
        NOT_COMPUTABLE,
        "A choice of code, not a result. MNIST chooses the opposite: black is 0 and the ink is white, up to 255.",
    ),
    Claim(
        "000-02",
        "Opening",
        "A 5×5 picture becomes a column of 25 numbers.",
        "25",
        EXACT,
        "Flattening keeps every value: height times width.",
        value=lambda: boards.flattened((5, 5, 1)),
        figure=25,
    ),
    Claim(
        "000-03",
        "Opening",
        "One neuron that reads this column has 25 weights and one bias.",
        "25 + 1",
        EXACT,
        "One weight for each input, one bias for the neuron.",
        value=lambda: [
            boards.dense_weights(boards.flattened((5, 5, 1)), units=1),
            boards.dense_biases(boards.flattened((5, 5, 1)), units=1),
        ],
        figure=[25, 1],
    ),
    Claim(
        "000-04",
        "Opening",
        "More neurons or layers multiply the number of weights and biases.",
        "many-fold",
        EXACT,
        "Ten neurons hold ten times as many as one, two layers of ten neurons 14 times as many.",
        value=lambda: {
            "one neuron": boards.parameters((25,), nn.Dense(1)),
            "ten neurons": boards.parameters((25,), nn.Dense(10)),
            "two layers of ten": boards.parameters((25,), nn.Dense(10)).plus(
                boards.parameters((25,), nn.Dense(10), nn.Dense(10))
            ),
        },
        holds=lambda one, ten, two_layers: ten == 10 * one and two_layers > 10 * one,
    ),
    Claim(
        "000-05",
        "Opening",
        "One neuron on a 256×256 picture has 65,536 weights and a bias.",
        "65,536 + 1",
        EXACT,
        "256·256 inputs, one weight each.",
        value=lambda: [
            boards.dense_weights(boards.flattened((256, 256, 1)), units=1),
            boards.dense_biases(boards.flattened((256, 256, 1)), units=1),
        ],
        figure=[65_536, 1],
    ),
    Claim(
        "000-06",
        "Filters",
        "A filter still finds its feature when the X is turned, shrunk or distorted.",
        "true",
        WRONG,
        "It finds a moved X as well as before; an X turned by 45 degrees no longer fits the filter.",
        value=lambda: {
            "strongest response to the X": maps.peak(maps.cross_correlate(examples.X, examples.X_FILTER)),
            "turned by 45 degrees": maps.peak(maps.cross_correlate(examples.X_TURNED, examples.X_FILTER)),
        },
        holds=lambda upright, turned: upright == turned,
    ),
    Claim(
        "000-07",
        "Filters",
        "Filters are small squares, most often 3×3.",
        "3×3",
        NOT_COMPUTABLE,
        "A habit, not arithmetic; VGG made 3×3 the rule.",
        figure=(3, 3),
        published=(3, 3),
        source=sources.VGG,
    ),
    Claim(
        "000-08",
        "Filters",
        "The output is the dot product of filter and patch, nine products, called convolution.",
        "9 (implied)",
        EXACT,
        "Nine products for a 3×3 patch. Networks call this a convolution; mathematics, which would turn the "
        "filter first, calls it a cross-correlation.",
        value=lambda: boards.macs((3, 3, 1), nn.Conv2D(1, 3)),
        figure=9,
    ),
    Claim(
        "000-09",
        "Filters",
        "The stride is the number of cells the filter moves; 1 and 2 are shown.",
        "1, 2",
        EXACT,
        "The distance between the first two positions on five cells.",
        value=lambda: [maps.starts(5, 3, stride)[1] for stride in (1, 2)],
        figure=[1, 2],
        source=sources.GUIDE,
    ),
    Claim(
        "000-10",
        "Filters",
        "The stride is usually 2.",
        "2",
        WRONG,
        "It is usually 1: in 17 of the 18 convolutions of VGG16 and AlexNet. AlexNet's first has stride 4.",
        value=lambda: {
            "convolutions of stride 1 in VGG16": boards.convolutions_of_stride("vgg16", 1),
            "of stride 2": boards.convolutions_of_stride("vgg16", 2),
            "of stride 1 in AlexNet": boards.convolutions_of_stride("alexnet", 1),
            "of stride 2 there": boards.convolutions_of_stride("alexnet", 2),
            "of stride 4 there": boards.convolutions_of_stride("alexnet", 4),
        },
        holds=lambda ones, twos, alex_ones, alex_twos, _: ones + alex_ones < twos + alex_twos,
        source=f"{sources.VGG}; {sources.ALEXNET}",
    ),
    Claim(
        "000-11",
        "Filters",
        "With stride 1 and a bias the 5×5 picture gives a 3×3 feature map.",
        "3×3 (picture lost)",
        EXACT,
        "5 − 3 + 1 positions each way; a bias changes no size. The article pools a 3×3 map further on.",
        value=lambda: boards.layer_shape("x_or_not_x", "conv")[:2],
        figure=(3, 3),
    ),
    Claim(
        "000-12",
        "Filters",
        "The larger the stride, the smaller the feature map.",
        "smaller",
        EXACT,
        "A larger stride never leaves more cells. Of the article's 5 cells strides 1, 2 and 3 leave 3, 2 and 1.",
        value=lambda: {
            "stride 1": formulas.output_size(5, kernel=3),
            "stride 2": formulas.output_size(5, kernel=3, stride=2),
            "stride 3": formulas.output_size(5, kernel=3, stride=3),
        },
        holds=lambda one, two, three: one > two > three,
    ),
    Claim(
        "000-13",
        "Filters",
        "ReLU passes positive values and turns the others into 0.",
        "max(0, x)",
        EXACT,
        "−2, 0 and 3 become 0, 0 and 3.",
        value=lambda: scores.relu([-2, 0, 3]),
        figure=[0, 0, 3],
    ),
    Claim(
        "000-14",
        "Filters",
        "After bias and ReLU every cell but the middle one is 0.",
        "1 cell survives",
        AMBIGUOUS,
        "It depends on the bias, which was in a lost picture: one cell is left for −5 < b ≤ −3.",
        value=lambda: {
            f"cells left with bias {bias}".replace("-", "−"): maps.count_positive(
                maps.cross_correlate(examples.X, examples.X_FILTER), bias
            )
            for bias in (0, -3, -5)
        },
        figure=1,
    ),
    Claim(
        "000-15",
        "Filters",
        "The main purpose of a convolution is to make the input smaller.",
        "shrinks",
        WRONG,
        "It finds features. Each map is smaller than the picture, but the maps of all four filters together "
        "hold more values.",
        value=lambda: {
            "values in": boards.cells(boards.layer_shape("x_or_not_x", "image")),
            "values out": boards.cells(boards.layer_shape("x_or_not_x", "conv")),
        },
        holds=lambda before, after: after < before,
    ),
)
