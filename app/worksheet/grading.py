"""Whole files of answers: the network found again, the sheet built again, the marks."""

import functools
from pathlib import Path

from app.counting.chalkboard import Board, nn
from app.counting.stored.model_files import read_config
from app.counting.stored.reader import read_board
from app.worksheet.forms import place_answers, read_answers
from app.worksheet.identity import AnswerKeyError
from app.worksheet.marking import CREDIT, Marks, mark_answers
from app.worksheet.worksheet import MACS, OUTPUT, PARAMETERS, SEES, rebuild_worksheet
from models import CATALOGUE, find_network

MODEL_FILES = (".keras", ".h5", ".hdf5", ".json")
FORMS = (".csv", ".tsv")
COLUMNS = ("layer", "kind", "settings", "reads", OUTPUT, PARAMETERS, MACS, SEES)
"""The columns of a sheet."""


@functools.lru_cache(maxsize=8)
def open_network(source: str) -> Board:
    """Return the network that is meant: one of the catalogue, or a model file read as data.

    Raises:
        ValueError: there is no such network, or the file cannot be followed on paper.
    """
    path = Path(source)
    if source in CATALOGUE or not (path.suffix.lower() in MODEL_FILES or path.exists()):
        board: Board = find_network(source).builder(nn)
        return board
    try:
        return read_board(read_config(path))
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: the model configuration inside is damaged") from error


def name_of(source: str) -> str:
    """Return the name by which a sheet knows its network: a file's without the folder."""
    return source if source in CATALOGUE else Path(source).name


def grade_file(path: Path, source: str | None = None, credit: float = CREDIT) -> Marks:
    """Return the marks of the answers in a file.

    Args:
        path: a form that was filled in.
        source: the model file that the sheet was made from; needed where it is not a network of the
            catalogue, for a file that a student's answers name is never opened.
        credit: the worth of an answer that follows from an earlier wrong one, 0 to 1.

    Raises:
        ValueError: it is not a form, or its sheet cannot be built again.
    """
    answers = read_answers(path)
    network = answers.identity.network
    if source is not None and name_of(source) != network:
        raise ValueError(f"{path}: its sheet is about {network}, not {name_of(source)}")
    if source is None and network not in CATALOGUE and network.lower().endswith(MODEL_FILES):
        raise ValueError(
            f"{path}: its sheet was made from the file {network}; name it too: "
            f"python -m app.worksheet path/to/{network} --grade {path}"
        )
    try:
        board = open_network(source) if source is not None else find_network(network).builder(nn)
        worksheet = rebuild_worksheet(board, answers.identity)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    place_answers(answers, worksheet, COLUMNS)
    return mark_answers(worksheet, answers.texts, tuple(answers.notes), credit)


def grade_folder(
    folder: Path, source: str | None = None, credit: float = CREDIT
) -> tuple[dict[Path, Marks], dict[Path, str]]:
    """Return the marks of all forms in a folder and below it, and what is wrong with the others.

    Answer keys are passed over.

    Raises:
        ValueError: there is no form, or none that can be marked.
    """
    marks: dict[Path, Marks] = {}
    problems: dict[Path, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in FORMS or not path.is_file():
            continue
        try:
            marks[path] = grade_file(path, source, credit)
        except AnswerKeyError:
            continue
        except (ValueError, OSError) as error:
            problems[path] = str(error).removeprefix(f"{path}: ")
    if not marks and problems:
        path, problem = next(iter(problems.items()))
        raise ValueError(f"none of {len(problems)} files can be marked; {path}: {problem}")
    if not marks:
        raise ValueError(f"{folder} holds no answers; expected filled-in forms (*.csv)")
    return marks, problems
