"""Article 001, fourth part: older networks, backpropagation, LeNet."""

from app.claims import boards, lenet, maps, perceptrons, scores
from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, WRONG, Claim
from app.counting import formulas
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import sources

CLAIMS = (
    Claim(
        "001-60",
        "6 Neural networks",
        "Two-layer networks solve linear problems, deeper ones non-linear problems.",
        "two layers",
        AMBIGUOUS,
        "True if the inputs count as a layer; two layers of units solve XOR, which no line divides.",
        value=lambda: {
            "XOR cases wrong, inputs and one unit": perceptrons.xor_mistakes_of_one_unit(),
            "with two layers of units": perceptrons.xor_mistakes_with_hidden_units(),
        },
    ),
    Claim(
        "001-61",
        "6 Neural networks",
        "Hopfield networks are one layer with feedback; Kohonen's are an input and an output layer, "
        "fully connected; ART networks organise themselves.",
        "1 layer; 2 layers",
        NOT_COMPUTABLE,
        "Descriptions of architectures, as in their papers.",
        figure=[1, 2],
        published=[1, 2],
        source=sources.SELF_ORGANISING,
    ),
    Claim(
        "001-62",
        "6 Neural networks: The topology",
        "An attribute of three values takes three input units; two classes take one output unit.",
        "3; 1",
        EXACT,
        "One-hot input; 'x_or_not_x' answers two classes with one sigmoid unit.",
        value=lambda: [len(scores.one_hot(0, 3)), boards.layer_shape("x_or_not_x", "output")[-1]],
        figure=[3, 1],
    ),
    Claim(
        "001-63",
        "6 Neural networks: Backpropagation",
        "Weights begin as small random numbers, such as −1…1 or −0.5…0.5.",
        "−1…1; −0.5…0.5",
        NOT_COMPUTABLE,
        "Advice of the 1990s, from the textbook; today the range follows from the layer's size.",
        figure=[-1, 1, -0.5, 0.5],
        published=[-1, 1, -0.5, 0.5],
        source=sources.HAN_KAMBER,
    ),
    Claim(
        "001-64",
        "6 Neural networks: Backpropagation",
        "Backpropagation hands the error back layer by layer, and changes weights and biases so that the "
        "squared error falls.",
        "(formulas lost)",
        EXACT,
        "The textbook's rules, Err·O for a weight and Err for a bias, are the steps down the slope of the "
        "squared error, as finite differences find it.",
        value=lambda: {
            "by the rules": perceptrons.weight_steps_by_rule(),
            "by finite differences": perceptrons.weight_steps_by_slope(),
        },
        holds=lambda rules, slopes: all(abs(a - b) < 1e-8 for a, b in zip(rules, slopes, strict=True)),
        source=sources.HAN_KAMBER,
    ),
    Claim(
        "001-65",
        "6 Neural networks: How people see",
        "The Nobel Prize in medicine of 1981 went to Hubel, Wiesel and Sperry.",
        "1981",
        NOT_COMPUTABLE,
        "One half to Sperry, one half to Hubel and Wiesel.",
        figure="1981",
        published="1981",
        source=sources.NOBEL,
    ),
    Claim(
        "001-66",
        "6 Neural networks: How people see",
        "CNNs were first proposed by Yann LeCun.",
        "LeCun",
        NOT_COMPUTABLE,
        "Fukushima's Neocognitron of 1980 has the layers; LeCun trained them by backpropagation (1989).",
        figure="LeCun",
        published="Fukushima",
        source=sources.NEOCOGNITRON,
    ),
    Claim(
        "001-67",
        "6 Neural networks: How people see",
        "1000×1000 pixels and a million hidden units make 10^12 parameters.",
        "10^12",
        EXACT,
        "Weights alone; the million biases do not show beside them.",
        value=lambda: boards.dense_weights(1000 * 1000, 1000 * 1000),
        figure=10**12,
    ),
    Claim(
        "001-68",
        "6 Neural networks: How people see",
        "A hundred 10×10 filters can describe the image's low-level features.",
        "100, 10×10",
        NOT_COMPUTABLE,
        "Whether a hundred are enough is a matter of experiment. They hold 10,000 weights; that is arithmetic.",
    ),
    Claim(
        "001-69",
        "6 Neural networks: How people see",
        "A 5×5 image and the kernel 101/010/101 give a 3×3 result.",
        "3x3",
        EXACT,
        "5 − 3 + 1 each way; here on the X of article 000.",
        value=lambda: [
            len(maps.cross_correlate(examples.X, examples.X_FILTER)),
            len(maps.cross_correlate(examples.X, examples.X_FILTER)[0]),
        ],
        figure=[3, 3],
    ),
    Claim(
        "001-70",
        "6 Neural networks: How people see",
        "Each kernel stands for one pattern: six kernels for six, and another example has 24.",
        "6, 24",
        EXACT,
        "Each kernel makes one map, 6 and 24 in the two examples. The picture of the 24 is lost.",
        value=lambda: {
            f"maps of {count} kernels": boards.output_shape((32, 32, 1), nn.Conv2D(count, 5))[-1]
            for count in (6, 24)
        },
        holds=lambda first, second: (first, second) == (6, 24),
    ),
    Claim(
        "001-71",
        "6 Neural networks: How people see",
        "A 20×20 map pooled by 10×10 becomes 2×2.",
        "2x2",
        EXACT,
        "20/10 each way.",
        value=lambda: boards.output_shape((20, 20, 1), nn.MaxPooling2D(10))[:2],
        figure=(2, 2),
    ),
    Claim(
        "001-72",
        "6 Neural networks: How people see",
        "Pooling lowers the dimension and effectively avoids over-fitting.",
        "avoids",
        NOT_COMPUTABLE,
        "It does lower the dimension. Over-fitting is for an experiment; pooling alone does not end it.",
    ),
    Claim(
        "001-73",
        "6 Neural networks: LeNet",
        "In LeNet, S2 and C3 are only partly connected.",
        "partly",
        EXACT,
        "60 of 96 pairs of maps are joined.",
        value=lambda: {
            "parameters of C3": lenet.partial_parameters(),
            "if all were joined": formulas.conv_parameters((5, 5), in_channels=6, filters=16),
        },
        holds=lambda partly, fully: partly == 60 * 25 + 16 < fully,
        source=sources.LENET,
    ),
    Claim(
        "001-74",
        "6 Neural networks: LeNet",
        "The dense layers C5 and F6 give ten outputs, the digits' probabilities.",
        "10",
        WRONG,
        "F6 has 84 units; the ten outputs are those of a layer behind it, and are distances "
        "(the smallest wins), not probabilities. C5 is a convolution on a 5×5 map.",
        value=lambda: {"units of F6": boards.layer_shape("lenet_maps", "f6")[-1]},
        figure=10,
        source=sources.LENET,
    ),
)
