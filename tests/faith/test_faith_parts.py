"""Tests of faith some images at a time: the same numbers as all at once, and what becomes of images that are lost."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from scipy.stats import spearmanr
from spellings import SIZE, flat

from app.shards.shard import Shard
from app.engine.machine import machine_for
from app.faith import run as module
from app.faith import testing
from app.faith.faithfulness import faithfulness
from app.faith.parts import Part, put_together
from app.faith.permuting import permuted
from app.faith.report import faith_summary, lost_images
from app.faith.results import Results
from app.faith.run import FaithRun
from app.faith.sanity import deal, sanity
from app.faith.shards import FaithWork, Found
from app.faith.testing import run_here, run_tests
from app.maps.explainer import Explainer
from app.maps.methods import METHODS
from app.maps.methods.method import Settings

pytestmark = pytest.mark.keras
COUNT = 30


@pytest.fixture(scope="module")
def case():
    keras.utils.set_random_seed(5)
    explainer = Explainer(machine_for(flat()))
    images = np.random.default_rng(1).uniform(0, 1, (COUNT, *SIZE)).astype("float32")
    methods = [METHODS[name] for name in ("vanilla", "gradcam")]
    return FaithRun(explainer, images, [i % 3 for i in range(COUNT)], methods, Settings(seed=3), draws=4)


def numbers(results):
    """All numbers but the seconds."""
    found = results.to_dict()
    for line in found["faithfulness"]:
        line.pop("seconds")
    return found


def assert_alike(one, other):
    """Every number the same but for rounding; text and counts the same."""
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_alike(a, b)
    elif isinstance(one, float):
        assert one == pytest.approx(other, abs=2e-6)
    else:
        assert one == other


@pytest.mark.parametrize("size", [3, 7, 29])
def test_some_images_at_a_time_give_the_numbers_of_all_at_once(case, monkeypatch, size):
    whole = run_tests(case, ("sanity", "faithfulness"))
    monkeypatch.setattr(module, "IMAGES", size)
    monkeypatch.setattr(testing, "IMAGES", 2 * size)  # a shard of two batches
    assert case.at_once == size
    assert_alike(numbers(run_tests(case, ("sanity", "faithfulness"))), numbers(whole))
    _, forgot = sanity(case)
    assert forgot == whole.forgetting
    assert faithfulness(case).empty == whole.faith.empty


def test_another_number_of_images_gives_other_numbers(case):
    """What the test above would notice."""
    fewer = case.part(case.images[:29], case.classes[:29], range(29))
    with pytest.raises(AssertionError):
        assert_alike(
            numbers(run_tests(case, ("faithfulness",))),
            numbers(run_tests(FaithRun(*_parts_of(fewer)), ("faithfulness",))),
        )


def _parts_of(run):
    return run.explainer, run.images, run.classes, run.methods, run.settings, run.draws


def test_correlations_are_those_of_maps_made_one_draw_at_a_time(case):
    """The second witness: every draw by itself, SciPy's ρ, and NumPy's own way to deal out."""
    explainer, method = case.explainer, METHODS["vanilla"]
    layers = explainer.machine.learnt_layers()
    rhos = []
    for draw, rows in enumerate(np.array_split(np.arange(COUNT), case.draws)):
        before = case.compute(method, rows).raw
        with permuted(layers[0], (3, draw, 0)), permuted(layers[1], (3, draw, 1)):
            after = case.compute(method, rows).raw
        maps = (np.abs(raw).max(axis=-1)[:, case.seen] for raw in (before, after))
        rhos += [spearmanr(a, b).statistic for a, b in zip(*maps, strict=True)]
    found, _ = sanity(case)
    assert found[0].stages[1].mean == pytest.approx(np.mean(rhos), abs=1e-3)
    assert found[0].stages[0].mean != pytest.approx(np.mean(rhos), abs=1e-2)


@pytest.mark.parametrize(("count", "draws"), [(10, 3), (12, 4), (1, 5), (3, 8), (5, 5), (7, 1)])
def test_images_are_dealt_out_as_if_all_were_there(count, draws):
    dealt = np.resize(np.arange(count), max(count, draws))  # NumPy's own way
    expected = {
        (place, image, draw)
        for draw, places in enumerate(np.array_split(np.arange(len(dealt)), draws))
        for place, image in zip(places, dealt[places], strict=True)
    }
    base = FaithRun(None, np.empty((0, 2, 2, 1)), (), [], Settings(), draws, numbers=(), total=count)
    found = set()
    for some in np.array_split(np.arange(count), 3):
        part = base.part(np.empty((len(some), 2, 2, 1)), [0] * len(some), some)
        found |= {(p, some[row], draw) for p, row, draw in zip(*deal(part), strict=True)}
    assert found == expected


def test_large_images_and_many_methods_are_tested_fewer_at_a_time():
    def at_once(side, methods):
        images = np.empty((0, side, side, 3))
        return FaithRun(None, images, (), [METHODS["vanilla"]] * methods, Settings()).at_once

    assert (at_once(28, 16), at_once(224, 16), at_once(224, 1), at_once(5000, 16)) == (64, 20, 64, 1)


def test_images_are_read_a_few_at_a_time_and_those_that_are_lost_are_named(case, monkeypatch):
    monkeypatch.setattr(module, "IMAGES", 8)
    asked = []

    def read(items):
        asked.append(len(items))
        kept = [number for number, _ in items if number not in (4, 20)]
        return (kept, case.images[kept], [case.classes[i] for i in kept]), {
            number: "it is gone" for number, _ in items if number in (4, 20)
        }

    results = run_here(FaithWork(case, ("sanity",), read), [(i, i) for i in range(COUNT)])
    assert max(asked) == 8
    assert sum(asked) == COUNT
    assert [each.images for each in results.sane] == [COUNT - 2] * 2
    assert results.lost == {4: "it is gone", 20: "it is gone"}
    said = "2 images could not be tested: test image 4 (it is gone); test image 20 (it is gone)."
    assert lost_images(results) == [said]
    assert said in str(faith_summary("title", results).blocks[0].text)
    assert results.to_dict()["not_tested"] == {"4": "it is gone", "20": "it is gone"}
    assert lost_images(Results()) == []


def test_an_image_that_brings_down_its_process_is_lost_like_one_that_cannot_be_read(case):
    found = Found()
    work = FaithWork(case, ("sanity",), None, lambda name, columns: found.take(columns))
    read = (([0, 1], case.images[:2], case.classes[:2]), {})
    work.leave(Shard("000000", range(3)), [work.records(read), work.skipped((2, "c.png"), "it crashes")])
    assert found.lost == {2: "it crashes"}
    assert found.part("sanity").rows["place"].tolist() == [0, 1]


def test_if_no_image_can_be_read_the_reason_is_said(case):
    def read(items):
        return ([], np.empty(0), None), {number: "it is gone" for number, _ in items}

    with pytest.raises(ValueError, match="no image could be read: it is gone"):
        run_here(FaithWork(case, ("faithfulness",), read), [(i, i) for i in range(3)])


def test_parts_of_other_tests_do_not_go_together():
    one = Part({"a": np.zeros(2)}, {"n": np.ones(3)})
    assert put_together([one, Part.of(one.columns())]).sums["n"].tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match="parts differ: sums n, and m"):
        put_together([one, Part({"a": np.zeros(2)}, {"m": np.ones(3)})])
    with pytest.raises(ValueError, match="columns differ: a, and b"):
        put_together([one, Part({"b": np.zeros(2)}, {"n": np.ones(3)})])
