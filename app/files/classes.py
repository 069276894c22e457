"""Classes by number or by name, as a user types them."""

import difflib
import re
from collections.abc import Iterator, Sequence

from models.imagenet import IMAGENET, WORDS

MOST_NAMED = 5
"""Classes that a message lists."""
MOST_LISTED = 10
"""Classes of a network up to which all are listed where none is like the one that was named."""


def find_class(text: str, names: tuple[str, ...]) -> int:
    """Return the class that `text` means: its number, or its name.

    Where a class is called by a number, that number means it: where labels count from 1, 3 is class 2. Letters
    large or small, spaces, underscores and hyphens are the same. Of ImageNet's classes every name in WordNet is
    known: `tabby cat` is the class `tabby`.

    Raises:
        ValueError: there is no such class, or several are called so; the message says the range, the
            closest names, or the numbers of the several.
    """
    if re.fullmatch(r"[+-]?[0-9]+", text) and names.count(text) != 1:
        number = int(text)
        if not 0 <= number < len(names):
            raise ValueError(f"class {number} is out of range; the model has 0 to {len(names) - 1}")
        return number
    for found in _ways(text, names):
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(f"{names[i]} is {i}" for i in found[:MOST_NAMED])
            raise ValueError(
                f"{len(found)} classes are called {text!r}: {listed}; give the number or the whole name"
            )
    raise ValueError(f"no class is called {text!r}; {_hint(text, names)}")


def _ways(text: str, names: Sequence[str]) -> Iterator[list[int]]:
    """Yield the classes that `text` may mean, the strictest reading first."""
    yield [i for i, name in enumerate(names) if name == text]
    wanted = _plain(text)
    if wanted:
        yield [i for i, name in enumerate(names) if _plain(name) == wanted]
        yield [i for i, known in enumerate(_words(names)) if wanted in map(_plain, known)]


def _words(names: Sequence[str]) -> Sequence[Sequence[str]]:
    """Return all that each class is called; what is bracketed in a name only tells it from another."""
    return WORDS if names == IMAGENET else [(name.partition(" (")[0],) for name in names]


def _plain(text: str) -> str:
    """Return the words of a name, in small letters, with a space between them."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _hint(text: str, names: Sequence[str]) -> str:
    wanted, plain = _plain(text), [_plain(name) for name in names]
    similar = difflib.get_close_matches(wanted, plain) if wanted else []
    close = [
        name
        for name, known in zip(names, _words(names), strict=True)
        if any(wanted in _plain(words).split() for words in known)
    ] or [names[plain.index(name)] for name in dict.fromkeys(similar)]
    if not close:
        named = len(names) <= MOST_LISTED and not all(name.isdigit() for name in names)
        listed = f"one of {', '.join(names)}, or " if named else ""
        return f"give {listed}a number from 0 to {len(names) - 1}"
    *first, last = close[:MOST_NAMED]
    listed = f"{', '.join(first)} or {last}" if first else last
    return f"did you mean {listed}?" + (" There are more." if len(close) > MOST_NAMED else "")
