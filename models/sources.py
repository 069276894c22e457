"""The published sources that the claims cite, each written once: author, title, year."""

ALEXNET = (
    "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, 2012"
)
BACKPROP = (
    "Linnainmaa, The representation of the cumulative rounding error of an algorithm (thesis, "
    "Helsinki), 1970; Werbos, Beyond regression (thesis, Harvard), 1974; Waibel et al., Phoneme "
    "recognition using time-delay neural networks, 1989"
)
BATCH_NORM = "Ioffe and Szegedy, Batch normalization, 2015"
DENSENET = "Huang, Liu, van der Maaten and Weinberger, Densely connected convolutional networks, 2017"
DILATION = "Yu and Koltun, Multi-scale context aggregation by dilated convolutions, 2016"
GOOGLENET = "Szegedy et al., Going deeper with convolutions, 2015"
GUIDE = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016"
HAN_KAMBER = "Han and Kamber, Data mining: concepts and techniques, 2000"
HUBEL_WIESEL = (
    "Hubel and Wiesel, Receptive fields, binocular interaction and functional architecture in the "
    "cat's visual cortex, 1962"
)
ILSVRC_2012 = "ImageNet, Large scale visual recognition challenge 2012: all results, 2012"
ILSVRC_2013 = "ImageNet, Large scale visual recognition challenge 2013: results, 2013"
ILSVRC_2016 = "ImageNet, Large scale visual recognition challenge 2016: results, 2016"
ILSVRC = "Russakovsky et al., ImageNet large scale visual recognition challenge, 2015"
KERAS = "Chollet et al., Keras API reference, Conv2DTranspose layer, 2015"
KERAS_VIS = "Kotikalapudi et al., keras-vis, examples/mnist/attention.ipynb, 2017"
LENET = (
    "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86(11), November 1998"
)
NEOCOGNITRON = (
    "Fukushima, Neocognitron: a self-organizing neural network model for a mechanism of pattern "
    "recognition unaffected by shift in position, 1980"
)
NETWORK_IN_NETWORK = "Lin, Chen and Yan, Network in network, 2014"
NOBEL = "The Nobel Foundation, The Nobel Prize in Physiology or Medicine 1981, 1981"
PYTORCH = "PyTorch documentation, torch.nn.MaxPool2d: implicit negative infinity padding, 2023"
RECTIFIERS = "He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015"
RESNET = "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2016"
SALIENCY = (
    "Simonyan, Vedaldi and Zisserman, Deep inside convolutional networks: visualising image "
    "classification models and saliency maps, 2014"
)
SELF_ORGANISING = (
    "Hopfield, Neural networks and physical systems, 1982; Kohonen, Self-organized formation of "
    "topologically correct feature maps, 1982; Carpenter and Grossberg, ART 2, 1987"
)
SENET = "Hu, Shen and Sun, Squeeze-and-excitation networks, 2018"
SIANN = "Zhang et al., Shift-invariant pattern recognition neural network and its optical architecture, 1988"
VGG = "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2015"
YOLO = "Redmon, Divvala, Girshick and Farhadi, You only look once, 2016"
ZFNET = "Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014"
ZIP_CODES = (
    "LeCun et al., Backpropagation applied to handwritten zip code recognition, Neural Computation 1(4), 1989"
)
