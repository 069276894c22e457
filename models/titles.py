"""Names of the networks for people: `LeNet-5 (LeCun et al., 1998)`."""

_RESNET, _DENSENET = "He et al., 2015", "Huang et al., 2016"

TITLES = {
    "mnist": "A network for MNIST",
    "worked_example": "The worked example",
    "worked_example_classifier": "The worked example with an output layer",
    "numpy_cnn": "A network in NumPy (Zhou, 2019)",
    "x_or_not_x": "X or not X",
    "keras_vis_mnist": "keras-vis' network for MNIST (2017)",
    "neocognitron": "Neocognitron (Fukushima, 1980)",
    "tdnn": "Time-delay network (Waibel et al., 1989)",
    "lecun1989": "LeCun's network for zip codes (1989)",
    "lenet5": "LeNet-5 (LeCun et al., 1998)",
    "lenet5_modern": "LeNet-5 as it is drawn today",
    "alexnet": "AlexNet (Krizhevsky et al., 2012)",
    "alexnet_ungrouped": "AlexNet without groups",
    "alexnet_one_weird_trick": "AlexNet on one tower (Krizhevsky, 2014)",
    "zfnet": "ZFNet (Zeiler and Fergus, 2013)",
    "nin_cifar10": "Network in network for CIFAR-10 (Lin et al., 2014)",
    "nin_imagenet": "Network in network for ImageNet (Lin et al., 2014)",
    "vgg16": "VGG-16 (Simonyan and Zisserman, 2014)",
    "vgg19": "VGG-19 (Simonyan and Zisserman, 2014)",
    "googlenet": "GoogLeNet (Szegedy et al., 2014)",
    "googlenet_with_heads": "GoogLeNet with its side heads (Szegedy et al., 2014)",
    "inception_block": "Inception module 3a (Szegedy et al., 2014)",
    "yolo_v1": "YOLO (Redmon et al., 2015)",
    "yolo_v1_fast": "Fast YOLO (Redmon et al., 2015)",
    "vae_mnist": "Variational auto-encoder for MNIST (Kingma and Welling, 2014)",
    "dilated_context": "Context module of dilated convolutions (Yu and Koltun, 2015)",
    "resnet18": f"ResNet-18 ({_RESNET})",
    "resnet34": f"ResNet-34 ({_RESNET})",
    "resnet18_option_a": f"ResNet-18 with parameter-free shortcuts ({_RESNET})",
    "resnet34_option_a": f"ResNet-34 with parameter-free shortcuts ({_RESNET})",
    "plain18": f"Plain network of 18 layers ({_RESNET})",
    "plain34": f"Plain network of 34 layers ({_RESNET})",
    "resnet50": f"ResNet-50 ({_RESNET})",
    "resnet101": f"ResNet-101 ({_RESNET})",
    "resnet152": f"ResNet-152 ({_RESNET})",
    "resnet50_v1_5": "ResNet-50 v1.5",
    "resnet101_v1_5": "ResNet-101 v1.5",
    "resnet152_v1_5": "ResNet-152 v1.5",
    "resnet20": f"ResNet-20 for CIFAR-10 ({_RESNET})",
    "resnet56": f"ResNet-56 for CIFAR-10 ({_RESNET})",
    "resnet110": f"ResNet-110 for CIFAR-10 ({_RESNET})",
    "plain20": f"Plain network of 20 layers for CIFAR-10 ({_RESNET})",
    "plain56": f"Plain network of 56 layers for CIFAR-10 ({_RESNET})",
    "densenet121": f"DenseNet-121 ({_DENSENET})",
    "densenet169": f"DenseNet-169 ({_DENSENET})",
    "densenet201": f"DenseNet-201 ({_DENSENET})",
    "densenet264": f"DenseNet-264 ({_DENSENET})",
    "densenet40_12": f"DenseNet-40 for CIFAR-10, 12 maps a layer ({_DENSENET})",
    "dense_block": f"A dense block ({_DENSENET})",
    **{f"efficientnet_lite{n}": f"EfficientNet-Lite{n} (Tan and Le, 2020)" for n in range(5)},
}


def network_title(name: str) -> str:
    """Return what people call a network of the catalogue; any other name as it is.

    >>> network_title("lenet5"), network_title("my_net")
    ('LeNet-5 (LeCun et al., 1998)', 'my_net')
    """
    return TITLES.get(name, name)
