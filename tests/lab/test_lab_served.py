"""A network that the page does not compute: the server answers, with the same page; a hand-out is refused."""

import threading

import numpy as np
import pytest
from browsing import requests_of
from opened_pages import (
    click_cell,
    errors,
    number,
    open_lab,
    percent,
    pictures,
    probabilities,
    residual,
    run,
    settle,
    text,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.keras]


@pytest.fixture(scope="module")
def foreign():
    """A model with a layer that has no arithmetic of ours, and its page's contents."""
    import app.engine  # noqa: F401, I001
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(4)
    image = keras.Input((12, 12, 1))
    x = layers.Conv2D(3, 3, activation="relu", name="maps")(image)
    x = layers.Reshape((10, 30), name="rows")(x)
    x = layers.GRU(6, name="reads_on")(x)
    return keras.Model(image, layers.Dense(4, activation="softmax", name="end")(x))


def served(model):
    """Return a server of a model's page, in a thread."""
    import app as lab
    from app.lab.answers import Answers
    from app.lab.bundle import content_policy, page_text
    from app.lab.contents import PageContents, Wishes
    from app.lab.images import choose_images
    from app.lab.serving.server import LabServer
    from app.lab.serving.site import LabSite

    opened = lab.load(model)
    contents = PageContents(opened, choose_images(opened, None, pictures(model.input_shape[1:])), Wishes())
    page = page_text(contents.as_dict(), "served", is_served=True)
    site = LabSite(page.encode(), content_policy(is_served=True), Answers(contents).answer)
    lines = []
    server = LabServer(site, port=0, log=lines.append)
    threading.Thread(target=server.serve_until_stopped, daemon=True).start()
    return server, contents, lines


class Address:
    """An address in the place of a file."""

    def __init__(self, address):
        self.address = address

    def as_uri(self):
        return self.address


def verify_served(browser, model, maps, server, contents):
    """What stands on the page is what Keras says."""
    import keras

    assert contents.why_not
    errors(browser)
    open_lab(browser, Address(server.address))
    until(browser, "return document.body.dataset.drawn")
    picture = pictures(model.input_shape[1:])[0][None, ..., None].astype("float32") / 255
    assert probabilities(browser) == [percent(share) for share in model.predict(picture, verbose=0)[0]]
    assert contents.why_not in text(browser, "main .note")
    values = keras.Model(model.inputs, model.get_layer(maps).output).predict(picture, verbose=0)[0]
    run(browser, "document.querySelector(`article[data-step='${arguments[0]}'] details`).open = true", maps)
    rows = until(
        browser,
        """const rows = [...document.querySelectorAll(`article[data-step='${arguments[0]}'] tbody tr`)];
        return rows.length ? rows.map((row) => [...row.children].map((cell) => cell.textContent)) : null""",
        maps,
    )
    for channel, (_, low, high, mean, _) in enumerate(rows):
        told = [number(each) for each in (low, high, mean)]
        wanted = [f(values[..., channel]) for f in (np.min, np.max, np.mean)]
        assert told == pytest.approx(wanted, rel=1e-3, abs=1e-5)
    assert {each.rsplit("/", 1)[0] + "/" for each in requests_of(browser) if each.startswith("http")} == {
        server.address
    }
    click_cell(browser, maps, 4, 5, 1)
    working = until(browser, "return document.querySelector('.cell .working').textContent")
    assert len(working) > 20
    settle(browser)
    assert errors(browser) == []


def test_the_server_answers_for_a_layer_that_the_page_lacks(browser, foreign):
    server, contents, lines = served(foreign)
    try:
        verify_served(browser, foreign, "maps", server, contents)
    finally:
        server.close()
    assert lines == []


def test_the_server_answers_for_a_network_that_is_too_large(browser, monkeypatch):
    monkeypatch.setattr("app.lab.contents.MOST_PARAMETERS", 50)
    server, contents, _ = served(residual())
    try:
        assert "weights" in contents.why_not
        verify_served(browser, residual(), "second", server, contents)
    finally:
        server.close()


def test_a_small_network_is_computed_by_the_page_although_it_is_served(browser):
    server, contents, lines = served(residual())
    try:
        open_lab(browser, Address(server.address))
        assert not contents.why_not
        assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"
        asked = [each for each in requests_of(browser) if each.startswith("http")]
        assert asked == [server.address]
        assert errors(browser) == []
    finally:
        server.close()
    assert lines == []


def test_a_hand_out_of_what_the_page_lacks_is_refused_with_the_layers_name(door, foreign, tmp_path):
    from app.lab.__main__ import main

    file = tmp_path / "foreign.keras"
    foreign.save(file)
    code, out, err = door(main, "--model", file, "--export", tmp_path / "page.html")
    assert code == 2
    assert "reads_on" in err
    assert "without --export" in err
    assert len(err.strip().splitlines()) <= 2
    assert not (tmp_path / "page.html").exists()
    assert out == ""


def test_an_image_of_another_size_is_refused_by_the_server(foreign):
    server, contents, _ = served(foreign)
    try:
        from app.lab.answers import Answers

        answers = Answers(contents)
        for question in (
            {"ask": "look", "image": [0.0] * 5, "methods": []},
            {"ask": "look", "image": [0.0] * 144, "methods": ["shell"]},
            {"ask": "look", "image": [0.0] * 144, "methods": [], "classIndex": 4},
            {"ask": "cell", "image": [0.0] * 144, "stepName": "nowhere", "cell": {}},
            {
                "ask": "cell",
                "image": [0.0] * 144,
                "stepName": "maps",
                "cell": {"row": 99, "column": 0, "channel": 0},
            },
            {"ask": "other"},
        ):
            with pytest.raises(ValueError, match=r"\."):
                answers.answer(question)
    finally:
        server.close()
