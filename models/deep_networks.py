"""Catalogue lines of the networks from 2014 on: paper, input, published figures, and what differs."""

from collections.abc import Callable
from typing import Any

from models.cifar_resnet import plain20, plain56, resnet20, resnet56, resnet110
from models.densenet import (
    dense_block,
    densenet40_12,
    densenet121,
    densenet169,
    densenet201,
    densenet264,
)
from models.dilated import dilated_context
from models.early_networks import CIFAR10, IMAGENET
from models.googlenet import googlenet, googlenet_with_heads, inception_block
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
from models.vae import vae_mnist
from models.vgg import vgg16, vgg19
from models.yolo import yolo_v1, yolo_v1_fast

PASCAL_VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
)  # fmt: skip
FOR_IMAGENET: dict[str, Any] = {"input_shape": (224, 224, 3), "outputs": IMAGENET}

VGG = "Simonyan and Zisserman, Very deep convolutional networks, ICLR 2015, table 1"
GOOGLENET = "Szegedy et al., Going deeper with convolutions, CVPR 2015"
RESNET = "He, Zhang, Ren and Sun, Deep residual learning, CVPR 2016, table 1"
CIFAR_RESNET = "He, Zhang, Ren and Sun, Deep residual learning, CVPR 2016, §4.2"
DENSENET = "Huang, Liu, van der Maaten and Weinberger, Densely connected networks, CVPR 2017"
YOLO = "Redmon, Divvala, Girshick and Farhadi, You only look once, CVPR 2016"


def _trainable(value: int, source: str) -> tuple[Published, ...]:
    return (Published("trainable parameters", value, source),)


def _vgg(builder: Callable[..., Any], column: str, value: int) -> Network:
    return Network(
        builder, f"{VGG}, column {column}", **FOR_IMAGENET, year=2014,
        published=(Published("parameters", value, "keras.applications and torchvision"),),
        note="Dropout 0.5 behind both hidden layers, as in §3.1; keras.applications leaves it out. The "
        "published weights expect blue, green, red with the mean colour subtracted.",
    )  # fmt: skip


def _resnet(builder: Callable[..., Any], value: int, where: str, note: str) -> Network:
    return Network(builder, RESNET, **FOR_IMAGENET, year=2015, note=note,
                   published=_trainable(value, where))  # fmt: skip


def _cifar_resnet(builder: Callable[..., Any], value: int, paper: str) -> Network:
    return Network(
        builder, CIFAR_RESNET, input_shape=(32, 32, 3), outputs=CIFAR10, year=2015,
        published=_trainable(value, f'ports with option A; the paper says "{paper}"'),
        note="Option A, as in the paper: shortcuts store nothing. Many ports project instead and have more.",
    )  # fmt: skip


def _densenet(builder: Callable[..., Any], value: int, where: str) -> Network:
    return Network(
        builder, f"{DENSENET}, table 1", **FOR_IMAGENET, year=2016,
        published=_trainable(value, where),
        note="keras.applications and torchvision have the same layers; their totals of all parameters "
        "count the moving statistics of batch normalisation too.",
    )  # fmt: skip


OPTION_B = (
    "Option B: a 1×1 convolution where the shape changes, as in torchvision. The paper's main "
    "comparison of 18 and 34 layers is made with option A, which stores 173,824 numbers less."
)
OPTION_A = (
    "Option A: the shortcut takes every second cell and appends zeros, and stores nothing. The zeros are "
    "x − x, joined to x, so that no layer of its own is needed."
)
PLAIN = (
    "As many parameters as the residual network with option A, which is what makes them comparable."
)
V1 = (
    "The first 1×1 convolution of a stage moves by 2, as published. torchvision moves with the 3×3 "
    "(see {name}_v1_5): the same total, 231 million more multiply-accumulates, a smaller receptive "
    "field. keras.applications keeps {biases} biases in front of the normalisation. The pooling is "
    "padded by 1, as in both of them; the authors' Caffe file rounds up instead."
)
V1_5 = (
    "Not the published network: the 3×3 convolution moves by 2, as in torchvision, where {name} is the "
    "paper's."
)
TORCHVISION = "torchvision, num_params"

DEEP_NETWORKS = (
    _vgg(vgg16, "D", 138_357_544),
    _vgg(vgg19, "E", 143_667_240),
    Network(
        googlenet, f"{GOOGLENET}, table 1", **FOR_IMAGENET, year=2014,
        published=(Published("parameters", 6_998_552, "BVLC bvlc_googlenet"),),
        note="torchvision's has batch normalisation, no biases, and 3×3 where the paper has 5×5 "
        "(6,624,904). Table 1 gives the first convolution 2.7K weights, which is a separable one; "
        "7×7×3×64 is 9,408. `same` pooling is Caffe's rounding up where sizes are even, as on 224×224.",
    ),
    Network(
        googlenet_with_heads, f"{GOOGLENET}, §5", **FOR_IMAGENET, year=2014,
        task="has three outputs, weighed 1, 0.3 and 0.3 in its loss",
        published=(Published("parameters", 13_378_280, "BVLC bvlc_googlenet, train_val.prototxt"),),
        note="The two heads behind 4a and 4d are for training alone.",
    ),
    Network(
        inception_block, f"{GOOGLENET}, figure 2b, with the sizes of 3a in table 1",
        input_shape=(28, 28, 192), year=2014,
        note="The paper's 159K is its 163,328 weights / 1,024, without the 368 biases.",
    ),
    _resnet(resnet18, 11_689_512, TORCHVISION, OPTION_B),
    _resnet(resnet34, 21_797_672, TORCHVISION, OPTION_B),
    Network(resnet18_option_a, RESNET, **FOR_IMAGENET, year=2015, note=OPTION_A),
    Network(resnet34_option_a, RESNET, **FOR_IMAGENET, year=2015, note=OPTION_A),
    Network(plain18, RESNET, **FOR_IMAGENET, year=2015, note=PLAIN),
    Network(plain34, RESNET, **FOR_IMAGENET, year=2015, note=PLAIN),
    _resnet(resnet50, 25_557_032, TORCHVISION, V1.format(name="resnet50", biases="26,560")),
    _resnet(resnet101, 44_549_160, TORCHVISION, V1.format(name="resnet101", biases="52,672")),
    _resnet(resnet152, 60_192_808, TORCHVISION, V1.format(name="resnet152", biases="75,712")),
    _resnet(resnet50_v1_5, 25_557_032, TORCHVISION, V1_5.format(name="resnet50")),
    _resnet(resnet101_v1_5, 44_549_160, TORCHVISION, V1_5.format(name="resnet101")),
    _resnet(resnet152_v1_5, 60_192_808, TORCHVISION, V1_5.format(name="resnet152")),
    _cifar_resnet(resnet20, 269_722, "0.27M"),
    _cifar_resnet(resnet56, 853_018, "0.85M"),
    _cifar_resnet(resnet110, 1_727_962, "1.7M"),
    Network(plain20, CIFAR_RESNET, input_shape=(32, 32, 3), outputs=CIFAR10, year=2015, note=PLAIN),
    Network(plain56, CIFAR_RESNET, input_shape=(32, 32, 3), outputs=CIFAR10, year=2015, note=PLAIN),
    _densenet(densenet121, 7_978_856, "keras.applications, torchvision"),
    _densenet(densenet169, 14_149_480, "keras.applications, torchvision"),
    _densenet(densenet201, 20_013_928, "keras.applications, torchvision"),
    Network(
        densenet264, f"{DENSENET}, table 1", **FOR_IMAGENET, year=2016,
        published=_trainable(33_337_704, "documentation of other libraries"),
        note="Neither keras.applications nor torchvision has it. Table 1's blocks make 265 "
        "layers with weights, one more than the name says.",
    ),
    Network(
        densenet40_12, f"{DENSENET}, table 2", input_shape=(32, 32, 3), outputs=CIFAR10, year=2016,
        published=_trainable(1_019_722, 'ports for CIFAR-10; the paper says "1.0M"'),
        note="16 maps enter the first block, as in §3; the authors' later code begins with 24. Without "
        "the dropout of 0.2 behind each convolution, which they use only where images are not varied.",
    ),
    Network(
        dense_block, f"{DENSENET}, figure 1", input_shape=(32, 32, 6), year=2016,
        note="Five layers, growth rate 4: 5·6/2 = 15 direct connections, L·(L + 1)/2 in a block of L "
        "layers. The last concatenation is what the next part of a network reads.",
    ),
    Network(
        yolo_v1, f"{YOLO}, figure 3", input_shape=(448, 448, 3), outputs=PASCAL_VOC, year=2015,
        task="puts out two boxes and the classes for each of 7×7 cells",
        published=(Published("parameters", 271_703_550, "darknet's yolo.cfg of November 2015"),),
        note="The output is the paper's 7×7×30; darknet stores the same numbers in another order. Its "
        "later yolov1.cfg is another network, with batch normalisation and a locally connected layer.",
    ),
    Network(
        yolo_v1_fast, f"{YOLO}, §2.1 (Fast YOLO)", input_shape=(448, 448, 3), outputs=PASCAL_VOC,
        task="puts out two boxes and the classes for each of 7×7 cells", year=2015,
        published=(Published("parameters", 45_089_374, "darknet's yolo-tiny.cfg of 2015"),),
        note="The paper gives only the number of convolutions, nine; darknet's later yolov1-tiny.cfg "
        "has eight, with batch normalisation.",
    ),
    Network(
        vae_mnist, "Kingma and Welling 2014; layers of keras.io's example Variational AutoEncoder",
        input_shape=(28, 28, 1), task="puts out a picture, a mean and a log variance", year=2014,
        published=(Published("parameters", 69_076 + 65_089, "keras.io: encoder and decoder"),),
        note="z is drawn while training, by Gaussian noise added to zeros, and is the mean afterwards.",
    ),
    Network(
        dilated_context, "Yu and Koltun, Multi-scale context aggregation, ICLR 2016, table 1",
        input_shape=(64, 64, 21), task="puts out a map for each class", year=2015,
        note="With C = 21 classes 64·C² = 28,224 weights, the paper's figure, and 8·21 biases. A border "
        "of zeros; the paper reflects the image, and finds no difference.",
    ),
)  # fmt: skip
