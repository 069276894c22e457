"""What the tests of faith find, in numbers and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np

HALFWAY = 0.5
"""A map fails above this value: it is then closer to the trained network's map than to the map of a different
image."""
FAILS = "does not depend on what the network learnt"
PASSES = "depends on what the network learnt"
UNKNOWN = "blank for every image: nothing to compare"
AGREED_ON = 20
"""Images on which maps are compared with tf-keras-vis, which takes them all into memory at once."""
ROUNDING = 1e-4
"""Relative difference that float32, with 7 digits, leaves after sums over thousands of terms."""

Side = Literal["deletion", "insertion"]
SIDES: tuple[Side, ...] = ("deletion", "insertion")


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
    """What the sanity check found of one method."""

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
            else f"maps of two different images correlate {self.between:.2f}"
        )
        last = self.stages[-1]
        text = (
            f"{self.method}: with every layer randomised the maps still correlate {last.mean:.2f} with "
            f"the trained network's; {measured}. {self.kept:.0%} of a map's own order is "
            f"left: the map {self.label}"
        ).replace("%", " %")
        if self.between is not None and self.between >= HALFWAY:
            text += "; most of this map is the same for every image"
        if self.fails and last.signed < HALFWAY:
            text += f". The signed maps do change: they correlate {last.signed:.2f}"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        return {
            "method": self.method,
            "between": self.between,
            "means": [stage.mean for stage in self.stages],
            "spreads": [stage.spread for stage in self.stages],
            "signed": [stage.signed for stage in self.stages],
            "blank": self.blank,
            "blank_after": [stage.blank for stage in self.stages],
            "maps": self.maps,
            "kept": self.kept,
            "fails": self.fails,
            "label": self.label,
            "sentence": self.sentence(),
            "shuffled": self.shuffled.mean if self.shuffled else None,
        }


@dataclass(frozen=True)
class Forgetting:
    """What the network itself does while it forgets: that it really knows nothing at the end."""

    stages: tuple[str, ...]
    same_class: tuple[float, ...]
    """Share of the images for which the class with the highest score is still the trained network's."""


def areas_under(curves: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return Σ (p_k + p_{k+1}) / 2 · (s_{k+1} − s_k), the area under the curve of each image, (images,).

    Args:
        curves: p, (images, steps + 1).
        shares: s, (steps + 1,).
    """
    return np.asarray(((curves[:, 1:] + curves[:, :-1]) / 2 * np.diff(shares)).sum(axis=1))


@dataclass(frozen=True)
class Curves:
    """Deletion and insertion by one order of the pixels, over many images."""

    name: str
    means: Mapping[Side, np.ndarray]
    """Probability of the explained class when that share of the pixels is removed, or put into an empty image; mean
    over the images, (steps + 1,)."""
    shares: np.ndarray
    """Share of the pixels, 0…1, (steps + 1,)."""
    areas: Mapping[Side, np.ndarray]
    """The area under the curve of each image, (images,)."""
    blank: int = 0
    """Images whose map has one value everywhere, so that its order is a random one."""
    seconds: float = 0.0
    """Wall time of making the maps of all images."""
    made_of: str = "nothing"
    """`pixels` or `cells`; `nothing` of the network for an order that asks none."""

    @classmethod
    def of(
        cls, name: str, deletion: np.ndarray, insertion: np.ndarray, shares: np.ndarray, **facts: Any
    ) -> Self:
        """Return what curves of images, (images, steps + 1), are in the mean."""
        both: dict[Side, np.ndarray] = {"deletion": deletion, "insertion": insertion}
        means = {side: curves.mean(axis=0) for side, curves in both.items()}
        areas = {side: areas_under(curves, shares) for side, curves in both.items()}
        return cls(name, means, shares, areas, **facts)

    def mean_curve(self, side: Side) -> np.ndarray:
        """Return the mean curve over the images, (steps + 1,)."""
        return self.means[side]

    def mean_area(self, side: Side) -> float:
        """Return the mean area over the images."""
        return float(self.areas[side].mean())

    def printed_area(self, side: Side) -> float:
        """Return the mean area as it is printed, so that whoever subtracts two gets the gap."""
        return round(self.mean_area(side), 3)

    @property
    def gap(self) -> float:
        """Insertion area minus deletion area, as they are printed: one number for both."""
        return self.printed_area("insertion") - self.printed_area("deletion")

    @property
    def error(self) -> float:
        """Standard error of the gap, s / √n over n images; 0 for one image, where it is not known."""
        gaps = self.areas["insertion"] - self.areas["deletion"]
        return float(gaps.std(ddof=1) / len(gaps) ** 0.5) if len(gaps) > 1 else 0.0

    @property
    def share_blank(self) -> float:
        """Share of the images whose map is blank, 0…1."""
        return self.blank / len(self.areas["deletion"])


@dataclass(frozen=True)
class Faithfulness:
    """The curves of methods, and of the orders that ask no network."""

    methods: tuple[Curves, ...]
    random: tuple[Curves, ...]
    """One for each random order."""
    ink: Curves
    empty: float = 0.0
    """Share of the pixels, 0…1, that already have the baseline's value: removing them changes nothing."""

    def band(self, side: Side) -> tuple[float, float]:
        """Return the lowest and highest mean area of the random orders."""
        areas = [order.mean_area(side) for order in self.random]
        return min(areas), max(areas)

    def falls_faster(self, curves: Curves) -> bool:
        """Whether its deletion area is below those of all random orders."""
        return curves.mean_area("deletion") < self.band("deletion")[0]

    def rises_faster(self, curves: Curves) -> bool:
        """Whether its insertion area is above those of all random orders."""
        return curves.mean_area("insertion") > self.band("insertion")[1]

    def beats_random(self, curves: Curves) -> bool:
        """Whether both hold."""
        return self.falls_faster(curves) and self.rises_faster(curves)

    def sentence(self, curves: Curves) -> str:
        """Return in one sentence what the areas of one order say."""
        (low, high), (least, most) = self.band("deletion"), self.band("insertion")
        falls = "falls faster" if self.falls_faster(curves) else "falls no faster"
        rises = "rises faster" if self.rises_faster(curves) else "rises no faster"
        return (
            f"{curves.name}: when the pixels that it ranks highest are removed, the probability {falls} than "
            f"in random order (area {curves.mean_area('deletion'):.3f}, random {low:.3f} to {high:.3f}); when "
            f"they are put in, it {rises} (area {curves.mean_area('insertion'):.3f}, random {least:.3f} to "
            f"{most:.3f})"
        )

    def summary(self) -> str:
        """Return in one sentence which methods find what the decision needs."""
        worse = [curves.name for curves in self.methods if not self.beats_random(curves)]
        better = len(self.methods) - len(worse)
        text = (
            f"For {better} of {len(self.methods)} maps the probability falls faster than with every random "
            "order when the pixels that the map ranks highest are removed, and rises faster when they are "
            "put in"
        )
        return f"{text}; not so for {', '.join(worse)}." if worse else f"{text}."

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the numbers of each order as plain values; the last is the ink's."""
        return [
            {
                "name": curves.name,
                "made_of": curves.made_of,
                "shares": curves.shares.tolist(),
                "deletion": curves.mean_curve("deletion").tolist(),
                "insertion": curves.mean_curve("insertion").tolist(),
                "deletion_area": curves.printed_area("deletion"),
                "insertion_area": curves.printed_area("insertion"),
                "gap": curves.gap,
                "error": curves.error,
                "blank": curves.share_blank,
                "seconds": curves.seconds,
                "sentence": self.sentence(curves),
            }
            for curves in (*self.methods, self.ink)
        ]


@dataclass(frozen=True)
class Agreement:
    """Our map beside that of tf-keras-vis."""

    method: str
    absolute: float | None = None
    """The largest difference of two values; None where there is nothing to compare."""
    relative: float | None = None
    """The same divided by the largest magnitude in our maps."""
    reason: str = ""
    """Why there is nothing to compare, or why the two differ by design, with the proof."""
    is_explained: bool = False
    """Whether the proof holds: all of the difference comes from that design."""

    @property
    def agrees(self) -> bool:
        """Whether nothing but rounding lies between the two."""
        return self.relative is not None and self.relative <= ROUNDING

    @property
    def verdict(self) -> str:
        """The result in a few words."""
        if self.absolute is None:
            return "no second witness"
        if self.agrees:
            return "the same map"
        return "differs by design" if self.is_explained else "differs"

    def sentence(self) -> str:
        """Return the result in words."""
        if self.absolute is None:
            return f"{self.method}: {self.verdict}: {self.reason}"
        numbers = f"largest difference {self.absolute:.2g}, {self.relative:.1e} of the largest value"
        if self.agrees:
            return f"{self.method}: tf-keras-vis computes the same map ({numbers})"
        because = self.reason or "nothing explains it; one of the two is wrong"
        return f"{self.method}: tf-keras-vis computes another map ({numbers}): {because}"

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        return {
            "method": self.method,
            "verdict": self.verdict,
            "absolute": self.absolute,
            "relative": self.relative,
            "why": self.reason,
        }


@dataclass
class Results:
    """What came out; what was not asked for is None or empty."""

    sane: list[Sanity] = field(default_factory=list)
    forgetting: Forgetting | None = None
    faith: Faithfulness | None = None
    agreed: list[Agreement] = field(default_factory=list)
    seconds: float = 0.0
    lost: dict[int, str] = field(default_factory=dict)
    """Images that could not be tested, by number, and why."""

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        lost = {"not_tested": {str(number): why for number, why in self.lost.items()}} if self.lost else {}
        return {
            **lost,
            "sanity": [each.to_dict() for each in self.sane],
            "faithfulness": self.faith.to_dicts() if self.faith else [],
            "agreement": [each.to_dict() for each in self.agreed],
        }
