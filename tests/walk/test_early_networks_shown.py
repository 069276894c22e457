"""Hopfield, Kohonen, ART and YOLO's boxes: what must hold of them whatever they are shown."""

import itertools

import numpy as np
import pytest
from conftest import refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from app.walk.pictures import art, boxes, hopfield, kohonen

PATTERNS = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed))


@settings(max_examples=60, deadline=None)
@given(PATTERNS, st.integers(1, 6), st.integers(2, 30))
def test_no_step_of_a_hopfield_network_raises_its_energy(rng, count, units):
    weights = hopfield.store([rng.choice([-1, 1], units) for _ in range(count)])
    assert (weights == weights.T).all()
    assert (np.diag(weights) == 0).all()
    state = rng.choice([-1, 1], units)
    energies = [hopfield.energy(weights, state)]
    for unit, total, after in hopfield.recall(weights, state, rng):
        energies.append(hopfield.energy(weights, after))
        assert energies[-1] == energies[-2] - 2 * abs(total)
        assert (after != state).nonzero()[0].tolist() == [unit]
        state = after
    fields = weights @ state
    assert ((fields == 0) | (np.sign(fields) == state)).all()  # a state that stays


def test_with_weights_that_are_not_symmetric_the_energy_can_rise():
    """The check above would see it."""
    weights = np.array([[0, 1], [-1, 0]])
    state, rises = np.array([1, 1]), False
    energies = [hopfield.energy(weights, state)]
    for _, _, after in itertools.islice(hopfield.recall(weights, state, np.random.default_rng(0)), 8):
        energies.append(hopfield.energy(weights, after))
        rises = rises or energies[-1] > energies[-2] or len(energies) > 8
    assert rises  # or it never comes to rest


def test_an_x_is_found_again_from_every_copy_with_two_cells_turned_over():
    stored = [hopfield.signs(np.array(picture)) for picture in (hopfield.X, hopfield.X_TURNED)]
    weights, rng = hopfield.store(stored), np.random.default_rng(0)
    for pair in itertools.combinations(range(25), 2):
        state = stored[0].ravel().copy()
        state[list(pair)] *= -1
        for _, _, after in hopfield.recall(weights, state, rng):
            state = after
        assert (state == stored[0].ravel()).all()


def test_a_picture_that_is_mostly_turned_over_ends_in_its_negative():
    walk = hopfield.hopfield_walk([np.array(hopfield.X)], flipped=25)
    assert not walk.facts["found"]
    assert "the negative of picture 1" in walk.conclusion[0]


def test_the_walk_turns_one_cell_a_step():
    walk = hopfield.hopfield_walk(flipped=6, seed=3)
    for frame in walk.frames[1:]:
        before, after = (np.array(grid.values) for grid in frame.grids)
        assert np.argwhere(before != after).tolist() == [list(frame.grids[1].marks[0].cells[0])]
    assert walk.facts["energies"] == sorted(walk.facts["energies"], reverse=True)


def test_units_on_a_line_come_to_stand_in_order():
    samples = np.random.default_rng(0).random((400, 1))
    stages = kohonen.learn(samples, 1, 10, 4000, np.random.default_rng(1))
    first, last = (stage.units[0, :, 0] for stage in (stages[0], stages[-1]))
    steps = np.diff(last)
    assert (steps > 0).all() or (steps < 0).all()
    assert {-1, 1} <= set(np.sign(np.diff(first)))
    assert stages[-1].torn < 0.02 < stages[0].torn
    assert abs(last).max() < 1.01


def test_a_map_of_colours_lies_nearer_and_is_less_torn_than_at_first():
    stages = kohonen.kohonen_map("colours", 6, 6, 1500).stages
    assert stages[-1].error < 0.75 * stages[0].error
    assert stages[-1].torn < 0.1 < stages[0].torn
    brute = np.mean([min(np.linalg.norm(x - u) for u in stages[-1].units.reshape(-1, 3)) for x in _colours()])
    assert np.isclose(stages[-1].error, brute)


def _colours():
    return kohonen.kohonen_map("colours", 2, 2, 1).samples


@settings(max_examples=60, deadline=None)
@given(PATTERNS, st.floats(0, 1), st.integers(1, 8))
def test_art_takes_no_picture_that_its_template_does_not_match(rng, vigilance, count):
    pictures = [(str(i), rng.random((3, 4)) < 0.5) for i in range(count)]
    pictures = [
        (name, picture | (np.arange(12).reshape(3, 4) == i)) for i, (name, picture) in enumerate(pictures)
    ]
    templates = {}
    for each in art.present(pictures, vigilance, rounds=3):
        before = templates.get(each.category)
        assert (before is None) == each.is_new
        kept = each.picture if before is None else before & each.picture
        assert (each.template == kept).all()
        assert before is None or kept.sum() >= vigilance * each.picture.sum() - 1e-9
        for number, _, match in each.tried[: len(each.tried) - (not each.is_new)]:
            assert match < vigilance
            assert number != each.category
        templates[each.category] = each.template


def test_art_comes_to_rest_and_more_vigilance_tells_more_apart():
    found = {v: art.art_walk(vigilance=v, rounds=6) for v in (0.0, 0.5, 0.7, 1.0)}
    counts = [walk.facts["categories"] for walk in found.values()]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    for walk in found.values():
        rounds = [frame.parts for frame in walk.frames]
        assert rounds[-5:] == rounds[-10:-5]


SIDE = st.integers(0, 19)


@st.composite
def pixel_boxes(draw):
    left, top = draw(SIDE), draw(SIDE)
    right, bottom = draw(st.integers(left + 1, 20)), draw(st.integers(top + 1, 20))
    return boxes.Box(
        draw(st.sampled_from("ab")),
        left / 20,
        top / 20,
        right / 20,
        bottom / 20,
        draw(st.integers(0, 20)) / 20,
    )


def pixels(box):
    rows, columns = (
        range(round(20 * a), round(20 * b)) for a, b in ((box.top, box.bottom), (box.left, box.right))
    )
    return set(itertools.product(rows, columns))


@settings(max_examples=200, deadline=None)
@given(pixel_boxes(), pixel_boxes())
def test_the_overlap_is_that_of_counted_pixels(one, other):
    shared, together = pixels(one) & pixels(other), pixels(one) | pixels(other)
    assert np.isclose(boxes.intersection_over_union(one, other), len(shared) / len(together))
    assert np.isclose(boxes.overlap(one, other), len(shared) / 400)


def is_what_is_to_be_kept(kept, given_, threshold):
    """A box is kept just if no kept one of its class and a higher score overlaps it too much."""
    return all(
        (i in kept)
        == (
            not any(
                j in kept
                and other.name == box.name
                and other.score > box.score
                and boxes.intersection_over_union(box, other) > threshold
                for j, other in enumerate(given_)
            )
        )
        for i, box in enumerate(given_)
    )


@settings(max_examples=80, deadline=None)
@given(
    st.lists(pixel_boxes(), min_size=1, max_size=7, unique_by=lambda box: box.score),
    st.sampled_from([0.2, 0.5, 0.8]),
)
def test_suppression_keeps_the_one_set_that_fits(found, threshold):
    fitting = [
        set(kept)
        for count in range(len(found) + 1)
        for kept in itertools.combinations(range(len(found)), count)
        if is_what_is_to_be_kept(kept, found, threshold)
    ]
    kept = [each.box for each in boxes.suppress(found, threshold) if each.because is None]
    assert fitting == [{found.index(box) for box in kept}]
    for each in boxes.suppress(found, threshold):
        if each.because is not None:
            assert each.because in kept
            assert each.iou > threshold


def test_the_cell_with_the_centre_answers():
    box = boxes.Box("dog", 0.2, 0.4, 0.6, 1.0)
    assert box.cell() == (4, 2)
    x, y, w, h = box.target()
    assert np.allclose([(2 + x) / 7, (4 + y) / 7, w, h], [0.4, 0.7, 0.4, 0.6])
    assert boxes.Box("last", 0.99, 0.99, 1.0, 1.0).cell() == (6, 6)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda: hopfield.hopfield_walk(flipped=26), "0 to 25 cells"),
        (lambda: hopfield.hopfield_walk([np.eye(2), np.eye(3)]), "one size"),
        (lambda: kohonen.kohonen_map("sounds"), "colours or digits, not 'sounds'"),
        (lambda: kohonen.kohonen_map(steps=0), "1 to 1,000,000 steps"),
        (lambda: kohonen.kohonen_map(rows=-2), "2 to 1,024 units"),
        (lambda: art.art_walk(vigilance=1.5), "from 0 to 1"),
        (lambda: art.art_walk({"empty": np.zeros((2, 2))}), "a 1 at least"),
        (lambda: boxes.Box("thin", 0.5, 0.5, 0.5, 0.6), "left < right"),
        (lambda: boxes.yolo_boxes(threshold=2), "from 0 to 1, not 2"),
        (lambda: boxes.suppress([], -1), "from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(what, message):
    assert message in refusal(what)
