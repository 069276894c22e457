"""No claim's value is typed in: each is computed by a room, and changes where a room goes wrong.

Two checks. The first reads the source of every `value`: it must call a room, use nothing but rooms and
the articles' givens, and must not hold the stated figure. The second runs it in houses in which
one function of one room answers wrongly: each part of the value must come out differently in one of them.
"""

import ast
import dataclasses
import decimal
import inspect
import textwrap
import types

import pytest

from app.claims import boards, lenet, listings, maps, networks, perceptrons, scores, shipped
from app.claims.claim import About, Claim, NotYetError
from app.claims.ledger import CLAIMS, MODULES
from app.claims.words import plain
from app.counting import formulas, windows
from app.counting.count import Count
from app.counting.rows import Row, Sheet
from app.datasets.dataset import Dataset
from app.files.cards import Card
from models import records

ROOMS = (formulas, boards, lenet, listings, maps, networks, perceptrons, records, scores, shipped, windows)
ROOM_NAMES = {room.__name__.rpartition(".")[2] for room in ROOMS}
GIVENS = {"examples", "nn", "math"}
BUILTINS = {"len", "sum", "map", "max", "min", "set", "sorted", "range", "int", "float"}
UNITS = {100, 10**6, 2**20}
"""Per cent, mega and mebi: a value may be told in them."""
SMALL = 10
"""Below it a figure may be a kernel size too: 3 stands in many a sum that makes 3."""


# --- what the source says ---------------------------------------------------------------------


def claim_calls(source):
    """Yield (id, the node of `value` or None) for each Claim(…) in the source of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Claim":
            values = [word.value for word in node.keywords if word.arg == "value"]
            yield node.args[0].value, values[0] if values else None


def numbers_in(figure):
    """Return the numbers of a stated figure that are large enough to tell."""
    if isinstance(figure, About):
        return numbers_in(figure.value)
    if isinstance(figure, list | tuple):
        return {n for each in figure for n in numbers_in(each)}
    return {figure} if isinstance(figure, int | float) and abs(figure) >= SMALL else set()


def constants_in(node):
    """Return the value of each part of an expression that is made of nothing but constants."""
    found = set()
    for part in ast.walk(node):
        names = [n for n in ast.walk(part) if isinstance(n, ast.Name | ast.Call | ast.Attribute)]
        if isinstance(part, ast.Constant | ast.BinOp | ast.UnaryOp) and not names:
            constant = eval(compile(ast.Expression(part), "", "eval"))
            if isinstance(constant, str) and constant.replace(",", "").isdigit():
                constant = int(constant.replace(",", ""))
            found |= {constant} if isinstance(constant, int | float) else set()
    return found


def source_problems(value, figure):
    """Return what is wrong with the source of a `value`."""
    if is_room_attribute(value):
        return []
    if not isinstance(value, ast.Lambda):
        return ["is neither a lambda nor a function of a room"]
    problems = []
    if value.args.defaults or value.args.args:
        problems.append("takes arguments")
    calls = [n.func for n in ast.walk(value.body) if isinstance(n, ast.Call)]
    if not any(is_room_attribute(call) for call in calls):
        problems.append("calls no room")
    bound = {n.id for n in ast.walk(value) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {argument.arg for argument in ast.walk(value) if isinstance(argument, ast.arg)}
    used = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} - bound
    strange = used - ROOM_NAMES - GIVENS - BUILTINS
    problems += [f"uses {name}, which is no room" for name in sorted(strange)]
    for part in ast.walk(value.body):
        if isinstance(part, ast.IfExp | ast.BoolOp | ast.NamedExpr):
            problems.append("chooses between values")
        if isinstance(part, ast.BinOp) and typed_operands(part):
            problems.append("does arithmetic with a typed number")
    typed = constants_in(value.body) & numbers_in(figure)
    return problems + [f"holds the stated figure {number}" for number in sorted(typed)]


def typed_operands(sum_):
    """Return the large constants that are added to, or multiplied with, what is computed."""
    if not any(isinstance(node, ast.Call) for node in ast.walk(sum_)):
        return set()
    wholes = [side for side in (sum_.left, sum_.right) if isinstance(side, ast.Constant | ast.BinOp)]
    pure = [side for side in wholes if not any(isinstance(n, ast.Call) for n in ast.walk(side))]
    numbers = [eval(compile(ast.Expression(side), "", "eval")) for side in pure]
    return {n for n in numbers if isinstance(n, int | float) and abs(n) >= SMALL} - UNITS


def is_room_attribute(node):
    return isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ROOM_NAMES


SOURCES = {id: node for module in MODULES for id, node in claim_calls(inspect.getsource(module))}
COMPUTED = [claim for claim in CLAIMS if claim.value is not None]


def test_every_claim_is_found_in_the_sources():
    assert list(SOURCES) == [claim.id for claim in CLAIMS]
    assert {id for id, node in SOURCES.items() if node} == {claim.id for claim in COMPUTED}


@pytest.mark.parametrize("claim", COMPUTED, ids=lambda claim: claim.id)
def test_a_value_is_written_as_a_computation(claim):
    assert source_problems(SOURCES[claim.id], claim.figure) == []


# --- what it does in a house where a room is wrong ----------------------------------------------


def distort(answer):
    """Return an answer that is wrong everywhere."""
    if isinstance(answer, Count):
        return Count(answer + 1, answer.working)
    if isinstance(answer, int | float | decimal.Decimal):
        return answer + 1
    if isinstance(answer, str):
        return answer + "?"
    if isinstance(answer, tuple):
        return tuple(map(distort, answer))
    if isinstance(answer, list):
        return [distort(each) for each in answer]
    if isinstance(answer, dict):
        return {key: distort(each) for key, each in answer.items()}
    if isinstance(answer, Row):
        return dataclasses.replace(
            answer, output_shape=distort(answer.output_shape), trainable=distort(answer.trainable)
        )
    if isinstance(answer, Sheet):
        return dataclasses.replace(answer, rows=distort(answer.rows))
    if isinstance(answer, Dataset):
        images = {
            name: getattr(answer, name)[:-1, :-1, :-1].repeat(2, axis=-1) + 1
            for name in ("train_images", "test_images")
        }
        return dataclasses.replace(
            answer,
            **images,
            train_labels=answer.train_labels[1:] + 1,
            class_names=(*answer.class_names, "another"),
        )
    if isinstance(answer, Card):
        return dataclasses.replace(
            answer, test_accuracy=0.5, history=[{"val_accuracy": 0.25}] * len(answer.history)
        )
    return answer


def wrong(function):
    return lambda *arguments, **named: distort(function(*arguments, **named))


def too_long(function):
    """Return the function with one thing too many in every list that it answers."""

    def answer(*arguments, **named):
        found = function(*arguments, **named)
        return [*found, *found[-1:]] if isinstance(found, list) else found

    return answer


def functions_of(room):
    own = vars(room).items()
    return {
        name: f
        for name, f in own
        if not name.startswith("_")
        and callable(f)
        and not isinstance(f, type)
        and getattr(f, "__module__", "") == room.__name__
    }


def parts(value):
    """Return the parts of a value that must each be computed."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def unmoved(claim, monkeypatch):
    """Return the parts of a claim's value that no wrong room changes."""
    try:
        honest = [plain(part) for part in parts(claim.value())]
    except NotYetError:
        return []
    moved = set()
    for room in ROOMS:
        for name, function in functions_of(room).items():
            for spoil in (wrong, too_long):
                with monkeypatch.context() as patch:
                    patch.setattr(room, name, spoil(function))
                    try:
                        now = [plain(part) for part in parts(claim.value())]
                    except Exception:
                        continue  # a room that refuses shows nothing; another one must
                moved |= {i for i, part in enumerate(honest) if i >= len(now) or now[i] != part}
            if len(moved) == len(honest):
                return []
    return [part for i, part in enumerate(honest) if i not in moved]


MANY_NETWORKS = ("003-09", "003-18")
"""Claims that count many networks, again for every room that is spoilt."""


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.id, marks=[pytest.mark.slow] if claim.id in MANY_NETWORKS else [])
        for claim in COMPUTED
    ],
)
def test_a_value_changes_where_a_room_is_wrong(claim, monkeypatch):
    if claim.value is shipped.test_accuracy:
        monkeypatch.setattr(shipped, "card", lambda: types.SimpleNamespace(test_accuracy=0.5))
        assert claim.value() == 50
        return
    if claim.value is lenet.parameters:
        monkeypatch.setattr(formulas, "conv_parameters", wrong(formulas.conv_parameters))
        assert claim.value() != claim.figure.value
        return
    assert unmoved(claim, monkeypatch) == []


# --- planted cheats -----------------------------------------------------------------------------

CHEATS = {
    "a constant": "lambda: 260",
    "a sum of constants": "lambda: 250 + 10",
    "a count decorated with a working": "lambda: Count(260, '(5·5·1 + 1)·10')",
    "a number in a string": "lambda: int('260')",
    "the length of a string": "lambda: len('x' * 260)",
    "a constant of the module": "lambda: ANSWER",
    "a default argument": "lambda answer=260: answer",
    "a function of its own": "typed",
    "a call that is thrown away": "lambda: (formulas.conv_parameters((5, 5), 1, 10), 259 + 1)[1]",
    "a call times nothing": "lambda: 2 * 130 + 0 * formulas.conv_parameters((5, 5), 1, 10)",
    "a call and then the answer": "lambda: formulas.conv_parameters((5, 5), 1, 10) and 13 * 20",
    "a call beside the answer": "lambda: windows.span(3) and 2 * 13 * 10",
    "an echo of a room": "lambda: formulas.output_size(260, 1)",
    "an echo of the layers": "lambda: boards.cells(boards.output_shape((26, 10), nn.Flatten()) or (260,))",
    "an offset": "lambda: 259 + windows.span(1)",
    "a factor": "lambda: 130 * (windows.span(1) + windows.span(1))",
    "a call less itself": "lambda: 130 + windows.span(3) - windows.span(3) + 130",
    "a module's attribute": "lambda: math.floor(260.5)",
    "a typed part of a list": "lambda: [formulas.conv_parameters((5, 5), 1, 10), 200 + 5][::1]",
    "a typed part of a dict": "lambda: {'a': formulas.conv_parameters((5, 5), 1, 10), 'b': 7}",
}
HONEST = {
    "a formula": "lambda: formulas.conv_parameters((5, 5), 1, 10)",
    "the chalkboard": "lambda: boards.parameters((9, 9, 1), nn.Conv2D(10, 5))",
    "two parts": "lambda: [boards.layer_weights('worked_example', 'conv'), lenet.parameters()]",
}


def planted(value):
    """Return the source of a claim with this `value`, and the claim itself."""
    source = textwrap.dedent(f"""
        ANSWER = 260
        def typed():
            return 260
        CLAIM = Claim("999-01", "1", "says", "260", "exact", "why", value={value}, figure=260)
    """)
    module = types.ModuleType("planted")
    rooms = {room.__name__.rpartition(".")[2]: room for room in ROOMS}
    vars(module).update(rooms, Claim=Claim, Count=Count, nn=networks.nn, math=__import__("math"))
    exec(source, vars(module))
    return source, module.CLAIM


def caught(value, monkeypatch):
    source, claim = planted(value)
    ((_, node),) = claim_calls(source)
    return bool(source_problems(node, claim.figure) or unmoved(claim, monkeypatch))


@pytest.mark.parametrize("name", CHEATS)
def test_a_planted_cheat_is_caught(name, monkeypatch):
    assert caught(CHEATS[name], monkeypatch)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_value_passes(name, monkeypatch):
    assert not caught(HONEST[name], monkeypatch)
