"""What training makes small: the cross-entropy, or the criterion of LeNet-5's paper."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("convlab")
class MaximumAPosteriori(keras.losses.Loss):
    """The criterion of LeNet-5: E = y_D + log(e^−j + Σ_i e^−y_i), the mean over the images.

    y_i are the penalties of the classes, y_D that of the right one; the scores that the loss is given
    are −y. With j → ∞ it is the cross-entropy, which is content when the right penalty is smaller than
    the others. A finite j is the penalty of one more class, rubbish, and wants the right one to be
    small; it no longer pushes penalties up that are larger than j.

    The paper says that j is positive, and not how large; its y are the distances, ours a tenth of them
    (`CLOSENESS` in `models/lenet5.py`).
    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.C, eq. 9.
    """

    def __init__(self, rubbish: float = 1.0, **common: Any) -> None:
        super().__init__(**common)
        self.rubbish = rubbish

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the criterion of each image from labels (batch, 1) and scores (batch, classes)."""
        right = ops.take_along_axis(y_pred, ops.cast(y_true, "int32"), axis=-1)[..., 0]
        rubbish = ops.full_like(y_pred[..., :1], -self.rubbish)
        return ops.logsumexp(ops.concatenate([y_pred, rubbish], axis=-1), axis=-1) - right

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        return super().get_config() | {"rubbish": self.rubbish}


def without_softmax(model: keras.Model) -> keras.Model:
    """Return the model that ends before the softmax layer of `model`, with the same weights.

    Raises:
        ValueError: the last layer is not a softmax.
    """
    if not isinstance(model.layers[-1], keras.layers.Softmax):
        raise ValueError(f"{model.name} does not end in a Softmax layer, whose input is needed")
    return keras.Model(model.inputs[0], model.layers[-1].input, name=model.name)
