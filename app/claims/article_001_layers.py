"""Article 001, first part: dense layers, 1×1 convolutions, global pooling, the first kernels."""

from app.claims import boards, maps, shipped
from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, WRONG, Claim
from app.counting import formulas
from app.counting.chalkboard import nn
from app.datasets import little_arrays as examples
from models import records, sources

CLAIMS = (
    Claim(
        "001-01",
        "1 Why dense networks do worse on images",
        "The parameters of a dense layer on an n×n image grow exponentially.",
        "exponential",
        WRONG,
        "They grow with n^2: each doubling of n multiplies them by four, and no faster later on.",
        value=lambda: {
            "from n = 10 to 20, times": boards.dense_weights(20 * 20, 100)
            / boards.dense_weights(10 * 10, 100),
            "from n = 20 to 40, times": boards.dense_weights(40 * 40, 100)
            / boards.dense_weights(20 * 20, 100),
        },
        holds=lambda earlier, later: later > earlier,
    ),
    Claim(
        "001-02",
        "1 Why dense networks do worse on images",
        "A CNN shares its weights and so trains far fewer.",
        "far fewer",
        EXACT,
        "The first convolution of 'mnist' beside a dense layer that makes the same map.",
        value=lambda: {
            "convolution": boards.layer_parameters("mnist", "conv1"),
            "dense": formulas.dense_parameters(28 * 28, boards.cells(boards.layer_shape("mnist", "conv1"))),
        },
        holds=lambda shared, dense: 1000 * shared < dense,
    ),
    Claim(
        "001-03",
        "2 The structure of a convolutional network",
        "A CNN has an input, convolutions, pooling, activations and dense layers.",
        "5 parts",
        EXACT,
        "Found in 'mnist'; its activations sit inside the convolutions and dense layers.",
        value=lambda: {
            kind: boards.layers_of_kind("mnist", kind)
            for kind in ("InputLayer", "Conv2D", "MaxPooling2D", "Dense")
        },
        holds=lambda *counts: min(counts) > 0,
    ),
    Claim(
        "001-04",
        "2 The structure of a convolutional network",
        "CNNs are also called SIANN, shift-invariant artificial neural networks.",
        "SIANN",
        NOT_COMPUTABLE,
        "A name, used by Zhang. Convolutions alone are equivariant: the map moves with the image.",
        figure="SIANN",
        published="SIANN",
        source=sources.SIANN,
    ),
    Claim(
        "001-05",
        "2 The structure of a convolutional network",
        "Sparse connection: a unit reads its receptive field in the layer before.",
        "",
        EXACT,
        "A unit of mnist's second convolution reads 3·3·32 = 288 of the 5,408 values in the map before it.",
        value=lambda: {
            "values one unit reads": boards.conv_weights((3, 3), in_channels=32),
            "values in the map": boards.cells(boards.layer_shape("mnist", "pool1")),
        },
        holds=lambda read, there: read == 3 * 3 * 32 < there,
    ),
    Claim(
        "001-06",
        "3 Dense layers, 1×1 convolutions and GAP",
        "A dense layer on an H×W×C map is N kernels of H×W×C with N outputs.",
        "",
        EXACT,
        "On 3×3×64 a 3×3 convolution with 64 filters holds what the dense layer holds.",
        value=lambda: {
            "dense": boards.parameters((3, 3, 64), nn.Flatten(), nn.Dense(64)),
            "convolution": boards.parameters((3, 3, 64), nn.Conv2D(64, 3)),
        },
        holds=lambda dense, convolution: dense == convolution,
    ),
    Claim(
        "001-07",
        "3 Dense layers, 1×1 convolutions and GAP",
        "Most parameters of a network are in its dense layers.",
        "most",
        AMBIGUOUS,
        "The article does not say in which network. So in AlexNet and VGG16, which end in wide dense layers; "
        "not in article 003's network.",
        value=lambda: {
            f"{name} (%)": boards.dense_percent(name)
            for name in ("alexnet", "vgg16", "worked_example", "mnist")
        },
    ),
    Claim(
        "001-08",
        "3 Dense layers, 1×1 convolutions and GAP",
        "A dense layer of fixed size fixes the size of the image.",
        "",
        EXACT,
        "A larger image flattens to more values, for which the layer has no weights.",
        value=lambda: {
            "weights for 28×28": boards.parameters((28, 28, 1), nn.Flatten(), nn.Dense(64)),
            "weights for 32×32": boards.parameters((32, 32, 1), nn.Flatten(), nn.Dense(64)),
        },
        holds=lambda small, large: small != large,
    ),
    Claim(
        "001-09",
        "3 Dense layers, 1×1 convolutions and GAP",
        "A 1×1 kernel is as deep as the input; the number of kernels is the output's depth.",
        "",
        EXACT,
        "Sixteen kernels on a map of 64 channels.",
        value=lambda: {
            "weights of one kernel": boards.conv_weights((1, 1), in_channels=64),
            "channels out": boards.output_shape((28, 28, 64), nn.Conv2D(16, 1))[-1],
        },
        holds=lambda depth, channels: (depth, channels) == (64, 16),
    ),
    Claim(
        "001-10",
        "3 Dense layers, 1×1 convolutions and GAP",
        "A 1×1 convolution keeps height and width and changes the channels.",
        "",
        EXACT,
        "28×28×64 through sixteen 1×1 filters.",
        value=lambda: {"28×28×64 becomes": boards.output_shape((28, 28, 64), nn.Conv2D(16, 1))},
        holds=lambda shape: shape == (28, 28, 16),
    ),
    Claim(
        "001-11",
        "3 Dense layers, 1×1 convolutions and GAP",
        "1×1 convolutions save parameters and computation.",
        "",
        EXACT,
        "Down to 16 channels and up again, as GoogLeNet's 5×5 branch does; a wide middle would not save.",
        value=lambda: {
            "5×5 from 192 to 32 channels": boards.conv_weights((5, 5), 192, 32),
            "the same through 16 channels": boards.conv_weights((1, 1), 192, 16).plus(
                boards.conv_weights((5, 5), 16, 32)
            ),
        },
        holds=lambda direct, narrowed: narrowed < direct,
        source=sources.GOOGLENET,
    ),
    Claim(
        "001-12",
        "3 Dense layers, 1×1 convolutions and GAP",
        "Global average pooling makes one number of each channel, its mean.",
        "",
        EXACT,
        "Of 3×3×64 there are 64 left; the mean of 1, 5, 2 and 3 is 2.75.",
        value=lambda: {
            "numbers made of 3×3×64": boards.cells(
                boards.output_shape((3, 3, 64), nn.GlobalAveragePooling2D())
            ),
            "mean of 1, 5, 2, 3": maps.mean_pool(examples.PATCH, 2, 2)[0][0],
        },
        holds=lambda count, mean: count == 64 and mean == (1 + 5 + 2 + 3) / 4,
    ),
    Claim(
        "001-13",
        "3 Dense layers, 1×1 convolutions and GAP",
        "Global average pooling replaces dense layers and saves parameters.",
        "",
        EXACT,
        "Ten classes on a 7×7×512 map: ten 1×1 filters and the means of their maps do without a dense layer.",
        value=lambda: {
            "flatten, dense": boards.parameters((7, 7, 512), nn.Flatten(), nn.Dense(10)),
            "1×1 convolution": boards.parameters((7, 7, 512), nn.Conv2D(10, 1)),
            "and the means of its maps": boards.parameters((7, 7, 10), nn.GlobalAveragePooling2D()),
        },
        holds=lambda dense, filters, means: filters + means < dense,
    ),
    Claim(
        "001-14",
        "3 Dense layers, 1×1 convolutions and GAP",
        "Global average pooling gives each channel the meaning of a class.",
        "",
        AMBIGUOUS,
        "Where the last convolution has a filter for each class, as in Network in Network; "
        "behind GoogLeNet's 1,024 channels a dense layer still has to sort them into 1,000 classes.",
        value=lambda: {
            "means for 10 classes, Network in Network": boards.cells(
                boards.output_shape((8, 8, 192), nn.Conv2D(10, 1), nn.GlobalAveragePooling2D())
            ),
            "means for 1,000 classes, GoogLeNet": boards.cells(
                boards.output_shape((7, 7, 1024), nn.GlobalAveragePooling2D())
            ),
        },
        source=f"{sources.NETWORK_IN_NETWORK}; {sources.GOOGLENET}",
    ),
    Claim(
        "001-15",
        "4 Convolutional and dense layers understood",
        "In 2012 AlexNet brought the ImageNet error from 26 % to 15 %.",
        "26, 15",
        NOT_COMPUTABLE,
        "From 25.8 %, the winner of 2011, or 26.2 %, the second of 2012, to 15.3 %. All are top-5 errors.",
        figure=[26, 15],
        holds=lambda before, now: (round(before), round(now)) == (26, 15),
        published=[float(record.percent) for record in (records.XRCE_2011, records.ALEXNET)],
        source=f"{records.XRCE_2011.source}; {records.ALEXNET.source}",
    ),
    Claim(
        "001-16",
        "4 Convolutional and dense layers understood",
        "A 480×480 picture is an array of 480·480·3 numbers from 0 to 255.",
        "480 480*3; [0, 255]",
        EXACT,
        "The first × sign was lost in print. The range is that of one byte, as in MNIST's files.",
        value=lambda: [boards.flattened((480, 480, 3)), shipped.byte_range()],
        figure=[480 * 480 * 3, [0, 255]],
    ),
    Claim(
        "001-17",
        "4 Convolutional and dense layers understood",
        "Hubel and Wiesel's experiment is of 1962.",
        "1962",
        NOT_COMPUTABLE,
        "Their great paper on the cat's visual cortex is of 1962; a short one on cells that prefer one "
        "orientation is of 1959.",
        figure="1962",
        published="1962",
        source=sources.HUBEL_WIESEL,
    ),
    Claim(
        "001-18",
        "4 Convolutional and dense layers understood",
        "A 5×5 kernel on a 32×32×3 input is 5×5×3: as deep as the input.",
        "5×5×3",
        EXACT,
        "It has 75 weights; on a grey image, which has one channel, it would have a third of them.",
        value=lambda: boards.conv_weights((5, 5), in_channels=3),
        figure=5 * 5 * 3,
    ),
    Claim(
        "001-19",
        "4 Convolutional and dense layers understood",
        "A 5×5×3 kernel adds up 75 products at each position.",
        "75",
        EXACT,
        "One multiply-accumulate for each weight.",
        value=lambda: boards.macs((5, 5, 3), nn.Conv2D(1, 5)),
        figure=75,
    ),
    Claim(
        "001-20",
        "4 Convolutional and dense layers understood",
        "One 5×5×3 kernel on 32×32×3 gives 28×28×1.",
        "28 × 28 × 1",
        EXACT,
        "32 − 5 + 1 each way.",
        value=lambda: boards.output_shape((32, 32, 3), nn.Conv2D(1, 5)),
        figure=(28, 28, 1),
    ),
    Claim(
        "001-21",
        "4 Convolutional and dense layers understood",
        "Two 5×5×3 kernels on 32×32×3 give 28×28×2.",
        "28 × 28 × 2",
        EXACT,
        "One map for each kernel.",
        value=lambda: boards.output_shape((32, 32, 3), nn.Conv2D(2, 5)),
        figure=(28, 28, 2),
    ),
    Claim(
        "001-22",
        "4 Convolutional and dense layers understood",
        "More kernels keep the spatial size better.",
        "better",
        WRONG,
        "The number of kernels changes the depth alone; height and width stay the same.",
        value=lambda: {
            f"kernels {count}, height": boards.output_shape((32, 32, 3), nn.Conv2D(count, 5))[0]
            for count in (1, 2, 8)
        },
        holds=lambda one, two, eight: one < two < eight,
    ),
)
