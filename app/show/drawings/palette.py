"""The colours of a network's picture: apart in grey and for the colour-blind, and the words say the same."""

INK, QUIET, EDGE, ACCENT, FRAME = "#222222", "#4d5861", "#5b6670", "#b34700", "#fbf7f2"
FILLS = {
    "conv": "#d3e5f3",
    "pool": "#fbe1cb",
    "dense": "#d9ecdf",
    "input": "#f2f4f6",
    "other": "#f2f4f6",
    "sign": "#ffffff",
    "concat": "#6f7a83",
}
BORDERS = {"conv": "#2f6f9f", "pool": "#b8692b", "dense": "#3e8260"}

PAGE_COLOURS = {
    INK: "ink",
    QUIET: "quiet",
    EDGE: "quiet",
    ACCENT: "accent",
    FRAME: "frame",
    "#ffffff": "paper",
    FILLS["input"]: "band",
    FILLS["concat"]: "bar",
    **{FILLS[kind]: kind for kind in BORDERS},
    **{border: f"{kind}-edge" for kind, border in BORDERS.items()},
}
"""What each is called on a page, which has its own for a dark screen."""
