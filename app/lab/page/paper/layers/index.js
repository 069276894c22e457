// The kinds of layers that the calculator has formulas for, by Keras' names and ours.

import { makeCount, groupDigits, addCounts, multiplyExactly, productText, NO_COUNT } from "../counts.js";
import { PaperProblem } from "../problems.js";
import { borderLayer, flattenLayer, permuteLayer, repeatVectorLayer, reshapeLayer } from "./shaping.js";
import { upsamplingLayer, wantedSizeLayer } from "./shaping.js";
import { cCellsLayer, partialConvolutionLayer, radialBasisLayer } from "./classic.js";
import { responseNormalizationLayer, sCellsLayer, subsamplingLayer } from "./classic.js";
import { concatenateLayer, dotLayer, elementwiseOperation, mergeLayer } from "./joining.js";
import { reductionOperation } from "./joining.js";
import { keptWeight, plainLayer } from "./plain.js";
import { adaptivePoolingLayer, globalPoolingLayer, poolingLayer } from "./pooling.js";
import { convolutionLayer, depthwiseLayer, separableLayer, transposedLayer } from "./sliding.js";
import { attentionLayer, batchNormalizationLayer, denseLayer, embeddingLayer } from "./weighing.js";
import { groupNormalizationLayer, layerScaleLayer, normalizationLayer, preluLayer } from "./weighing.js";
import { scaledNormalizationLayer } from "./weighing.js";

const unchangedLayer = () => plainLayer();

/** How each kind is made: (settings, kind) → what `plainLayer` returns. */
const PAPER_KINDS = [
  [convolutionLayer, "Conv1D Conv2D Conv3D GroupedConv2D"],
  [depthwiseLayer, "DepthwiseConv1D DepthwiseConv2D"],
  [separableLayer, "SeparableConv1D SeparableConv2D"],
  [transposedLayer, "Conv1DTranspose Conv2DTranspose Conv3DTranspose"],
  [poolingLayer, "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D"],
  [globalPoolingLayer, "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D"],
  [globalPoolingLayer, "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D"],
  [adaptivePoolingLayer, "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D"],
  [adaptivePoolingLayer, "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D"],
  [denseLayer, "Dense"],
  [embeddingLayer, "Embedding"],
  [attentionLayer, "MultiHeadAttention"],
  [batchNormalizationLayer, "BatchNormalization"],
  [scaledNormalizationLayer, "LayerNormalization UnitNormalization RMSNormalization Softmax"],
  [groupNormalizationLayer, "GroupNormalization"],
  [normalizationLayer, "Normalization"],
  [preluLayer, "PReLU"],
  [layerScaleLayer, "LayerScale"],
  [mergeLayer, "Add Subtract Multiply Average Maximum Minimum CustomScaleLayer"],
  [concatenateLayer, "Concatenate"],
  [dotLayer, "Dot"],
  [borderLayer, "ZeroPadding1D ZeroPadding2D ZeroPadding3D ConstantPadding2D"],
  [borderLayer, "Cropping1D Cropping2D Cropping3D"],
  [upsamplingLayer, "UpSampling1D UpSampling2D UpSampling3D"],
  [wantedSizeLayer, "Resizing CenterCrop RandomCrop"],
  [flattenLayer, "Flatten"],
  [reshapeLayer, "Reshape"],
  [permuteLayer, "Permute"],
  [repeatVectorLayer, "RepeatVector"],
  [partialConvolutionLayer, "PartialConv2D"],
  [subsamplingLayer, "Subsampling2D"],
  [radialBasisLayer, "RadialBasis"],
  [responseNormalizationLayer, "LocalResponseNormalization"],
  [sCellsLayer, "SCells"],
  [cCellsLayer, "CCells"],
  [unchangedLayer, "Activation ReLU LeakyReLU ELU ScaledTanh Rescaling AutoContrast Dropout"],
  [unchangedLayer, "SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout"],
  [unchangedLayer, "GaussianNoise Identity"],
  [unchangedLayer, "ActivityRegularization Masking StochasticDepth RandomBrightness RandomColorDegeneration"],
  [unchangedLayer, "RandomColorJitter RandomContrast RandomElasticTransform RandomErasing RandomFlip"],
  [unchangedLayer, "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective"],
  [unchangedLayer, "RandomRotation RandomPosterization RandomSaturation RandomSharpness RandomShear"],
  [unchangedLayer, "RandomTranslation RandomZoom Solarization"],
];

const PAPER_LAYERS = new Map(
  PAPER_KINDS.flatMap(([make, kinds]) => kinds.split(" ").map((kind) => [kind, make])),
);
const PAPER_OPERATIONS = { elementwise: elementwiseOperation, reduction: reductionOperation };
const PAPER_WRAPPERS = { SpectralNormalization: spectralLayer, TimeDistributed: timeDistributedLayer };

/** The kinds with formulas, in order. */
export function paperKinds() {
  return [...PAPER_LAYERS.keys(), ...Object.keys(PAPER_WRAPPERS)].sort();
}

/** The formulas of a layer of the data; null where the calculator has none for its kind. */
export function makePaperLayer({ kind, settings = {}, operation, inner }) {
  if (operation) return PAPER_OPERATIONS[operation]?.(settings, kind) ?? null;
  if (Object.hasOwn(PAPER_WRAPPERS, kind)) {
    const within = inner && makePaperLayer(inner);
    if (!within) return null;
    return PAPER_WRAPPERS[kind](within, takesChannelsFirst(inner));
  }
  return PAPER_LAYERS.get(kind)?.(settings, kind) ?? null;
}

/** Whether a layer takes maps with their channels first. */
export function takesChannelsFirst({ kind, settings = {}, inner }) {
  if (kind === "TimeDistributed") return false; // the steps come first; each step is turned by itself
  return inner ? takesChannelsFirst(inner) : readFormat(settings.data_format);
}

function readFormat(format) {
  if (![undefined, null, "channels_last", "channels_first"].includes(format)) {
    const values = { setting: "data_format", value: String(format), words: "channels_last, channels_first" };
    throw new PaperProblem("paperWord", values);
  }
  return format === "channels_first";
}

/** A shape with the channels at the end. */
export function channelsLastShape(shape, channelsFirst) {
  return channelsFirst && shape.length > 1 ? [...shape.slice(1), shape[0]] : shape;
}

/** A shape with the channels at the front again, where a layer makes it so. */
export function channelsBackShape(shape, channelsFirst) {
  return channelsFirst && shape.length > 1 ? [shape.at(-1), ...shape.slice(0, -1)] : shape;
}

/** A layer whose kernel is divided by its largest singular value, estimated by a kept vector. */
function spectralLayer(inner) {
  const vector = (shapes) => inner.weights(shapes)[0].shape.at(-1);
  const layer = {
    ...inner,
    weights: (shapes) => [...inner.weights(shapes), keptWeight("vector_u", [1, vector(shapes)])],
    nonTrainable(shapes) {
      const kept = makeCount(vector(shapes), `1·${groupDigits(vector(shapes))}`);
      return addCounts(inner.nonTrainable(shapes), kept);
    },
  };
  return layer;
}

/** A layer applied to each step of the first axis, with the same weights. */
function timeDistributedLayer(inner, channelsFirst) {
  const step = (shapes) => shapes.map((shape) => channelsLastShape(shape.slice(1), channelsFirst));
  const repeated = (shapes, count) => {
    if (!count.value) return NO_COUNT;
    const steps = shapes[0][0].value;
    return makeCount(multiplyExactly([steps, count.value]), `${productText([steps])}·(${count.working})`);
  };
  return {
    outputShape(shapes) {
      return [shapes[0][0], ...channelsBackShape(inner.outputShape(step(shapes)), channelsFirst)];
    },
    weights: (shapes) => inner.weights(step(shapes)),
    trainable: (shapes) => inner.trainable(step(shapes)),
    nonTrainable: (shapes) => inner.nonTrainable(step(shapes)),
    macs: (shapes) => repeated(shapes, inner.macs(step(shapes))),
    connections: (shapes) => repeated(shapes, inner.connections(step(shapes))),
    field: () => null,
  };
}
