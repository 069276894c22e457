"""One object that stands for a model: what it predicts, why, and what is inside it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.library.arguments import (
    LOOKS,
    SETTINGS,
    as_names,
    as_pixels,
    as_place,
    as_shape,
    check_known,
    check_not_both,
    check_prepare,
    check_settings,
    check_whole,
    class_text,
)
from app.library.sentences import in_python
from app.maps.explainer import MEMORY_BYTES
from app.maps.open_model import ModelChoice, OpenModel
from models import Pixels

if TYPE_CHECKING:
    import numpy as np

    from app.datasets.samples import Sample
    from app.evaluate.results import Evaluation
    from app.export.results import Exported
    from app.faith.trust import TrustReport
    from app.features.layer_answers import Filters, ImageMaps
    from app.features.unit_answers import Maximised, Nearest, Projections
    from app.maps.predictions import Predictions
    from app.params.results import ModelCount
    from app.saliency.folder import FolderResult
    from app.saliency.results import Explanations
    from app.saliency.run import MapRun

Prepare = Literal["auto", "digit", "resize"]
Label = int | str | None
"""A class by number or by name; None: the one that the network predicts."""

said_in_python = in_python(
    **{
        "class": "label",
        "method": "methods",
        "unit": "units",
        "input": "image_input",
        "pixel_range": "pixels",
    }
)
"""Errors of what is decorated name arguments, not options."""


@said_in_python
def load(
    model: Any,
    pixels: Pixels | Sequence[float] | None = None,
    classes: Sequence[str] | None = None,
    *,
    image_input: str | None = None,
    image_shape: Sequence[int] | None = None,
    head: str | None = None,
    at: tuple[int, int] | None = None,
    regression: bool = False,
    engine: str | None = None,
    memory_bytes: int = MEMORY_BYTES,
) -> "LoadedModel":
    """Make a model ready to be asked: what it predicts, why, and what is inside it.

    The model itself is never changed; what is computed is computed on a copy, made when it is first needed. After
    training on, load it again.

    Args:
        model: a name of the catalogue that was trained (`mnist` comes with the project), the path of a `.keras` or
            `.h5` file, or a `keras.Model` in memory that was built; subclassed models and layers of your own work
            too.
        pixels: how pictures of 0…255 enter it: (low, high), what black and white are worth, or a `models.Pixels`.
            Without it: as the model's card says; without one 0…1, or 0…255 for a model that rescales by itself.
        classes: what the classes are called, in their order.
        image_input: name of the input that is the image, where there are several; the others are held at 0.
        image_shape: height, width and channels of an image, where the model takes it as a matrix or a vector, or in any
            size. Without it: as the model reshapes it, else the square that it fills; other matrices are series of
            (steps, values).
        head: name of the output to explain, where there are several.
        at: row and column of the pixel to explain, where the output has a class for each; without it all the pixels
            that are put into the class.
        regression: whether the outputs are quantities, not classes. Without it: as the loss says.
        engine: what runs it, `numpy` or `tensorflow`. Without it: NumPy where it can, which is there at once, takes
            small networks of common layers from their files and needs no TensorFlow; else TensorFlow.
        memory_bytes: memory that the tensors of one chunk of images may take.

    Raises:
        ValueError: there is no such model, it was never built, or its file is damaged.
        TypeError: it is no model.

    >>> import app as lab
    >>> net = lab.load("mnist")
    >>> net
    <mnist: images of 28×28×1, 10 classes, pixels enter as 0…1>
    """
    if isinstance(model, LoadedModel):
        return model
    if not isinstance(model, (str, Path)):
        from app.params.counts import check_live

        check_live(model)
    pixels = as_pixels(pixels)
    if isinstance(classes, str) or (classes is not None and not isinstance(classes, Sequence)):
        raise TypeError(f"classes are a list of names, not {classes!r}")
    if engine not in (None, "numpy", "tensorflow"):
        raise ValueError(f"engine is one of numpy, tensorflow, not {engine!r}")
    names = tuple(map(str, classes or ()))
    if len(set(names)) < len(names):
        raise ValueError("two classes have the same name")
    if not isinstance(memory_bytes, int) or memory_bytes < 1 << 20:
        raise ValueError(f"memory_bytes is a whole number of bytes, at least 1,048,576, not {memory_bytes!r}")
    choice = ModelChoice(
        model,
        pixels,
        image_input,
        None if image_shape is None else as_shape(image_shape),
        head,
        None if at is None else as_place(at),
        regression,
        names,
        engine,
    )
    return LoadedModel(choice, memory_bytes)


LOADING = ("image_input", "image_shape", "head", "at", "regression", "memory_bytes")
"""Arguments of `load` that `explain` passes on."""


def explain(
    model: Any,
    images: Any,
    label: Label | Sequence[Label] = None,
    *,
    pixels: Pixels | Sequence[float] | None = None,
    classes: Sequence[str] | None = None,
    **how: Any,
) -> "Explanations":
    """Explain in one line why a model says what it says of some images.

    Args:
        model: whatever `load` takes.
        images: whatever `LoadedModel.explain` takes.
        label: the class to explain, by number or name; None for the predicted one; or one for each image.
        pixels: how pictures enter the model, as for `load`.
        classes: what the classes are called.
        how: more arguments of `load`, `head`, `at`, `image_shape` …, and of `LoadedModel.explain`, `against`,
            `methods`, `layer` …

    Raises:
        ValueError: the images do not fit the model, a class or a layer that it does not have.
        TypeError: no model, or no image.

    >>> import app as lab
    >>> seen = lab.explain("mnist", lab.open_data("mnist").test_images[0], methods=["gradcam"])
    >>> seen
    <1 image explained for class 7 in mnist: gradcam>
    >>> seen.maps["gradcam"].shape
    (1, 3, 3)
    """
    loading = {name: how.pop(name) for name in LOADING if name in how}
    return load(model, pixels, classes, **loading).explain(images, label, **how)


@said_in_python
def trust(
    model: Any,
    data: Any = None,
    count: int = 100,
    *,
    tests: Sequence[str] = ("sanity", "faithfulness", "agree"),
    methods: Sequence[str] = (),
    layer: str | None = None,
    draws: int = 5,
    seed: int = 0,
    shuffled: Any = None,
    workers: int | None = None,
    scheduler: str | None = None,
) -> "TrustReport":
    """Test which maps of a model deserve to be believed, on many images, each explained for its predicted class.

    Args:
        model: whatever `load` takes.
        data: whatever `open_data` takes; its first `count` test images are used.
        count: images.
        tests: `sanity` (does a map change when the network forgets what it learnt?), `faithfulness` (does the
            decision fall without the pixels that a map ranks highest?), `agree` (does tf-keras-vis compute the same?).
        methods: names of maps; all that the network allows if there are none.
        layer: whose maps the class-activation maps use.
        draws: randomised networks for the test of sanity.
        seed: of random weights, random orders and noise.
        shuffled: the same network trained on shuffled labels, compared as one more stage of sanity.
        workers: processes of this machine that share the images, as for `explain_folder`; what they find lies in
            `output/.shards`, so that a run that was stopped goes on where it was.
        scheduler: the address of a Dask cluster whose workers share them.

    Raises:
        ValueError: the images do not fit the model, an unknown test or map, or there is nobody to do the work.

    >>> import app as lab
    >>> report = lab.trust("mnist", count=4, tests=["faithfulness"], methods=["vanilla"])
    >>> [line["name"] for line in report.to_dict()["faithfulness"]][:1]
    ['vanilla']
    """
    from app.faith.asked import TESTS, FaithRequest
    from app.faith.trust import run_trust
    from app.library.data import open_data
    from app.maps.methods import METHODS
    from app.shards.dask_workers import WorkersChoice
    from app.shards.helpers import Helpers

    tests, methods = as_names(tests, "tests"), as_names(methods, "methods")
    for name, value in (("count", count), ("draws", draws), ("seed", seed)):
        check_whole(name, value)
    for what, known, asked in (("test", TESTS, tests), ("map", METHODS, methods)):
        unknown = [name for name in asked if name not in known]
        if unknown:
            raise ValueError(f"there is no {what} {unknown[0]!r}; there are {', '.join(known)}")
    if not count >= 1 or not draws >= 1:
        raise ValueError(f"count and draws must be at least 1, not {count} and {draws}")
    net, request = load(model), FaithRequest(count, tuple(tests), tuple(methods), layer, draws, seed)
    how = "Each image is explained for the class that the network predicts."
    helpers = Helpers(WorkersChoice(workers, scheduler))
    other = None if shuffled is None else load(shuffled)
    return run_trust(net, open_data(data), request, how, other, helpers)


class LoadedModel(OpenModel):
    """A model that can be asked: what it predicts, why, and what is inside it.

    Made by `load`. `images` are what people have: a path, a PIL picture, an array or tensor (height, width),
    (height, width, channels) or (images, height, width[, channels]), or a list of these. Pictures are fitted to the
    network's size, bytes are scaled as it wants them, and floats are taken as they are, which the result says.
    """

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called, in their order."""
        return self.names

    @property
    def image_shape(self) -> tuple[int | None, ...]:
        """Height, width and channels of its images; None where it takes any."""
        return self.shape

    @property
    def layers(self) -> list[str]:
        """The layers whose maps can be looked at and explained, from first to last."""
        model = self.model
        from app.features.feature_maps import feature_steps

        try:
            return [step.name for step in feature_steps(model)]
        except ValueError:  # nothing in it has a map
            return []

    def __repr__(self) -> str:
        try:
            from app.counting.rows import shape_text

            size = "images of " + shape_text(self.shape)
            if self.shape[0] == 1:
                from app.datasets.given import series_words

                size = series_words(self.shape)
            count = len(self.names)
            classes = f"{count} class{'es' if count > 1 else ''}"
            said = f"{size}, {classes}"
            if self.shape[0] != 1:
                said += f", pixels enter as {self.pixels.words()}"
        except ValueError as error:
            said = str(error)
        return f"<{self.name}: {said}>"

    def count(self) -> "ModelCount":
        """Count the model by hand, as `lab.count` does."""
        from app.params.counts import count_model

        return count_model(self.choice.name if self.facts.path is None else self.facts.path)

    @said_in_python
    def predict(
        self,
        images: Any,
        prepare: Prepare = "auto",
        batch_size: int = 32,
        workers: int | None = None,
        scheduler: str | None = None,
    ) -> "Predictions":
        """Return what the network takes images for: the class of each, and the probability of every class.

        Args:
            images: one or many: a path, a PIL picture, an array (height, width[, channels]) or (images, height, width[,
                channels]), or a list of these; the path of a folder, which is searched with all its sub-folders; or a
                generator.
            prepare: how pictures are fitted: `digit`, made like the digits or letters that the network learnt
                from; `resize`, only brought to size; `auto`, as the model's card says.
            batch_size: images in a batch.
            workers: processes of this machine that share files, as for `explain_folder`.
            scheduler: the address of a Dask cluster whose workers share them.

        Returns:
            Predictions, with an entry for each image: `.names` the likeliest class, `.top(5)` the five likeliest with
            their probabilities, `.values` (images, classes), `.notes` what makes the answer doubtful, `.changes` what
            was done to the picture; `.unreadable` has the files of a folder that could not be read, with the reason.

        Raises:
            ValueError: the images do not fit, or a file that was given by itself cannot be read.

        >>> import app as lab
        >>> lab.load("mnist").predict(lab.open_data("mnist").test_images[:2]).names
        ['7', '2']
        """
        from app.predict.run import predict_images

        check_prepare(prepare)
        check_whole("batch_size", batch_size, 1)
        if workers is not None or scheduler is not None:
            from app.predict.shards import predict_files
            from app.shards.dask_workers import WorkersChoice

            return predict_files(self, images, prepare, batch_size, WorkersChoice(workers, scheduler))
        return predict_images(self, images, prepare, batch_size)

    @said_in_python
    def evaluate(
        self,
        data: Any = None,
        *,
        part: Literal["test", "training", "all"] | None = None,
        prepare: Prepare = "auto",
        mistakes: int = 12,
        method: str | None = None,
        workers: int | None = None,
        scheduler: str | None = None,
    ) -> "Evaluation":
        """Measure how often the network is right on labelled images, for each class, and how sure it is.

        Args:
            data: whatever `lab.open_data` takes, also a folder with a sub-folder of pictures for each class. Without
                it, what the network of that name in the catalogue learns from, or MNIST.
            part: `test`, `training` or `all` images. Without it the test images; of a folder without `train/` and
                `test/` all, unless the model was trained on it: then the pictures that were held out.
            prepare: how pictures in files are fitted, as for `predict`.
            mistakes: how many of the mistakes that the network is surest of are kept, each with a map.
            method: which map. Without it Grad-CAM, or `vanilla` for a network without convolutions.
            workers: processes of this machine that share the images, as for `explain_folder`.
            scheduler: the address of a Dask cluster whose workers share them.

        Returns:
            Evaluation: `.accuracy`, a share 0…1, and `.interval`, its 95 % interval; `.confusion`, (true class, taken
            for), counts; `.per_class`, `.calibration`, `.mistakes`. `plot()` draws the confusion matrix,
            `plot_calibration()` the reliability curve, `plot_mistakes()` the mistakes with their maps.

        Raises:
            ValueError: the data and the network have other classes or sizes.

        >>> import app as lab
        >>> lab.load("x_or_not_x").evaluate("x_or_not_x")
        <x_or_not_x on 1,000 test images of x_or_not_x: 99.70 % right>
        """
        from app.evaluate.run import evaluate, own_data
        from app.library.data import open_data
        from app.shards.dask_workers import WorkersChoice
        from app.shards.helpers import Helpers

        check_prepare(prepare)
        check_whole("mistakes", mistakes)
        if part not in (None, "test", "training", "all"):
            raise ValueError(f"part is 'test', 'training' or 'all', not {part!r}")
        opened = open_data(own_data(self) if data is None else data)
        helpers = Helpers(WorkersChoice(workers, scheduler))
        return evaluate(self, opened, part, prepare, mistakes, method, helpers=helpers)

    @said_in_python
    def export(
        self,
        format: str,
        path: str | Path | None = None,
        *,
        data: Any = None,
        images: Any = (),
        count: int = 100,
        replace: bool = False,
    ) -> "Exported":
        """Write the model as a file for other programs, and keep it only if it gives what Keras gives, to 1e-4.

        Args:
            format: `saved_model` (a folder), `onnx` or `litert` (a `.tflite` file).
            path: the file or folder to write. Without it, in the folder `output`, called as the model.
            data: the data set whose test images the file is tried on. Without it what the network learnt from, if it is
                at hand in the size that the network takes, else random pictures.
            images: pictures of your own that the file is tried on instead: a list of paths, PIL pictures or arrays.
            count: how many pictures the file is tried on.
            replace: lose what lies at `path`.

        Returns:
            What was written: `.path`, `.card` (inputs, pixels, classes, as the file beside it has them), `.agreement`
            (how far the outputs are from Keras'), `.snippet` (lines of Python that run the file).

        Raises:
            ValueError: the format cannot hold the model, a package is missing, or something else lies at `path`.
            ArithmeticError: the file does not give what Keras gives; it is not left.
        """
        from app.commands.door import CheckFailedError
        from app.export.run import export_model

        check_whole("count", count, 1, 10_000)
        place = None if path is None else Path(path)
        shown = [images] if isinstance(images, (str, Path)) else images
        try:
            return export_model(self, format, place, data, shown, count, replace)
        except CheckFailedError as error:
            raise ArithmeticError(str(error)) from error

    @said_in_python
    def explain(
        self,
        images: Any,
        label: Label | Sequence[Label] = None,
        *,
        against: Label = None,
        methods: Sequence[str] | str = (),
        layer: str | None = None,
        all_classes: bool = False,
        tests: Sequence[str] = (),
        data: Any = None,
        prepare: Prepare = "auto",
        **how: Any,
    ) -> "Explanations":
        """Explain why the network says what it says of images: maps, each with a verdict on how far to trust it.

        Args:
            images: see the class.
            label: the class to explain, by number or name; None for the predicted one; or one for each image.
            against: a class to hold it against: why 3 and not 8.
            methods: names of maps, `["gradcam", "vanilla"]`, or `"all"`; without any, gradient and Grad-CAM.
            layer: whose maps the class-activation maps use; the last spatial ones without it.
            all_classes: explain one image for every class.
            tests: tests of faith for these maps: `sanity`, `faithfulness`, `agree`.
            data: test images that keep the explained ones company in these tests.
            prepare: how pictures are fitted: `auto`, `digit` or `resize`.
            how: settings of the maps, `samples`, `noise`, `steps`, `baseline`, `patch`, `seed`, `cell`, `engine`; and
                of the pictures, `colour` (`max`, `mean`, `channels`), `is_signed`, `palette`, `overlay`.

        Returns:
            Explanations: `.maps`, `.overlay` and `.verdicts` by method; `.plot()`, `.save()`, `.to_dict()`.

        Raises:
            ValueError: the images do not fit, a class, map or layer that there is not, or no maps for a
                class-activation map.
            TypeError: an unknown setting, or no image.

        >>> import app as lab
        >>> seen = lab.load("mnist").explain(lab.open_data("mnist").test_images[18], label=3, methods=["gradcam"])
        >>> print(seen.verdicts["gradcam"][0].tensor)
        conv3
        """
        run, labels = self._run(label, against, methods, layer, how, all_classes)
        samples = self._samples(images, prepare)
        if all_classes and len(samples) > 1:
            raise ValueError(f"all_classes explains one image, not {len(samples)}")
        if labels and len(labels) != len(samples):
            raise ValueError(
                f"there are {len(labels)} labels and {len(samples)} images; give one label for each"
            )
        seen = run.explain(samples, labels)
        if not tests:
            return seen
        from dataclasses import replace

        from app.faith.asked import TESTS
        from app.library.data import open_data
        from app.saliency.faith_tests import run_map_tests

        tests = as_names(tests, "tests")
        unknown = [test for test in tests if test not in TESTS]
        if unknown or run.against is not None:
            what = f"there is no test {unknown[0]!r}" if unknown else "tests are of maps of single classes"
            raise ValueError(f"{what}; there are {', '.join(TESTS)}")
        return replace(seen, tests=run_map_tests(run, seen.explained, tuple(tests), open_data(data)))

    @said_in_python
    def explain_each_class(
        self, data: Any = None, *, methods: Sequence[str] | str = (), layer: str | None = None, **how: Any
    ) -> "Explanations":
        """Explain one test image of each class, the first one, for its own class.

        Args:
            data: whatever `lab.open_data` takes; the bundled MNIST without it.
            methods: names of maps; without any, vanilla, guided and relu.
            layer: whose maps the class-activation maps use.
            how: settings of `explain`.

        Raises:
            ValueError: the images do not fit, there are more than 100 classes or none, or whatever `explain` raises.

        >>> import app as lab
        >>> [each.name for each in lab.load("mnist").explain_each_class(methods="vanilla").predictions]
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
        """
        from app.library.data import open_data

        run, _ = self._run(None, None, methods, layer, how, each_class=True)
        return run.explain_each_class(open_data("mnist" if data is None else data))

    @said_in_python
    def explain_epochs(
        self,
        image: Any,
        label: Label = None,
        *,
        methods: Sequence[str] | str = (),
        layer: str | None = None,
        prepare: Prepare = "auto",
        **how: Any,
    ) -> "Explanations":
        """Explain one image as the network saw it before training and after each epoch.

        The epochs lie beside the model's file where it was trained with `keep_epochs=True`. The arguments are those
        of `explain`.

        Raises:
            ValueError: no epochs were kept, or whatever `explain` raises.
        """
        run, _ = self._run(label, None, methods, layer, how)
        return run.explain_epochs(self._one(image, prepare))

    @said_in_python
    def explain_folder(
        self,
        folder: str | Path,
        output: str | Path,
        label: Label = None,
        *,
        against: Label = None,
        methods: Sequence[str] | str = (),
        layer: str | None = None,
        prepare: Prepare = "auto",
        restart: bool = False,
        arrays: bool = False,
        half_precision: bool = False,
        top_cells: int | None = None,
        workers: int | None = None,
        scheduler: str | None = None,
        **how: Any,
    ) -> "FolderResult":
        """Explain every picture of a folder: a strip and a record of each in `output`, in constant memory.

        A run that was stopped goes on where it was. Pictures that cannot be read are listed in the result. The other
        arguments are those of `explain`.

        Args:
            folder: with pictures; with `arrays` also an `.npy` or `.npz` file of images.
            output: the folder for what is left.
            label: the class to explain; None for the predicted one.
            against: the class that it is held against.
            methods: which maps.
            layer: whose maps class-activation maps use.
            prepare: how pictures are fitted.
            restart: forget what an earlier run left.
            arrays: leave the maps as arrays, an `.npz` file a shard and `index.csv`, and no strips.
            half_precision: keep values of arrays with 16 bits.
            top_cells: keep only so many values of each map.
            workers: processes of this machine that share the pictures; in a program of your own below
                `if __name__ == "__main__":`, since each imports it.
            scheduler: the address of a Dask cluster whose workers share them.
            **how: as for `explain`.

        Raises:
            ValueError: there are no pictures, none can be read, an earlier run had other settings, or there is nobody
                to do the work.
        """
        from app.commands.inputs import ImageChoice
        from app.saliency.folder import ManyPictures, explain_folder
        from app.saliency.shard_arrays import ArrayChoice
        from app.shards.dask_workers import WorkersChoice

        run, _ = self._run(label, against, methods, layer, how)
        if Path(output).is_file():
            raise ValueError(f"{output} is a file; the strips and records go into a folder")
        kept = ArrayChoice(arrays, half_precision, top_cells)
        who, images = WorkersChoice(workers, scheduler), ImageChoice(prepare=prepare)
        asked = ManyPictures(Path(folder), Path(output), restart, images, kept, who)
        done = explain_folder(run, asked)
        if not done.finished:
            raise ValueError(f"none of the {done.pictures:,} files in {folder} could be read")
        return done

    @said_in_python
    def compute_maps(
        self,
        images: Any,
        methods: Sequence[str] | str = (),
        label: Label | Sequence[Label] = None,
        *,
        against: Label = None,
        layer: str | None = None,
        prepare: Prepare = "auto",
        **how: Any,
    ) -> "dict[str, np.ndarray]":
        """Return the unscaled maps of many images, and draw nothing.

        Images are taken a chunk at a time: besides the arrays that are returned, a million take no more memory
        than a hundred. `images` may also be a generator of images or of batches. The arguments are those of `explain`.

        Returns:
            By method, what `explain(...).maps` has: (images, rows, columns) for maps of cells, (images, height,
            width, channels) for maps of pixels.

        Raises:
            ValueError: whatever `explain` raises.

        >>> import app as lab
        >>> maps = lab.load("mnist").compute_maps(lab.open_data("mnist").test_images[:100], ["gradcam"])
        >>> maps["gradcam"].shape
        (100, 3, 3)
        """
        from app.saliency.many import compute_maps

        run, labels = self._run(label, against, methods, layer, how)
        chunks = (self._samples(chunk, prepare) for chunk in _chunks(images, self.shape, self._chunk_size()))
        return compute_maps(run, chunks, labels)

    @said_in_python
    def features(
        self, image: Any, layer: str | None = None, count: int = 8, prepare: Prepare = "auto"
    ) -> "ImageMaps":
        """Return what every layer, or all maps of one, make of an image.

        Args:
            image: one image; see the class.
            layer: one layer; without it, all layers with maps.
            count: maps in a row of the figure, where there is a row for each layer.
            prepare: how a picture is fitted.

        Returns:
            Feature maps: `features["conv1"]` is (rows, columns, maps).

        Raises:
            ValueError: the image does not fit, or there is no such layer.

        >>> import app as lab
        >>> lab.load("mnist").features(lab.open_data("mnist").test_images[0])["conv1"].shape
        (26, 26, 32)
        """
        from app.features.questions import look_at_maps

        self._check_convolution()
        check_whole("count", count, 1, 32)
        return look_at_maps(self, self._one(image, prepare), layer, count)

    @said_in_python
    def filters(self, layer: str | None = None) -> "Filters":
        """Return the filters of a convolution, by default the first; `.weights` is (rows, columns, maps, filters).

        Raises:
            ValueError: there is no such convolution, or its filters have no shape to draw.

        >>> import app as lab
        >>> lab.load("mnist").filters().weights.shape
        (3, 3, 1, 32)
        """
        from app.features.questions import look_at_filters

        self._check_convolution()
        return look_at_filters(self, layer)

    @said_in_python
    def nearest(
        self,
        data: Any = None,
        *,
        labels: Sequence[int | str] = (),
        layer: str | None = None,
        units: Sequence[int] = (),
        part: Literal["training", "test"] = "training",
        count: int = 9,
    ) -> "Nearest":
        """Find the images of a data set that maps of a layer, or classes, answer to most.

        Args:
            data: whatever `open_data` takes.
            labels: classes instead of maps, by number or name.
            layer: the layer; without it, the last one with maps.
            units: numbers of its maps; without any, the four with the strongest cells.
            part: which images of the data.
            count: images for each.

        Returns:
            Nearest images: `.images` has their numbers by unit.

        Raises:
            ValueError: the images do not fit, a class, layer or map that there is not, or classes and maps at once.
        """
        from app.features.questions import find_nearest
        from app.library.data import open_data

        self._check_convolution()
        check_not_both(labels, layer, units)
        if part not in ("training", "test") or count < 1:
            raise ValueError(f"part is 'training' or 'test' and count at least 1, not {part!r} and {count}")
        return find_nearest(self, open_data(data), part, layer, units, self._classes(labels), count)

    @said_in_python
    def project(
        self, image: Any, layer: str | None = None, units: Sequence[int] = (), prepare: Prepare = "auto"
    ) -> "Projections":
        """Carry the strongest cells of maps back to the pixels of an image (ZFNet's deconvolutional network).

        Args:
            image: one image; see the class.
            layer: the layer; without it, the last one with maps.
            units: numbers of its maps; without any, the nine with the strongest cells.
            prepare: how a picture is fitted.

        Raises:
            ValueError: the image does not fit, or a layer or map that there is not.
        """
        from app.features.questions import project

        self._check_convolution()
        return project(self, self._one(image, prepare), layer, units)

    @said_in_python
    def maximise(
        self,
        label: int | str | Sequence[int | str] = (),
        *,
        layer: str | None = None,
        units: Sequence[int] = (),
        **climb: Any,
    ) -> "Maximised":
        """Make inputs, from noise, that classes or maps of a layer answer to most (by tf-keras-vis).

        Args:
            label: a class by number or name, or several; without any, layer and units, the first ten.
            layer: a layer whose maps are asked instead.
            units: numbers of its maps; without any, the first ten.
            climb: `steps`, `total_variation`, `norm`, `jitter`, `rotation`, `seed`; each has a default for the size
                of the image.

        Raises:
            ValueError: a class, layer or map that there is not, classes and maps at once, or a bad setting.
        """
        from app.features.questions import maximise

        self._check_convolution()
        labels = [label] if isinstance(label, (int, str)) else list(label)
        check_not_both(labels, layer, units)
        check_known(climb, ("steps", "total_variation", "norm", "jitter", "rotation", "seed"))
        for name, least in (("steps", 1), ("jitter", 0), ("seed", 0)):
            if climb.get(name) is not None:
                check_whole(name, climb[name], least)
        return maximise(self, self._classes(labels), layer, units, climb)

    def trust(self, data: Any = None, count: int = 100, **how: Any) -> "TrustReport":
        """Test which maps of this model deserve to be believed; the arguments are those of `lab.trust`."""
        return trust(self, data, count, **how)

    def _samples(self, images: Any, prepare: Prepare) -> "list[Sample]":
        from app.datasets.given import given_samples

        check_prepare(prepare)
        return given_samples(images, self.shape, self.pixels, self.ink(prepare))

    def _chunk_size(self) -> int:
        """Return how many images are taken at a time where there are many."""
        image_bytes = 4 * math.prod(n or OPEN_SIDE for n in self.shape)
        return max(1, min(CHUNK, CHUNK_BYTES // image_bytes))

    def _one(self, image: Any, prepare: Prepare) -> "Sample":
        samples = self._samples(image, prepare)
        if len(samples) > 1:
            raise ValueError(f"this is about one image at a time, not {len(samples)}")
        return samples[0]

    def _run(
        self,
        label: Label | Sequence[Label],
        against: Label,
        methods: Sequence[str] | str,
        layer: str | None,
        how: dict[str, Any],
        all_classes: bool = False,
        each_class: bool = False,
    ) -> "tuple[MapRun, list[int | None]]":
        """Return the run that a question asks for, and the class of each image where labels were given for each."""
        from app.maps.methods import ARTICLE, METHODS
        from app.saliency.question import MapQuestion, Presentation
        from app.saliency.run import MapRun

        chosen = as_names(methods, "methods")
        if not chosen and not each_class and not self.facts.has_convolution:
            chosen = tuple(name for name in ARTICLE if not METHODS[name].uses_maps)
        unknown = [method for method in chosen if method not in (*METHODS, "all")]
        if unknown:
            raise ValueError(f"unknown method {unknown[0]!r}; there are {', '.join(METHODS)}")
        check_known(how, (*SETTINGS, *LOOKS))
        is_one = label is None or isinstance(label, (int, str, bytes)) or not getattr(label, "shape", (1,))
        is_one = is_one or not hasattr(label, "__len__")
        question = MapQuestion(
            class_text(label) if is_one else None,
            class_text(against),
            all_classes,
            each_class,
            chosen,
            layer,
            **{name: value for name, value in how.items() if name in SETTINGS},
        )
        style = Presentation(**{name: value for name, value in how.items() if name in LOOKS})
        check_settings(question, style)
        run = MapRun.of(self, question, style)
        labels: list[int | None] = []
        if not is_one:
            labels = [self.find_class(class_text(each)) for each in label]  # type: ignore[union-attr]
            if not labels:
                raise ValueError("there are no labels; give one for each image, or none at all")
        return run, labels

    def _classes(self, labels: Sequence[int | str]) -> list[int]:
        found = (self.find_class(class_text(label)) for label in labels)
        return [number for number in found if number is not None]

    def _check_convolution(self) -> None:
        from app.features.questions import check_convolution

        check_convolution(self)


CHUNK, CHUNK_BYTES = 256, 1 << 28
"""Images taken at a time where there are many, and bytes of them as floats."""
OPEN_SIDE = 512
"""Height and width that are reckoned with where a model leaves them open."""


def _chunks(images: Any, shape: Sequence[int | None], size: int) -> Iterator[Any]:
    """Yield images in chunks: slices of an array, lists of what a list or a generator gives.

    An array of three axes is one image if it has the `shape` that the network takes, else grey images.
    """
    if hasattr(images, "shape"):
        axes = len(images.shape)
        fits = all(n is None or n == m for n, m in zip(shape, images.shape, strict=False))
        if axes < 3 or (axes == 3 and fits):
            yield images
        else:
            yield from (images[i : i + size] for i in range(0, len(images), size))
    elif isinstance(images, Iterable) and not isinstance(images, str):
        rest = iter(images)
        while chunk := list(islice(rest, size)):
            yield chunk
    else:
        yield images
