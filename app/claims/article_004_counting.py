"""Article 004, first part: the worked count, receptive fields, saliency, transposed convolution."""

from app.claims import boards, maps, scores
from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, WRONG, Claim
from app.counting import formulas, windows
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import sources

CLAIMS = (
    Claim(
        "004-01",
        "Opening",
        "YOLO, You Only Look Once, is of 2016.",
        "2016",
        NOT_COMPUTABLE,
        "Printed at CVPR 2016; a preprint came in June 2015.",
        figure="2016",
        published="2016",
        source=sources.YOLO,
    ),
    Claim(
        "004-02",
        "CNN review",
        "CNNs have fewer parameters than fully connected networks.",
        "fewer",
        EXACT,
        "The article's own convolution beside a dense layer that makes the same map.",
        value=lambda: {
            "convolution": boards.layer_parameters("worked_example", "conv"),
            "dense": formulas.dense_parameters(
                28 * 28, boards.cells(boards.layer_shape("worked_example", "conv"))
            ),
        },
        holds=lambda shared, dense: shared < dense,
    ),
    Claim(
        "004-03",
        "CNN review",
        "CNNs are invariant to where in the image a feature is.",
        "invariant",
        AMBIGUOUS,
        "If the X moves right by one, the largest response stays as strong, but its place moves along. The map "
        "is equivariant; only what is pooled over all places is invariant.",
        value=lambda: {
            "the largest response changes by": maps.peak(
                maps.cross_correlate(maps.shift_right(examples.X), examples.X_FILTER)
            )
            - maps.peak(maps.cross_correlate(examples.X, examples.X_FILTER)),
            "its place changes by (columns)": maps.peak_move(
                examples.X, maps.shift_right(examples.X), examples.X_FILTER
            )[1],
        },
        figure=0,
    ),
    Claim(
        "004-04",
        "CNN review",
        "Convolutions are full, same or valid.",
        "full, same, valid",
        EXACT,
        "n + k − 1, n and n − k + 1 cells; Keras offers the last two by name.",
        value=lambda: [
            boards.output_shape((5, 5, 1), nn.ZeroPadding2D(2), nn.Conv2D(1, 3))[0],
            formulas.output_size(5, kernel=3, padding="same"),
            formulas.output_size(5, kernel=3),
        ],
        figure=[5 + 3 - 1, 5, 5 - 3 + 1],
        source=sources.GUIDE,
    ),
    Claim(
        "004-05",
        "CNN review",
        "A formula gives the output from the input n, filters f, stride s, kernel k and padding p.",
        "(formula lost)",
        NOT_COMPUTABLE,
        "The formula was in a picture that is lost, so nothing is left to judge. The rule is "
        "⌊(n + 2p − k)/s⌋ + 1 cells each way, f deep.",
        source=sources.GUIDE,
    ),
    Claim(
        "004-06",
        "CNN review",
        "The worked network's convolution has 250 weights and 10 biases.",
        "250, 10",
        EXACT,
        "Ten 5×5 filters on one channel; 1×1 filters on 25 channels would count the same.",
        value=lambda: [
            boards.layer_weights("worked_example", "conv"),
            boards.layer_biases("worked_example", "conv"),
        ],
        figure=[250, 10],
    ),
    Claim(
        "004-07",
        "CNN review",
        "Max-pooling has no weights.",
        "0",
        EXACT,
        "It compares; it stores nothing.",
        value=lambda: boards.layer_parameters("worked_example", "pool"),
        figure=0,
    ),
    Claim(
        "004-08",
        "CNN review",
        "The worked network has 13×13×10 = 1,690 values after pooling.",
        "1,690",
        EXACT,
        "With padding 1 on 28×28. The article gives no input size: a plain 5×5 on 28×28 leaves "
        "12×12×10 = 1,440.",
        value=lambda: [
            boards.layer_shape("worked_example", "pool"),
            boards.cells(boards.layer_shape("worked_example", "flatten")),
        ],
        figure=[(13, 13, 10), 1_690],
    ),
    Claim(
        "004-09",
        "CNN review",
        "Its dense layer of 200 on 1,690 values has 338,000 weights and 200 biases.",
        "338,000; 200",
        EXACT,
        "One weight for each pair of value and unit.",
        value=lambda: [
            boards.dense_weights(
                boards.cells(boards.layer_shape("worked_example", "flatten")),
                boards.layer_shape("worked_example", "hidden")[0],
            ),
            boards.dense_biases(
                boards.cells(boards.layer_shape("worked_example", "flatten")),
                boards.layer_shape("worked_example", "hidden")[0],
            ),
        ],
        figure=[338_000, 200],
    ),
    Claim(
        "004-10",
        "CNN review",
        "The worked network has 338,460 parameters.",
        "338,460",
        EXACT,
        "As far as the article counts; a ten-way output layer would add 2,010.",
        value=lambda: boards.layer_parameters("worked_example", "conv").plus(
            boards.layer_parameters("worked_example", "hidden")
        ),
        figure=338_460,
    ),
    Claim(
        "004-11",
        "CNN review",
        "Most parameters are in the fully connected output layer.",
        "output layer",
        WRONG,
        "Most are in the dense layer of 200, but that is a hidden layer. The output layer, one unit for each "
        "of ten classes, is left out of the article's count and would hold less than 1 %.",
        value=lambda: {
            "hidden layer of 200 (%)": boards.layer_percent("worked_example_classifier", "hidden"),
            "output layer of 10 (%)": boards.layer_percent("worked_example_classifier", "output"),
        },
        holds=lambda hidden, output: output > 50 > hidden,
    ),
    Claim(
        "004-12",
        "CNN review",
        "Deeper layers learn more and more complex filters.",
        "",
        NOT_COMPUTABLE,
        "Seen by looking into trained networks, as Zeiler and Fergus did; not a matter of arithmetic.",
        source=sources.ZFNET,
    ),
    Claim(
        "004-13",
        "Receptive fields and dilated convolutions",
        "5×5 with kernel 3, padding 1, stride 2 gives 3×3.",
        "3×3",
        EXACT,
        "⌊(5 + 2 − 3)/2⌋ + 1 each way.",
        value=lambda: boards.output_shape((5, 5, 1), nn.ZeroPadding2D(1), nn.Conv2D(1, 3, strides=2))[:2],
        figure=(3, 3),
    ),
    Claim(
        "004-14",
        "Receptive fields and dilated convolutions",
        "On 3×3 the same convolution (kernel 3, padding 1, stride 2) gives 2×2.",
        "2×2",
        EXACT,
        "⌊(3 + 2 − 3)/2⌋ + 1 each way.",
        value=lambda: boards.output_shape((3, 3, 1), nn.ZeroPadding2D(1), nn.Conv2D(1, 3, strides=2))[:2],
        figure=(2, 2),
    ),
    Claim(
        "004-15",
        "Receptive fields and dilated convolutions",
        "A picture shows the receptive field along one axis: kernel 3, stride 1, no padding.",
        "(picture lost)",
        NOT_COMPUTABLE,
        "The picture is lost and the text names no size, so nothing is left to judge. One such layer sees 3 "
        "cells, two see 5, three see 7.",
    ),
    Claim(
        "004-16",
        "Receptive fields and dilated convolutions",
        "A dilated 3×3 kernel reads separate pixels of a larger field.",
        "(picture)",
        EXACT,
        "With dilation d = 2 it sees d·(k − 1) + 1 = 5 cells each way, and has nine weights as before.",
        value=lambda: {
            "side of the field": windows.span(3, dilation=2),
            "weights": boards.conv_weights((3, 3), in_channels=1),
        },
        holds=lambda side, weights: side == 2 * (3 - 1) + 1 and weights == 9,
        source=sources.DILATION,
    ),
    Claim(
        "004-17",
        "Receptive fields and dilated convolutions",
        "Dilation means fewer parameters and a shorter run time.",
        "fewer",
        AMBIGUOUS,
        "Fewer than a plain kernel that sees as far; exactly as many as the 3×3 it is made from.",
        value=lambda: {
            "3×3 dilated by 2": boards.parameters((9, 9, 1), nn.Conv2D(1, 3, dilation_rate=2)),
            "plain 3×3": boards.parameters((9, 9, 1), nn.Conv2D(1, 3)),
            "plain kernel that sees as far": boards.parameters(
                (9, 9, 1), nn.Conv2D(1, windows.span(3, dilation=2))
            ),
        },
        source=sources.DILATION,
    ),
    Claim(
        "004-18",
        "Saliency maps",
        "A saliency map is the derivative of the class score by each pixel.",
        "",
        NOT_COMPUTABLE,
        "A definition, Simonyan's; python -m app.saliency draws it and says how far to trust it.",
        source=sources.SALIENCY,
    ),
    Claim(
        "004-19",
        "Saliency maps",
        "The backward pass starts with 1 for class C and 0 for the others.",
        "1, 0",
        EXACT,
        "The derivative of a score by itself is 1, by each of the nine others 0; here by finite differences.",
        value=lambda: scores.score_gradient(examples.DIGIT_SCORES, class_index=3),
        figure=[0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ),
    Claim(
        "004-20",
        "Saliency maps",
        "For the scores, use probabilities of a two-class problem, not a softmax.",
        "probabilities",
        NOT_COMPUTABLE,
        "Advice. The paper uses the scores before the softmax, and so does ConvLab: the slope of a "
        "probability vanishes where the network is sure.",
        figure="probabilities",
        published="unnormalised class scores",
        source=sources.SALIENCY,
    ),
    Claim(
        "004-21",
        "Saliency maps",
        "For colour take each channel's map, then the largest, the mean, or all three.",
        "3 ways",
        NOT_COMPUTABLE,
        "Three conventions; the paper takes the largest of the channels.",
        source=sources.SALIENCY,
    ),
    Claim(
        "004-22",
        "Saliency maps",
        "The code draws saliency maps of ten classes, four panels each.",
        "saliency maps; 4",
        NOT_COMPUTABLE,
        "The code calls visualize_cam, which draws Grad-CAM. Four panels are right: the image and one for each "
        "of three modifiers.",
        figure=["saliency maps", 4],
        published=["Grad-CAM", 4],
        source=sources.KERAS_VIS,
    ),
    Claim(
        "004-23",
        "Transposed convolutions",
        "A convolution without padding makes 3×3 of 5×5.",
        "3×3",
        EXACT,
        "With a 3×3 kernel, 5 − 3 + 1.",
        value=lambda: boards.output_shape((5, 5, 1), nn.Conv2D(1, 3))[:2],
        figure=(3, 3),
    ),
    Claim(
        "004-24",
        "Transposed convolutions",
        "With padding 1 a convolution keeps 5×5.",
        "5×5",
        EXACT,
        "5 + 2 − 3 + 1.",
        value=lambda: boards.output_shape((5, 5, 1), nn.ZeroPadding2D(1), nn.Conv2D(1, 3))[:2],
        figure=(5, 5),
    ),
    Claim(
        "004-25",
        "Transposed convolutions",
        "With padding 2 a convolution makes 5×5 of 3×3.",
        "5×5",
        EXACT,
        "3 + 4 − 3 + 1, which is what a transposed 3×3 convolution makes of 3 cells.",
        value=lambda: [
            boards.output_shape((3, 3, 1), nn.ZeroPadding2D(2), nn.Conv2D(1, 3))[:2],
            formulas.transposed_output_size(3, kernel=3),
        ],
        figure=[(5, 5), 5],
    ),
    Claim(
        "004-26",
        "Transposed convolutions",
        "In Keras, transposed convolutions are made with upsampling layers.",
        "upsampling layers",
        NOT_COMPUTABLE,
        "Keras has Conv2DTranspose, whose weights are trained; UpSampling2D repeats values and has none.",
        figure="UpSampling2D",
        published="Conv2DTranspose",
        source=sources.KERAS,
    ),
)
