"""What was asked of the command: a question, answered and printed or written."""

from typing import Any

from app.calculate.questions import QUESTIONS
from app.calculate.settings import SettingError
from app.commands.reports import deliver

REPORT = ("format_", "output", "width", "ascii_only")


def answer(question: str, options: dict[str, Any]) -> None:
    """Deliver the answer to a question, whose settings are as they were typed.

    Raises:
        ValueError: settings that are missing or do not go together, or that no layer can have.
    """
    report = {name: options.pop(name) for name in REPORT}
    try:
        document = QUESTIONS[question].answer(options)
    except SettingError as error:
        raise ValueError(error.typed()) from error
    deliver(document, **report)
