"""The catalogue's entries for the networks from 1980 to 2014, before the deep ones."""

from models.alexnet import alexnet, alexnet_one_weird_trick, alexnet_ungrouped
from models.cifar_resnet import CIFAR10
from models.imagenet import IMAGENET
from models.lecun1989 import lecun1989
from models.lenet5 import lenet5, lenet5_modern
from models.neocognitron import neocognitron
from models.network import ErrorRate, Network, Published
from models.nin import nin_cifar10, nin_imagenet
from models.pixels import Pixels
from models.tdnn import tdnn
from models.well_known import MILLION, imgclsmob, torchvision
from models.zfnet import zfnet

DIGITS = tuple("0123456789")
LECUN_1989, LECUN_1998 = "LeCun et al. 1989, §3", "LeCun et al. 1998, §II.B"


def _of_layers(source: str, **layers: tuple[int, int]) -> tuple[Published, ...]:
    """Return a paper's parameters and connections of each layer."""
    return tuple(
        Published(f"{layer} {quantity}", value, source)
        for layer, values in layers.items()
        for quantity, value in zip(("parameters", "connections"), values, strict=True)
    )


EARLY_NETWORKS = (
    Network(
        neocognitron,
        source="Fukushima, Neocognitron, 1980; sizes from its table 1",
        input_shape=(16, 16, 1),
        note="A stand-in: cells and sizes are the paper's, but its thinning-out between layers is only "
        "drawn there, and its learning without labels is not here. The paper prints no total; "
        "its fixed weights are not counted.",
        year=1980,
    ),
    Network(
        tdnn,
        source="Waibel, Hanazawa, Hinton, Shikano and Lang 1989, after secondary sources",
        input_shape=(15, 16),
        outputs=("b", "d", "g"),
        note="15 frames of 16 coefficients. The paper adds up over time with fixed, equal weights, "
        "here 1/9; a trained output would add 6 parameters (one tied weight and a bias a class) or 30.",
        year=1989,
    ),
    Network(
        lecun1989,
        source="LeCun et al., Backpropagation applied to handwritten zip code recognition, 1989",
        input_shape=(16, 16, 1),
        outputs=DIGITS,
        published=(
            Published("parameters", 9_760, LECUN_1989),
            Published("connections", 64_660, LECUN_1989),
            *_of_layers(
                LECUN_1989, h1=(1_068, 19_968), h2=(2_592, 38_592), h3=(5_790, 5_790), output=(310, 310)
            ),
        ),
        elsewhere=(Published("parameters", 9_760, "karpathy/lecun1989-repro"),),
        note="Each unit of H1 and H2 has a bias of its own. Which eight maps of H1 a map of H2 reads is "
        "not published; the table is that of lecun1989-repro. Images of another size are "
        "resized to 16×16. The softmax at the end is ours.",
        pixels=Pixels((-1.0, 1.0)),
        year=1989,
        resized="resized to 16×16, as the paper did with its zip codes",
        recipe="gentle",
        test_error=ErrorRate(5.0, "2,007 digits of zip codes", "LeCun et al. 1989"),
    ),
    Network(
        lenet5,
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document "
        "recognition, 1998, §II.B",
        input_shape=(32, 32, 1),
        outputs=DIGITS,
        published=(
            Published("trainable parameters", 60_000, LECUN_1998),
            Published("connections", 340_908, LECUN_1998),
            *_of_layers(LECUN_1998, c1=(156, 122_304), s2=(12, 5_880), c3=(1_516, 151_600), s4=(32, 2_000)),
            Published("c5 connections", 48_120, LECUN_1998),
            Published("f6 parameters", 10_164, LECUN_1998),
        ),
        elsewhere=(
            Published(
                "trainable parameters",
                61_706,
                "Dive into Deep Learning, §7.6",
                "C3 reads all maps, sub-sampling learns nothing, the output is dense",
            ),
            Published(
                "trainable parameters",
                431_080,
                "BVLC lenet",
                "28×28 without a border, 20 and 50 maps, 500 hidden units, maximum pooling",
            ),
        ),
        note="The output layer's 840 numbers are pictures of the digits, and fixed. Smaller images get "
        "a border of background up to 32×32. The last two layers turn distances into probabilities; they "
        "are ours and count nothing.",
        pixels=Pixels((-0.1, 1.175)),
        year=1998,
        resized="given a border of background up to 32×32, as in the paper",
        recipe="map",
        test_error=ErrorRate(0.95, "mnist", "LeCun et al. 1998, §III, trained without distortions"),
    ),
    Network(
        lenet5_modern,
        source="what is called LeNet-5 today, as in Dive into Deep Learning, §7.6",
        input_shape=(32, 32, 1),
        outputs=DIGITS,
        published=(Published("parameters", 61_706, "d2l.ai, §7.6, counted from its listing"),),
        note="Not the network of 1998: C3 reads all maps, sub-sampling learns nothing, the output is "
        "a dense layer.",
        resized="given a border of zeros up to 32×32, as LeNet-5's in the paper of 1998",
        recipe="sgd",
    ),
    Network(
        alexnet,
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional "
        "neural networks, 2012",
        input_shape=(227, 227, 3),
        outputs=IMAGENET,
        published=(Published("parameters", 60 * MILLION, "abstract", "cut off, not rounded", unit=MILLION),),
        elsewhere=(
            Published("parameters", 60_965_224, "BVLC bvlc_alexnet"),
            *torchvision("alexnet", 61_100_840, why="another network, alexnet_one_weird_trick"),
            *imgclsmob("alexnet", 62_378_344, "without groups, alexnet_ungrouped"),
        ),
        note="Two groups, as on two GPUs. The paper says 224×224, which does not make its 55×55 maps; "
        "227×227 does.",
        year=2012,
    ),
    Network(
        alexnet_ungrouped,
        source="AlexNet without groups, as most code has it",
        input_shape=(227, 227, 3),
        outputs=IMAGENET,
        elsewhere=imgclsmob("alexnet", 62_378_344),
        note="Not the network of 2012: every convolution sees all channels.",
    ),
    Network(
        alexnet_one_weird_trick,
        source="Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014, as "
        "in torchvision",
        input_shape=(224, 224, 3),
        outputs=IMAGENET,
        elsewhere=torchvision("alexnet", 61_100_840, 714),
        note="torchvision's alexnet: 64 filters in front instead of 96, no groups, no normalisation.",
        year=2014,
    ),
    Network(
        zfnet,
        source="Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014, figure 3",
        input_shape=(224, 224, 3),
        outputs=IMAGENET,
        elsewhere=imgclsmob("zfnet", 62_357_608)
        + imgclsmob("zfnetb", 107_627_624, "512, 1,024 and 512 maps in the last convolutions"),
        note="The network of figure 3; the entry that won in 2013 had more maps in its last convolutions.",
        year=2013,
    ),
    Network(
        nin_cifar10,
        source="Lin, Chen and Yan, Network in network, 2014, §4.1; sizes of the authors' Caffe file",
        input_shape=(32, 32, 3),
        outputs=CIFAR10,
        elsewhere=imgclsmob("nin_cifar10", 966_986),
        year=2014,
    ),
    Network(
        nin_imagenet,
        source="the NIN for ImageNet of the Caffe model zoo, by the paper's authors",
        input_shape=(224, 224, 3),
        outputs=IMAGENET,
        note="The paper has no ImageNet network, and no printed count of this one was found.",
        year=2014,
    ),
)
"""In the order in which they came."""
