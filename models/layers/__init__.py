"""The layers that classic networks need and Keras lacks, one a file.

Importing this package imports Keras; so only `app.engine.vocabulary` does. The same names with the
same arguments are on the chalkboard in `app.counting.layers.custom`.
"""

from models.layers.local_response_normalization import LocalResponseNormalization

__all__ = ["LocalResponseNormalization"]
