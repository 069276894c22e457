"""Room 4, everything that touches Keras: build, load, store, fit, measure and replay.

Importing this package imports TensorFlow, quietly; so a door imports it after its arguments are
checked.
"""

from app.engine import quiet

quiet.import_tensorflow()
