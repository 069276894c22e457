/** What is said of how a number comes about, in English and Chinese. */

export const sightWords = {
  en: {
    sightSum:
      "Each value is multiplied by its weight, and the products are added up. " +
      "Number of products: {count}.",
    sightSumAndBias:
      "Each value is multiplied by its weight. The products are added up, and the bias is added. " +
      "Number of products: {count}.",
    sightAdded: "The values at this place of all inputs are added up.",
    sightSubtracted: "The value of the second input is subtracted from the value of the first.",
    sightAveraged: "This is the mean of the values at this place of all inputs.",
    sightSummed: "The values in the window are added up. Number of values: {count}.",
    sightSubsampled:
      "The values in the window are added up. The sum is multiplied by the map's coefficient, and the " +
      "bias is added.",
    sightMean: "This is the mean of the values that are read. Number of values: {count}.",
    sightCopy: "The layer copies this value and does not change it.",
    sightBlend:
      "The value is interpolated: each neighbouring cell counts with its share. " +
      "Number of cells: {count}.",
    sightScale: "The value is multiplied by one number, and another number is added.",
    sightBatchScaled:
      "The layer subtracts a stored mean, divides by a stored standard deviation, and then scales and " +
      "shifts the result.",
    sightLargest: "This is the largest of the values that are read. Number of values: {count}.",
    sightLargestOfAlike:
      "This is the largest of the values that are read. {alike} of the {count} values are equally large.",
    sightSmallest: "This is the smallest of the values that are read. Number of values: {count}.",
    sightSmallestOfAlike:
      "This is the smallest of the values that are read. {alike} of the {count} values are equally small.",
    sightProduct: "The values at this place of all inputs are multiplied by each other.",
    sightSoftmax:
      "Softmax raises e to the power of each of the {count} values, and divides this power by the sum " +
      "of all powers.",
    sightLogSoftmax: "This is the logarithm of the softmax of {count} values.",
    sightFunction: "The activation {function} is applied to this one value.",
    sightNormalise:
      "The layer computes mean and variance of {count} values, brings this value to mean 0 and variance " +
      "1, and scales and shifts it.",
    sightNearChannels:
      "The value is divided by a power of the sum of squares of the neighbouring channels. " +
      "Number of channels: {count}.",
    sightDistance: "This is the squared distance to a stored code: the squared differences are added up.",
    sightInOut:
      "The working of a {kind} layer is not shown number by number. You see the {count} values that go " +
      "in and the value that comes out.",
    sightPadding: "{count} of the values are padding. They count as 0.",
    sightBorder: "This cell belongs to the border that the layer adds. Its value is fixed.",
    sightNothingRead: "No cell of the input reaches this cell.",
    sightSeparable:
      "A separable convolution has two parts: a depthwise convolution of each channel, and a 1×1 " +
      "convolution that mixes the results. Each weight shown combines both.",
  },
  zh: {
    sightSum: "每个值乘以对应的权重，再把所有乘积相加。乘积个数：{count}。",
    sightSumAndBias: "每个值乘以对应的权重，把所有乘积相加，再加上偏置。乘积个数：{count}。",
    sightAdded: "把所有输入在该位置的值相加。",
    sightSubtracted: "用第一个输入的值减去第二个输入的值。",
    sightAveraged: "所有输入在该位置的值的平均值。",
    sightSummed: "把窗口中的值相加。值的个数：{count}。",
    sightSubsampled: "把窗口中的值相加，乘以该特征图的系数，再加上偏置。",
    sightMean: "所读取的值的平均值。值的个数：{count}。",
    sightCopy: "该层直接复制这个值，不作改变。",
    sightBlend: "该值由插值得到：每个相邻单元按各自的比例计入。单元个数：{count}。",
    sightScale: "该值乘以一个数，再加上另一个数。",
    sightBatchScaled: "该层减去存储的均值，除以存储的标准差，再对结果进行缩放和平移。",
    sightLargest: "所读取的值中的最大值。值的个数：{count}。",
    sightLargestOfAlike: "所读取的值中的最大值。{count} 个值中有 {alike} 个同为最大。",
    sightSmallest: "所读取的值中的最小值。值的个数：{count}。",
    sightSmallestOfAlike: "所读取的值中的最小值。{count} 个值中有 {alike} 个同为最小。",
    sightProduct: "把所有输入在该位置的值相乘。",
    sightSoftmax: "Softmax 对 {count} 个值分别计算 e 的幂，再除以所有幂之和。",
    sightLogSoftmax: "{count} 个值的 softmax 的对数。",
    sightFunction: "对这一个值应用激活函数 {function}。",
    sightNormalise: "该层计算 {count} 个值的均值和方差，把这个值变换为均值 0、方差 1 的尺度，再进行缩放和平移。",
    sightNearChannels: "该值除以相邻通道平方和的幂。通道个数：{count}。",
    sightDistance: "与存储的编码之间的平方距离：把所有差的平方相加。",
    sightInOut: "{kind} 层的计算过程不逐个显示。这里列出输入的 {count} 个值和输出的值。",
    sightPadding: "其中 {count} 个值来自填充，按 0 计算。",
    sightBorder: "该单元属于这一层添加的边框，它的值是固定的。",
    sightNothingRead: "输入中没有任何单元影响到该单元。",
    sightSeparable: "可分离卷积由两部分组成：对每个通道分别进行的深度卷积，以及混合结果的 1×1 卷积。这里的每个权重已合并两部分。",
  },
};
