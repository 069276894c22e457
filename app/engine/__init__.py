"""Everything that touches Keras: build, load, store, measure; `replay/` and `training/`.

Importing this package imports TensorFlow, quietly; so a command imports it after its arguments are
checked. It registers the project's own layers with Keras, so that stored models that have them load.
"""

from app.engine import quiet

quiet.import_tensorflow()

from app.engine import build  # noqa: E402, F401
