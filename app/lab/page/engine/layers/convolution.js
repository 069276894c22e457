// Convolution in all its kinds: a window slides over a map, and at each place the same weights multiply what
// it sees.

import { areFinite, convolveEach, convolveEachBack, convolveMap, convolveMapBack } from "../products.js";
import { planKernel, planRows, turnKernel } from "../products.js";
import { slideWindow, slideWindowBack, spreadSize } from "../windows.js";
import { biasShape, sumsOfPlan } from "./dense.js";
import { TOLD } from "./settings.js";
import { backToOne, valuesInShape } from "./shapes.js";

const SLIDES = { kernel_size: TOLD, strides: 1, padding: "valid", dilation_rate: 1 };
const FUSED = { activation: null, use_bias: true };

function windowOf(settings, shape) {
  const { kernel_size: size, strides, padding, dilation_rate: dilation } = settings;
  return slideWindow(shape.slice(0, -1), size, strides, padding, dilation ?? 1);
}

function kernelShapeOf(settings, shape, ...rest) {
  return [...spreadSize(settings.kernel_size, shape.length - 1), ...rest];
}

function channelsOfShape(shape) {
  return shape[shape.length - 1];
}

function checkGroups(channels, { filters, groups }) {
  if (groups < 1 || channels % groups || filters % groups) {
    throw new Error(`${channels} channels and ${filters} filters cannot be cut into ${groups} groups`);
  }
}

/** y = x ∗ w + b. */
function convolutionOf(rank) {
  return {
    takes: { filters: TOLD, ...SLIDES, groups: 1, ...FUSED },
    rank,
    weights(settings, [shape]) {
      checkGroups(channelsOfShape(shape), settings);
      const each = channelsOfShape(shape) / settings.groups;
      const kernel = kernelShapeOf(settings, shape, each, settings.filters);
      return { kernel, ...biasShape(settings, settings.filters) };
    },
    make(settings, [shape], arrays) {
      const window = windowOf(settings, shape);
      const plan = planKernel(window, channelsOfShape(shape), settings.filters, settings.groups);
      const forward = sumsOfPlan(plan, arrays.kernel, arrays.bias);
      return { shape: [...window.shape, settings.filters], forward };
    },
  };
}

/** Each channel is convolved by itself, with m kernels of its own. */
function depthwiseOf(rank) {
  return {
    takes: { ...SLIDES, depth_multiplier: 1, ...FUSED },
    rank,
    weights: (settings, [shape]) => ({
      kernel: kernelShapeOf(settings, shape, channelsOfShape(shape), settings.depth_multiplier),
      ...biasShape(settings, channelsOfShape(shape) * settings.depth_multiplier),
    }),
    make(settings, [shape], arrays) {
      const [window, channels] = [windowOf(settings, shape), channelsOfShape(shape)];
      const forward = (x) => [
        convolveEach(x, arrays.kernel, window, channels, arrays.bias ?? null),
        backToOne((g) => convolveEachBack(g, arrays.kernel, window, channels)),
      ];
      return { shape: [...window.shape, channels * settings.depth_multiplier], forward };
    },
  };
}

/** A depthwise convolution, then a 1×1 convolution that mixes its maps. */
function separableOf(rank) {
  return {
    takes: { filters: TOLD, ...SLIDES, depth_multiplier: 1, ...FUSED },
    rank,
    weights(settings, [shape]) {
      const [channels, m] = [channelsOfShape(shape), settings.depth_multiplier];
      return {
        depthwise_kernel: kernelShapeOf(settings, shape, channels, m),
        pointwise_kernel: [...Array(shape.length - 1).fill(1), channels * m, settings.filters],
        ...biasShape(settings, settings.filters),
      };
    },
    make(settings, [shape], arrays) {
      const [window, channels] = [windowOf(settings, shape), channelsOfShape(shape)];
      const between = channels * settings.depth_multiplier;
      const plan = planRows(valuesInShape(window.shape), between, settings.filters);
      const mix = sumsOfPlan(plan, arrays.pointwise_kernel, arrays.bias);
      const forward = (x) => {
        const [y, back] = mix(convolveEach(x, arrays.depthwise_kernel, window, channels, null));
        return [y, backToOne((g) => convolveEachBack(back(g)[0], arrays.depthwise_kernel, window, channels))];
      };
      return { shape: [...window.shape, settings.filters], forward };
    },
  };
}

/**
 * Forward what a convolution does backward, and the other way round.
 *
 * The kernel (rows, columns, filters, channels) is that of the convolution from maps like y to maps like x.
 */
function transposedOf(rank) {
  return {
    takes: { filters: TOLD, ...SLIDES, output_padding: null, ...FUSED },
    rank,
    weights: (settings, [shape]) => ({
      kernel: kernelShapeOf(settings, shape, settings.filters, channelsOfShape(shape)),
      ...biasShape(settings, settings.filters),
    }),
    make(settings, [shape], { kernel, bias }) {
      const { kernel_size: size, strides, padding, dilation_rate: dilation, output_padding: more } = settings;
      const window = slideWindowBack(shape.slice(0, -1), size, strides, padding, dilation ?? 1, more);
      const plan = planKernel(window, settings.filters, channelsOfShape(shape), 1);
      const isSparse = areFinite(kernel);
      const turned = turnKernel(kernel, plan.filters);
      const forward = (x) => {
        const y = convolveMapBack(x, turned, plan, isSparse);
        if (bias) for (let i = 0; i < y.length; i++) y[i] += bias[i % bias.length];
        return [y, backToOne((g) => convolveMap(g, kernel, plan, null, isSparse))];
      };
      return { shape: [...window.larger, settings.filters], forward };
    },
  };
}

/** The kinds of convolution, by Keras' names. */
export const convolutionLayers = {
  Conv2D: convolutionOf(3),
  Conv1D: convolutionOf(2),
  GroupedConv2D: convolutionOf(3),
  DepthwiseConv2D: depthwiseOf(3),
  DepthwiseConv1D: depthwiseOf(2),
  SeparableConv2D: separableOf(3),
  SeparableConv1D: separableOf(2),
  Conv2DTranspose: transposedOf(3),
  Conv1DTranspose: transposedOf(2),
};
