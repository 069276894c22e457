"""What makes a worksheet the sheet it is: enough to build it, and its answers, again."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

SHEET, KEY = "convlab-worksheet/1", "convlab-key/1"
"""How the identity of a sheet, and of a key, begins; the number is the version of the rules."""
PATTERN = re.compile(r"convlab-(worksheet|key)/(\d{1,4})\?([A-Za-z0-9_.~%&=+*-]{1,6000})")
MAX_BLANKS = 1_000_000


class AnswerKeyError(ValueError):
    """A key was given where a student's answers are expected."""


@dataclass(frozen=True)
class Identity:
    """Everything that a sheet follows from, written as one word without spaces."""

    network: str
    """A name of the catalogue, or the name of a model file (without its folder)."""
    seed: str = "0"
    student: str = ""
    blanks: str = ""
    """How many, or `all`; empty until the sheet is made: a dozen, or fewer if there are not so many."""
    vary: bool = False
    """Whether the settings of the layers are this student's own."""
    check: str = ""
    """The first digits of a hash of the sheet: a changed network or a changed line is noticed."""
    kinds: str = ""
    """Kinds of questions and how many of each, `convolution.2-sizes.3`; empty: only the count of a network."""

    def __str__(self) -> str:
        fields = dataclasses.asdict(self) | {"vary": "yes" if self.vary else "no"}
        if not self.kinds:
            del fields["kinds"]  # as it was before there were questions
        return f"{SHEET}?{urlencode(fields)}"

    def of_key(self) -> str:
        """Return the identity as it is written on the key, so that a key is not marked as answers."""
        return str(self).replace(SHEET, KEY, 1)


def find_identity(text: str) -> Identity:
    """Return the identity that stands somewhere in `text`.

    Raises:
        AnswerKeyError: it is a key's.
        ValueError: there is none, or it is of a version that is not known here.
    """
    found = PATTERN.search(text)
    if found is None:
        raise ValueError(
            "it does not say which sheet it answers: the line with "
            f"{SHEET}?network=… is missing; fill in the form that came with the sheet"
        )
    what, version, query = found.groups()
    if what == "key":
        raise AnswerKeyError("it is an answer key, not a student's answers")
    if f"convlab-worksheet/{version}" != SHEET:
        raise ValueError(f"it is a sheet of version {version}; this ConvLab marks {SHEET}")
    fields = dict(parse_qsl(query, keep_blank_values=True))
    missing = {"network", "seed", "blanks", "vary", "check"} - fields.keys()
    if missing:
        raise ValueError(f"the line that names the sheet was cut: no {', '.join(sorted(missing))}")
    known = {field.name for field in dataclasses.fields(Identity)} - {"vary"}
    values = {name: value for name, value in fields.items() if name in known}
    return Identity(vary=fields["vary"] == "yes", **values)


def write_kinds(counts: Sequence[tuple[str, int]]) -> str:
    """Return kinds of questions as an identity has them: `convolution.2-sizes.3`."""
    return "-".join(f"{kind}.{number}" for kind, number in counts)


def read_kinds(text: str) -> list[tuple[str, int]]:
    """Return kinds of questions, and how many of each.

    Raises:
        ValueError: it is no such list.

    >>> read_kinds("convolution.2-sizes.3")
    [('convolution', 2), ('sizes', 3)]
    """
    parts = [part.partition(".") for part in text.split("-")] if text else []
    if not all(re.fullmatch(r"[1-9][0-9]{0,3}", number) for _, _, number in parts):
        raise ValueError(f"kinds of questions must look like convolution.2-sizes.3, not {text!r}")
    return [(kind, int(number)) for kind, _, number in parts]


def read_blanks(text: str) -> int | None:
    """Return the number of blanks that is asked for; None stands for all.

    Raises:
        ValueError: it is neither `all` nor a number from 1 on.
    """
    if text == "all":
        return None
    if not re.fullmatch(r"[0-9]{1,7}", text) or not 0 < int(text) <= MAX_BLANKS:
        raise ValueError(f"the number of blanks must be 1 or more, or 'all', not {text!r}")
    return int(text)
