"""A model file made ready for maps: loaded and replayed."""

from pathlib import Path

from app.files.saved import SavedModel
from app.maps.explainer import MEMORY_BYTES, Explainer


def load_explainer(
    saved: SavedModel,
    *,
    file: Path | None = None,
    image_input: str | None = None,
    head: str | None = None,
    is_regression: bool | None = None,
    memory_bytes: int = MEMORY_BYTES,
) -> Explainer:
    """Return the explainer of a saved model.

    Args:
        saved: the model's file.
        file: another file of the same network, as it was after one epoch; `saved.path` if it is None.
        image_input: the input that is the image, where the model has several.
        head: the output to explain, where it has several.
        is_regression: whether the outputs are quantities; None: as the stored loss says.
        memory_bytes: memory for the tensors of one chunk of images.

    Raises:
        ValueError: the file cannot be loaded, or the model cannot be replayed.
    """
    from app.engine.replay.replay import Choice, replay
    from app.engine.store import load_model

    choice = Choice(image_input, head, is_regression=is_regression, loss=saved.loss)
    return Explainer(replay(load_model(file or saved.path), choice), memory_bytes)
