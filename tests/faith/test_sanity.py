"""The sanity check catches a method that ignores the network, and lets one pass that follows it."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from scipy.stats import spearmanr
from map_models import stub
from spellings import SIZE, flat

from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.maps.methods import METHODS
from app.maps.methods.method import RawMaps, Settings
from app.faith.ranks import between_images, correlations, ranks
from app.faith.sanity import sanity, staged_maps
from app.faith.results import FAILS, PASSES, UNKNOWN, Sanity, Stage
from app.faith.run import FaithRun

pytestmark = pytest.mark.keras
layers = keras.layers


def edges(explainer, images, targets, settings):
    """An edge detector: pretty, and the same whatever the network is."""
    return RawMaps(np.abs(np.diff(images, axis=1, prepend=0)))


def nothing(explainer, images, targets, settings):
    return RawMaps(np.zeros_like(images))


def negative_cells(explainer, images, targets, settings):
    """Cells with evidence while the network is trained, none as soon as its weights are another's."""
    trained = np.allclose(explainer.logits(images), TRAINED[len(images)])
    cells = np.random.default_rng(0).uniform(0.1, 1, (len(images), 3, 3))
    return RawMaps(cells if trained else -cells)


TRAINED = {}


@pytest.fixture(scope="module")
def case():
    keras.utils.set_random_seed(5)
    explainer = Explainer(machine_for(flat()))
    images = np.random.default_rng(1).uniform(0, 1, (30, *SIZE)).astype("float32")
    return explainer, images, [i % 3 for i in range(30)]


EDGES, NOTHING = stub("edges", edges), stub("nothing", nothing)


def test_ranks_are_spearmans_ties_included():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 5, (4, 6, 5)), rng.integers(0, 4, (4, 6, 5))
    ours = correlations(ranks(one), ranks(other))
    for rho, a, b in zip(ours, one, other, strict=True):
        assert rho == pytest.approx(spearmanr(a, b, axis=None).statistic)


def test_a_map_without_an_order_is_no_number_out_of_nothing():
    flat_map, other = np.full((1, 4, 4), 7.0), np.random.default_rng(0).random((1, 4, 4))
    assert correlations(ranks(flat_map), ranks(other))[0] == 0
    assert correlations(ranks(flat_map), ranks(flat_map))[0] == 0
    assert between_images(ranks(flat_map).sum(axis=0), 0) is None


def test_the_mean_between_images_is_that_of_all_pairs():
    rows = ranks(np.random.default_rng(2).random((6, 5, 5)) + np.arange(25).reshape(5, 5) / 20)
    pairs = [rows[i] @ rows[j] for i in range(6) for j in range(6) if i != j]
    assert between_images(rows.sum(axis=0), 6) == pytest.approx(np.mean(pairs))


def test_an_edge_detector_fails_and_a_gradient_passes(case):
    methods = [EDGES, NOTHING, METHODS["guided"], METHODS["vanilla"]]
    found, forgetting = sanity(FaithRun(*case, methods, Settings()))
    by_name = {each.method: each for each in found}
    edge = by_name["edges"]
    assert edge.kept == pytest.approx(1)
    assert [stage.mean for stage in edge.stages] == pytest.approx([1, 1, 1])
    assert edge.fails
    assert edge.label == FAILS
    assert FAILS in edge.sentence()
    assert by_name["vanilla"].label == PASSES
    assert not by_name["vanilla"].fails
    assert forgetting.stages == ("d", "c2", "c1")
    assert forgetting.same_class[-1] < 0.9


def test_blank_maps_are_counted_and_never_nan(case):
    (blank,), _ = sanity(FaithRun(*case, [NOTHING], Settings()))
    assert (blank.blank, blank.kept, blank.label) == (30, None, UNKNOWN)
    assert not blank.fails
    assert all(np.isfinite([s.mean, s.spread, s.signed]).all() for s in blank.stages)


def test_a_map_that_becomes_blank_has_changed(case):
    explainer, images, classes = case
    TRAINED.update({n: explainer.logits(images)[:n] for n in (6, 3)})
    cells = stub("cells", negative_cells, shows="positive", is_of_cells=True)
    (found,), _ = sanity(FaithRun(explainer, images[:6], classes[:6], [cells], Settings(), draws=1))
    assert [stage.blank for stage in found.stages] == [6, 6, 6]
    assert [stage.mean for stage in found.stages] == [0, 0, 0]
    assert found.label == PASSES


def test_weights_are_as_before_also_after_an_error(case):
    explainer, images, classes = case
    before = [values for layer in explainer.machine.learnt_layers() for values in layer.read()]
    calls = []

    def breaks(e, x, t, s):
        calls.append(len(x))
        if len(calls) == 4:
            raise RuntimeError("half-way")
        return edges(e, x, t, s)

    with pytest.raises(RuntimeError, match="half-way"):
        sanity(FaithRun(explainer, images, classes, [stub("breaks", breaks)], Settings()))
    after = [values for layer in explainer.machine.learnt_layers() for values in layer.read()]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_one_image_is_looked_at_by_every_draw_and_says_what_it_is_held_against(case):
    explainer, images, classes = case
    (found,), _ = sanity(FaithRun(explainer, images[:1], classes[:1], [EDGES], Settings(), draws=4))
    assert (found.images, found.maps, found.between) == (1, 4, None)
    assert found.fails
    assert "one image alone" in found.sentence()


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(case):
    methods = [METHODS["vanilla"]]
    first, again, other = (sanity(FaithRun(*case, methods, Settings(seed=s)))[0] for s in (0, 0, 1))
    assert first == again
    assert first != other


def test_progress_ends_at_one(case):
    told = []
    run = FaithRun(*case, [EDGES, NOTHING], Settings(), draws=2)
    sanity(run, lambda share, name: told.append((share, name)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {name for _, name in told} == {"edges", "nothing"}


def test_a_network_that_learnt_something_else_is_one_more_stage(case):
    keras.utils.set_random_seed(99)
    other = Explainer(machine_for(flat()))
    methods = [EDGES, METHODS["vanilla"]]
    (edge, vanilla), _ = sanity(FaithRun(*case, methods, Settings(), shuffled=other))
    assert edge.shuffled.mean == pytest.approx(1)
    assert vanilla.shuffled.mean < 0.9
    (same, _), _ = sanity(FaithRun(*case, methods, Settings(), shuffled=case[0]))
    assert same.shuffled.mean == pytest.approx(1)


def test_without_images_or_weights_it_says_so(case):
    explainer, images, _ = case
    with pytest.raises(ValueError, match="at least one image"):
        sanity(FaithRun(explainer, images[:0], [], [EDGES], Settings()))
    image = keras.Input((4, 4, 2))
    empty = Explainer(machine_for(keras.Model(image, layers.GlobalAveragePooling2D()(image))))
    with pytest.raises(ValueError, match="layer with weights"):
        sanity(FaithRun(empty, np.zeros((1, 4, 4, 2)), [0], [EDGES], Settings()))


def test_the_picture_has_a_map_for_each_stage(case):
    explainer, images, classes = case
    methods = [METHODS[name] for name in ("vanilla", "gradcam")]
    maps = staged_maps(FaithRun(explainer, images, classes, methods, Settings()))
    for name, stages in maps.items():
        assert [m.shape for m in stages] == [SIZE[:2]] * 4, name
        assert np.abs(stages[0] - stages[-1]).max() > 0


@pytest.mark.parametrize(
    ("mean", "between", "fails"),
    [(0.79, 0.6, False), (0.81, 0.6, True), (0.95, 0.96, False), (0.49, 0.0, False), (0.51, None, True)],
)
def test_the_threshold_lies_half_way_between_another_image_and_no_change(mean, between, fails):
    stage = Stage("conv1", mean, 0.1, 0.0, 0)
    assert Sanity("map", 10, 10, 0, between, (stage,)).fails is fails


def test_pixels_that_the_network_never_sees_do_not_count():
    image = keras.Input((9, 9, 1))
    x = layers.Conv2D(2, 2, strides=4, name="c")(image)  # sees 6 of 9 rows and columns
    explainer = Explainer(machine_for(keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))))
    run = FaithRun(explainer, np.zeros((1, 9, 9, 1)), [0], [], Settings())
    assert run.seen.sum() == 16
