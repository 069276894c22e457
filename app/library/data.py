"""Data sets: the bundled MNIST, files, arrays, pictures that are drawn, and what Keras downloads."""

from typing import TYPE_CHECKING, Any

from app.datasets.augmentation import Augmentation

__all__ = ["Augmentation", "open_data"]

if TYPE_CHECKING:
    from app.data.results import ShownDataset


def open_data(source: Any = "mnist") -> "ShownDataset":
    """Open a data set of labelled images.

    `print` it for shapes or sizes and class balance; in a notebook it is its first images.

    Args:
        source: `"mnist"`, which comes with the project (60,000 training and 10,000 test images of 28×28×1 pixels); a
            folder of pictures, with a sub-folder for each class, or `train/` and `test/` with such sub-folders; a
            `.csv` file of pictures, a file and its label in a line; a folder of files in MNIST's format (IDX; EMNIST's
            are turned upright) or of CSV tables, a label and the pixels in each line, as Kaggle has them;
            `"FOLDER/emnist-letters"`, the one of several sets in a folder; a `.csv` file; `"x_or_not_x"`, X and other
            signs on 5×5 pixels, drawn by a seed, or `"x_or_not_x:turned:9"`, which are turned and on 9×9
            (docs/data.md lists the kinds); an `.npz` file with x_train, y_train, x_test and y_test, or MedMNIST's
            names; `"fashion_mnist"`, `"cifar10"` or `"cifar100"`, which Keras downloads; a data set; or arrays as
            Keras gives them, ((x_train, y_train), (x_test, y_test)): bytes 0…255 or floats 0…1, labels as whole
            numbers from 0 or 1, or one-hot. None is MNIST. In a folder of IDX files or tables `labels.txt` or
            EMNIST's mapping file names the classes.

    Returns:
        A data set: `train_images` and `test_images` are bytes, (count, height, width, channels), `train_labels` and
        `test_labels` whole numbers from 0, `class_names` what they are called; `notes` says what was found out
        about the files and changed, a sentence each; `plot()` draws the first images and `plot_augmentation("light")`
        copies as a training may change them, `save("mine.npz")` writes a file that can be opened again, `to_dict()`
        has shapes, classes and counts. Pictures in files are read when they are asked for: their images take an index
        or a slice as an array does, `np.asarray` reads all, `fitted((96, 96, 3))` gives them in another size,
        `left_out` lists the files that are not used, with the reasons.

    Raises:
        ValueError: there is no such data, it is damaged or could not be downloaded.
        TypeError: it is none of these.

    >>> import app as lab
    >>> data = lab.open_data("mnist")
    >>> data
    <data set mnist: 60,000 training and 10,000 test images of 28×28×1, 10 classes>
    >>> data.counts["test"][:3].tolist()
    [980, 1135, 1032]
    >>> few = data.train_images[:30], data.train_labels[:30] + 1
    >>> lab.open_data((few, few)).notes
    ('Labels count from 1: class 0 is label 1.',)
    """
    from app.commands.data import open_data as open_plain
    from app.library.sentences import in_python

    with in_python(data="source"):
        opened = open_plain(source)
    from app.data.results import show_dataset

    return show_dataset(opened)
