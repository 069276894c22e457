"""Classes by number or by name, as a user types them."""

import difflib
import re


def find_class(text: str, names: tuple[str, ...]) -> int:
    """Return the class that `text` means: its number, or its name.

    Raises:
        ValueError: there is no such class; the message says the range or the closest name.
    """
    if re.fullmatch(r"[+-]?[0-9]+", text):
        number = int(text)
        if not 0 <= number < len(names):
            raise ValueError(f"class {number} is out of range; the model has 0 to {len(names) - 1}")
        return number
    lowered = [name.lower() for name in names]
    if text.lower() in lowered:
        return lowered.index(text.lower())
    close = difflib.get_close_matches(text.lower(), lowered, n=1)
    hint = f"did you mean {names[lowered.index(close[0])]}?" if close else (
        f"give a number from 0 to {len(names) - 1}")  # fmt: skip
    raise ValueError(f"no class is called {text!r}; {hint}")
