"""Colours of maps: safe for every kind of colour vision, and readable in grey."""

from matplotlib.colors import Colormap, LinearSegmentedColormap

UNSIGNED = "viridis"
"""For values from 0 upwards: the larger, the lighter, in colour and in grey."""

SIGNED: Colormap = LinearSegmentedColormap.from_list(
    "signed", ["#04265c", "#2b66ad", "#a6a6a6", "#efb13a", "#fff5bd"]
)
"""For values around 0: blue below, grey at 0, yellow above. It grows lighter all the way, so that in grey
what is darker than the grey of 0 is negative."""
SIGNED.set_bad("white")
