"""Catalogue lines of the networks with shortcuts: ResNet, DenseNet, and the plain ones beside them."""

from collections.abc import Callable
from typing import Any

from models.cifar_resnet import CIFAR10, plain20, plain56, resnet20, resnet56, resnet110
from models.deep_networks import FOR_IMAGENET
from models.densenet import dense_block, densenet40_12, densenet121, densenet169, densenet201, densenet264
from models.network import Network, Published
from models.resnet import (
    plain18,
    plain34,
    resnet18,
    resnet18_option_a,
    resnet34,
    resnet34_option_a,
    resnet50,
    resnet50_v1_5,
    resnet101,
    resnet101_v1_5,
    resnet152,
    resnet152_v1_5,
)
from models.well_known import MILLION, keras_applications, torchvision

RESNET = "He, Zhang, Ren and Sun, Deep residual learning, CVPR 2016, table 1"
CIFAR_RESNET = "He, Zhang, Ren and Sun, Deep residual learning, CVPR 2016, §4.2"
DENSENET = "Huang, Liu, van der Maaten and Weinberger, Densely connected networks, CVPR 2017"

OPTION_B = (
    "Option B: a 1×1 convolution where the shape changes, as in torchvision. The paper's main "
    "comparison of 18 and 34 layers is made with option A, which stores 173,824 numbers less."
)
OPTION_A = (
    "Option A: the shortcut takes every second cell and appends zeros, and stores nothing. The zeros are "
    "x − x, joined to x, so that no layer of its own is needed."
)
PLAIN = "As many parameters as the residual network with option A, which is what makes them comparable."
V1 = (
    "The first 1×1 convolution of a stage moves by 2, as published. The pooling is padded by 1, as in "
    "keras.applications and torchvision; the authors' Caffe file rounds up instead."
)
V1_5 = (
    "Not the published network: the 3×3 convolution moves by 2, as in torchvision, where {name} is the "
    "paper's."
)
BIASES = "it keeps biases in front of the normalisations, which take them away again"
STRIDE = "there the 3×3 convolution moves by 2, not the 1×1 before it"
ROUNDING = "ours rounds up; the paper does not show what it counts"
PROJECTIONS = "the paper's is what option A takes, without projections"


def _work(hundred_millions: int, why: str = "") -> tuple[Published, ...]:
    """Return what table 1 prints as FLOPs, multiply-accumulates in hundred millions."""
    value = hundred_millions * 100 * MILLION
    return (Published("multiply-accumulates", value, "table 1, FLOPs", why, unit=100 * MILLION),)


def _resnet(
    builder: Callable[..., Any], note: str, work: tuple[Published, ...], elsewhere: tuple[Published, ...] = ()
) -> Network:
    return Network(builder, RESNET, **FOR_IMAGENET, year=2015, note=note, published=work, elsewhere=elsewhere)


def _v1(
    builder: Callable[..., Any], work: tuple[Published, ...], theirs: str, biased: int, torch: tuple[int, int]
) -> Network:
    elsewhere = keras_applications(theirs, biased, BIASES) + torchvision(
        builder.__name__, *torch, why_macs=STRIDE
    )
    return _resnet(builder, V1, work, elsewhere)


def _v1_5(builder: Callable[..., Any], parameters: int, macs: int) -> Network:
    name = builder.__name__.removesuffix("_v1_5")
    return _resnet(builder, V1_5.format(name=name), (), torchvision(name, parameters, macs))


def _cifar(builder: Callable[..., Any], value: int, rounded: int, unit: int) -> Network:
    return Network(
        builder,
        CIFAR_RESNET,
        input_shape=(32, 32, 3),
        outputs=CIFAR10,
        year=2015,
        published=(Published("trainable parameters", rounded, "table 6", unit=unit),),
        elsewhere=(Published("trainable parameters", value, "ports with option A"),),
        note="Option A, as in the paper: shortcuts store nothing. Many ports project instead and have more.",
    )


def _densenet(builder: Callable[..., Any], value: int, macs: int) -> Network:
    name = builder.__name__
    return Network(
        builder,
        f"{DENSENET}, table 1",
        **FOR_IMAGENET,
        year=2016,
        elsewhere=keras_applications(name.replace("densenet", "DenseNet"), value)
        + torchvision(name, value, macs),
    )


RESIDUAL_NETWORKS = (
    _resnet(resnet18, OPTION_B, _work(18), torchvision("resnet18", 11_689_512, 1_814)),
    _resnet(resnet34, OPTION_B, _work(36, PROJECTIONS), torchvision("resnet34", 21_797_672, 3_664)),
    _resnet(resnet18_option_a, OPTION_A, _work(18)),
    _resnet(resnet34_option_a, OPTION_A, _work(36)),
    _resnet(plain18, PLAIN, _work(18)),
    _resnet(plain34, PLAIN, _work(36)),
    _v1(resnet50, _work(38, ROUNDING), "ResNet50", 25_583_592, (25_557_032, 4_089)),
    _v1(resnet101, _work(76), "ResNet101", 44_601_832, (44_549_160, 7_801)),
    _v1(resnet152, _work(113), "ResNet152", 60_268_520, (60_192_808, 11_514)),
    _v1_5(resnet50_v1_5, 25_557_032, 4_089),
    _v1_5(resnet101_v1_5, 44_549_160, 7_801),
    _v1_5(resnet152_v1_5, 60_192_808, 11_514),
    _cifar(resnet20, 269_722, 270_000, 10_000),
    _cifar(resnet56, 853_018, 850_000, 10_000),
    _cifar(resnet110, 1_727_962, 1_700_000, 100_000),
    Network(plain20, CIFAR_RESNET, input_shape=(32, 32, 3), outputs=CIFAR10, year=2015, note=PLAIN),
    Network(plain56, CIFAR_RESNET, input_shape=(32, 32, 3), outputs=CIFAR10, year=2015, note=PLAIN),
    _densenet(densenet121, 7_978_856, 2_834),
    _densenet(densenet169, 14_149_480, 3_360),
    _densenet(densenet201, 20_013_928, 4_291),
    Network(
        densenet264,
        f"{DENSENET}, table 1",
        **FOR_IMAGENET,
        year=2016,
        elsewhere=(Published("trainable parameters", 33_337_704, "documentation of other libraries"),),
        note="Neither keras.applications nor torchvision has it. Table 1's blocks make 265 "
        "layers with weights, one more than the name says.",
    ),
    Network(
        densenet40_12,
        f"{DENSENET}, table 2",
        input_shape=(32, 32, 3),
        outputs=CIFAR10,
        year=2016,
        published=(Published("trainable parameters", MILLION, "table 2", unit=MILLION // 10),),
        elsewhere=(
            Published("trainable parameters", 1_019_722, "ports for CIFAR-10"),
            Published(
                "trainable parameters",
                1_059_298,
                "the authors' later code",
                "24 maps enter its first block; §3 says 16",
            ),
        ),
        note="Without the dropout of 0.2 behind each convolution, which they use only where images are "
        "not varied.",
    ),
    Network(
        dense_block,
        f"{DENSENET}, figure 1",
        input_shape=(32, 32, 6),
        year=2016,
        note="Five layers with growth rate 4. The last concatenation is what the next part of a network "
        "reads.",
    ),
)
