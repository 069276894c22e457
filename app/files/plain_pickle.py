"""A pickle read as data: a small machine that knows texts, numbers, tuples and dictionaries, and calls nothing.

Python's own unpickler imports what a pickle names, and calls it. This one imports nothing: whoever reads says which
names may stand in the pickle, and what becomes of a call of one. Everything else is refused.
"""

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Name:
    """What Python would import: `collections OrderedDict`."""

    text: str


@dataclass(frozen=True)
class Meaning:
    """Which names may stand in a pickle, and what becomes of them."""

    calls: Mapping[str, Callable[..., Any]]
    """By name, what a call of it gives, from the arguments of the call.

    It must neither copy, hash nor compare these as a whole: a few bytes of a pickle say 2**100 values.
    """
    names: frozenset[str] = frozenset()
    """Names that may stand there and are not called."""
    persistent: Callable[[Any], Any] | None = None
    """What stands for something that is kept outside of the pickle, from what the pickle says of it."""


NOTHING = Meaning({})
"""No names: texts, numbers, tuples, lists and dictionaries."""


def read_pickle(stream: BinaryIO, meaning: Meaning = NOTHING) -> Any:
    """Return what the pickle at this place of a stream says; the stream stands behind it then.

    Args:
        stream: one in memory, so that a length that is a lie takes no more than there is.
        meaning: which names may stand in it.

    Raises:
        ValueError: it is cut short or makes no sense, or holds something that is no plain data.

    >>> import fractions, io, pickle
    >>> read_pickle(io.BytesIO(pickle.dumps({"a": (1, None)}, 2)))
    {'a': (1, None)}
    >>> read_pickle(io.BytesIO(pickle.dumps(fractions.Fraction, 2)))
    Traceback (most recent call last):
    ...
    ValueError: it names 'fractions Fraction', which is no plain data
    """
    machine = Machine(meaning)
    try:
        for code, argument, _ in pickletools.genops(stream):
            machine.do(code.name, argument)
        value = machine.last()
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("a list in it makes no sense") from error
    return value


class Machine:
    """A stack and a memory, as a pickle wants them."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}
        self.marks: list[int] = []
        """Heights of the stack to which what is gathered reaches down."""

    def do(self, code: str, argument: Any) -> None:
        """Carry out one operation.

        Raises:
            ValueError: it is none that plain data need.
        """
        if code in VALUES:
            self.stack.append(argument)
        elif code in CONSTANTS:
            self.stack.append(CONSTANTS[code])
        elif code in TUPLES:
            self.stack.append(tuple(self.take(TUPLES[code])))
        elif code in OPERATIONS:
            OPERATIONS[code](self, argument)
        elif code not in FRAME:
            raise ValueError(f"it holds the operation {code}, which plain data do not need")

    def last(self) -> Any:
        """Return what the pickle says, once it has stopped."""
        if len(self.stack) != 1:
            raise IndexError
        return self.stack[0]

    def take(self, count: int) -> list[Any]:
        """Take the topmost values off the stack, none from below the last mark."""
        start = len(self.stack) - count
        if start < (self.marks[-1] if self.marks else 0):
            raise IndexError
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def gather(self) -> list[Any]:
        """Take everything above the last mark, and the mark."""
        taken = self.take(len(self.stack) - self.marks[-1])
        self.marks.pop()
        return taken

    def mark(self, _: Any) -> None:
        """Begin to gather."""
        self.marks.append(len(self.stack))

    def name(self, text: str) -> None:
        """Put a name on the stack; Python would import it."""
        if text not in self.meaning.calls and text not in self.meaning.names:
            raise ValueError(f"it names {text[:80]!r}, which is no plain data")
        self.stack.append(Name(text))

    def call(self, _: Any) -> None:
        """Put on the stack what stands for a call."""
        called, arguments = self.take(2)
        if not isinstance(called, Name) or called.text not in self.meaning.calls:
            raise ValueError("it calls something that is no plain data")
        self.stack.append(self.meaning.calls[called.text](*arguments))

    def persistent(self, _: Any) -> None:
        """Put on the stack what stands for something outside."""
        (told,) = self.take(1)
        if self.meaning.persistent is None:
            raise ValueError("it asks for something outside of it")
        self.stack.append(self.meaning.persistent(told))

    def set_items(self, pairs: list[Any]) -> None:
        """Put pairs of a key and a value, one after the other, into the dictionary on the stack."""
        target = self.stack[-1]
        if type(target) is not dict or len(pairs) % 2 or any(type(key) is not str for key in pairs[::2]):
            raise TypeError
        target.update(zip(pairs[::2], pairs[1::2], strict=True))

    def append(self, values: list[Any]) -> None:
        """Put values at the end of the list on the stack."""
        target = self.stack[-1]
        if type(target) is not list:
            raise TypeError
        target.extend(values)

    def attributes(self, _: Any) -> None:
        """Leave out the attributes that a dictionary is given: they are no items."""
        target, _ = self.take(2)
        if type(target) is not dict:
            raise TypeError
        self.stack.append(target)

    def keep(self, place: int) -> None:
        """Remember what lies on top."""
        (value,) = self.take(1)
        self.memory[place] = value
        self.stack.append(value)


FRAME = ("PROTO", "STOP")
VALUES = ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE")
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
OPERATIONS: dict[str, Callable[[Machine, Any], None]] = {
    "MARK": Machine.mark,
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.gather())),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "SETITEM": lambda machine, _: machine.set_items(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.gather()),
    "APPEND": lambda machine, _: machine.append(machine.take(1)),
    "APPENDS": lambda machine, _: machine.append(machine.gather()),
    "BINPUT": Machine.keep,
    "LONG_BINPUT": Machine.keep,
    "BINGET": lambda machine, place: machine.stack.append(machine.memory[place]),
    "LONG_BINGET": lambda machine, place: machine.stack.append(machine.memory[place]),
    "GLOBAL": Machine.name,
    "REDUCE": Machine.call,
    "BUILD": Machine.attributes,
    "BINPERSID": Machine.persistent,
}
"""Everything that a pickle of plain data is made of."""
