import dataclasses
import datetime
import hashlib
import json

import pytest

from app.files.cards import Card, card_path, hash_file, new_card, now, read_card, versions, write_card
from models import Pixels
from models.pixels import Ink

CARD = Card(
    network="mnist",
    recipe={"epochs": 5, "optimizer": "rmsprop"},
    seed=7,
    data={"name": "mnist", "class_names": ["zéro", "one"], "image_shape": [28, 28, 1]},
    test_accuracy=0.9912,
    test_loss=0.031,
    seconds=61.5,
    parameters=93_322,
    versions={"keras": "3"},
    created="2024-02-29T12:00:00+00:00",
    file="mnist.keras",
    file_sha256="ab" * 32,
    weights_sha256="cd" * 32,
    pixels=Pixels((-0.5, 0.5), mean=(0.25,), std=(2.0,)),
    history=[{"loss": 0.5, "accuracy": 0.9}],
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mnist.json"
    write_card(CARD, path)
    return path


def edit(path, **changes):
    values = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({k: v for k, v in values.items() if v is not ...}), "utf-8")


def test_a_card_lies_beside_its_model(tmp_path):
    for name in ("mnist.keras", "mnist.h5"):
        assert card_path(tmp_path / name) == tmp_path / "mnist.json"


def test_what_was_written_is_read(path):
    assert read_card(path) == CARD
    assert read_card(path).class_names == ("zéro", "one")


def test_a_card_can_be_read_by_people_and_other_programs(path):
    text = path.read_text("utf-8")
    assert "zéro" in text
    assert json.loads(text)["test_accuracy"] == 0.9912
    assert len(text.splitlines()) > len(dataclasses.fields(Card))


def test_no_card(tmp_path):
    assert read_card(tmp_path / "none.json") is None


def test_an_entry_that_a_later_version_adds_is_ignored(path):
    edit(path, mood="good")
    assert read_card(path) == CARD


@pytest.mark.parametrize(
    "name",
    [
        f.name
        for f in dataclasses.fields(Card)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ],
)
def test_a_card_that_lacks_an_entry_is_refused(path, name):
    edit(path, **{name: ...})
    with pytest.raises(ValueError, match="not a model card") as caught:
        read_card(path)
    assert str(path) in str(caught.value)


def test_an_older_card_has_a_range_alone(path):
    edit(path, pixels=..., pixel_range=[-1, 1])
    assert read_card(path) == dataclasses.replace(CARD, pixels=Pixels((-1, 1)))


@pytest.mark.parametrize("name", ["pixels", "history", "weights"])
def test_an_entry_with_a_default_may_be_missing(path, name):
    edit(path, **{name: ...})
    plain = {"pixels": Pixels(), "history": [], "weights": {}}
    assert read_card(path) == dataclasses.replace(CARD, **{name: plain[name]})


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"null", b'"card"', b'{"network": "mnist"}', b"\xff\xfe", b"[" * 50_000],
    ids=["empty", "cut", "list", "null", "text", "half", "binary", "deep"],
)
def test_a_file_that_is_no_card_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a model card; remove it or train") as caught:
        read_card(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"data": "mnist"},
        {"data": {"name": "mnist"}},
        {"data": CARD.data | {"ink": {"box": 2}}},
        {"data": CARD.data | {"ink": {"box": "x"}}},
        {"data": CARD.data | {"ink": {"colour": "red"}}},
        {"data": CARD.data | {"ink": 3}},
        {"pixels": 1},
        {"pixels": [0, 1]},
        {"pixels": {"range": [1, 0]}},
        {"pixels": {"range": [0, 1, 2]}},
        {"pixels": {"mean": ["x"]}},
        {"pixels": {"std": [0]}},
        {"pixels": {"order": "GBR"}},
        {"pixels": {"range": [0, 1e999]}},
        {"pixels": ..., "pixel_range": 1},
    ],
)
def test_an_entry_of_the_wrong_kind_is_refused(path, changes):
    edit(path, **changes)
    with pytest.raises(ValueError, match="is not a model card"):
        read_card(path)


@pytest.mark.parametrize(
    ("data", "ink"),
    [
        ({}, Ink()),  # MNIST, in a card of an earlier version
        ({"name": "fashion_mnist"}, None),
        ({"ink": None}, None),
        (
            {"name": "letters", "ink": {"is_light": False, "box": 0.5, "by_mass": False}},
            Ink(False, 0.5, False),
        ),
    ],
)
def test_the_card_says_how_signs_stood_in_the_images(path, data, ink):
    edit(path, data=CARD.data | data)
    assert read_card(path).ink == ink


FACTS = {"network": "mnist", "data": CARD.data, "parameters": 93_322, "weights_sha256": "cd" * 32}


def test_a_new_card_reads_the_file_the_clock_and_what_is_installed(tmp_path):
    model = tmp_path / "mnist.keras"
    model.write_bytes(b"weights")
    before = now()
    card = new_card(model, **FACTS)
    assert (card.file, card.file_sha256) == ("mnist.keras", hashlib.sha256(b"weights").hexdigest())
    assert before <= card.created <= now()
    assert datetime.datetime.fromisoformat(card.created).utcoffset() == datetime.timedelta(0)
    assert card.versions == versions()
    assert set(card.versions) == {"python", "tensorflow", "keras", "numpy"}
    assert (card.recipe, card.seed, card.test_accuracy, card.test_loss, card.seconds) == ({}, *[None] * 4)
    assert new_card(model, **FACTS, seed=7, test_loss=0.5).seed == 7
    with pytest.raises(TypeError, match="weights_sha256"):
        new_card(model, network="mnist", data=CARD.data, parameters=1)


def test_a_file_is_hashed_as_it_is_asked_for(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert hash_file(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()
    assert hash_file(tmp_path / "a", "md5") == hashlib.md5(b"abc").hexdigest()
