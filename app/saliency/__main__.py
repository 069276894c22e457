"""python -m app.saliency: see what a trained network looks at, and how far to trust the picture."""

from typing import Any

import click

from app.commands.inputs import OpenModel, choose_images
from app.commands.options import SectionedDoor
from app.saliency.options import CONTRADICTIONS, map_options
from app.saliency.request import MapRequest

MOST_CLASSES = 100
"""Rows that one picture can hold."""


@click.command(
    cls=SectionedDoor,
    contradictions=CONTRADICTIONS,
    epilog="Example: python -m app.saliency --model mnist --class 3",
)
@map_options
def main(**options: Any) -> None:
    """Draw what a network looks at: gradients, class-activation maps and their family.

    The maps explain the logit of a class, whatever way the model spells its softmax. With each map
    comes its verdict: what the network predicts, which tensor the map is made of, its largest raw
    value, and whether there was any evidence at all.
    """
    request = MapRequest.of(options)
    request.check()
    opened = OpenModel(request.model, request.memory)
    question = request.question
    question.check(opened)
    opened.check_images()
    classes = len(opened.names)
    if question.all_classes and classes > MOST_CLASSES:
        raise ValueError(
            f"--all-classes draws a row for each class, up to {MOST_CLASSES}; the network has "
            f"{classes:,}: give --class"
        )
    wanted = opened.find_class(question.class_text)
    against = opened.find_class(question.against_text)
    if against is not None and against == wanted:
        raise ValueError(f"--class and --against are the same class, {opened.names[against]}")
    from app.saliency.run import MapRun

    run = MapRun(request, opened, wanted, against)
    if request.image_folder is not None:
        from app.saliency.folder import explain_folder

        explain_folder(run, request.image_folder)
        return
    subjects = choose_images(opened, request.images, wanted, question.all_classes)
    if request.over_epochs:
        run.explain_epochs(subjects[0])
    else:
        run.explain(subjects)


if __name__ == "__main__":
    main(prog_name="python -m app.saliency")
