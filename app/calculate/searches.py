"""What a search for a geometry tries, read from bounds as they are typed: `3-7`, `valid,same,1`."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.calculate import notation
from app.calculate.geometry import ReversibleWindow
from app.calculate.inverse import Stages, check_size
from app.calculate.settings import Given, Setting, SettingError
from app.calculate.transposing import CUTS, Transposed
from app.counting.windows import Padding

EVERY_INPUT = range(1, 10**15)
POOL_PADDINGS = ("valid", "same", "ceil", "full")


@dataclass(frozen=True)
class Search:
    """What is looked for, and where."""

    kinds: tuple[str, ...]
    """What each stage is: convolution, pool, transposed convolution."""
    wanted: tuple[int, ...]
    """The size along each axis."""
    channels: int | None
    """Channels that are wanted, if that is said."""
    candidates: Sequence[Stages]
    inputs: range
    space: Mapping[str, str]
    """The bounds in words, by what they bound."""

    @property
    def size(self) -> tuple[int, ...]:
        """What is wanted as it is written: the size along each axis, and channels if there are any."""
        return self.wanted if self.channels is None else (*self.wanted, self.channels)


@dataclass(frozen=True)
class WindowBounds:
    """What is tried for one kind of window, as typed."""

    kernels: str
    strides: str
    paddings: str
    dilation: str = "1"

    def words(self, kernels: str, of: str = "") -> dict[str, str]:
        """Return the bounds by what they bound."""
        words = {kernels: self.kernels, f"{of}strides": self.strides, f"{of}paddings": self.paddings}
        return words if self.dilation == "1" else {**words, f"{of}dilation": self.dilation}

    def parse(self, words: tuple[str, ...]) -> list[tuple[int, int, Padding, int]]:
        """Return every kernel, stride, padding and dilation within the bounds.

        Raises:
            ValueError: a bound cannot be read, or there are too many combinations to try.
        """
        lists: tuple[list[int], list[int], list[Padding]] = (
            notation.parse_list(self.kernels, "kernels"),
            notation.parse_list(self.strides, "strides"),
            notation.parse_paddings(self.paddings, words),
        )
        check_size(len(lists[0]) * len(lists[1]) * len(lists[2]))
        dilation = notation.parse_number(self.dilation, "dilation", 1, notation.LARGEST_WINDOW)
        return [(*combination, dilation) for combination in itertools.product(*lists)]


def conv_bounds(given: Given, paddings: str) -> WindowBounds:
    """Return what to try for a convolution: the setting that is kept, or its bounds."""
    return WindowBounds(
        _kept(given, "kernel", "kernels", "1-7"),
        _kept(given, "stride", "strides", "1-2"),
        _kept(given, "padding", "paddings", paddings),
        given["dilation"] or "1",
    )


def pool_bounds(given: Given) -> WindowBounds:
    """Return what to try for a pool. Behind a convolution the stride is not the pool's."""
    alone = "kernel" not in given
    return WindowBounds(
        _kept(given, "pool", "pools", "2-4"),
        _kept(given, "stride" if alone else "", "pool_strides", "1-4"),
        _kept(given, "padding" if alone else "", "pool_paddings", "valid,ceil,same"),
    )


def _kept(given: Given, one: str, many: str, default: str) -> str:
    if given.get(one) is not None and given[many] is not None:
        raise SettingError(Setting(one), " and ", Setting(many), " contradict; give one of them")
    chosen = given[many] if given.get(one) is None else given[one]
    return default if chosen is None else str(chosen)


@dataclass(frozen=True)
class Target:
    """What a search shall make, as typed."""

    size: str
    inputs: str | None
    """Input sizes to try."""
    rank: int
    """How many axes the size has."""

    def search(self, kinds: tuple[str, ...], candidates: list[Stages], space: Mapping[str, str]) -> Search:
        """Return the search for the target among `candidates`.

        Raises:
            ValueError: the size or the inputs cannot be read.
        """
        sizes = notation.parse_sizes(self.size, "size to find", self.rank)
        wanted = tuple(sizes[: self.rank] if len(sizes) > 1 or self.rank == 1 else sizes * self.rank)
        channels = sizes[self.rank] if len(sizes) > self.rank else None
        tried = notation.parse_range(self.inputs, "inputs") if self.inputs else EVERY_INPUT
        bounds = {"input sizes": self.inputs or "all", **space}
        return Search(kinds, wanted, channels, candidates, tried, bounds)


def conv_search(target: Target, conv: WindowBounds, pool: WindowBounds | None) -> Search:
    """Return the search for a convolution, perhaps with a pool behind it."""
    windows = [ReversibleWindow(*settings) for settings in conv.parse(notation.PADDING_WORDS)]
    space = conv.words("kernels")
    if pool is None:
        return target.search(("convolution",), [(window,) for window in windows], space)
    pools = _pool_windows(pool)
    check_size(len(windows) * len(pools))
    space |= pool.words("pools", "pool ")
    return target.search(("convolution", "pool"), list(itertools.product(windows, pools)), space)


def pool_search(target: Target, pool: WindowBounds) -> Search:
    """Return the search for a pool."""
    return target.search(("pool",), [(window,) for window in _pool_windows(pool)], pool.words("pools"))


def transposed_search(target: Target, bounds: WindowBounds) -> Search:
    """Return the search for a transposed convolution, without output padding."""
    candidates: list[Stages] = [(Transposed(*settings),) for settings in bounds.parse(CUTS)]
    return target.search(("transposed convolution",), candidates, bounds.words("kernels"))


def _pool_windows(bounds: WindowBounds) -> list[ReversibleWindow]:
    """Return the pools; the padding `ceil` is none, rounded up."""
    return [
        ReversibleWindow(*settings[:2], ceil=True) if settings[2] == "ceil" else ReversibleWindow(*settings)
        for settings in bounds.parse(POOL_PADDINGS)
    ]
