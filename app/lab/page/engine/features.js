// The layers of a network whose feature maps show where something is in the image.

import { engineFault } from "./faults.js";

/** Return the steps that put out maps of more than one cell and depend on the image. */
export function stepsWithMaps(machine) {
  const reached = new Set([machine.imageSlot]);
  return machine.steps.filter((step) => {
    if (!step.reads.some((slot) => reached.has(slot))) return false;
    reached.add(step.fills);
    return step.shape.length === 3 && (step.shape[0] > 1 || step.shape[1] > 1);
  });
}

/**
 * Return the steps whose maps a class-activation map is made of.
 *
 * That is the layer called `layer`, or the last one with a map of more than one cell. Where the network leads
 * to its output in several ways that end in maps of one size, it is the last one of each way, as in an
 * ensemble.
 *
 * @throws {Error} with .say where there is none
 */
export function stepsOfClassMap(machine, layer = null) {
  const found = stepsWithMaps(machine);
  if (layer !== null) {
    const step = found.find((each) => each.name === layer);
    if (!step) throw engineFault("engineNoLayerMaps", { layer });
    return [step];
  }
  if (!found.length) throw engineFault("engineNoMaps");
  const exits = lastOfEachWay(machine, new Set(found.map((step) => step.fills)));
  const isOneSize = exits.every((step) => [0, 1].every((axis) => step.shape[axis] === exits[0].shape[axis]));
  return exits.length > 1 && isOneSize ? exits : [found[found.length - 1]];
}

/** Return the steps with maps of which something that is no map is made that leads to the output. */
function lastOfEachWay(machine, withMaps) {
  const openWays = new Set([machine.outputSlot]);
  const exits = [];
  for (const step of [...machine.steps].reverse()) {
    if (!openWays.has(step.fills)) continue;
    if (withMaps.has(step.fills)) exits.unshift(step);
    else step.reads.forEach((slot) => openWays.add(slot));
  }
  return exits;
}
