"""The variational auto-encoder: its loss against other witnesses, its gradients, its training, its pictures."""

from functools import cache
from statistics import NormalDist

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import ROOT

from app.counting.chalkboard import nn as chalk
from app.datasets.smaller import shrink
from app.engine.build import nn
from app.engine.training.fit import DivergedError
from app.experiment import variational_autoencoder
from app.experiment.__main__ import main
from app.experiment.autoencoder import drawn
from app.experiment.autoencoder import training as parts
from app.experiment.autoencoder.training import VariationalTrials, kl_divergence, reconstruction_loss
from app.experiment.catalogue import SEEDS
from models.vae import vae_mnist

pytestmark = pytest.mark.keras
MEANS = np.array([[0.0, 0.0], [1.5, -0.5], [-2.0, 0.3]])
LOG_VARIANCES = np.array([[0.0, 0.0], [-1.0, 0.7], [-3.0, -0.2]])


def silent(share):
    pass


def log_density(z, mean, deviation):
    """Return ln of the normal density at z."""
    return -(((z - mean) / deviation) ** 2) / 2 - np.log(deviation * np.sqrt(2 * np.pi))


@cache
def sampled_divergence(case, draws=400_000):
    """Estimate E[ln q(z) − ln p(z)] over z drawn from q; return the estimate and its standard error."""
    mean, deviation = MEANS[case], np.exp(LOG_VARIANCES[case] / 2)
    z = mean + deviation * np.random.default_rng(0).normal(size=(draws, len(mean)))
    values = (log_density(z, mean, deviation) - log_density(z, 0, 1)).sum(axis=1)
    return values.mean(), values.std() / np.sqrt(draws)


def agrees_with_samples(divergence):
    """Return whether a divergence is the one that is estimated from samples, for all cases."""
    found = np.asarray(divergence(tf.constant(MEANS), tf.constant(LOG_VARIANCES)))
    estimates = [sampled_divergence(case) for case in range(len(MEANS))]
    return all(abs(f - e) <= 5 * error + 1e-9 for f, (e, error) in zip(found, estimates, strict=True))


def test_the_divergence_is_what_samples_estimate():
    assert agrees_with_samples(kl_divergence)


WRONG = {
    "sign": lambda m, v: -kl_divergence(m, v),
    "sign of ln σ²": lambda m, v: tf.reduce_sum(m**2 + tf.exp(v) - 1 + v, axis=1) / 2,
    "no half": lambda m, v: 2 * kl_divergence(m, v),
    "σ for σ²": lambda m, v: tf.reduce_sum(m**2 + tf.exp(v / 2) - 1 - v, axis=1) / 2,
    "the other way round": lambda m, v: tf.reduce_sum((1 + m**2) / tf.exp(v) - 1 + v, axis=1) / 2,
    "a mean over the numbers": lambda m, v: kl_divergence(m, v) / 2,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_divergence_would_be_seen(wrong):
    assert not agrees_with_samples(WRONG[wrong])


def test_the_divergence_is_0_of_the_prior_alone_and_never_below():
    assert float(kl_divergence(tf.zeros((1, 2)), tf.zeros((1, 2)))[0]) == 0
    draw = np.random.default_rng(1)
    found = kl_divergence(
        tf.constant(draw.normal(0, 2, (1000, 3))), tf.constant(draw.normal(0, 2, (1000, 3)))
    )
    assert float(tf.reduce_min(found)) > 0


def test_the_reconstruction_is_the_cross_entropy_of_every_pixel():
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (5, 4, 3, 2)).astype(np.uint8)
    pictures = draw.uniform(0.01, 0.99, images.shape)
    x = images / 255
    found = np.asarray(reconstruction_loss(tf.constant(x), tf.constant(pictures)))
    expected = [sum(-np.log(p) * a - np.log1p(-p) * (1 - a) for a, p in zip(a.flat, p.flat, strict=True))
                for a, p in zip(x, pictures, strict=True)]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    theirs = keras.losses.binary_crossentropy(x.reshape(5, -1), pictures.reshape(5, -1))
    np.testing.assert_allclose(found, 24 * np.asarray(theirs), rtol=1e-5)
    assert drawn.bernoulli_loss(images, pictures) == pytest.approx(found.mean())
    assert drawn.bernoulli_loss(images, x) < found.mean(), "no picture costs less than the image itself"


def test_pixels_of_0_and_1_cost_a_finite_loss():
    pictures, images = tf.constant([0.0, 1.0, 0.0, 1.0]), tf.constant([0.0, 1.0, 1.0, 0.0])
    loss = np.asarray(
        reconstruction_loss(tf.reshape(images, (4, 1, 1, 1)), tf.reshape(pictures, (4, 1, 1, 1)))
    )
    assert np.isfinite(loss).all()
    assert (loss[:2] < 1e-6).all()
    assert (loss[2:] > 10).all()
    assert drawn.bernoulli_loss(np.array([0, 255], np.uint8).reshape(2, 1, 1, 1), np.zeros((1, 1, 1))) > 100


def test_the_network_is_the_catalogues_counted_by_hand_row_by_row():
    design = variational_autoencoder.designs(False)[0]
    model, sheet = (design.build(read, 10, (28, 28, 1)) for read in (nn, chalk))
    sheet = sheet.sheet()
    rows = {row.name: (int(row.trainable), tuple(row.output_shape)) for row in sheet.rows}
    theirs = {layer.name: (layer.count_params(), tuple(layer.output.shape[1:])) for layer in model.layers}
    assert rows == theirs
    assert model.count_params() == int(sheet.trainable) == 69_076 + 65_089
    assert sum(isinstance(layer, keras.layers.Conv2DTranspose) for layer in model.layers) == 3


@pytest.fixture(scope="module")
def few(mnist):
    return shrink(mnist, 128, 60, 28)


@pytest.fixture(scope="module")
def trials(few):
    return VariationalTrials(vae_mnist(nn, (28, 28, 1)), few, 0.003, 32)


def gradients(trials, images, divergence=kl_divergence):
    """Return the loss and its gradient by every weight, without noise."""
    with tf.GradientTape() as tape:
        picture, mean, log_variance = trials.model(images, training=False)
        loss = tf.reduce_mean(reconstruction_loss(images, picture) + divergence(mean, log_variance))
    variables = trials.model.trainable_variables
    return loss, dict(
        zip([v.path for v in variables], tape.gradient(loss, [v.value for v in variables]), strict=True)
    )


def test_gradients_reach_every_weight(trials, few):
    trials.train(0, 1, silent)  # off the start, at which biases are 0
    _, slopes = gradients(trials, parts.as_input(few.train_images[:16]))
    assert len(slopes) == 18
    for path, slope in slopes.items():
        assert np.abs(np.asarray(slope)).max() > 0, path


def has_the_slope_of_finite_differences(trials, images, divergence):
    """Return whether the gradient of a loss by a bias of ln σ² is the slope of the right one, by finite differences."""
    bias = trials.model.get_layer("log_variance").bias
    bias.assign([1.0, -1.0])
    values = []
    for place in (1.01, 0.99):
        bias.assign([place, -1.0])
        values.append(float(gradients(trials, images)[0]))
    bias.assign([1.0, -1.0])
    slope = float(gradients(trials, images, divergence)[1][bias.path][0])
    assert abs(slope) > 0.1
    return slope == pytest.approx((values[0] - values[1]) / 0.02, rel=0.05)


def test_the_gradient_of_the_divergence_points_the_right_way_and_a_wrong_sign_would_be_seen(trials, few):
    trials.train(0, 1, silent)
    images = parts.as_input(few.train_images[:16])
    assert has_the_slope_of_finite_differences(trials, images, kl_divergence)
    assert not has_the_slope_of_finite_differences(trials, images, WRONG["sign"])
    assert not has_the_slope_of_finite_differences(trials, images, WRONG["no half"])


def test_training_lowers_the_loss_and_owes_nothing_to_the_trial_before(trials):
    keras.utils.set_random_seed(0)
    tf.config.experimental.enable_op_determinism()
    losses = {}
    for seed in (0, 1, 0):
        history = trials.train(seed, 3, silent)
        losses.setdefault(seed, []).append(
            [epoch["reconstruction"] + epoch["divergence"] for epoch in history]
        )
        assert losses[seed][-1][-1] < losses[seed][-1][0]
    assert losses[0][0] == losses[0][1]
    assert losses[0] != losses[1]
    assert trials.test(0) == trials.test(0) != trials.test(1)


def test_the_test_loss_is_that_of_the_model_with_a_draw_of_the_noise(trials, few):
    """With so small a spread that the draw does not matter, it is the loss of the means."""
    trials.train(0, 1, silent)
    layer = trials.model.get_layer("log_variance")
    layer.kernel.assign(0 * layer.kernel)
    layer.bias.assign([-20.0, -20.0])
    found = trials.test(3)
    pictures, points = trials.encode(few.test_images)
    means = trials.model(parts.as_input(few.test_images), training=False)[0]
    assert found["reconstruction"] == pytest.approx(drawn.bernoulli_loss(few.test_images, means), rel=1e-3)
    expected = ((points**2).sum(axis=1) / 2 + (np.exp(-20) - 1 + 20)).mean()
    assert found["divergence"] == pytest.approx(expected, rel=1e-4)
    np.testing.assert_array_equal(trials.decode(points), pictures)


def test_while_training_the_noise_is_drawn(trials, few):
    trials.train(0, 1, silent)
    images = parts.as_input(few.test_images[:4])
    first, second = (np.asarray(trials.model(images, training=True)[0]) for _ in range(2))
    assert np.abs(first - second).max() > 1e-4
    np.testing.assert_array_equal(*(np.asarray(trials.model(images, training=False)[0]) for _ in range(2)))


def test_a_loss_that_is_not_finite_ends_the_run(few):
    trials = VariationalTrials(vae_mnist(nn, (28, 28, 1)), few, 1e30, 32)
    with pytest.raises(DivergedError, match="the loss became"):
        trials.train(0, 3, silent)


def test_the_points_of_the_plane_are_equally_likely():
    values = drawn.grid_values()
    np.testing.assert_allclose([NormalDist().cdf(z) for z in values], (np.arange(15) + 0.5) / 15, atol=1e-9)
    low, _, high = drawn.grid_values(3)
    assert drawn.grid_points(3)[0].tolist() == [low, high], "at the top left: z₁ small, z₂ large"
    assert drawn.grid_points(3)[-1].tolist() == [high, low]


def test_a_mosaic_comes_back_from_the_file_as_it_was():
    pictures = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5, 1)
    made = drawn.mosaic(pictures, 3)
    assert made.shape == (8, 15, 1)
    np.testing.assert_array_equal(made[4:8, 5:10], pictures[4])
    np.testing.assert_array_equal(drawn.as_picture(drawn.as_text(made)), made)
    colour = np.random.default_rng(0).integers(0, 256, (4, 6, 3)).astype(np.uint8)
    np.testing.assert_array_equal(drawn.as_picture(drawn.as_text(colour)), colour)


def test_neighbours_tell_two_clusters_apart_and_nothing_of_noise():
    draw = np.random.default_rng(0)
    labels = np.arange(1200) % 2
    apart = draw.normal(size=(1200, 2)) + 20 * labels[:, None]
    assert drawn.neighbours_accuracy(apart, labels, apart[::2], labels[::2]) == 1.0
    assert drawn.neighbours_accuracy(apart, labels, apart, 1 - labels) == 0.0
    noise = draw.normal(size=(1200, 2))
    assert drawn.neighbours_accuracy(
        noise, labels, draw.normal(size=(600, 2)), labels[:600]
    ) == pytest.approx(0.5, abs=0.1)


def test_images_of_each_class_are_found_and_a_single_one_twice():
    labels = np.array([2, 0, 2, 1, 0, 2])
    assert drawn.some_of_each(labels).tolist() == [[1, 3, 0], [4, 3, 2]]


def run_of(seed, reconstruction=150.0):
    test = {"reconstruction": reconstruction, "divergence": 6.0}
    return {"seed": seed, "test": test, "bounds": {"one_picture": 206.4, "least": 70.0}, "neighbours": 0.7}


@pytest.mark.parametrize(
    ("reconstructions", "shows"), [((150.0, 151.0, 152.0), True), ((150.0, 151.0, 201.0), False)]
)
def test_the_effect_shows_if_every_seed_is_better_than_one_picture(reconstructions, shows):
    verdict = variational_autoencoder.judge({"a": [run_of(i, r) for i, r in enumerate(reconstructions)]})
    assert verdict.shows is shows
    assert "one picture for all images in 206.4" in verdict.words


def test_a_smoke_run_in_colour_leaves_numbers_and_a_figure(door, tmp_path):
    draw = np.random.default_rng(0)
    images, labels = draw.integers(0, 256, (80, 32, 32, 3)).astype(np.uint8), np.arange(80) % 3
    np.savez(tmp_path / "colour.npz", x_train=images, y_train=labels, x_test=images[:30], y_test=labels[:30])
    arguments = (
        "variational-autoencoder",
        "--quick",
        "--data",
        tmp_path / "colour.npz",
        "--output",
        tmp_path,
    )
    code, output, error = door(main, *arguments)
    assert code == 0, error
    assert "Smoke run" in output
    assert (tmp_path / "variational-autoencoder.png").read_bytes().startswith(b"\x89PNG")
    assert "kept from before" in door(main, *arguments)[1]


def test_images_that_cannot_be_halved_twice_are_refused_in_a_line(door, tmp_path):
    images, labels = np.zeros((40, 18, 18), np.uint8), np.arange(40) % 2
    np.savez(tmp_path / "odd.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    code, _, error = door(
        main, "variational-autoencoder", "--data", tmp_path / "odd.npz", "--output", tmp_path
    )
    assert code == 2
    assert "divisible by 4, not 18×18" in error
    assert error.count("\n") == 1


def test_the_biases_of_the_units_that_read_z_are_drawn_and_the_others_are_0(trials):
    trials._draw_weights(3)
    bias = np.asarray(trials.model.get_layer("decoder_hidden").bias)
    assert bias.std() == pytest.approx(parts.BENDS, rel=0.1)
    assert not np.any(np.asarray(trials.model.get_layer("mean").bias))


def test_it_is_done_with_three_seeds():
    assert SEEDS["variational-autoencoder"] == 3
    assert (ROOT / "docs" / "experiments" / "variational-autoencoder.json").is_file()
