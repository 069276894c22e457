"""A network in NumPy written as a program."""

from app.program.heads import find_head
from app.program.program import NotWrittenError, Program
from app.program.steps import Slot
from app.scratch.calls import as_step
from app.scratch.network import Model


def as_program(model: Model) -> Program:
    """Return a network of one image and one row of outputs as a program; its arrays are the network's own.

    Raises:
        NotWrittenError: it has several inputs or outputs, or something else comes in or out.

    >>> from app.scratch.build import build_network
    >>> from models import find_network
    >>> [step.name for step in as_program(build_network(find_network("numpy_cnn"))).steps]
    ['conv', 'pool', 'flatten', 'output:linear', 'output']
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise NotWrittenError(f"{model.name} has {len(model.inputs)} inputs and {len(model.outputs)} outputs")
    image, output = model.inputs[0], model.outputs[0]
    if len(model.shapes[image]) != 3 or len(model.shapes[output]) != 1:
        raise NotWrittenError(f"{model.name} does not put images into classes")
    steps = [as_step(node, model.shapes) for node in model.nodes]
    return Program(
        model.name,
        steps,
        Slot(image),
        model.shapes[image],
        Slot(output),
        find_head(steps, Slot(output)),
        str(model.dtype),
        entry=Slot(image),
    )
