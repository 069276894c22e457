"""What is known of pictures before they are drawn: the endings of their files, the colours of maps."""

PICTURE_ENDINGS = (".png", ".svg", ".pdf")
"""Of file names, in lower case."""

PALETTES = ("viridis", "cividis", "magma", "inferno", "gray", "jet")
"""The first is the default. jet is uneven: it draws edges that the map has not (Borland and Taylor 2007)."""
PALETTE_OVER = "inferno"
"""The default of maps that are laid over a photograph, which is grey below them."""
