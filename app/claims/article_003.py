"""Article 003: a Keras network for MNIST."""

from app.claims import boards, listings, maps, scores, shipped
from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, ROUNDED, WRONG, About, Claim
from app.counting import formulas
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import sources

CLAIMS = (
    Claim(
        "003-01",
        "Convolution",
        "A colour image has a depth of 3, a grey one of 1.",
        "3, 1",
        EXACT,
        "The depths that our data sets take for a picture; those of inner maps are their filters.",
        value=lambda: shipped.accepted_depths()[::-1],
        figure=[3, 1],
    ),
    Claim(
        "003-02",
        "Convolution",
        "Kernels are typically 3×3 or 5×5.",
        "3×3, 5×5",
        NOT_COMPUTABLE,
        "A habit, not arithmetic: 5×5 in LeNet-5, 3×3 in VGG, 11×11 and 7×7 in first layers.",
        figure=[(3, 3), (5, 5)],
        published=[(3, 3), (5, 5)],
        source=f"{sources.VGG}; {sources.LENET}",
    ),
    Claim(
        "003-03",
        "Convolution",
        "A 3×3 filter has 9 places on 5×5 and leaves 3×3, 2 cells less in height and in width.",
        "9; 3×3; 2",
        EXACT,
        "5 − 3 + 1 places each way; k − 1 cells are lost along each axis.",
        value=lambda: [
            boards.cells(boards.output_shape((5, 5, 1), nn.Conv2D(1, 3))),
            boards.output_shape((5, 5, 1), nn.Conv2D(1, 3))[:2],
            5 - formulas.output_size(5, kernel=3),
        ],
        figure=[9, (3, 3), 2],
    ),
    Claim(
        "003-04",
        "Borders and padding",
        "With 'same' padding 5×5 stays 5×5.",
        "5×5",
        EXACT,
        "One row or column of zeros on each side.",
        value=lambda: boards.output_shape((5, 5, 1), nn.Conv2D(1, 3, padding="same"))[:2],
        figure=(5, 5),
    ),
    Claim(
        "003-05",
        "Borders and padding",
        "The size of the output depends on the filter, not on the input.",
        "independent of the input size",
        WRONG,
        "The size is n + 2p − k + 1, and n is that of the input. Only the loss, k − 1, and so the padding that "
        "makes up for it, follow from the filter alone.",
        value=lambda: {
            "3×3 on 5 cells": formulas.output_size(5, kernel=3),
            "3×3 on 28 cells": formulas.output_size(28, kernel=3),
        },
        holds=lambda small, large: small == large,
    ),
    Claim(
        "003-06",
        "Borders and padding",
        "'same' padding is (f − 1)/2 on each side.",
        "(f − 1)/2",
        EXACT,
        "For odd filters and stride 1; an even filter needs one cell more on one side.",
        value=lambda: {
            f"{f}×{f}, before and after": [*formulas.padding_amounts(28, kernel=f, padding="same")]
            for f in (3, 5, 7)
        },
        holds=lambda three, five, seven: (three, five, seven) == ([1, 1], [2, 2], [3, 3]),
    ),
    Claim(
        "003-07",
        "Stride",
        "The stride is the distance between two neighbouring windows.",
        "",
        EXACT,
        "First cells of the windows, stride 1 and stride 2 on five cells.",
        value=lambda: {"stride 1": maps.starts(5, 3, 1), "stride 2": maps.starts(5, 3, 2)},
        holds=lambda one, two: one == [0, 1, 2] and two == [0, 2],
    ),
    Claim(
        "003-08",
        "Stride",
        "Stride 2 halves the feature map.",
        "factor 2",
        AMBIGUOUS,
        "The article says so of a moving picture that is lost. The factor is 2 for an even size with 'same' "
        "padding, measured against the input; otherwise it can be more or less.",
        value=lambda: {
            "28 cells, same, shrink by": boards.shrinking(28, "same"),
            "28 cells, valid, by": boards.shrinking(28, "valid"),
            "5 cells, valid, by": boards.shrinking(5, "valid"),
            "by, measured against stride 1": formulas.output_size(5, 3)
            / formulas.output_size(5, 3, stride=2),
        },
        figure=2,
    ),
    Claim(
        "003-09",
        "Stride",
        "Strides are rarely used in practice.",
        "rarely",
        AMBIGUOUS,
        "A stride above 1 is in few of the layers, but in four of five networks: AlexNet, GoogLeNet, ResNet and "
        "DenseNet. VGG has none.",
        value=lambda: {
            "of all convolutions of five networks (%)": boards.strided_percent(
                "alexnet", "vgg16", "googlenet", "resnet50", "densenet121"
            ),
            "of the five networks (%)": boards.striding_percent(
                "alexnet", "vgg16", "googlenet", "resnet50", "densenet121"
            ),
        },
        source="; ".join((sources.ALEXNET, sources.VGG, sources.GOOGLENET, sources.RESNET, sources.DENSENET)),
    ),
    Claim(
        "003-10",
        "Pooling",
        "Max-pooling by 2 halves the map.",
        "2",
        AMBIGUOUS,
        "The article says so of a moving picture that is lost. In its network an even size is halved, 26 cells "
        "become 13; an odd one loses more, 11 become 5.",
        value=lambda: {
            "26 cells shrink by": boards.layer_shape("mnist", "conv1")[0]
            / boards.layer_shape("mnist", "pool1")[0],
            "11 cells by": boards.layer_shape("mnist", "conv2")[0] / boards.layer_shape("mnist", "pool2")[0],
        },
        figure=2,
    ),
    Claim(
        "003-11",
        "Pooling",
        "The output of pooling is the input divided by the pool size.",
        "n / k",
        WRONG,
        "The quotient is rounded down, ⌊n/k⌋. In the article's own network 26 cells become 13, but 11 become 5, "
        "and 11/2 is 5.5.",
        value=lambda: {
            "into pool1": boards.layer_shape("mnist", "conv1")[0],
            "out of it": boards.layer_shape("mnist", "pool1")[0],
            "into pool2": boards.layer_shape("mnist", "conv2")[0],
            "out of that": boards.layer_shape("mnist", "pool2")[0],
        },
        holds=lambda first, halved, second, rest: (halved, rest) == (first / 2, second / 2),
    ),
    Claim(
        "003-12",
        "Pooling",
        "Max-pooling loses the least information.",
        "least",
        WRONG,
        "Each pooling keeps one value of four. Measured by the squared error of rebuilding the map, "
        "the mean always loses least; what a task needs is another matter.",
        value=lambda: {
            "error rebuilt from the largest": maps.rebuilding_error(
                examples.PATCH, maps.max_pool(examples.PATCH, 2, 2), 2
            ),
            "from the mean": maps.rebuilding_error(examples.PATCH, maps.mean_pool(examples.PATCH, 2, 2), 2),
        },
        holds=lambda largest, mean: largest <= mean,
    ),
    Claim(
        "003-13",
        "A classifier from the start",
        "MNIST has 60,000 training and 10,000 test images in 10 classes.",
        "60000, 10000, 10",
        EXACT,
        "Counted in the bundled files.",
        value=lambda: [
            len(shipped.mnist().train_images),
            len(shipped.mnist().test_images),
            shipped.mnist().classes,
        ],
        figure=[60_000, 10_000, 10],
    ),
    Claim(
        "003-14",
        "Getting MNIST",
        "The line 'int(\"Shape of training dataset: \", …)' prints a shape.",
        "prints the shape",
        WRONG,
        "A slip for 'print': as it stands Python refuses the line.",
        value=lambda: listings.outcome(
            int, "Shape of training dataset: ", shipped.mnist().train_images.shape
        ),
        figure="fine",
    ),
    Claim(
        "003-15",
        "Getting MNIST",
        "There are 60,000 training and 10,000 test images of 28×28.",
        "60000, 10000, 28×28",
        EXACT,
        "The shapes of the bundled arrays, without the channel axis.",
        value=lambda: [shipped.mnist().train_images.shape[:3], shipped.mnist().test_images.shape[:3]],
        figure=[(60_000, 28, 28), (10_000, 28, 28)],
    ),
    Claim(
        "003-16",
        "Getting MNIST",
        "The labels have no shape: a label is a scalar.",
        "no shape",
        WRONG,
        "One label is a scalar; the array of labels has one axis.",
        value=lambda: shipped.mnist().train_labels.shape,
        figure=(),
    ),
    Claim(
        "003-17",
        "Getting MNIST",
        "Nine images are drawn at subplot(330 + 1 + i).",
        "331…339",
        EXACT,
        "The codes of a grid of three rows and three columns.",
        value=lambda: listings.subplot_codes(rows=3, columns=3),
        figure=list(range(331, 340)),
    ),
    Claim(
        "003-18",
        "Preprocessing",
        "The images get a channel axis and are divided by 255, the largest value, to lie in 0…1.",
        "(60000, 28, 28, 1); 255; 0–1",
        EXACT,
        "Read from the bundled files and scaled.",
        value=lambda: [shipped.mnist().train_images.shape, shipped.byte_range()[1], shipped.scaled_range()],
        figure=[(60_000, 28, 28, 1), 255, [0, 1]],
    ),
    Claim(
        "003-19",
        "Preprocessing",
        "The labels become one-hot rows.",
        "",
        EXACT,
        "The first training label is a 5; its row has a single 1, in the sixth place.",
        value=lambda: scores.one_hot(int(shipped.mnist().train_labels[0]), shipped.mnist().classes),
        figure=[0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    ),
    Claim(
        "003-20",
        "The model in Keras",
        "The convolutions: 32, 64 and 64 filters of 3×3, pooled in between.",
        "32, 64, 64; 3×3",
        EXACT,
        "As in the article's code: 32·(9 + 1), 64·(32·9 + 1) and 64·(64·9 + 1) parameters. The printed table "
        "is lost.",
        value=lambda: {name: boards.layer_parameters("mnist", name) for name in ("conv1", "conv2", "conv3")},
        holds=lambda first, second, third: (
            (first, second, third) == (32 * 10, 64 * (32 * 9 + 1), 64 * (64 * 9 + 1))
        ),
    ),
    Claim(
        "003-21",
        "The model in Keras",
        "The head: flatten, 64 units, 10 units.",
        "64, 10",
        EXACT,
        "3·3·64 = 576 values enter the hidden layer.",
        value=lambda: {name: boards.layer_parameters("mnist", name) for name in ("hidden", "output")},
        holds=lambda hidden, output: (hidden, output) == (576 * 64 + 64, 64 * 10 + 10),
    ),
    Claim(
        "003-22",
        "The model in Keras",
        "Training takes 5 passes in batches of 64.",
        "5, 64",
        EXACT,
        "938 steps make a pass, 4,690 all five. The last batch of a pass is a smaller one.",
        value=lambda: {
            "steps of a pass": shipped.steps_of_a_pass(batch_size=64),
            "steps in all": 5 * shipped.steps_of_a_pass(batch_size=64),
        },
        holds=lambda one, every: 64 * (one - 1) < 60_000 <= 64 * one and every == 5 * one,
    ),
    Claim(
        "003-23",
        "The model in Keras",
        "The model reaches up to 99 % accuracy.",
        "99 %",
        ROUNDED,
        "Measured on the test images by the run whose card lies beside the saved model.",
        value=shipped.test_accuracy,
        figure=About(99, to=1),
        needs=shipped.ARTICLE_RUN,
    ),
)
