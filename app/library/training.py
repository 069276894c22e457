"""Networks built, trained and filled with published weights; the experiments of article 004 done again."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.files.saved import trained_models
from app.library.arguments import as_network
from models import Network

if TYPE_CHECKING:
    from app.datasets.augmentation import Augmentation
    from app.experiment.results import ExperimentResult
    from app.pretrained.results import FilledNetwork, PretrainedList
    from app.train.results import Training


def build(
    network: str | Network,
    classes: int | None = None,
    input_shape: Sequence[int] | None = None,
    weights: str | Path | None = None,
) -> Any:
    """Build a network of the catalogue as a fresh `keras.Model`.

    Args:
        network: a name of `lab.networks()`.
        classes: output units, where they are to differ from the published ones.
        input_shape: height, width in pixels and channels, likewise.
        weights: `"imagenet"` for the published weights (`lab.pretrained_networks()`), from a package or fetched if
            need be (33 to 575 MB), or the path of a file of the same network. Without it the weights are drawn at
            random.

    Raises:
        ValueError: there is no such network, it does not fit the shape or has no classes to choose, or the weights
            do not fit or cannot be had.
        TypeError: `network` is no name.

    Returns:
        A `keras.Model`, not compiled.

    >>> import app as lab
    >>> model = lab.build("lenet5_modern", classes=5)
    >>> model.output_shape, model.count_params()
    ((None, 5), 61281)
    """
    from app.counting.chalkboard import nn
    from app.library.sentences import in_python

    entry = as_network(network)
    shape = None if input_shape is None else tuple(input_shape)
    entry.builder(nn, **entry.arguments(classes, shape)).sheet()  # what does not fit is refused in a sentence
    with in_python():
        if weights == "imagenet" and classes in (None, len(entry.outputs)):
            from app.files.pretrained import published_weights
            from app.pretrained.filling import find_published

            find_published(published_weights(entry))
        from app.engine.build import build_model

        return build_model(entry, classes, shape, weights)


def train_network(
    network: str | Network,
    data: Any = None,
    recipe: str | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    seed: int = 0,
    shuffle_labels: int | None = None,
    folder: str | Path | None = None,
    restart: bool = False,
    keep_epochs: bool = False,
    augment: "str | Augmentation | None" = None,
    mixed_precision: bool = False,
    csv_log: str | Path | None = None,
    tensorboard: str | Path | None = None,
    distribute: str | None = None,
) -> "Training":
    """Train a network of the catalogue, and leave its model, its card and two pictures.

    A folder of pictures is read while the network learns, each picture brought to the network's size, and never more
    of it than a few hundred MB is in memory.

    The test images are measured after each epoch; nothing is chosen by them. A run that is stopped at any moment
    leaves the previous model as it was, and the same call goes on from the last finished epoch. TensorFlow is held to
    repeatable kernels from then on, and Python, NumPy and TensorFlow are seeded.

    Args:
        network: a name of `lab.networks()`.
        data: whatever `lab.open_data` takes; MNIST without it, and `"x_or_not_x"` for the network of that name.
        recipe: `"article"` (rmsprop, batches of 64, 5 epochs), `"fast"`, `"sgd"`, `"gentle"`, `"adam"` or `"map"`.
            Without it the network's own.
        epochs: instead of the recipe's, a pass over the images each (0.625 of a pass for fast).
        batch_size: images a step, instead of the recipe's.
        learning_rate: instead of the recipe's.
        seed: of weights and batches, from 0; the same seed on the same machine gives the same weights.
        shuffle_labels: the seed of an order in which the training labels are dealt out to the wrong images. The files
            are then called NAME-shuffled.
        folder: where the files go; without it, where trained models are looked for.
        restart: forget an interrupted run and start over.
        keep_epochs: keep the model before training and after each epoch too.
        augment: change the training images at random, anew each time they are shown: `"light"`, `"strong"` or an
            `Augmentation`. Both of these flip left and right: not for digits and letters.
        mixed_precision: compute in float16 where that is safe: faster on recent graphics cards, many times slower
            without one. Weights and the saved model are float32.
        csv_log: a file for a table of the epochs.
        tensorboard: a folder for TensorBoard's files.
        distribute: on what is trained instead of one device; each batch is divided. `"mirrored"`: all graphics cards of
            this machine. `"multiworker"`: all processes that the environment variable TF_CONFIG names, each of which
            makes the same call as the first thing that it asks of TensorFlow. The first of them alone writes files;
            all get the result.

    Returns:
        A training: `.model` is the `keras.Model`, `.path` its file, `.history` the measures of each epoch,
        `.test_accuracy` a share 0…1, `.waited` the share of the time that was spent waiting for pictures; `plot()`
        draws the learning curve, `plot_confusion()` the mistakes.

    Raises:
        ValueError: what cannot be trained, or not so; another process trains it into the same folder; a picture
            cannot be read any more; TF_CONFIG cannot be used, or the workers were started with different things.
        TypeError: `network` is no name, or a number is none.
        app.cluster.links.LostWorkerError: another worker did not come, ended, or does not answer.
        ArithmeticError: the loss is no longer finite; nothing was saved.

    >>> import app as lab, tempfile, contextlib, io
    >>> images, labels = lab.open_data("mnist").test_images[:64], lab.open_data("mnist").test_labels[:64]
    >>> with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
    ...     training = lab.train_network("numpy_cnn", ((images, labels), (images, labels)), epochs=1, folder=folder)
    >>> training.model.count_params(), len(training.history)
    (13602, 1)
    """
    from app.cluster.team import taking_part
    from app.cluster.tf_config import find_distribution
    from app.commands.data import open_data
    from app.files.folders import prepare_folder, prepare_logs
    from app.library.sentences import in_python
    from app.train.plan import TrainingSettings, check_trainable, plan_training, training_facts

    entry = as_network(network, "; a model of your own is trained by its fit()")
    check_trainable(entry)
    asked = TrainingSettings(
        recipe, epochs, batch_size, learning_rate, seed, shuffle_labels, augment, mixed_precision
    ).checked()
    distribution = find_distribution(distribute)
    place, board, table = (
        _folder(folder),
        *(None if each is None else Path(each) for each in (tensorboard, csv_log)),
    )
    if distribution is None or distribution.is_chief:
        prepare_folder(place)
        prepare_logs(table, board)
    with in_python(output="folder"):
        opened = open_data(entry.data if data is None else data)
        with taking_part(distribution, lambda: training_facts(entry, opened, asked), print) as team:
            run = plan_training(entry, opened, asked)
            from app.train.run import TrainingPlace, train

            return train(
                run,
                TrainingPlace(
                    place, restart, keep_epochs, board, table, distribution=distribution, team=team
                ),
            )


def pretrained_networks() -> "PretrainedList":
    """Return the networks with published weights, and which of these are on this machine.

    >>> import app as lab
    >>> lab.pretrained_networks().names[:4]
    ['efficientnet_lite0', 'efficientnet_lite1', 'efficientnet_lite2', 'vgg16']
    """
    from app.pretrained.filling import list_pretrained

    return list_pretrained()


def fetch_pretrained(
    network: str | Network,
    weights: str | Path | None = None,
    folder: str | Path | None = None,
    replace: bool = False,
) -> "FilledNetwork":
    """Fill a network with weights trained on ImageNet, and leave its model and its card.

    Then `lab.load("resnet50")` knows how pictures enter it and what its 1,000 classes are called. For
    EfficientNet-Lite `lab.load` does it by itself.

    Args:
        network: a name of `lab.pretrained_networks()`.
        weights: a file of the same network, trained by anybody: .h5, .weights.h5 or .keras of keras.applications,
            .pth of EfficientNet-Lite. Without it the published file, of an installed package, from Keras' cache or
            fetched into it (33 to 575 MB).
        folder: where the files go; without it, where trained models are looked for.
        replace: lose a trained model of this name in that folder.

    Returns:
        What was made: `.path` is the model's file, `.card` says which weights it has.

    Raises:
        ValueError: there are no such weights, they cannot be fetched or do not fit, or a trained model would be lost.
        TypeError: `network` is no name.

    >>> import app as lab
    >>> lab.fetch_pretrained("lenet5")
    Traceback (most recent call last):
    ...
    ValueError: there are no published weights for lenet5; there are for efficientnet_lite0, efficientnet_lite1, efficientnet_lite2, vgg16, vgg19, resnet50, resnet101, resnet152, densenet121, densenet169, densenet201
    """  # noqa: E501
    from app.library.sentences import in_python
    from app.pretrained.filling import fill_network

    with in_python():
        return fill_network(as_network(network), weights, _folder(folder), replace)


def repeat_experiment(
    name: str,
    data: Any = None,
    seeds: int | None = None,
    quick: bool = False,
    folder: str | Path = "output",
    restart: bool = False,
) -> "ExperimentResult":
    """Do again what article 004 tells of, and see whether the effect shows.

    Finished runs are kept in the folder: a stopped experiment goes on where it was, and more seeds add only what is
    missing. `"plain-vs-residual"`, `"vanishing-gradient"` and `"resnet-vs-densenet"` train networks for minutes,
    `"x_or_not_x"` (article 000) small ones on pictures that it draws; `"imagenet-timeline"` sets published errors
    beside what the article says.

    Args:
        name: of the experiment.
        data: whatever `lab.open_data` takes; MNIST without it. `"x_or_not_x"` takes none.
        seeds: how many, from 1 to 100. With fewer than 3 nothing is claimed.
        quick: a smoke run in seconds: it shows that everything works, and no effect.
        folder: where the numbers, the figure and the finished runs go.
        restart: forget the finished runs and start over.

    Returns:
        A result: `.verdict` says whether the effect shows, `.table` has a row for each network; `plot()` draws the
        figure, `to_dict()` has every number.

    Raises:
        ValueError: there is no such experiment, or the data do not go with it.
        ArithmeticError: the loss of a run is no longer finite.

    >>> import app as lab, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = lab.repeat_experiment("imagenet-timeline", folder=folder)
    >>> result.table[2]["winner"], result.table[2]["top-5 error, %"]
    ('SuperVision (AlexNet)', '16.4')
    """
    from app.commands.data import open_data
    from app.experiment.catalogue import TIMELINE, data_of, find_experiment
    from app.files.folders import prepare_folder
    from app.library.sentences import in_python

    asked, place = find_experiment(name), Path(folder)
    if asked == TIMELINE:
        if data is not None or seeds is not None or quick or restart:
            raise ValueError(f"{TIMELINE} trains nothing; leave out data, seeds, quick and restart")
        from app.experiment.imagenet_timeline import repeat_timeline

        return repeat_timeline(prepare_folder(place))
    with in_python(output="folder"):
        prepare_folder(place)
        opened = open_data(data_of(asked, data))
        from app.experiment.repeating import plan_repetition, repeat

        return repeat(plan_repetition(asked, opened, seeds, quick, place, restart))


def _folder(folder: str | Path | None) -> Path:
    return trained_models() if folder is None else Path(folder)
