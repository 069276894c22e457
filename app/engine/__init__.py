"""Everything that touches Keras: build, load, store, measure; `replay/` and `training/`.

Importing this package imports TensorFlow, quietly; so a command imports it after its arguments are
checked. It registers the project's own layers with Keras, so that stored models that have them load, and
replaces TensorFlow's gradient of `Conv2D` by one that does no harm (`convolution_gradient.py`) and the scopes of names
that TensorFlow refuses (`scope_names.py`).
"""

from app.engine import quiet

quiet.import_tensorflow()

from app.engine import build, convolution_gradient, scope_names  # noqa: E402, F401
