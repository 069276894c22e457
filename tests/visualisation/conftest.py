"""Fixtures for the tests of maps."""

import pytest


@pytest.fixture
def eagerly():
    """Compile nothing: for tests that run many models once, and compiling is not what they test."""
    import app.engine  # noqa: F401, I001
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
