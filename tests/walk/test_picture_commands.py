"""The pictures as commands: each prints, each draws, in its own figure and in somebody's axes; errors are one line."""

import json

import pytest
from matplotlib.figure import Figure
from PIL import Image

from app.walk.pictures.commands import PICTURES

COMMANDS = {command.name: command for command in PICTURES}
DRAWN = {
    "curves": ["sigmoid", "relu"],
    "fields": ["conv3/2,p1", "conv3/2,p1", "--input", "5"],
    "dots": ["conv3", "conv3,d2"],
    "stretch": [],
    "table": [],
    "block": ["residual", "dense", "inception"],
    "growth": [],
    "descent": [],
    "scores": [],
    "pixels": [],
    "filtered": ["mouse", "--kernel", "curve"],
    "kohonen": ["--steps", "50"],
    "boxes": [],
    "bias": ["--epochs", "1"],
    "prepare": ["DIGIT"],
}
WALKED = {"residual", "hopfield", "art"}


def test_every_picture_is_tried_here():
    assert {*DRAWN, *WALKED} == set(COMMANDS)


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_printed_and_drawn(door, tmp_path, name, mnist):
    photograph = tmp_path / "digit.png"
    Image.fromarray(230 - mnist.test_images[18, ..., 0] // 2).resize((140, 140)).save(photograph)
    arguments = [str(photograph) if each == "DIGIT" else each for each in DRAWN[name]]
    code, said, _ = door(COMMANDS[name], *arguments)
    assert code == 0
    assert len(said.splitlines()) > 3
    for ending in ("png", "json"):
        file = tmp_path / "new" / f"{name}.{ending}"
        assert door(COMMANDS[name], *arguments, "--output", file)[0] == 0
        assert file.stat().st_size > 100
    assert json.loads((tmp_path / "new" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("fields", ["conv3", "--model", "mnist"], "--model brings its layers"),
        ("fields", ["conv3", "--layer", "conv1"], "--layer goes with --model"),
        ("fields", ["conv3", "--cell", "50,50"], "has no cell 50x50"),
        ("scores", ["abc"], "abc"),
        ("pixels", ["--at", "3"], "--at needs row and column"),
        ("filtered", ["x", "--kernel", "nobody"], "nobody"),
        ("filtered", ["figure5", "--kernel", "figure5"], "has 2 filters; give one of them"),
        ("curves", ["--output", "curves.xyz"], "curves.xyz cannot be written; use an ending of"),
    ],
)
def test_an_error_is_one_line(door, name, arguments, message):
    code, _, error = door(COMMANDS[name], *arguments)
    assert code == 2
    assert error.startswith("Error: ")
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_picture_is_drawn_into_axes_of_ones_own():
    from app.walk.pictures.boxes import yolo_boxes
    from app.walk.pictures.fields import field_of_cell

    figure = Figure()
    first, second = figure.subplots(1, 2)
    assert field_of_cell(["conv3"], "5").plot(first) is figure
    assert yolo_boxes().plot(second) is figure


def test_a_row_of_numbers_is_read_along_one_axis(door):
    assert (
        "cells read"
        in door(COMMANDS["fields"], "conv3", "--input", "7", "--dimensions", "1", "--cell", "2")[1]
    )
