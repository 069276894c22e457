"""What the sanity check finds, in numbers and in words."""

from dataclasses import dataclass

HALFWAY = 0.5
"""Keeping more than this of its own order, a map is nearer to the unchanged one than to another image's."""
FAILS = "does not depend on what the network learnt"
PASSES = "depends on what the network learnt"
UNKNOWN = "blank for every image: nothing to compare"


@dataclass(frozen=True)
class Stage:
    """How much of a method's maps is left when some layers have forgotten."""

    name: str
    """The last layer that was randomised; all above it are too."""
    mean: float
    """Mean ρ over the images, between trained and randomised network."""
    spread: float
    """Its standard deviation over the images."""
    signed: float
    """Mean ρ of the signed maps."""
    blank: int
    """Maps of the randomised network that have one value everywhere; ρ counts as 0 there."""


@dataclass(frozen=True)
class Sanity:
    """What the check found of one method."""

    method: str
    images: int
    maps: int
    """Maps compared at each stage: one an image, or more where there are fewer images than draws."""
    blank: int
    """Images whose map was blank before anything was randomised; they are left out."""
    between: float | None
    """Mean ρ between the trained network's maps of two different images; None for fewer than two."""
    stages: tuple[Stage, ...]
    shuffled: Stage | None = None
    """The same against a network trained on shuffled labels."""

    @property
    def kept(self) -> float | None:
        """How much of a map's own order is left at the end: max(0, (ρ − b) / (1 − b)), b = `between` or 0.

        1: the map has not changed. 0: it is no more like the map before than another image's map is.
        None where every map was blank.
        """
        if self.blank == self.images:
            return None
        base = min(self.between or 0.0, 1 - 1e-9)
        return max(0.0, (self.stages[-1].mean - base) / (1 - base))

    @property
    def fails(self) -> bool:
        """Whether the maps hardly change: nearer to the trained network's than to another image's."""
        return self.kept is not None and round(self.kept, 2) >= HALFWAY

    @property
    def label(self) -> str:
        """The verdict, in words."""
        if self.kept is None:
            return UNKNOWN
        return FAILS if self.fails else PASSES

    def sentence(self) -> str:
        """Return the verdict with its numbers."""
        if self.kept is None:
            return f"{self.method}: {self.label}"
        measured = (
            "with one image alone, 0 stands for that"
            if self.between is None
            else (f"maps of two different images correlate {self.between:.2f}")
        )
        last = self.stages[-1]
        text = (
            f"{self.method}: with every layer randomised the maps still correlate {last.mean:.2f} with "
            f"the trained network's; {measured}. {self.kept:.0%} of a map's own order is "
            f"left: {self.label}"
        ).replace("%", " %")
        if self.between is not None and self.between >= HALFWAY:
            text += "; most of such a map is the same for every image"
        if self.fails and last.signed < HALFWAY:
            text += f". Its signs do: with them the maps correlate {last.signed:.2f}"
        return text


@dataclass(frozen=True)
class Forgetting:
    """What the network itself does while it forgets: that it really knows nothing at the end."""

    stages: tuple[str, ...]
    same_class: tuple[float, ...]
    """Share of the images for which the class with the highest score is still the trained network's."""
