"""The params door: the table, the published figures, the check that can fail."""

import pytest

from app.params import main


def test_the_worked_example_is_explained(door):
    code, output, _ = door(main, "worked_example", "--no-check")
    assert code == 0
    for text in ("(5·5·1 + 1)·10 = 260", "(1,690 + 1)·200 = 338,200", "338,460", "507,000", "equal",
                 "leaves out an output layer", "288,460", "article 004"):  # fmt: skip
        assert text in output, text


def test_the_table_shows_the_working(door):
    _, output, _ = door(main, "mnist", "--no-check")
    assert "(3·3·32 + 1)·64 = 18,496" in output
    assert "26×26 of 28×28" in output


@pytest.mark.keras
def test_all_six_agree_with_keras(door):
    from models import CATALOGUE

    code, output, _ = door(main, *CATALOGUE)
    assert code == 0
    assert output.count("rows agree with Keras") == len(CATALOGUE)


@pytest.mark.keras
def test_a_difference_fails_with_exit_1(door, monkeypatch):
    import app.engine.vocabulary as vocabulary
    from models import CATALOGUE

    build = vocabulary.build_model
    monkeypatch.setattr(vocabulary, "build_model", lambda n: build(CATALOGUE["numpy_cnn"]))
    code, output, error = door(main, "mnist")
    assert code == 1
    assert "differences" in output
    assert "mnist: conv1: the layer is there by hand, missing in Keras" in error


def test_a_wrong_published_figure_fails_with_exit_1(door, monkeypatch):
    import dataclasses

    from models import CATALOGUE

    network = CATALOGUE["keras_vis_mnist"]
    wrong = dataclasses.replace(network.published[0], value=1_199_883)
    spoiled = dataclasses.replace(network, published=(wrong,))
    monkeypatch.setitem(CATALOGUE, "keras_vis_mnist", spoiled)
    code, output, error = door(main, "keras_vis_mnist", "--no-check")
    assert code == 1
    assert "differs by -1" in output
    assert "published is 1,199,883" in error
