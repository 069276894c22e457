"""What is served: the page, and the answers to its questions."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.lab.serving.replies import JSON, Reply
from app.untrusted.json_text import parse_json

MOST_LETTERS = 500
"""Of the sentence that says why a question is refused; Keras writes pages."""


@dataclass(frozen=True)
class LabSite:
    """The page and who answers its questions.

    Args:
        page: the whole HTML text in UTF-8.
        content_security_policy: the header that goes with it, and with every other reply.
        answer: gets a question, an object of JSON, and returns one; it raises ValueError, with a sentence for the user,
            for a question that it refuses. It is called in one thread, never twice at the same time.

    Raises:
        ValueError: the policy is no line of ASCII.
    """

    page: bytes
    content_security_policy: str
    answer: Callable[[dict[str, Any]], dict[str, Any]]

    def __post_init__(self) -> None:
        policy = self.content_security_policy
        if not (policy and policy.isascii() and policy.isprintable()):
            raise ValueError(f"a Content-Security-Policy is one line of ASCII, not {policy[:60]!r}")

    def reply_to(self, body: bytes) -> Reply:
        """Return the reply to a question, or the refusal of it; whatever happens, nothing is raised."""
        try:
            question = read_question(body)
        except ValueError as error:
            return _refusal(f"The question {error}.")
        try:
            answer = self.answer(question)
        except ValueError as error:
            return _refusal(" ".join(str(error).split())[:MOST_LETTERS] or "This question has no answer.")
        except BaseException as error:
            return _failure(error)
        try:  # apart from the call: a ValueError here is no fault of the question
            return Reply(200, json.dumps(answer, allow_nan=False, separators=(",", ":")).encode(), JSON)
        except Exception as error:
            return _failure(error)


def read_question(body: bytes) -> dict[str, Any]:
    """Return the object of JSON that a body is.

    Raises:
        ValueError: it is none, or not in UTF-8; a phrase without its subject.

    >>> read_question(b'{"class": 3}')
    {'class': 3}
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("is no JSON (it is not in UTF-8)") from error
    question = parse_json(text, len(body), strict=True)
    if not isinstance(question, dict):
        raise ValueError("is no object of JSON")
    return question


def _refusal(sentence: str) -> Reply:
    return Reply(400, f"{sentence}\n".encode("utf-8", "replace"), logged=f"400, {sentence}")


def _failure(error: BaseException) -> Reply:
    first = (str(error).splitlines() or [""])[0]
    logged = f"500, the answer failed: {type(error).__name__}: {first}"
    return Reply(
        500, b"The model could not answer this question; the lab's terminal says why.\n", logged=logged
    )
