"""ImageNet's 1,000 classes (ILSVRC 2012), in the order in which every network here numbers them.

The order is that of the WordNet numbers, as in Caffe, torchvision and keras.applications. The words are
WordNet's; `imagenet_classes.txt` has a line for each class: its WordNet number and what it is called.
"""

from pathlib import Path

IMAGENET_SHAPE = (224, 224, 3)
"""What most of the networks take: height, width, colours."""
FILE = Path(__file__).with_name("imagenet_classes.txt")
SAME_NAME = {
    134: "crane (bird)",
    517: "crane (machine)",
    264: "Cardigan (dog)",
    474: "cardigan (garment)",
    638: "maillot (tights)",
    639: "maillot (tank suit)",
}
"""Classes whose first name another class has too, letters large or small."""

WORDS = tuple(tuple(line.split(" ", 1)[1].split(", ")) for line in FILE.read_text("utf-8").splitlines())
"""All that each class is called: `("tabby", "tabby cat")`."""
IMAGENET = tuple(SAME_NAME.get(i, words[0]) for i, words in enumerate(WORDS))
"""One name for each class, no two the same."""
