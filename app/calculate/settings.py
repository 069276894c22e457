"""Settings of the calculator by name: as Python has them and as they are typed, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.counting.settings import Setting, SettingError

Given = Mapping[str, Any]
"""What is given, by setting, as it is typed: texts, and True or False for what is switched; None for what is not
given."""
SWITCHES = ("bias", "flatten", "then_pool", "ceil")
DECISIONS = ("bias", "flatten")
"""Switches that are an answer when they are off, too."""
LISTS = ("kernels", "strides", "paddings", "pools", "pool_strides", "pool_paddings")
"""Settings that have several values, which are typed with commas; the others have one for each axis."""


def as_typed(name: str, value: Any) -> Any:
    """Return a setting's value as it is typed: `28x28x1` for (28, 28, 1), `3,5` for a list of kernels.

    Raises:
        ValueError: it is no value of this setting.
    """
    if name in SWITCHES and value is not None:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is True or False, not {value!r}")
        return value if name in DECISIONS else value or None
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, range) and value.step == 1 and value:
        return f"{value[0]}-{value[-1]}"
    if not isinstance(value, Iterable):
        return str(value)
    if name == "inputs":
        raise ValueError(f"inputs is one size, 28, or '20-64' or range(20, 65), not {value!r}")
    return ("," if name in LISTS else "x").join(map(_part, value))


def _part(value: Any) -> str:
    """Return what is typed for one axis: a number, a word, or the padding before and after."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ",".join(map(str, value))


def require(given: Given, name: str, example: str) -> str:
    """Return what is given for `name`, or ask for it with an example.

    Raises:
        SettingError: nothing is given.
    """
    if given[name] is not None:
        return str(given[name])
    if name == "size":
        raise SettingError(f"the input's size is missing; for example: {example}")
    raise SettingError(Setting(name), " is missing; for example: ", Setting(name, example))


def refuse(given: Given, names: Iterable[str], why: str, other: Setting) -> None:
    """Refuse the first of the settings that is given: it `why` (needs, goes with) another one.

    Raises:
        SettingError: one of them is given.
    """
    for name in names:
        value = given.get(name)
        if value is not None:
            advice = ("; write ", Setting("inputs", value), " to fix it") if name == "size" else ()
            raise SettingError(Setting(name), f" {why} ", other, *advice)
