"""Maps of many pictures, read again from the arrays that a run left."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.library.sentences import in_python

if TYPE_CHECKING:
    from app.saliency.stored_maps import StoredMaps

said_in_python = in_python()


@said_in_python
def open_maps(folder: str | Path) -> "StoredMaps":
    """Open the maps that `explain_folder(..., arrays=True)` left: by picture, one shard in memory at a time.

    Args:
        folder: the output of that run.

    Returns:
        Maps with a length and an index: `maps[5]["gradcam"]`, `maps["cat.png"]`; `.images`, `.failures`.

    Raises:
        ValueError: the folder has no such maps, or a file is damaged.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import app as lab
    >>> place = Path(tempfile.mkdtemp())
    >>> np.save(place / "digits.npy", lab.open_data("mnist").test_images[:3])
    >>> lab.load("mnist").explain_folder(place / "digits.npy", place / "maps", methods="gradcam", arrays=True)
    ... # doctest: +ELLIPSIS
    <3 of 3 pictures explained in ...>
    >>> lab.open_maps(place / "maps")["digits.npy, image 2"]["gradcam"].shape
    (3, 3)
    """
    from app.saliency.stored_maps import StoredMaps

    return StoredMaps(Path(folder))
