// What the calculator says of settings that cannot be, in English and Chinese.

export const paperWords = {
  en: {
    paperNotWhole: "{setting} must be a whole number, not {value}. Write a number such as 3.",
    paperTooSmall: "{setting} must be at least {least}, not {value}.",
    paperTooLarge: "{setting} is {value}, which is too large. Write a smaller number.",
    paperNumberTooLarge: "The map becomes too large to count. Choose a smaller input or smaller settings.",
    paperAxes: "{setting} is {value}. It needs one number for all axes, or {rank}: one for each axis.",
    paperWord: "{setting} must be one of {words}, not {value}.",
    paperInputShape: "The input is {value}. Write height, width and channels, such as 28, 28, 1.",
    paperKernelTooLarge:
      "A window of {kernel} does not fit into {size} cells. Choose a smaller window, the padding same, or " +
      "a larger input.",
    paperDilatedTooLarge:
      "A kernel of {kernel} with this dilation spans {span} cells and does not fit into {size}. Choose a " +
      "smaller kernel or dilation, the padding same, or a larger input.",
    paperDilationWithStride:
      "Keras takes no stride above 1 together with a dilation above 1. Set strides ({strides}) or " +
      "dilation_rate ({dilation}) to 1.",
    paperGroups:
      "{groups} groups must divide both the {channels} channels and the {filters} filters. Choose groups " +
      "or filters such that nothing is left over.",
    paperNormGroups: "{groups} groups must divide the {channels} channels. Choose another number of groups.",
    paperOutputPadding: "The output_padding ({outputPadding}) must be smaller than the stride ({stride}).",
    paperNotAMap: "{kind} takes a map with {axes} axes, the channels last. It was given the shape {shape}.",
    paperNotAVector: "{kind} takes a vector. Put a Flatten before it.",
    paperAxis: "{kind} works along axis {axis}, and the shape {shape} has no such axis.",
    paperShapesDiffer:
      "{kind} joins maps whose sizes must agree, and these do not: {shapes}. Change the branches alike.",
    paperMapsDiffer: "The maps that are joined have different places: {shapes}. Change the branches alike.",
    paperCropsAll: "Cropping {before} + {after} leaves nothing of {size} cells. Crop less.",
    paperReshape: "{values} values do not fill the shape {target}. The input must keep its number of values.",
    paperOrder: "The order {dims} does not name each axis of {shape} once.",
    paperNothingLeft: "Nothing is left of the map: its shape would be {shape}. Choose smaller settings.",
    paperConnections: "Each filter needs a list of different maps that it reads.",
    paperMapMissing:
      "The table of connections names map {map}, and there are {channels}, counted from 0. The layer " +
      "before needs more filters.",
    paperCodes: "The codes have {length} numbers each, and the input has the shape {shape}.",
    paperCodesDiffer: "The codes must all have the same length.",
    paperInputs: "{kind} cannot read {inputs} inputs.",
    paperReadsMissing: "It reads the layer {layer}, which is not there or comes later.",
    paperCannotRead: "The settings of this layer cannot be read.",
    paperWaits: "Not counted: it waits for the layer {layer}, which has a problem.",
    paperNoFormula: "The calculator has no formula for {kind}. Its multiply-accumulates are not known.",
    paperInputUnknown: "The shape of its input is not known.",
    paperNoLayer: "The network has no layer {layer}.",
    paperNoSetting: "The setting {setting} of {layer} ({kind}) cannot be changed here.",
  },
  zh: {
    paperNotWhole: "{setting} 必须是整数，不能是 {value}。请输入整数，例如 3。",
    paperTooSmall: "{setting} 至少为 {least}，不能是 {value}。",
    paperTooLarge: "{setting} 的值 {value} 太大。请输入较小的数。",
    paperNumberTooLarge: "特征图太大，无法计算。请减小输入或设置值。",
    paperAxes: "{setting} 的值是 {value}。请为所有轴给出一个数，或给出 {rank} 个数，每个轴一个。",
    paperWord: "{setting} 必须是 {words} 之一，不能是 {value}。",
    paperInputShape: "输入是 {value}。请写出高、宽和通道数，例如 28、28、1。",
    paperKernelTooLarge:
      "大小为 {kernel} 的窗口放不进 {size} 个单元。请减小窗口，使用 same 填充，或增大输入。",
    paperDilatedTooLarge:
      "大小为 {kernel} 的卷积核扩张后跨 {span} 个单元，放不进 {size} 个单元。" +
      "请减小卷积核或扩张率，使用 same 填充，或增大输入。",
    paperDilationWithStride:
      "Keras 不支持大于 1 的步幅与大于 1 的扩张率同时使用。" +
      "请把 strides（{strides}）或 dilation_rate（{dilation}）设为 1。",
    paperGroups:
      "{groups} 个分组必须同时整除 {channels} 个通道和 {filters} 个卷积核。请调整分组数或卷积核数。",
    paperNormGroups: "{groups} 个分组必须整除 {channels} 个通道。请换一个分组数。",
    paperOutputPadding: "output_padding（{outputPadding}）必须小于步幅（{stride}）。请减小它。",
    paperNotAMap: "{kind} 的输入应是 {axes} 个轴的特征图，通道在最后，但它得到的形状是 {shape}。",
    paperNotAVector: "{kind} 的输入应是向量。请在它前面加一个 Flatten。",
    paperAxis: "{kind} 沿第 {axis} 轴计算，但形状 {shape} 没有这个轴。",
    paperShapesDiffer: "{kind} 合并的特征图大小必须一致，而这些不一致：{shapes}。请对各分支作相同的改动。",
    paperMapsDiffer: "合并的特征图位置不同：{shapes}。请对各分支作相同的改动。",
    paperCropsAll: "裁剪 {before} + {after} 后，{size} 个单元一个也不剩。请少裁剪一些。",
    paperReshape: "{values} 个值不能填满形状 {target}。输入的值的个数必须保持不变。",
    paperOrder: "顺序 {dims} 没有把 {shape} 的每个轴各列出一次。",
    paperNothingLeft: "特征图什么也不剩：形状会是 {shape}。请减小设置值。",
    paperConnections: "每个卷积核都需要一个列表，列出它读取的不同特征图。",
    paperMapMissing: "连接表用到第 {map} 个特征图，但只有 {channels} 个（从 0 数起）。前一层需要更多卷积核。",
    paperCodes: "每个码有 {length} 个数，而输入的形状是 {shape}。",
    paperCodesDiffer: "所有码的长度必须相同。",
    paperInputs: "{kind} 不能读取 {inputs} 个输入。",
    paperReadsMissing: "它读取的层 {layer} 不存在，或者排在它后面。",
    paperCannotRead: "无法读取该层的设置。",
    paperWaits: "未计算：它在等待层 {layer}，那一层有问题。",
    paperNoFormula: "计算器没有 {kind} 的公式。它的乘加次数未知。",
    paperInputUnknown: "它的输入形状未知。",
    paperNoLayer: "网络中没有层 {layer}。",
    paperNoSetting: "层 {layer}（{kind}）的设置 {setting} 不能在这里更改。",
  },
};
