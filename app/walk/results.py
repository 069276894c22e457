"""A calculation that shows itself, step by step."""

from dataclasses import replace
from typing import Any

from app.show.frames.frame import Frame, Walk
from app.show.frames.showing import ShowsSteps


class Steps(ShowsSteps):
    """A calculation, step by step: printed as text, in a notebook as pictures, saved as page, animation or still.

    Args:
        walk: the steps.
    """

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def __repr__(self) -> str:
        return f"<{self.walk.title}: {len(self)} step{'s' if len(self) != 1 else ''}>"

    def __len__(self) -> int:
        return len(self.walk.frames)

    def __getitem__(self, number: int) -> Frame:
        return self.walk.frames[number]

    def text(self, every_step: bool = False, step: int | None = None) -> str:
        """Return the steps as text, as wide as the terminal.

        Args:
            every_step: all of them, however many there are.
            step: one of them, from 1.
        """
        from app.show.frames.text import write_text
        from app.show.tables import text_width

        walk = self.walk
        if step is not None and not 1 <= step <= len(self):
            raise ValueError(f"there are steps 1 to {len(self)}, not {step}")
        if step is not None:
            frame = walk.frames[step - 1]
            walk = replace(walk, frames=(replace(frame, title=f"step {step}: {frame.title}"),))
        return write_text(walk, text_width(), every_step).rstrip("\n")

    @property
    def arrays(self) -> dict[str, Any]:
        """Its arrays by name, as `input`, `kernel`, `output`."""
        return self.walk.arrays

    @property
    def output(self) -> Any:
        """What comes out, as an array; after a step back the gradient by the input; a loss as a number."""
        if "loss" in self.walk.facts:
            return self.walk.facts["loss"]
        names = [name for name in ("by_image", "by_input", "by_output", "output") if name in self.walk.arrays]
        return self.walk.arrays[names[0]] if names else None
