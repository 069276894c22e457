"""Keywords that Keras 2 stored with layers and that Keras 3 dropped: the reader for counts and the loader skip them."""

from typing import Any

SEPARABLE = ("SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D")
TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
SPATIAL = ("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
RECURRENT = ("RNN", "SimpleRNN", "LSTM", "GRU")
DROPPED: tuple[tuple[tuple[str, ...], Any, tuple[str, ...]], ...] = (
    (("groups",), 1, (*SEPARABLE, *TRANSPOSED)),
    (("kernel_initializer", "kernel_regularizer", "kernel_constraint"), ..., SEPARABLE),
    (("noise_shape", "trainable"), ..., SPATIAL),
    (("time_major",), False, RECURRENT),
    (("implementation",), ..., RECURRENT),
    (("synchronized",), ..., ("SyncBatchNormalization",)),
    (("query_shape", "key_shape", "value_shape"), ..., ("MultiHeadAttention",)),
    (("softmax_robust_masking",), False, ("MultiHeadAttention",)),
    (("rng_type", "force_generator"), ..., ()),
)
"""(keywords, harmless value, layers): Keras 3 rejects each keyword; it may be dropped if it has the harmless
value (`...`: any value) in one of these layers (`()`: all layers)."""


def without_dropped(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a layer without the keywords that Keras 3 dropped and that say nothing."""
    return {key: value for key, value in config.items() if not is_dropped(kind, key, value)}


def is_dropped(kind: str, keyword: str, value: Any) -> bool:
    """Return whether Keras 3 has no such keyword, and the value asks for nothing that it could not do."""
    return any(
        keyword in keywords and (not kinds or kind in kinds) and harmless in (..., value)
        for keywords, harmless, kinds in DROPPED
    )
