"""The page of the articles: every item once, every command runs and shows what the article shows."""

import io
import os
import re
import shlex
from importlib import import_module

import pytest
from conftest import ROOT

PAGE, CHINESE = ((ROOT / "docs" / f"articles{tongue}.md").read_text("utf-8") for tongue in ("", ".zh-CN"))
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.M)
ITEMS = {
    int(number): (what, shown) for number, what, shown in ROW.findall(PAGE) if int(number) and len(number) < 4
}
COMMAND = re.compile(r"`python -m (app\.[^`]+)`")
COMMANDS = [(number, line) for number, (_, shown) in ITEMS.items() for line in COMMAND.findall(shown)]
BLOCKS = dict(re.findall(r"^### (\d+): [^\n]*\n(?:(?!^### )[\s\S])*?```python\n([\s\S]*?)```", PAGE, re.M))
NOT_YET: set[int] = set()

SMALLER = {
    "app.experiment": ["--quick"],
    "app.train --model mnist": ["--recipe", "fast", "--epochs", "1"],
    "app.scratch": ["--epochs", "1"],
    "app.features nearest": ["--part", "test"],
    "app.features maximise": ["--steps", "5"],
}
"""What heavy commands are given besides, so that they end soon."""
TRAINED = "x_or_not_x"
"""The network that item 20 trains, and other items open; a trained one comes along."""
SLOW = (
    "app.experiment x_or_not_x",
    "app.experiment variational",
    "app.experiment plain",
    "app.experiment vanishing",
    "app.experiment resnet",
    "app.train",
    "app.lab",
    "app.scratch --epochs",
    "app.scratch --compare",
    "app.scratch --perceptron",
    "app.features",
    "app.saliency",
    "app.walk bias",
    "app.walk kohonen",
)
"""Beginnings of commands that take more than a second."""

SHOWS = {
    2: ("(25 + 1)·1",),
    3: ("65,537",),
    6: ("1·1 + 0·0 + 0·1 + 0·0 + 1·1 + 0·0 + 0·1 + 0·0 + 1·1 = 3",),
    9: ("bias (−4)",),
    10: ("ReLU(−1) = 0", "ReLU(1) = 1"),
    12: ("max(",),
    13: ("(0 + 0) / 2 = 0", "/ 4 = 0.25"),
    17: ("0.018", "0.982"),
    19: ("0.0202",),
    21: ("it grows with n², not exponentially",),
    24: ("28×28×2", "28×28×5"),
    25: ("*6600*",),
    28: ("75 %", "they are probabilities"),
    29: ("runs away",),
    30: ("19    25", "*43*"),
    33: ("2×2 = 4", "3×3 = 9"),
    35: ("0    8",),
    36: ("*120*",),
    39: ("3×5×3", "93"),
    40: ("*8*",),
    42: ("15   *15*", "31   *31*"),
    43: ("196,609,000",),
    44: ("280",),
    45: ("102×102×4",),
    46: ("5×5 = 25",),
    49: ("The error",),
    50: ("the first picture is found again", "categories after 2 rounds"),
    51: (),
    54: ("60 of 6·16 = 96", "60,000 trainable"),
    55: ("1,000,000,000,000", "10,100"),
    57: ("30,720,000",),
    58: ("29    −192", "*−22*"),
    61: ("26×26×8", "72"),
    65: ("13×13×8",),
    66: ("0.6652", "0.3567"),
    80: ("13×13×10",),
    81: ("338,460", "260", "338,200"),
    82: ("ways to 13×13×10",),
    84: ("0–3", "2×2 = 4"),
    85: ("1–5",),
    86: ("15×15",),
    91: ("5×5 becomes 3×3", "5×5 becomes 5×5", "3×3 becomes 5×5"),
    94: ("60,000",),
    97: ("28.2", "3.0"),
    100: ("With all weights 0",),
    102: ("5·(5 + 1)/2 = 15",),
    105: ("7·7·(2·5 + 20) = 1,470", "271,703,550"),
}
"""What an item's commands must print; a picture's report is asked for as text."""
SAID = {
    "22": ("245 245", "True"),
    "73": ("int() takes at most 2 arguments", "'tuple' object cannot be interpreted as an integer"),
    "75": ("(60000, 28, 28, 1) 1.0 5 [0. 0. 0. 0. 0. 1. 0. 0. 0. 0.]",),
    "79": ("['3']", "right: 0.9"),
    "89": (),
}
"""What the Python blocks print; of 73 one of the two, as Python versions say it."""


def is_slow(line):
    counts_with_keras = line.startswith("app.params") and "--no-check" not in line and "--compare" not in line
    opens_x = line.startswith((f"app.walk {TRAINED}", f"app.train --model {TRAINED}"))
    return line.startswith(SLOW) or line == "app.scratch" or counts_with_keras or opens_x


def marked(number, line):
    marks = [pytest.mark.slow, pytest.mark.keras] if is_slow(line) else []
    return pytest.param(number, line, id=f"{number}-{line.replace('app.', '')[:60]}", marks=marks)


@pytest.fixture
def run(door, tmp_path, monkeypatch):
    """Run a command of the page in a folder of its own; returns what it printed."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "CONVLAB_MODELS", str(tmp_path / "models")
    )  # other tests do not find what is trained here
    (tmp_path / "models").mkdir()
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))

    def run_line(line):
        module, *arguments = shlex.split(line)
        more = [
            word for start, words in SMALLER.items() for word in words if line == start or _heavy(line, start)
        ]
        if "imagenet-timeline" in line or ("--epochs" in line and "--epochs" in more):
            more = []
        code, said, error = door(import_module(f"{module}.__main__").main, *arguments, *more)
        assert code == 0, error
        return said

    return run_line


def _heavy(line, start):
    return line.startswith(start) and start != "app.scratch"


def test_every_item_is_on_the_page_once():
    numbers = [int(number) for number, *_ in ROW.findall(PAGE) if len(number) < 4 and number[0] != "0"]
    assert numbers == list(range(1, 107))


def test_every_item_has_something_that_shows_it():
    for number, (what, shown) in ITEMS.items():
        has = COMMAND.search(shown) or "[" in shown
        assert what
        assert bool(has) != (number in NOT_YET), number
        for anchor in re.findall(r"\[Python\]\(#(\d+)-", shown):
            assert anchor in BLOCKS
        for file in re.findall(r"`(app/[\w/]+\.py)`", shown):
            assert (ROOT / file).is_file()
    assert set(map(int, SHOWS)) <= set(ITEMS)


def test_pictures_are_there_and_their_commands_beside_them():
    shown = re.findall(
        r"!\[[^\]]+\]\((pictures/articles/\w+\.png)\)\n\n(`python -m app\.walk [^`]+`)\n", PAGE
    )
    assert {ROOT / "docs" / file for file, _ in shown} == set(
        (ROOT / "docs" / "pictures" / "articles").iterdir()
    )
    for file, command in shown:
        assert command in PAGE
        assert (ROOT / "docs" / file).stat().st_size < 140_000


def rows(page):
    """Return what each item of a page shows, what links are called left out."""
    link = re.compile(r"\[[^]]+\]\((#\d+)?[^)]*\)")
    return {number: link.sub(r"\1", shown) for number, _, shown in ROW.findall(page) if number[0] != "0"}


def test_the_chinese_page_has_the_same_commands():
    """So that what runs for one runs for the other."""
    assert rows(CHINESE) == rows(PAGE)
    for what in (
        r"```python\n[\s\S]*?```",
        r"^`python -m [^`]+`$",
        r"\]\((?!articles)([^)#]+)\)",
        r"^### \d+",
    ):
        assert re.findall(what, CHINESE, re.M) == re.findall(what, PAGE, re.M)


def test_the_chinese_page_is_chinese():
    for number, what, _ in ROW.findall(CHINESE):
        assert re.search("[\u4e00-\u9fff]", what) or number in ("93",), what
    for name in re.findall(r"\]\(#(\S+)\)", CHINESE):
        number, words = name.split("-", 1)
        assert re.search(f"^### {number}: {words.replace('-', '.')}$", CHINESE, re.M | re.I), name
    for term in "卷积 感受野 显著性图 步幅 填充 池化 全连接 特征图 参数量 迁移学习".split():
        assert term in CHINESE


def test_a_command_that_differs_would_be_seen():
    assert rows(CHINESE.replace("--kernel 5 --filters 5", "--kernel 5 --filters 6")) != rows(PAGE)


QUICK = {number: [line for n, line in COMMANDS if n == number and not is_slow(line)] for number in SHOWS}
"""What is run to see what an item prints."""
OTHERS = [(n, line) for n, line in COMMANDS if line not in QUICK.get(n, ()) or "--output" in line]


@pytest.mark.parametrize(("number", "line"), [marked(*pair) for pair in OTHERS])
def test_a_command_of_the_page_runs(run, number, line):
    said = run(line)
    assert said.strip()


@pytest.mark.parametrize("number", [n for n in SHOWS if QUICK[n]])
def test_what_an_item_prints_is_what_the_article_has(run, number):
    lines = [re.sub(r" --output \S+\.(png|html|gif)", "", line) for line in QUICK[number]]
    said = "\n".join(map(run, lines))
    for words in SHOWS[number]:
        assert words in said


SLOW_BLOCKS = {"89"}


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(n, marks=[pytest.mark.slow, pytest.mark.keras] if n in SLOW_BLOCKS else [])
        for n in BLOCKS
    ],
)
def test_a_python_block_runs_and_says_what_it_must(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[number], f"item {number}", "exec"), {})
    said = capsys.readouterr().out
    found = [words in said for words in SAID[number]]
    assert any(found) if number == "73" else all(found)


def test_what_is_trained_here_is_found_by_nobody_else(run, tmp_path):
    before = os.environ["CONVLAB_MODELS"]
    assert before == str(tmp_path / "models")


def test_the_check_sees_a_command_that_fails(run):
    with pytest.raises(AssertionError, match="there is no curve of"):
        run("app.walk curves nobody")
