"""What a sheet is called by people, and what is to be done on it, in one sentence."""

from app.counting.rows import shape_text
from app.questions.documents import points_text
from app.questions.kinds import KINDS
from app.questions.question import GRID
from app.worksheet.identity import Identity, read_kinds
from app.worksheet.worksheet import MACS, OUTPUT, PARAMETERS, SEES, TOTAL, Worksheet
from models.titles import network_title

COMMON = ("Context", "Inception", "Plain", "Time-delay", "Variational")
"""First words of titles that are no names, so that an article goes before them."""
MOST_NAMED = 3
"""Kinds of questions that a title names; of more it says how many."""
ASKED = {
    OUTPUT: "shapes of outputs",
    PARAMETERS: "numbers of parameters",
    MACS: "multiply-accumulates (MACs)",
    SEES: "receptive fields (“sees”)",
}
"""Quantities of layers, in words."""


def network_name(name: str) -> str:
    """Return what people call a network within a sentence: without authors and year.

    >>> network_name("lenet5"), network_name("worked_example"), network_name("plain18"), network_name("own.keras")
    ('LeNet-5', 'the worked example', 'the plain network of 18 layers', 'own.keras')
    """
    title = network_title(name).partition(" (")[0]
    first, _, rest = title.partition(" ")
    if rest and first in ("A", "The"):
        return f"the {rest}"
    return f"the {first.lower()} {rest}" if rest and first in COMMON else title


def write_title(identity: Identity) -> str:
    """Return the title of a sheet.

    >>> write_title(Identity("lenet5")), write_title(Identity("lenet5", vary=True))
    ('Count LeNet-5', 'Count a network varied from LeNet-5')
    >>> write_title(Identity("", kinds="sizes.2-choice.1"))
    'Questions: sizes, choice'
    """
    kinds = [kind for kind, _ in read_kinds(identity.kinds)]
    named = [KINDS[kind].topic or kind if kind in KINDS else kind for kind in kinds]
    asked = ", ".join(named) if len(named) <= MOST_NAMED else f"{len(named)} kinds of questions"
    if not identity.network:
        return f"{asked[0].upper()}{asked[1:]}" if _says_all(kinds) else f"Questions: {asked}"
    varied = "a network varied from " if identity.vary else ""
    counted = f"Count {varied}{network_name(identity.network)}"
    return f"{counted}, and {asked}" if asked else counted


def _says_all(kinds: list[str]) -> bool:
    """Return whether the kinds need no word before them."""
    return len(kinds) > MOST_NAMED or all(kind in KINDS and KINDS[kind].topic for kind in kinds)


def whose(identity: Identity) -> str:
    """Return whose sheet it is: a name, `sheet 1` where sheets are numbered, or nothing."""
    student = identity.student
    return f"sheet {student}" if student.isdecimal() else student


def task(worksheet: Worksheet) -> str:
    """Return what is to be done, and what it is worth."""
    sentences = [_varied(worksheet)] if worksheet.identity.vary and worksheet.cases else []
    if worksheet.blanks:
        sentences.append(_blanks(worksheet))
    forms = {asked.form == GRID for asked in worksheet.questions.values()}
    if forms:
        words = {
            (True,): "Fill in the empty grids",
            (False,): "Write each answer on its line",
            (False, True): "Fill in the empty grids, and write each other answer on its line",
        }
        sentences.append(f"{words[tuple(sorted(forms))]}; the points stand beside each question.")
    return " ".join(sentences)


def _blanks(worksheet: Worksheet) -> str:
    quantities = {cell.quantity for cell in worksheet.blanks.values() if cell.layer != TOTAL}
    named = [words for quantity, words in ASKED.items() if quantity in quantities]
    if any(cell.layer == TOTAL for cell in worksheet.blanks.values()):
        named.append("totals")
    listed = ", ".join(named[:-1]) + (" and " if len(named) > 1 else "") + named[-1]
    number = len(worksheet.blanks)
    blanks = "the numbered blank" if number == 1 else f"the {number} numbered blanks"
    each = f"{points_text(1)} each" if number > 1 else points_text(1)
    return f"Work out {blanks} ({each}) from what the table shows: {listed}."


def _varied(worksheet: Worksheet) -> str:
    inputs = [case.row.output_shape for case in worksheet.cases.values() if not case.parents]
    sizes = " and ".join(map(shape_text, inputs))
    own = f"its input is {sizes}" if len(inputs) == 1 else f"its inputs are {sizes}"
    return (
        f"This network is varied from {network_name(worksheet.identity.network)}: {own}, and its layers have "
        "settings of their own."
    )
