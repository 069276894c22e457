"""The options of the command, in sections of its help, and which of them contradict each other."""

from pathlib import Path

import click

from app.commands.data import OWN_DATA, data_option
from app.commands.options import (
    Memory,
    all_of,
    head_option,
    image_input_option,
    image_option,
    image_shape_option,
    index_option,
    model_option,
    picture_option,
    pixel_range_option,
    prepare_option,
    raw_option,
    regression_option,
    section,
    seed_option,
    verbose_option,
)
from app.commands.outputs import OutputFile
from app.commands.paper import figure_options
from app.commands.workers import workers_options
from app.maps.methods import ARTICLE, METHODS
from app.maps.open_model import ENGINES
from app.saliency.question import GRADIENTS
from app.show.pictures import PALETTE_OVER, PALETTES

CHANNELS = {"max": "the largest channel", "mean": "their mean", "channels": "all of them, as colours"}
"""How maps of pixels combine the colour channels."""

CONTRADICTIONS = (
    ("--class", "--all-classes"),
    *(
        ("--each-class", other)
        for other in (
            "--class",
            "--all-classes",
            "--against",
            "--image",
            "--images",
            "--index",
            "--count",
            "--over-epochs",
        )
    ),
    ("--image", "--index"),
    ("--image", "--data"),
    ("--image", "--images"),
    ("--image", "--count"),
    ("--images", "--index"),
    ("--images", "--count"),
    ("--images", "--data"),
    ("--images", "--all-classes"),
    ("--over-epochs", "--images"),
    ("--over-epochs", "--count"),
    ("--over-epochs", "--all-classes"),
    ("--images", "--overlay"),
    ("--images", "--raw"),
    ("--images", "--report"),
    ("--index", "--count"),
    ("--count", "--all-classes"),
    ("--against", "--all-classes"),
    ("--signed", "--colour channels"),
)

map_options = all_of(
    (
        section(
            "Which model",
            model_option(),
            pixel_range_option(),
            image_shape_option(),
            image_input_option(
                "The input that is the image, where a model has several; the others are held at 0."
            ),
            head_option("The output to explain, where a model has several."),
            click.option(
                "--at",
                nargs=2,
                type=click.IntRange(0),
                metavar="ROW COLUMN",
                help="The pixel to explain, from 0, where the output has a class for each. Default: all the "
                "pixels that are put into the class.",
            ),
            regression_option(),
        ),
        section(
            "Which images",
            image_option(),
            click.option(
                "--images",
                "image_folder",
                type=click.Path(path_type=Path),
                metavar="FOLDER",
                help="Every picture in a folder: one strip and one .json each, in --output, or arrays (--arrays). "
                "A stopped run goes on when the same command is given again. Pictures that cannot be read are listed "
                "at the end.",
            ),
            index_option(". Default: the first test image of the class."),
            click.option(
                "--count",
                type=click.IntRange(1, 100),
                metavar="N",
                help="The first N test images, of the class if one is given.",
            ),
            click.option(
                "--over-epochs",
                is_flag=True,
                help="One image as the network saw it before training and after each epoch; needs python -m "
                "app.train --keep-epochs.",
            ),
            data_option("Test images.", OWN_DATA),
            prepare_option(
                "digit: own pictures are inverted, cropped, scaled and centred as "
                "the images that the network learnt from, or as MNIST's; resize: only brought to size. auto: digit for "
                "a network whose card says that it learnt digits or letters on plain paper, else resize."
            ),
        ),
        section(
            "What is asked",
            click.option(
                "--class",
                "class_text",
                metavar="CLASS",
                help="The class to explain, by number or name. Default: the predicted one.",
            ),
            click.option(
                "--against",
                "against_text",
                metavar="CLASS",
                help="Why --class and not this one: the difference of the two logits is explained.",
            ),
            click.option(
                "--all-classes",
                is_flag=True,
                help="One row for each class; with --image or --index, one image for all classes.",
            ),
            click.option(
                "--each-class",
                is_flag=True,
                help="Article 004's grid: one test image of each class, the first one, explained for its own class. "
                f"Default maps: {', '.join(GRADIENTS)}.",
            ),
            click.option(
                "--method",
                "methods",
                multiple=True,
                type=click.Choice([*METHODS, "all"]),
                metavar="METHOD",
                help=f"Which map; may be repeated: {', '.join(METHODS)}, or all. "
                f"Default: {', '.join(ARTICLE)}.",
            ),
            click.option(
                "--layer",
                metavar="NAME",
                help="Layer whose maps the class-activation maps use. Default: the last before pooling.",
            ),
            click.option(
                "--cell",
                nargs=2,
                type=click.IntRange(0),
                metavar="ROW COLUMN",
                help="Frame what this cell of the class-activation maps sees. Default: the strongest.",
            ),
            click.option(
                "--engine",
                type=click.Choice(ENGINES),
                help="Who computes the maps. NumPy runs small networks of common layers, and needs no second to "
                "start; TensorFlow runs all; tf-keras-vis, on TensorFlow, has vanilla, smoothgrad, gradcam, "
                "gradcam++, layercam and scorecam. Default: NumPy where it can, else TensorFlow.",
            ),
            click.option(
                "--samples",
                type=click.IntRange(1, 100_000),
                default=20,
                show_default=True,
                help="Noisy versions for smoothgrad, smoothgrad-squared and vargrad.",
            ),
            click.option(
                "--noise",
                type=click.FloatRange(0),
                default=0.2,
                show_default=True,
                help="Standard deviation of the noise of smoothgrad, smoothgrad-squared and vargrad, as a share of the "
                "image's range.",
            ),
            click.option(
                "--steps",
                type=click.IntRange(1, 100_000),
                default=50,
                show_default=True,
                help="Steps of integrated gradients.",
            ),
            click.option(
                "--baseline",
                type=float,
                metavar="VALUE",
                help="The pixel value that stands for nothing, as the network takes it: where integrated "
                "gradients begin, what a patch hides with. Default: black.",
            ),
            click.option(
                "--patch",
                type=click.IntRange(1),
                metavar="PIXELS",
                help="Side of the occluding patch. Default: an eighth of the image's.",
            ),
            seed_option("Seed of the noise."),
        ),
        section(
            "How far to believe it (python -m app.faith tests all maps on many images)",
            click.option(
                "--sanity",
                is_flag=True,
                help="Randomise the weights layer by layer, from the top, and see whether each map changes; one "
                "that does not is labelled so in the picture.",
            ),
            click.option(
                "--faithfulness",
                is_flag=True,
                help="Remove the pixels in the order of the map, and put them in, and watch the probability, "
                "against random order.",
            ),
            click.option("--agree", is_flag=True, help="Compute the same maps by tf-keras-vis, and compare."),
        ),
        section(
            "How it is shown",
            click.option(
                "--colour",
                type=click.Choice([*CHANNELS]),
                default="max",
                show_default=True,
                help="How maps of pixels combine the colour channels: "
                f"{'; '.join(f'{name}: {text}' for name, text in CHANNELS.items())}.",
            ),
            click.option(
                "--signed",
                "is_signed",
                is_flag=True,
                help="Keep the sign: orange speaks for the class, blue against it.",
            ),
            click.option(
                "--palette",
                type=click.Choice(PALETTES),
                help="Colours of unsigned maps. jet draws edges that are not there; it is for comparing. "
                f"Default: {PALETTE_OVER}, and {PALETTES[0]} with --overlay.",
            ),
            click.option(
                "--overlay",
                type=click.FloatRange(0, 1),
                metavar="0…1",
                help="Lay every map over its image with this opacity; 1 shows the map alone. Default: the larger "
                "the map's value at a pixel, the more opaque; where the value is 0, only the image is seen.",
            ),
            click.option(
                "--beside", "is_beside", is_flag=True, help="Draw each map a second time, without the image."
            ),
            figure_options(has_verdict=True),
            picture_option(),
            click.option(
                "--report",
                type=OutputFile(),
                metavar="FILE",
                help="Also write a page: .html (with the picture inside), .json, .md, .csv, .tex or .txt.",
            ),
            raw_option("maps"),
            click.option(
                "--memory",
                type=Memory(),
                default="1GiB",
                show_default=True,
                metavar="SIZE",
                help="Memory for the tensors of one chunk of images.",
            ),
            verbose_option("all that is known of each map"),
        ),
        section(
            "Many pictures (with --images)",
            click.option(
                "--arrays",
                is_flag=True,
                help="Keep the maps as arrays and draw no strips: an .npz file for each 512 pictures or fewer, and "
                "index.csv with a row for each picture. --images may then be an .npy or .npz file of images, too.",
            ),
            click.option(
                "--half-precision",
                is_flag=True,
                help="With --arrays: keep each value with 16 bits, as a share of the largest magnitude in its map.",
            ),
            click.option(
                "--top-cells",
                type=click.IntRange(1),
                metavar="N",
                help="With --arrays: keep only the N values of largest magnitude in each map, of cells or of pixels, "
                "and their places.",
            ),
            workers_options("the pictures"),
            click.option(
                "--restart",
                is_flag=True,
                help="Do all pictures again, also those that an earlier run has done.",
            ),
        ),
    )
)
"""All options, in the order of the help; they become a `MapRequest`."""
