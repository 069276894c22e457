"""The numbers of an evaluation, each against a second witness: scikit-learn, brute force, a sum by hand."""

import math

import numpy as np
import pytest

from app.counting.intervals import wilson_interval
from app.datasets.confusion import confusion_matrix
from app.evaluate.measures import Outcome, Reliability, class_scores

metrics = pytest.importorskip("sklearn.metrics")
calibration = pytest.importorskip("sklearn.calibration")


def drawn(images=500, classes=4, seed=0):
    """Probabilities, and labels that are right more often than not."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.full(classes, 0.4), images)
    labels = np.array([random.choice(classes, p=row**0.5 / (row**0.5).sum()) for row in p])
    return p, labels


def test_the_confusion_matrix_is_what_counting_one_by_one_gives():
    p, labels = drawn()
    matrix = confusion_matrix(labels, p.argmax(axis=1), 4)
    counted = [[0] * 4 for _ in range(4)]
    for row, label in zip(p, labels, strict=True):
        counted[label][int(row.argmax())] += 1
    assert matrix.tolist() == counted
    assert matrix.T.tolist() != counted  # rows are the true classes


def test_precision_recall_and_f1_are_those_of_scikit_learn():
    p, labels = drawn()
    said = p.argmax(axis=1)
    ours = class_scores(confusion_matrix(labels, said, 4), ("a", "b", "c", "d"))
    theirs = metrics.precision_recall_fscore_support(labels, said)
    for name, values in zip(("precision", "recall", "f1", "images"), theirs, strict=True):
        np.testing.assert_allclose([getattr(each, name) for each in ours], values)


def test_a_class_that_nothing_is_of_has_no_scores():
    scores = class_scores(confusion_matrix(np.array([0, 0]), np.array([0, 1]), 3), ("a", "b", "c"))
    assert [each.precision for each in scores] == [1.0, 0.0, None]
    assert [each.recall for each in scores] == [0.5, None, None]
    assert scores[2].f1 is None


def test_log_loss_and_brier_score_are_those_of_scikit_learn():
    p, labels = drawn()
    found = Outcome.of(p, labels)
    assert found.log_loss == pytest.approx(metrics.log_loss(labels, p))
    assert found.brier == pytest.approx(((p - np.eye(4)[labels]) ** 2).sum(axis=1).mean())
    two, second = drawn(classes=2)
    binary = metrics.brier_score_loss(second, two[:, 1])
    assert Outcome.of(two, second).brier == pytest.approx(2 * binary)


def test_the_share_among_the_likeliest_is_that_of_scikit_learn():
    p, labels = drawn(classes=12)
    for count in (1, 2, 5):
        theirs = metrics.top_k_accuracy_score(labels, p, k=count, labels=range(12))
        assert Outcome.of(p, labels).top(count) == pytest.approx(theirs)


def test_batches_are_joined_to_the_same_outcome():
    p, labels = drawn()
    parts = [Outcome.of(p[i : i + 70], labels[i : i + 70]) for i in range(0, 500, 70)]
    whole, joined = Outcome.of(p, labels), Outcome.joined(parts)
    for name, values in vars(whole).items():
        np.testing.assert_array_equal(vars(joined)[name], values)


@pytest.mark.parametrize("bins", [5, 15])
@pytest.mark.parametrize("kind", ["drawn", "on the edges", "sure"])
def test_the_reliability_curve_is_that_of_scikit_learn(kind, bins):
    random = np.random.default_rng(1)
    p = {
        "drawn": random.random(300),
        "on the edges": np.linspace(0, 1, bins + 1).repeat(9),
        "sure": random.choice([0.0, 1.0], 50),
    }[kind]
    true = random.random(len(p)) < p**1.5
    ours = Reliability(p, true.astype(float), bins)
    shares, means = calibration.calibration_curve(true, p, n_bins=bins)
    np.testing.assert_allclose([each.accuracy for each in ours.filled], shares)
    np.testing.assert_allclose([each.confidence for each in ours.filled], means)
    assert sum(each.images for each in ours.filled) == len(p)


def test_the_curve_of_two_classes_is_scikit_learns_of_the_second():
    p, labels = drawn(classes=2)
    ours = Outcome.of(p, labels).reliability_of_second()
    shares, means = calibration.calibration_curve(labels == 1, p[:, 1], n_bins=15)
    np.testing.assert_allclose([each.accuracy for each in ours.filled], shares)
    np.testing.assert_allclose([each.confidence for each in ours.filled], means)


def test_the_calibration_error_worked_by_hand():
    """Two bins of 15 are filled: (8/15, 9/15] with 0.55, 0.57 of which one is right, (13/15, 14/15] with four 0.9.

    |1/2 − 0.56| · 2/6 + |3/4 − 0.9| · 4/6 = 0.06 / 3 + 0.15 · 2/3 = 0.02 + 0.1 = 0.12.
    """
    p = np.array([0.55, 0.57, 0.9, 0.9, 0.9, 0.9])
    curve = Reliability(p, np.array([1.0, 0, 1, 1, 1, 0]))
    assert [each.images for each in curve.filled] == [2, 4]
    assert curve.error == pytest.approx(0.12)
    assert Reliability(p, np.array([1.0, 0, 1, 1, 1, 1])).error != pytest.approx(0.12)


def test_what_comes_true_as_often_as_it_says_has_no_error():
    p = np.repeat([0.25, 0.75], 4)
    assert Reliability(p, np.array([1.0, 0, 0, 0, 1, 1, 1, 0])).error == 0


def test_the_interval_solves_the_equation_that_it_comes_from():
    """Its ends are the p0 for which |p − p0| = z √(p0(1 − p0)/n): the binomial's own spread, not the estimate's."""
    for right, count in ((9, 10), (9913, 10_000), (1, 3)):
        share = right / count
        for end in wilson_interval(right, count):
            assert abs(share - end) == pytest.approx(1.959963985 * math.sqrt(end * (1 - end) / count))


def test_the_interval_is_known_for_all_and_none():
    assert wilson_interval(10, 10) == pytest.approx((0.72246, 1), abs=1e-4)
    assert wilson_interval(0, 10) == pytest.approx((0, 0.27753), abs=1e-4)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    right = np.random.default_rng(0).binomial(200, 0.97, 4000)
    held = [low <= 0.97 <= high for low, high in (wilson_interval(int(n), 200) for n in right)]
    assert 0.93 < np.mean(held) < 0.98


def test_of_equal_probabilities_the_first_class_is_taken():
    found = Outcome.of(np.array([[0.5, 0.5, 0.0]]), np.array([1]))
    assert found.predicted.tolist() == [0]
    assert found.ranks.tolist() == [0]
