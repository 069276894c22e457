"""Catalogue lines of VGG, GoogLeNet, YOLO and others: paper, input, figures, and what differs."""

from collections.abc import Callable
from typing import Any

from models.dilated import dilated_context
from models.googlenet import googlenet, googlenet_with_heads, inception_block
from models.imagenet import IMAGENET, IMAGENET_SHAPE
from models.network import Network, Published
from models.vae import vae_mnist
from models.vgg import vgg16, vgg19
from models.well_known import MILLION, keras_applications, torchvision
from models.yolo import yolo_v1, yolo_v1_fast

PASCAL_VOC = tuple(
    "aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
    "pottedplant sheep sofa train tvmonitor".split()
)
FOR_IMAGENET: dict[str, Any] = {"input_shape": IMAGENET_SHAPE, "outputs": IMAGENET}

VGG = "Simonyan and Zisserman, Very deep convolutional networks, ICLR 2015, table 1"
GOOGLENET = "Szegedy et al., Going deeper with convolutions, CVPR 2015"
YOLO = "Redmon, Divvala, Girshick and Farhadi, You only look once, CVPR 2016"
BOXES = "puts out two boxes and the classes for each of 7×7 cells"


def _vgg(builder: Callable[..., Any], column: str, millions: int, exact: int, macs: int) -> Network:
    return Network(
        builder,
        f"{VGG}, column {column}",
        **FOR_IMAGENET,
        year=2014,
        published=(Published("parameters", millions * MILLION, "table 2", unit=MILLION),),
        elsewhere=keras_applications(builder.__name__.upper(), exact)
        + torchvision(builder.__name__, exact, macs),
        note="Dropout 0.5 behind both hidden layers, as in §3.1; keras.applications leaves it out. The "
        "published weights expect blue, green, red with the mean colour subtracted.",
    )


ADDED_UP = "table 1, added up with K = 1,024"
TABLE_1 = (
    "a separable first convolution, no biases, and sums of several modules that are not those of their "
    "own filters"
)
NORMALISED = "3×3 where the paper has 5×5, and batch normalisation instead of biases"

DEEP_NETWORKS = (
    _vgg(vgg16, "D", 138, 138_357_544, 15_470),
    _vgg(vgg19, "E", 144, 143_667_240, 19_632),
    Network(
        googlenet,
        f"{GOOGLENET}, table 1",
        **FOR_IMAGENET,
        year=2014,
        published=(
            Published("parameters", 6_960_845, ADDED_UP, TABLE_1),
            Published("multiply-accumulates", 1_502 * MILLION, ADDED_UP, TABLE_1, unit=MILLION),
        ),
        elsewhere=(
            Published("parameters", 6_998_552, "BVLC bvlc_googlenet"),
            *torchvision("googlenet", 6_624_904, 1_498, why=NORMALISED, why_macs=NORMALISED),
        ),
        note="`same` pooling is Caffe's rounding up where sizes are even, as on 224×224.",
    ),
    Network(
        googlenet_with_heads,
        f"{GOOGLENET}, §5",
        **FOR_IMAGENET,
        year=2014,
        task="has three outputs, weighed 1, 0.3 and 0.3 in its loss",
        elsewhere=(
            Published("parameters", 13_378_280, "BVLC bvlc_googlenet, train_val.prototxt"),
            *torchvision("googlenet(aux_logits=True)", 13_004_888, why=NORMALISED),
        ),
        note="The two heads behind 4a and 4d are for training alone.",
    ),
    Network(
        inception_block,
        f"{GOOGLENET}, figure 2b, with the sizes of 3a in table 1",
        input_shape=(28, 28, 192),
        year=2014,
        published=(
            Published(
                "parameters", 159 * 1024, "table 1, 159K with K = 1,024", "without biases, and cut off"
            ),
        ),
        note="Without its biases it has 163,328 weights, 159.5 times 1,024.",
    ),
    Network(
        yolo_v1,
        f"{YOLO}, figure 3",
        input_shape=(448, 448, 3),
        outputs=PASCAL_VOC,
        year=2015,
        task=BOXES,
        elsewhere=(
            Published("parameters", 271_703_550, "darknet yolo.cfg of November 2015"),
            Published(
                "trainable parameters",
                197_301_875,
                "darknet yolov1.cfg",
                "another network: batch normalisation, a locally connected layer instead of the "
                "hidden one, three boxes",
            ),
        ),
        note="The output is the paper's 7×7×30; darknet stores the same numbers in another order.",
    ),
    Network(
        yolo_v1_fast,
        f"{YOLO}, §2.1 (Fast YOLO)",
        input_shape=(448, 448, 3),
        outputs=PASCAL_VOC,
        task=BOXES,
        year=2015,
        elsewhere=(
            Published("parameters", 45_089_374, "darknet yolo-tiny.cfg of 2015"),
            Published(
                "trainable parameters",
                27_095_374,
                "darknet yolov1-tiny.cfg",
                "another network: eight convolutions with batch normalisation, no hidden layers",
            ),
        ),
        note="The paper gives only the number of convolutions, nine.",
    ),
    Network(
        vae_mnist,
        "Kingma and Welling 2014; layers of keras.io's example Variational AutoEncoder",
        input_shape=(28, 28, 1),
        task="puts out a picture, a mean and a log variance",
        year=2014,
        published=(Published("parameters", 69_076 + 65_089, "keras.io: encoder and decoder"),),
        note="z is drawn while training, by Gaussian noise added to zeros, and is the mean afterwards.",
    ),
    Network(
        dilated_context,
        "Yu and Koltun, Multi-scale context aggregation, ICLR 2016, table 1",
        input_shape=(64, 64, 21),
        task="puts out a map for each class",
        year=2015,
        published=(Published("parameters", 28_224, "64·C² with C = 21 classes", "without biases"),),
        note="A border of zeros; the paper reflects the image, and finds no difference.",
    ),
)
