"""python -m app.data: look at a data set before training on it."""

from pathlib import Path
from typing import Any

import click

from app.commands.data import data_option, open_data
from app.commands.door import Door
from app.commands.options import folder_option
from app.commands.outputs import leave_picture, prepare_folder
from app.counting.rows import shape_text
from app.show import tables


@click.command(cls=Door, epilog="Example: python -m app.data --data folder/with/idx/files")
@data_option()
@folder_option("Folder for the picture.")
def main(source: str | None, output: Path) -> None:
    """Show a data set: shapes, value ranges, class balance, a one-hot label, its first nine images."""
    prepare_folder(output)
    data = open_data(source)
    import numpy as np

    from app.data.figures import draw_dataset

    console = tables.make_console()
    arrays = {
        "training images": data.train_images,
        "training labels": data.train_labels,
        "test images": data.test_images,
        "test labels": data.test_labels,
    }
    console.print(
        tables.plain_table(
            ("array", "shape", "type", "from", "to"),
            [
                (name, shape_text(a.shape), str(a.dtype), str(a.min()), str(a.max()))
                for name, a in arrays.items()
            ],
            title=f"{data.name} ({data.source})",
            numbers=(3, 4),
        )
    )
    labels = [data.class_names[label] for label in data.train_labels[:10]]
    console.print(f"First training labels: {', '.join(labels)}\n")
    counts = {
        "training": np.bincount(data.train_labels, minlength=data.classes),
        "test": np.bincount(data.test_labels, minlength=data.classes),
    }
    console.print(
        tables.plain_table(
            ("class", "name", "training", "", "test", ""),
            [
                (
                    str(i),
                    name,
                    f"{counts['training'][i]:,}",
                    _share(counts["training"], i),
                    f"{counts['test'][i]:,}",
                    _share(counts["test"], i),
                )
                for i, name in enumerate(data.class_names)
            ],
            title="class balance",
            numbers=(0, 2, 3, 4, 5),
        )
    )
    first = int(data.train_labels[0])
    one_hot = " ".join("1" if i == first else "0" for i in range(data.classes))
    console.print(f"One-hot: the first label, {data.class_names[first]}, becomes {one_hot}\n")
    picture = output / f"data-{data.name}.png"
    figure = draw_dataset(
        data.train_images[:9],
        labels[:9],
        counts,
        data.class_names,
        f"{data.name}: the first nine training images and the class balance",
    )
    leave_picture(figure, picture)


def _share(counts: Any, i: int) -> str:
    return f"{100 * counts[i] / counts.sum():.1f} %"


if __name__ == "__main__":
    main(prog_name="python -m app.data")
