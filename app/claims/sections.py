"""The sections of the articles: where a claim stands, for a reader who has the Chinese text.

A section is named by its heading in English and in Chinese; a heading below another one follows it after a colon.
"""

SECTIONS: dict[str, dict[str, str]] = {
    "000": {
        "Opening": "开头",
        "Filters": "筛选器",
        "Pooling": "池化",
        "Flattening": "压平",
        "The neural network": "神经网络(最终)",
        "Training": "训练",
    },
    "001": {
        "1 Why dense networks do worse on images": "⑴ 为什么全连接神经网络在图像识别中不如卷积神经网络",
        "2 The structure of a convolutional network": "⑵ 卷积神经网络的结构",
        "3 Dense layers, 1×1 convolutions and GAP": "⑶ 全连接层,1*1卷积,GAP的关系",
        "4 Convolutional and dense layers understood": "⑷ 理解神经网络卷积层、全连接层",
        "5 Convolutional networks: 2 The convolutional layer": "⑸ 卷积神经网络：2、二维卷积层",
        "5 Convolutional networks: 3 Feature maps and receptive fields": "⑸ 卷积神经网络：3、特征图与感受野",
        "5 Convolutional networks: 4 Padding and stride": "⑸ 卷积神经网络：4、填充和步幅",
        "5 Convolutional networks: 5 Several channels": "⑸ 卷积神经网络：5、多输入通道和多输出通道",
        "5 Convolutional networks: 6 Compared with dense layers": "⑸ 卷积神经网络：6、卷积层与全连接层的对比",
        "5 Convolutional networks: 7 Pooling": "⑸ 卷积神经网络：7、池化",
        "5 Convolutional networks: Exercises": "⑸ 卷积神经网络：练习",
        "6 Neural networks": "⑹ 神经网络：卷积神经网络(CNN)",
        "6 Neural networks: The topology": "⑹ 神经网络：定义网络拓扑",
        "6 Neural networks: Backpropagation": "⑹ 神经网络：后向传播算法学习过程",
        "6 Neural networks: How people see": "⑹ 神经网络：人类视觉原理",
        "6 Neural networks: LeNet": "⑹ 神经网络：LeNet网络结构",
    },
    "002": {
        "Introduction": "卷积神经网络简介",
        "The goal": "目标",
        "Convolution": "卷积",
        "Kernels": "卷积核",
        "Padding": "填充",
        "Using a convolutional layer": "卷积层的使用",
        "Using a convolutional layer: Code": "卷积层的使用：实现",
        "Pooling": "池化",
        "The softmax layer": "Softmax层",
        "Cross-entropy": "交叉熵损失",
        "Cross-entropy: Code": "交叉熵损失：实现",
    },
    "003": {
        "Convolution": "卷积运算",
        "Borders and padding": "了解边框效果和填充",
        "Stride": "了解步幅",
        "Pooling": "理解池化",
        "A classifier from the start": "从头开始训练基于 CNN 的图像分类器",
        "Getting MNIST": "获取 MNIST 数据集",
        "Preprocessing": "基本预处理",
        "The model in Keras": "使用 Tensorflow-Keras 创建 CNN 模型",
    },
    "004": {
        "Opening": "开头",
        "CNN review": "CNN评论",
        "Receptive fields and dilated convolutions": "感受野和扩张卷积",
        "Saliency maps": "显著性图",
        "Transposed convolutions": "转置卷积",
        "Classic networks": "经典网络",
        "Classic networks: LeNet-5": "经典网络：LeNet-5",
        "Classic networks: AlexNet": "经典网络：AlexNet",
        "Classic networks: ZFNet": "经典网络：ZFNet",
        "Classic networks: VGG": "经典网络：VGG16和VGG19",
        "Classic networks: GoogLeNet": "经典网络：GoogLeNet(Inception-v1)",
        "Classic networks: ResNet": "经典网络：ResNet",
        "Classic networks: DenseNet": "经典网络：DenseNet",
        "Summary": "总结",
    },
}
"""By article: the headings in order, in English, each with the article's own. `开头` is what stands above the first."""


def place(article: str, section: str) -> str:
    """Return where something stands in the articles.

    >>> place("003", "Stride")
    '003, section “Stride” (了解步幅)'
    """
    return f"{article}, section “{section}” ({SECTIONS[article][section]})"
