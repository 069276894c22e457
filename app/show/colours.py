"""The colours of maps: even in lightness, told apart by every kind of colour vision, readable in grey."""

from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize

DIVERGING = LinearSegmentedColormap.from_list(
    "against_for", ["#08306b", "#4a90c2", "#f7f7f7", "#fdae61", "#d1600a"]
)
"""Blue is against, orange for; in grey the two ends differ too: blue is the darker one."""

TONES = LinearSegmentedColormap.from_list(
    "tones", ["#04265c", "#2b5fa8", "#8a8a8a", "#f0b83c", "#fff5bd"]
).with_extremes(bad="white")
"""For what is read like a picture, as filters and projections are: blue below 0, grey at 0, yellow above. It
grows lighter evenly, so that in grey what is darker than the grey of 0 is negative."""


def colours_of(palette: str, largest: float, is_signed: bool) -> tuple[Colormap, Normalize]:
    """Return the colours of a map and how its values fall on them: 0…largest, or −largest…largest."""
    if is_signed:
        return DIVERGING, Normalize(-largest, largest)
    return colormaps[palette], Normalize(0, largest)
