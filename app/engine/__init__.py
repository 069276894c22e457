"""Room 4, everything that touches Keras: build, load, store, fit, measure and replay.

Importing this package imports TensorFlow, quietly; so a door imports it after its arguments are
checked. It registers the project's own layers with Keras, so that stored models that have them load.
"""

from app.engine import quiet

quiet.import_tensorflow()

from app.engine import build as vocabulary  # noqa: E402, F401
