"""A classifier for pictures of one's own, from a network that was trained on others."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.library.arguments import as_pixels, as_shape, check_known

if TYPE_CHECKING:
    from app.transfer.results import Transferred


def transfer_network(
    data: Any,
    backbone: Any = "efficientnet_lite0",
    *,
    name: str | None = None,
    folder: str | Path | None = None,
    replace: bool = False,
    restart: bool = False,
    pixels: Any = None,
    image_shape: Sequence[int] | None = None,
    csv_log: str | Path | None = None,
    tensorboard: str | Path | None = None,
    distribute: str | None = None,
    **settings: Any,
) -> "Transferred":
    """Put a new head on a trained network and train it; then its last convolutions, at a far lower rate.

    What the frozen network makes of each picture is computed once. TensorFlow is held to repeatable kernels from then
    on, and Python, NumPy and TensorFlow are seeded. A run that was stopped goes on with the same call.

    Args:
        data: whatever `lab.open_data` takes: a folder with a sub-folder of pictures for each class, arrays, …
        backbone: the trained network: a name of the catalogue that was trained or has published weights, the path of a
            model's file, or a `keras.Model` in memory, which is only read.
        name: what the model is called; without it, after the data.
        folder: where the files go; without it, where trained models are looked for.
        replace: lose another model of this name there.
        restart: forget an interrupted run and start over.
        pixels: what black and white are worth to the network, (0, 255) for example, where no card of it says so.
        image_shape: height, width and channels of an image, where the network takes it as a matrix or a vector, or in
            any size.
        csv_log: a file for a table of the epochs of all phases.
        tensorboard: a folder for TensorBoard's files, in which each phase gets a folder of its own.
        distribute: on what is trained instead of one device, `"mirrored"` or `"multiworker"`, as by
            `lab.train_network`; the features are shared out, too.
        settings: `layer` (whose output the head reads), `epochs` (100), `learning_rate`, `fine_tune` (True), `unfreeze`
            (how many of the last convolutions learn in the second phase), `fine_tune_epochs` (10), `fine_tune_rate`
            (1e-5), `per_class` (training pictures of each class), `copies` and `augment` (augmented copies, computed
            once), `one_output` (a sigmoid for two classes), `against_scratch` and `scratch_epochs` (the same network
            without the borrowed weights), `prepare` (how pictures in files are fitted: `"digit"`, `"resize"`, or as the
            network's card says), `seed`.

    Returns:
        A transfer: `.model` is the `keras.Model`, `.path` its file, `.test_accuracy` a share 0…1 and `.interval` its
        95 % interval, `.phases` what learnt in each phase, `.scratch` the comparison; `plot()` draws the curves.

    Raises:
        ValueError: the network has no feature maps or takes no pictures, the data have one class, or a model would be
            lost; TF_CONFIG cannot be used, or the workers were started with different things.
        app.cluster.links.LostWorkerError: another worker did not come, ended, or does not answer.
        TypeError: an unknown setting, or no number.
        ArithmeticError: the loss is no longer finite; nothing was saved.

    >>> import app as lab, tempfile, contextlib, io
    >>> digits = lab.open_data("mnist")
    >>> some = (digits.test_images[:40], digits.test_labels[:40] % 2)
    >>> with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
    ...     odd = lab.transfer_network((some, some), "mnist", name="odd", folder=place, epochs=5, fine_tune=False)
    >>> odd.phases[0].parameters
    (1154, 55744)
    """
    from dataclasses import fields
    from functools import partial

    from app.cluster.team import taking_part
    from app.cluster.tf_config import find_distribution
    from app.commands.data import open_data
    from app.files.folders import prepare_folder, prepare_logs
    from app.files.saved import trained_models
    from app.library.sentences import in_python
    from app.maps.open_model import ModelChoice, OpenModel
    from app.transfer.plan import TransferPlace, TransferSettings, transfer_facts
    from app.transfer.request import name_model

    check_known(settings, [field.name for field in fields(TransferSettings)])
    with in_python(output="folder", data="data"):
        asked = TransferSettings(**settings).checked()
        distribution = find_distribution(distribute)
        place = trained_models() if folder is None else Path(folder)
        board, table = (None if each is None else Path(each) for each in (tensorboard, csv_log))
        is_chief = distribution is None or distribution.is_chief
        if is_chief:
            prepare_folder(place)
            prepare_logs(table, board)
        shape = None if image_shape is None else as_shape(image_shape)
        opened, pictures = (
            OpenModel(ModelChoice(backbone, as_pixels(pixels), image_shape=shape)),
            open_data(data),
        )
        called = name_model(name, pictures.name)
        where = partial(TransferPlace, place, called, replace, restart, tensorboard=board, csv_log=table)
        with taking_part(
            distribution, lambda: transfer_facts(opened, pictures, asked, called), print
        ) as team:
            from app.transfer.run import transfer

            made = transfer(opened, pictures, asked, where(distribution=distribution, team=team))
        if is_chief:
            from app.show.canvas import save_figure

            save_figure(made.plot(), made.files["curves"])
        return made
