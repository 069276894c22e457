"""The network of a sheet as a drawing that gives no blank away: names and kinds, no shapes behind the input."""

from app.counting.rows import shape_text
from app.show.document import Drawing
from app.show.drawings.arrange import Arranger
from app.show.drawings.flow import Flow, Network, Size
from app.show.drawings.layout import place_boxes
from app.show.drawings.steps import Step
from app.show.svg import Picture, text_width
from app.worksheet.cases import LayerCase
from app.worksheet.worksheet import Worksheet

MOST_LAYERS = 32
"""A longer network is not drawn: it would fill pages."""
PAGE, INCH = 7.2, 96
"""Inches of a line of boxes, within the margins of a page, and pixels of an inch."""
LARGEST = (1.4, 4.0)
"""How many times wider than the page a drawing may be, so that its letters can be read, and how many inches tall."""
HEIGHT = 36
"""Pixels of a box."""


def draw_layers(worksheet: Worksheet) -> Drawing | None:
    """Return the layers as boxes and arrows, row by row; None for a network that is too long for a sheet."""
    if not worksheet.cases or len(worksheet.cases) > MOST_LAYERS:
        return None
    steps = {
        name: Step(name, "other", name, inputs=tuple(case.parents)) for name, case in worksheet.cases.items()
    }
    details = {name: _detail(case) for name, case in worksheet.cases.items()}
    half = HEIGHT / 2 / INCH
    sizes = {name: Size(_width(name, detail) / INCH, half, half) for name, detail in details.items()}
    layout = place_boxes({name: step.inputs for name, step in steps.items()})
    arranger = Arranger(Network(steps, layout, sizes, {}, ()))
    flow = arranger.arrange(arranger.fold(PAGE))
    if flow.width > LARGEST[0] * PAGE or flow.height > LARGEST[1]:
        return None
    return Drawing(_paint(flow, details, f"The network {worksheet.identity.network}"), "")


def _detail(case: LayerCase) -> str:
    return case.row.kind if case.parents else shape_text(case.row.output_shape)


def _width(name: str, detail: str) -> float:
    return max(text_width(name) * 1.08, text_width(detail)) + 14


def _paint(flow: Flow, details: dict[str, str], label: str) -> str:
    picture = Picture(label)
    for line in flow.lines:
        picture.path([(x * INCH, y * INCH) for x, y in line], with_head=True)
    for name, place in flow.places.items():
        x, y = place.x * INCH, place.top * INCH
        picture.rectangle(place.left * INCH, y, place.width * INCH, HEIGHT, "plain")
        picture.text(x, y + 15, name, "ink bold", "middle")
        picture.text(x, y + 29, details[name], "quiet", "middle")
    return picture.finish(flow.width * INCH, flow.height * INCH + 2)
