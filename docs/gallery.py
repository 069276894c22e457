"""Makes docs/gallery.md: every kind of figure that the lab draws, with the command that drew it.

    make gallery                       all of it, some minutes
    .venv/bin/python docs/gallery.py saliency features

Names as arguments draw these figures alone; `--before CHECKOUT` draws them by another checkout of the project, to be
set beside today's.
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures" / "gallery"
WIDEST = 900
"""Pixels of a picture on the page."""


@dataclass(frozen=True)
class Entry:
    """A figure of the page."""

    name: str
    """Of its file."""
    says: str
    """What it says, in a sentence."""
    command: str
    """What drew it; OUT stands for where it goes."""
    draws: str = "*.png"
    """Its file among those that the command leaves."""
    since: str = ""
    """Why there is none of before."""


SECTIONS: dict[str, tuple[Entry, ...]] = {
    "What the network looks at": (
        Entry(
            "saliency",
            "The gradients of class 3 are largest at edges and gaps of the 3; Grad-CAM has nine cells "
            "and says only roughly where.",
            "saliency --model mnist --class 3 --index 30 --output OUT/a.png",
        ),
        Entry(
            "saliency-photograph",
            "The network calls the officer a military uniform, and Grad-CAM lies on the uniform.",
            "saliency --model efficientnet_lite0 --image docs/pictures/grace_hopper.jpg --output OUT/a.png",
        ),
        Entry(
            "saliency-all-classes",
            "One 3, explained for each of ten classes: Grad-CAM finds no evidence for most of the "
            "other classes.",
            "saliency --model mnist --index 30 --all-classes --output OUT/a.png",
        ),
        Entry(
            "saliency-each-class",
            "The first test image of each digit with three gradients for its own class.",
            "saliency --model mnist --each-class --output OUT/a.png",
        ),
        Entry(
            "saliency-four",
            "Four sevens side by side: nine cells of Grad-CAM say only roughly where, and not the same "
            "place each time.",
            "saliency --model mnist --class 7 --count 4 --method gradcam --output OUT/a.png",
        ),
        Entry(
            "saliency-against",
            "A 4 that is taken for a 6: orange-brown pixels speak for the 6, blue ones for the 4.",
            "saliency --model mnist --index 247 --class 6 --against 4 --signed --output OUT/a.png",
        ),
        Entry(
            "saliency-tests",
            "Four maps of a 3 while the network's weights are put into a random order, layer by layer: Grad-CAM is "
            "blank at once, the guided gradient changes least.",
            "saliency --model mnist --class 3 --sanity --faithfulness --output OUT/a.png",
            "*-sanity.png",
        ),
        Entry(
            "saliency-slide",
            "The same maps for a slide: 16:9, with large letters.",
            "saliency --model mnist --class 3 --index 30 --slide --output OUT/a.png",
            since="slides are new",
        ),
        Entry(
            "faith-sanity",
            "How alike each map stays when weights are put into a random order, on average over ten images; drawn for "
            "the first. Gradient × input and integrated gradients hardly change.",
            "faith --model mnist --count 10 --sanity --pictures OUT --output OUT/a.md",
            "*sanity.png",
        ),
        Entry(
            "faith-curves",
            "Pixels removed in the order of gradient maps lower the probability far faster than at "
            "random; so does plain brightness.",
            "faith --model mnist --count 10 --faithfulness --pictures OUT --output OUT/a.md",
            "*curves.png",
        ),
    ),
    "The inside of the network": (
        Entry(
            "features-maps",
            "The strongest maps of each layer for a 3: outlines first, then coarser patterns.",
            "features maps --model mnist --class 3 --output OUT/a.png",
        ),
        Entry(
            "features-filters",
            "The 32 learnt kernels of the first convolution.",
            "features filters --model mnist --output OUT/a.png",
        ),
        Entry(
            "features-nearest",
            "The test images to which two maps of the last convolution answer most, cut to what they see.",
            "features nearest --model mnist --layer conv3 --unit 53 --unit 21 --part test --output OUT/a.png",
        ),
        Entry(
            "features-project",
            "What in the image the strongest cells of the last maps answered to.",
            "features project --model mnist --class 3 --output OUT/a.png",
        ),
        Entry(
            "features-maximise",
            "Pictures made from noise until the network is over 99.9 % sure of a digit: a person would "
            "hardly be so sure.",
            "features maximise --model mnist --class 3 --class 8 --output OUT/a.png",
        ),
    ),
    "Networks and counts": (
        Entry(
            "network-lenet5",
            "LeNet-5 as boxes: what each layer makes, and its parameters.",
            "params lenet5 --no-check --draw OUT/a.png",
            since="drawings as files are new",
        ),
        Entry(
            "network-volumes",
            "AlexNet as volumes, as the papers draw it: maps get smaller and more.",
            "params alexnet --no-check --draw OUT/a.png --style volumes",
            since="drawings as files are new",
        ),
        Entry(
            "network-resnet50",
            "ResNet-50 with its repeated blocks drawn once, and how often they follow each other.",
            "params resnet50 --no-check --draw OUT/a.png",
            since="drawings as files are new",
        ),
        Entry(
            "compare",
            "Three networks side by side: of these, mnist has most parameters and operations, LeNet-5 "
            "the widest receptive field.",
            "params --compare lenet5 mnist numpy_cnn --output OUT/a.png",
        ),
    ),
    "Training, data and results": (
        Entry(
            "data",
            "MNIST: the first training images; the ten classes are nearly of one size.",
            "data --output OUT",
        ),
        Entry(
            "data-augmented",
            "Training images beside copies that are flipped, turned, zoomed and moved a little, as "
            "training sees them.",
            "data --augment light --output OUT",
            "*augmented*.png",
        ),
        Entry(
            "evaluate-confusion",
            "The network takes a 2 for a 7 more often than any other digit for another; right answers "
            "are not coloured.",
            "evaluate --model mnist --output OUT",
            "*confusion.png",
        ),
        Entry(
            "evaluate-calibration",
            "Below 95 % the network is right less often than it says.",
            "evaluate --model mnist --output OUT",
            "*calibration.png",
        ),
        Entry(
            "evaluate-mistakes",
            "Twelve digits that the network took for others, with a Grad-CAM of the wrong class where "
            "it finds any evidence.",
            "evaluate --model mnist --output OUT",
            "*mistakes.png",
        ),
        Entry(
            "train-x-or-not-x",
            "Loss and error of a small network fall close to zero within five epochs.",
            "train --model x_or_not_x --output OUT",
            "*curve*.png",
        ),
        Entry(
            "timeline",
            "The errors of the winners of the ImageNet challenge fell from 28 to 3 %, below a trained "
            "human's from 2015.",
            "experiment imagenet-timeline --output OUT",
        ),
        Entry(
            "spread",
            "Weights that begin too small let values and gradients vanish; too large ones saturate the "
            "values, and gradients grow on the way back.",
            "scratch --spread --output OUT/a.png",
        ),
    ),
    "Numbers, step by step": (
        Entry(
            "walk-conv",
            "One step of a convolution: nine products and their sum.",
            "walk conv --image x --kernel x_filter --step 1 --output OUT/a.png",
        ),
        Entry(
            "walk-fields",
            "What a cell of a 2×2 map depends on, back to the input two layers before it.",
            "walk fields conv3/2,p1 conv3/2,p1 --input 5 --output OUT/a.png",
        ),
        Entry(
            "walk-dots",
            "Three stacked 3×3 convolutions with dilations 1, 2 and 4: each reads nine cells of the map before it, "
            "and sees 3×3, 7×7 and 15×15 pixels.",
            "walk dots conv3 conv3,d2 conv3,d4 --output OUT/a.png",
        ),
        Entry("walk-curves", "Activations and their slopes.", "walk curves --output OUT/a.png"),
        Entry(
            "walk-sobel",
            "Vertical and horizontal edges of a digit.",
            "walk filtered mnist:18 --kernel sobel_vertical --kernel sobel_horizontal --output OUT/a.png",
        ),
        Entry("walk-blocks", "A plain and a residual block.", "walk block plain residual --output OUT/a.png"),
        Entry(
            "walk-table", "LeNet-5: which maps of S2 each map of C3 reads.", "walk table --output OUT/a.png"
        ),
    ),
}
"""Every kind of figure, in the order of the page."""
LAB_PAGE = (
    "## The lab page",
    "A digit drawn in the browser: how it is prepared, what the network says, where it finds evidence, the nine "
    "products of one number, and the maps of the first layers.",
    "`python -m app.lab`; the picture is made by `make lab-pictures`",
    "![The lab page with a drawn 3 and an opened number](pictures/lab.png)",
)
"""What is no figure of a command, but a page; `docs/lab.py` makes its picture."""
SCALE = (
    "## More than one machine",
    "The time grows with the number of pictures as a straight line, the memory of a worker hardly grows, and two "
    "workers do more pictures in a second than one process with all cores.",
    "`make bench ARGS=scale` draws it into `output/scale.png`",
    "![Time and memory against the number of pictures, and pictures a second for three ways](pictures/scale.png)",
)
"""What is measured by hand: it takes some minutes in which nothing else may run."""


def draw(entry: Entry, checkout: Path, folder: Path) -> None:
    """Draw one figure by the code of `checkout`, and keep it in `folder`, small.

    Raises:
        RuntimeError: the command failed, or left no such file.
    """
    with tempfile.TemporaryDirectory() as out:
        words = [sys.executable, "-m", *shlex.split(f"app.{entry.command.replace('OUT', out)}")]
        done = subprocess.run(words, cwd=checkout, capture_output=True, text=True, timeout=1800)
        found = sorted(Path(out).glob(entry.draws))
        if done.returncode or not found:
            raise RuntimeError(f"{entry.name}: {done.stderr.strip() or 'no such file'}")
        with Image.open(found[0]) as picture:
            drawn = picture.convert("RGB")
    if drawn.width > WIDEST:
        drawn = drawn.resize((WIDEST, round(drawn.height * WIDEST / drawn.width)), Image.Resampling.LANCZOS)
    folder.mkdir(parents=True, exist_ok=True)
    drawn.quantize(128, dither=Image.Dither.NONE).save(folder / f"{entry.name}.png", optimize=True)


def page() -> str:
    """Return the page, with the figures that there are."""
    parts = [
        "# Every figure",
        "Each kind of figure that the lab draws, what it says, and the command that drew it. Below each stands what "
        "the same command drew before its words and figures were gone through, where it drew anything.",
        "`make gallery` draws them again.",
    ]
    for section, entries in SECTIONS.items():
        parts.append(f"## {section}")
        for entry in entries:
            command = (
                entry.command.replace("OUT/a.png", "figure.png")
                .replace("OUT/a.md", "report.md")
                .replace("OUT", "output")
            )
            parts += [
                f"### {entry.name}",
                entry.says,
                f"`python -m app.{command}`",
                f"![{entry.says}](pictures/gallery/{entry.name}.png)",
            ]
            if (PICTURES / "before" / f"{entry.name}.png").exists():
                parts.append(f"Before: ![before](pictures/gallery/before/{entry.name}.png)")
            else:
                parts.append(f"Before: none; {entry.since or 'it was not drawn'}.")
    return "\n\n".join([*parts, *LAB_PAGE, *SCALE]) + "\n"


def main() -> None:
    """Draw the figures that the command line names, or all, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", help="figures, by name or by its beginning; without any all are drawn"
    )
    parser.add_argument(
        "--before", type=Path, metavar="CHECKOUT", help="draw by another checkout, as those of before"
    )
    asked = parser.parse_args()
    for entry in (entry for entries in SECTIONS.values() for entry in entries):
        is_asked = not asked.names or entry.name.startswith(tuple(asked.names))
        if is_asked and not (asked.before and entry.since):
            print(entry.name, flush=True)
            try:
                draw(entry, asked.before or ROOT, PICTURES / "before" if asked.before else PICTURES)
            except RuntimeError as error:
                print(f"  {error}", file=sys.stderr)
    (ROOT / "docs" / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
