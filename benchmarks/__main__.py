"""python -m benchmarks: run the named benchmarks, or all of them."""

import importlib

import click

from app.commands.door import Door

BENCHMARKS = {
    "startup": "what needs no TensorFlow, against importing TensorFlow",
    "files": "counting a model file by hand, against loading it; the cost of each layer",
    "predicting": "predictions in batches, against Keras' predict",
    "recipes": "training with the fast recipe, against the article's",
    "groups": "AlexNet's grouped convolution, written in three ways",
    "maps": "saliency maps, against tf-keras-vis and against one pass of the model",
    "photographs": "four maps of a photograph as a command, against Keras loading the network and predicting",
    "trace": "every network of the catalogue counted by hand",
    "scratch": "convolution and pooling in NumPy, against their loops and TensorFlow",
    "lab": "the lab page in Chromium: opening it and drawing on it, against pages that do nothing",
    "scale": "maps of 50,000 pictures by the plain loop, by one worker and by two; memory; what to expect of more",
    "exports": "models of many kinds exported to each format: how far their outputs are from Keras'",
}


@click.command(cls=Door)
@click.argument("names", nargs=-1, metavar="[NAME...]", type=click.Choice(list(BENCHMARKS)))
def main(names: tuple[str, ...]) -> None:
    """Measure speed as ratios, both sides in one run on this machine.

    startup: what needs no TensorFlow, against importing TensorFlow.
    files: counting a model file by hand, against loading it; the cost of each layer.
    predicting: predictions in batches, against Keras' predict.
    recipes: training with the fast recipe, against the article's.
    groups: AlexNet's grouped convolution, written in three ways.
    maps: saliency maps, against tf-keras-vis and against one pass of the model.
    photographs: four maps of a photograph as a command, against Keras loading the network and predicting.
    trace: every network of the catalogue counted by hand.
    scratch: convolution and pooling in NumPy, against their loops and TensorFlow.
    lab: the lab page in Chromium: opening it and drawing on it, against pages that do nothing.
    scale: maps of 50,000 pictures by the plain loop, by one worker and by two; memory; what to expect of more.
    exports: models of many kinds exported to each format: how far their outputs are from Keras'.
    """
    for name in names or BENCHMARKS:
        importlib.import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
