"""What the catalogue says that keras.applications has is counted in keras.applications."""

import app.engine  # noqa: F401, I001

import keras
import pytest
from keras.src.backend.common import global_state

from app.counting.chalkboard import nn as chalk
from models import CATALOGUE

pytestmark = pytest.mark.keras
PREFIX = "keras.applications."
FIGURES = [
    (name, figure)
    for name, network in CATALOGUE.items()
    for figure in network.elsewhere
    if figure.source.startswith(PREFIX)
]


def outline(application):
    """The model without values for its weights: 144 million numbers take no memory."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            return getattr(keras.applications, application)(weights=None)
    finally:
        global_state.set_global_attribute("uninitialized_variables", [])


def trainable(model):
    return sum(weight.shape.num_elements() for weight in model.trainable_weights)


LARGE = ("101", "152", "169", "201")


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        pytest.param(
            name, figure, id=figure.source, marks=[pytest.mark.slow] if figure.source.endswith(LARGE) else []
        )
        for name, figure in FIGURES
    ],
)
def test_the_figure_is_the_applications(name, figure):
    model = outline(figure.source.removeprefix(PREFIX))
    assert figure.quantity == "trainable parameters"
    assert trainable(model) == figure.value
    ours = CATALOGUE[name].builder(chalk).sheet()
    assert model.count_params() - trainable(model) == ours.non_trainable


def test_eight_applications_are_in_the_catalogue():
    assert {figure.source.removeprefix(PREFIX) for _, figure in FIGURES} == {
        "VGG16",
        "VGG19",
        "ResNet50",
        "ResNet101",
        "ResNet152",
        "DenseNet121",
        "DenseNet169",
        "DenseNet201",
    }
