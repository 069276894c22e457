"""Programs with the numbers that every machine must get from them: `python tests/program/golden.py` writes them anew.

Each file of `golden/` holds a written program, images, and what comes of them: outputs, logits, the gradient of the
logits times `seeds` by the pixels under the three rules, and maps with the gradients by them. They were computed by
NumPy in float64; numbers are rounded to nine digits.
"""

import json
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "golden"
RULES = ("plain", "guided", "rectified")


def vectors(machine, images, seeds, step):
    """What a machine makes of images, as plain numbers."""
    found = {
        "outputs": machine.outputs(images),
        "logits": machine.outputs(images, head=False),
        **{rule: machine.pull_back(images, seeds, rule=rule) for rule in RULES},
    }
    maps, gradients, scores = machine.maps_and_gradients(images, seeds, [step])
    return found | {"maps": maps, "gradients": gradients, "scores": scores}


def networks(nn):
    """Small networks that together have what a page in a browser will meet."""
    image = nn.Input((8, 8, 2))
    x = nn.Conv2D(3, 3, padding="same", strides=2, activation="relu", name="conv")(image)
    y = nn.BatchNormalization(name="norm")(x)
    y = nn.DepthwiseConv2D(3, padding="same", name="each")(nn.ReLU(6.0, name="relu6")(y))
    x = nn.Concatenate(name="both")([nn.Add(name="add")([x, y]), x])
    x = nn.GlobalAveragePooling2D(name="mean")(x)
    yield nn.Model(image, nn.Dense(3, activation="softmax", name="classes")(x), name="residual")
    yield nn.Sequential(
        [
            nn.Input((9, 7, 1)),
            nn.ZeroPadding2D(((1, 0), (0, 2)), name="border"),
            nn.Conv2D(4, (3, 2), dilation_rate=2, groups=1, activation="tanh", name="conv"),
            nn.MaxPooling2D(2, padding="same", name="largest"),
            nn.AveragePooling2D(2, strides=1, name="mean"),
            nn.Conv2DTranspose(2, 3, strides=2, name="back"),
            nn.LeakyReLU(0.2, name="leaky"),
            nn.Flatten(name="flat"),
            nn.Dense(5, activation="relu", name="hidden"),
            nn.Dense(1, activation="sigmoid", name="yes"),
        ],
        name="chain",
    )
    yield nn.Sequential(
        [
            nn.Input((12, 12, 1)),
            nn.Conv2D(2, 3, name="c1"),
            nn.ScaledTanh(name="squash"),
            nn.Subsampling2D(2, name="s2"),
            nn.PartialConv2D([[0], [0, 1], [1]], 3, name="c3"),
            nn.ScaledTanh(name="squash3"),
            nn.Flatten(name="flat"),
            nn.Dense(4, name="f4"),
            nn.RadialBasis([[1, -1, 1, -1], [-1, -1, 1, 1], [1, 1, 1, 1]], name="codes"),
            nn.Rescaling(-0.1, name="closeness"),
            nn.Softmax(name="classes"),
        ],
        name="lenet",
    )


def make(path, model):
    """Write one file."""
    from app.program.written import as_json
    from app.scratch.machine import NumpyMachine
    from app.scratch.writing import as_program

    draw = np.random.default_rng(len(model.name))
    program = as_program(model.astype("float64"))
    for step in program.steps:
        for name, array in step.arrays.items():
            if step.kind != "RadialBasis":
                array[...] = (
                    draw.uniform(0.4, 1.2, array.shape)
                    if "variance" in name
                    else draw.normal(0, 0.5, array.shape)
                )
    machine = NumpyMachine(program)
    images = draw.uniform(0, 1, (2, *program.image_shape))
    seeds = draw.normal(size=(2, program.head.units))
    step = [step for step in program.steps if len(step.shape) == 4][-1]
    found = vectors(machine, images, seeds, step)
    numbers = {"images": images, "seeds": seeds, **found}
    text = {"program": as_json(program), "layer": step.name}
    text |= {
        name: [list(values.shape), np.round(values, 9).ravel().tolist()] for name, values in numbers.items()
    }
    path.write_text(json.dumps(text, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from app.scratch.vocabulary import nn

    FOLDER.mkdir(exist_ok=True)
    for network in networks(nn):
        make(FOLDER / f"{network.name}.json", network)
    sys.exit("golden files were written anew: look at the changes before they are kept")
