"""What was asked of the commands: the model and the image opened, the answer printed and written."""

from typing import TYPE_CHECKING, Any

from app.commands.data import open_and_tell
from app.commands.inputs import ImageChoice, choose_images
from app.commands.options import take
from app.commands.outputs import OutputFiles, leave_picture, slug
from app.maps.open_model import ModelChoice, OpenModel
from app.show.progress import waiting
from app.show.tables import print_parts

if TYPE_CHECKING:
    from app.features.answer import Answer
    from app.features.questions import Part


def ask_maps(layer: str | None, count: int, **options: Any) -> None:
    """Answer `maps`."""
    from app.features import questions

    files, opened = _open(options)
    sample = _choose_image(opened, options)
    _leave(questions.look_at_maps(opened, sample, layer, count), files)


def ask_filters(layer: str | None, **options: Any) -> None:
    """Answer `filters`."""
    from app.features import questions

    files, opened = _open(options)
    _leave(questions.look_at_filters(opened, layer), files)


def ask_nearest(
    class_texts: tuple[str, ...],
    layer: str | None,
    units: tuple[int, ...],
    count: int,
    part: "Part",
    **options: Any,
) -> None:
    """Answer `nearest`."""
    from app.features import questions

    files, opened, classes = _open_with_classes(options, class_texts)
    data = open_and_tell(options["source"] or opened.facts.data)
    _leave(questions.find_nearest(opened, data, part, layer, units, classes, count), files)


def ask_project(layer: str | None, units: tuple[int, ...], **options: Any) -> None:
    """Answer `project`."""
    from app.features import questions

    files, opened = _open(options)
    sample = _choose_image(opened, options)
    _leave(questions.project(opened, sample, layer, units), files)


def ask_maximise(
    class_texts: tuple[str, ...], layer: str | None, units: tuple[int, ...], **options: Any
) -> None:
    """Answer `maximise`; what is left of the options are settings of the climb."""
    from app.features import questions

    files, opened, classes = _open_with_classes(options, class_texts)
    asked = [layer, *map(str, units)] if layer or units else class_texts
    _leave(questions.maximise(opened, classes, layer, units, options, asked), files)


def _open(options: dict[str, Any]) -> tuple[OutputFiles, OpenModel]:
    """Return where the answer goes and the model, both taken out of the options."""
    files, opened, _ = _open_with_classes(options, ())
    return files, opened


def _open_with_classes(
    options: dict[str, Any], texts: tuple[str, ...]
) -> tuple[OutputFiles, OpenModel, list[int]]:
    from app.features import questions

    files, opened = take(OutputFiles, options), OpenModel(take(ModelChoice, options))
    questions.check_convolution(opened)
    classes = [number for number in map(opened.find_class, texts) if number is not None]
    files.prepare()
    return files, opened, classes


def _choose_image(opened: OpenModel, options: dict[str, Any]) -> Any:
    """Return the user's own picture, test image N, or the first test image of a class."""
    wanted = opened.find_class(options.pop("class_text"))
    return choose_images(opened, take(ImageChoice, options), wanted)[0]


def _leave(answer: "Answer", files: OutputFiles) -> None:
    """Print what there is to say, and write the picture and the numbers."""
    print_parts(str(answer).splitlines())
    with waiting("drawing the picture, about 1 s"):
        figure = answer.plot()
    leave_picture(figure, files.picture(slug(*answer.parts)), files.is_picture)
    files.save_raw(answer)
