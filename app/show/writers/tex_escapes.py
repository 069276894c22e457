"""Text as LaTeX that pdflatex sets with no extra package: plain ASCII, every character accounted for.

Letters with accents are taken apart (é is an accent and an e), Greek letters and signs are set in
mathematics, and what no standard font has, Chinese for instance, is written as its code point, <U+5377>.
"""

import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "%": r"\%", "$": r"\$",
    "#": r"\#", "&": r"\&", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": r"{-}", ",": r"{,}",
    "?": "{?}", "!": "{!}", "[": "{[}", "]": "{]}", "*": "{*}",
}  # fmt: skip
"""Signs that mean something to TeX; `--`, `,,` and their like must not become one sign."""
TEX_SIGNS = {
    "·": r"\ensuremath{\cdot}", "×": r"\ensuremath{\times}", "−": r"\ensuremath{-}",
    "–": r"\textendash{}", "—": r"\textemdash{}", "…": r"\ldots{}", "⌊": r"\ensuremath{\lfloor}",
    "⌋": r"\ensuremath{\rfloor}", "⌈": r"\ensuremath{\lceil}", "⌉": r"\ensuremath{\rceil}",
    "≥": r"\ensuremath{\geq}", "≤": r"\ensuremath{\leq}", "≈": r"\ensuremath{\approx}",
    "≠": r"\ensuremath{\neq}", "→": r"\ensuremath{\rightarrow}", "←": r"\ensuremath{\leftarrow}",
    "±": r"\ensuremath{\pm}", "√": r"\ensuremath{\surd}", "∞": r"\ensuremath{\infty}",
    "′": r"\ensuremath{'}", "²": r"\ensuremath{^2}", "³": r"\ensuremath{^3}",
    "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}", "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}", "•": r"\textbullet{}", "°": r"\ensuremath{^\circ}",
    "∂": r"\ensuremath{\partial}", "∇": r"\ensuremath{\nabla}", "∑": r"\ensuremath{\sum}",
    "\u00a0": "~", "\u202f": r"\,", "\u2009": r"\,",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}",
    "Ø": r"\O{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "§": r"\S{}", "©": r"\copyright{}",
}  # fmt: skip
GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
         "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "varsigma", "sigma", "tau",
         "upsilon", "phi", "chi", "psi", "omega"]  # fmt: skip
CAPITALS = {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
            "Omega"}  # fmt: skip
ACCENTS = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=",
    "\u0306": r"\u", "\u0307": r"\.", "\u0308": r"\"", "\u030a": r"\r", "\u030b": r"\H",
    "\u030c": r"\v", "\u0327": r"\c", "\u0328": r"\k",
}  # fmt: skip


def escape(text: str) -> str:
    """Return the text so that LaTeX prints it as it is, or says which character it cannot print."""
    return "".join(map(_escape_character, text))


def _escape_character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character in TEX_SIGNS:
        return TEX_SIGNS[character]
    if character.isascii():
        return character
    return _greek(character) or _accented(character) or _code_point(character)


def printed_length(text: str) -> int:
    """Return how many signs wide the text is in print: a code point takes eight."""
    written = (_escape_character(c) for c in text)
    return sum(8 if sign.startswith(r"\texttt{<U+") else 1 for sign in written)


def _code_point(character: str) -> str:
    return rf"\texttt{{<U+{ord(character):04X}>}}"


def _greek(character: str) -> str:
    place = ord(character.lower()) - ord("α")
    if not 0 <= place < len(GREEK):
        return ""
    name = GREEK[place]
    if character.isupper():
        name = name.capitalize() if name.capitalize() in CAPITALS else ""
    return rf"\ensuremath{{\{name}}}" if name and name != "omicron" else ""


def _accented(character: str) -> str:
    parts = unicodedata.normalize("NFD", character)
    if len(parts) != 2 or parts[1] not in ACCENTS or not parts[0].isascii():
        return ""
    letter = rf"\{parts[0]}" if parts[0] in "ij" and parts[1] not in "\u0327\u0328" else parts[0]
    return f"{ACCENTS[parts[1]]}{{{letter}}}"
