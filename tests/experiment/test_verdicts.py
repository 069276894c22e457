"""Each verdict follows from the numbers: planted numbers turn it both ways."""

import pytest

from app.experiment import plain_vs_residual, resnet_vs_densenet, vanishing_gradient
from app.experiment.vanishing_gradient import course

DEPTHS = ("plain 8", "plain 44", "residual 8", "residual 44")


def losses(*of_networks):
    return {
        name: [{"history": [{"loss": 9.0}, {"loss": loss}]} for loss in values]
        for name, values in zip(DEPTHS, of_networks, strict=True)
    }


WORSE, GOOD, BETTER = (1.9, 2.0, 2.1), (0.1, 0.11, 0.12), (0.05, 0.06, 0.07)


def test_depth_harms_the_plain_network_alone():
    verdict = plain_vs_residual.judge(losses(GOOD, WORSE, GOOD, BETTER))
    assert verdict.shows is True
    assert verdict.words == (
        "The effect shows: plain 44 trains to a loss of 2.000 ± 0.100, plain 8 to 0.110 ± 0.010 (worse "
        "in every seed); residual 44 trains to a loss of 0.060 ± 0.010, residual 8 to 0.110 ± 0.010 "
        "(better in every seed)."
    )


@pytest.mark.parametrize(
    "planted",
    [
        (GOOD, GOOD, GOOD, GOOD),  # depth harms nobody
        (GOOD, WORSE, GOOD, WORSE),  # depth harms the residual network too
        (GOOD, (0.1, 2.0, 2.1), GOOD, BETTER),  # it does not in one seed
        (GOOD, (0.13, 0.14, 0.15), GOOD, (0.12, 0.125, 0.14)),  # the deep two do not differ
        (GOOD[:2], WORSE[:2], GOOD[:2], BETTER[:2]),
    ],  # too few seeds
)
def test_otherwise_the_effect_of_depth_does_not_show(planted):
    verdict = plain_vs_residual.judge(losses(*planted))
    assert verdict.shows is False
    assert verdict.words.startswith("The effect does not show here: plain 44")


def gradients(**first):
    """Norms by block 1 to 3 for each network, ending in 1; shortcuts and plain as given."""
    names = (vanishing_gradient.PLAIN, vanishing_gradient.SHORTCUTS, vanishing_gradient.PLAIN_NORM)
    return {
        name: [{"start": {"outputs": [value, 1.0, 1.0]}} for value in first[name.split(",")[-1].strip()]]
        for name in names
    }


def test_the_gradient_vanishes_without_shortcuts():
    verdict = vanishing_gradient.judge(
        gradients(plain=(1e-8, 1e-9), shortcuts=(2.0, 3.0), normalised=(400.0, 500.0))
    )
    assert verdict.shows is True
    assert "plain: vanishes (1.0·10⁻⁹ to 1.0·10⁻⁸ times)" in verdict.words
    assert "shortcuts: keeps its size" in verdict.words
    assert "plain, normalised: grows (400 to 500 times)" in verdict.words


@pytest.mark.parametrize(
    ("plain", "shortcuts"),
    [
        ((0.5, 0.6), (2.0, 3.0)),
        ((1e-8, 0.5), (2.0, 3.0)),
        ((1e-8, 1e-8), (1e-8, 1e-8)),
        ((1e-8, 1e-8), (200.0, 300.0)),
        ((float("nan"), 1e-8), (2.0, 3.0)),
    ],
)
def test_otherwise_the_vanishing_does_not_show(plain, shortcuts):
    verdict = vanishing_gradient.judge(gradients(plain=plain, shortcuts=shortcuts, normalised=(1.0,)))
    assert verdict.shows is False
    assert verdict.words.startswith("The effect does not show here")


def test_the_course_of_a_gradient_is_that_of_every_run():
    assert course([1e-3, 9e-3]) == "vanishes"
    assert course([101.0, 1e9]) == "grows"
    assert course([0.01, 100.0]) == "keeps its size"
    assert course([1e-3, 1.0]) == course([float("nan")]) == "varies"


def accuracies(*of_networks):
    return {
        f"{family} {size}": [{"test_accuracy": value} for value in values]
        for (size, family), values in zip(
            ((size, family) for size in (1, 2, 3) for family in ("ResNet", "DenseNet")),
            of_networks,
            strict=True,
        )
    }


LOW, HIGH = (0.90, 0.91, 0.92), (0.93, 0.94, 0.95)


@pytest.mark.parametrize(
    ("planted", "shows"),
    [
        ((LOW, HIGH, LOW, HIGH, LOW, HIGH), True),
        ((LOW, HIGH, LOW, HIGH, LOW, LOW), True),
        ((LOW, HIGH, LOW, LOW, LOW, LOW), False),
        ((LOW, HIGH, LOW, HIGH, HIGH, LOW), False),
        ((HIGH, LOW, HIGH, LOW, HIGH, LOW), False),
        ((LOW, LOW, LOW, LOW, LOW, LOW), False),
    ],
)
def test_densenet_must_win_most_sizes_and_lose_none(planted, shows):
    verdict = resnet_vs_densenet.judge(accuracies(*planted))
    assert verdict.shows is shows
    assert ("does not show" in verdict.words) is not shows
    assert verdict.words.count("±") == 6


def test_the_sentence_says_who_was_better():
    words = resnet_vs_densenet.judge(accuracies(LOW, HIGH, HIGH, LOW, LOW, LOW)).words
    assert "DenseNet 1 94.00 ± 1.00 %, ResNet 1 91.00 ± 1.00 % (DenseNet better in every seed)" in words
    assert "(ResNet better in every seed)" in words
    assert "(no clear difference)" in words
