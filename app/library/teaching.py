"""For teaching: claims checked, worksheets made and graded, single layers worked out."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.calculate.results import LayerAnswer
    from app.claims.results import ClaimCheck
    from app.exercises.results import Exercises
    from app.worksheet.grade_files import ClassGrades
    from app.worksheet.grading import Grades
    from app.worksheet.results import ClassHandouts, Handout


def check_claims(
    article: str | Sequence[str] | None = None,
    verdict: str | Sequence[str] | None = None,
    ids: str | Sequence[str] | None = None,
    source: str | None = None,
) -> "ClaimCheck":
    """Check what five articles on convolutional networks claim: each claim worked out anew, with a verdict.

    All claims are checked, whichever are shown. Every argument narrows what is shown; one text or several.

    Args:
        article: `"004"`; the articles are listed in docs/articles.md.
        verdict: `exact`, `rounded`, `wrong`, `ambiguous`, `not computable` or `not yet`.
        ids: claims, as `"004-10"`, which are then told in full: working, reason, source.
        source: `agrees` or `differs`: only claims that a cited source decides in this way.

    Returns:
        A result that is true if every verdict is the one that the claim declares. Iterate over it for the claims,
        each with `claim`, `value` and `verdict`; `print` it for the report.

    Raises:
        ValueError: there is no such article, verdict or claim; the message names those there are.

    >>> import app as lab
    >>> claims = lab.check_claims(article="002", verdict="wrong")
    >>> [found.claim.id for found in claims]
    ['002-04', '002-10']
    >>> bool(claims)
    True
    """
    from app.claims.checking import check, choose_claims

    return check(choose_claims(article, verdict, ids, source))


def make_worksheets(
    network: Any = None,
    students: int | str | Path | Iterable[str] | None = None,
    blanks: int | str | None = None,
    seed: int | str = 0,
    vary: bool = False,
    kinds: str | Sequence[str] = (),
    number: int | None = None,
) -> "Handout | ClassHandouts":
    """Make a worksheet about a network or with other questions, or one for each student, with the answer keys.

    A sheet about a network is its count with numbered blanks; what is left is enough to work every blank out. Other
    kinds of questions need no network. The same arguments always give the same sheet.

    Args:
        network: a name of the catalogue, or the path of a model file, which is read as data.
        students: how many, their names, or a file with a name in each line; without it there is one sheet.
        blanks: how many cells are blank, or `"all"`; without it a dozen, or fewer if there are not so many.
        seed: any number or word that chooses the blanks.
        vary: give the layers other settings, and the input another size: for each student their own.
        kinds: what is asked, one or several of `convolution`, `pooling`, `sizes`, `parameters`, `fields`, `choice`,
            `backward`, `article` (the five exercises of article 001), `all` of them but the article's, and `counts`,
            the blanks of a network.
        number: how many questions of each kind, without it 2.

    Returns:
        A sheet: `print` it; `sheet.key` has the answers, `sheet.grade({1: 320})` grades some, and
        `sheet.save(path)` writes the sheet, the key and an empty form. For students a class of them:
        `sheets["Ada"]` is one, `sheets.save(folder)` writes all.

    Raises:
        ValueError: there is no such network or kind, it has not so many cells to blank, or two students have one name.
        TypeError: it is no network.

    >>> import app as lab
    >>> sheet = lab.make_worksheets("worked_example", blanks=10, seed=7)
    >>> sheet
    <worksheet about worked_example: 10 blanks>
    >>> sheet.blanks[3].working
    '(5·5·1 + 1)·10 = 260'
    >>> sheet.grade({3: 250}).verdicts[2].words
    'the bias is forgotten; every filter or unit has one'
    >>> quiz = lab.make_worksheets(kinds=["convolution", "choice"], seed=7)
    >>> quiz
    <worksheet about convolution, choice: 4 questions>
    >>> quiz.grade({number: asked.answer for number, asked in quiz.questions.items()}).percent
    100.0
    """
    from app.worksheet.making import make_handouts

    return make_handouts(network, students, blanks, seed, vary, kinds, number)


def make_exercises(
    kinds: str | Sequence[str] | None = None, number: int | None = None, seed: int | str = 0
) -> "Exercises":
    """Make exercises: questions that check an answer, explain it, and know the usual mistakes.

    Args:
        kinds: one or several of `convolution`, `pooling`, `sizes`, `parameters`, `fields`, `choice`, `backward`, and
            `article`, the five exercises of article 001; without it all but the last.
        number: how many, without it 5; the kinds take turns.
        seed: any number or word; the same one gives the same exercises.

    Returns:
        The exercises: iterate over them, or `exercises[0]`. Each has `text`, `answer`, `steps` (the working), `hint`
        and `mistakes`; `print` shows it with its grids, and `check` marks an answer.

    Raises:
        ValueError: there is no such kind, or it has not so many exercises.

    >>> import app as lab
    >>> exercises = lab.make_exercises("article")
    >>> exercises
    <5 exercises: article>
    >>> exercises[2].check("102x102x3")
    <wrong, 0 of 1 points: the input's channels are kept; a convolution makes one channel for each filter>
    >>> exercises[2].check((102, 102, 4)).status
    'right'
    >>> exercises[1].steps[-1]
    'all 10: (3·3·3 + 1)·10 = 280'
    """
    from app.exercises.results import make_exercises as make

    return make(kinds, number, seed)


def grade_answers(path: str | Path, network: Any = None, credit: float = 0.5) -> "Grades | ClassGrades":
    """Grade a form that was filled in, or all forms in a folder and below it.

    A form says itself which sheet it belongs to. If a typical mistake leads to exactly the wrong
    answer that was written, the marking names this mistake.

    Args:
        path: a form (`.csv`, `.tsv`), or a folder; answer keys in it are passed over.
        network: the model file that the sheet was made from, if it is not a network of the catalogue.
        credit: the worth of an answer that follows from an earlier wrong one, from 0 to 1.

    Returns:
        Grades: `points`, `percent`, and a verdict on each answer. Of a folder the grades of a class: iterate over
        them, or `grades["Ada"]`; files that could not be graded are in `grades.problems`.

    Raises:
        ValueError: it is no form, or its sheet cannot be made again.

    >>> import app as lab
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = lab.make_worksheets("mnist").save(f"{folder}/sheet.csv")
    ...     lab.grade_answers(path)
    <grades of one sheet, mnist: 0 of 12 right, 0 %>
    """
    from app.worksheet.grade_files import Grading
    from app.worksheet.networks import source_of

    return Grading(None if network is None else source_of(network), credit).grade(Path(path))


def work_out(question: str, *about: Any, **settings: Any) -> "LayerAnswer":
    """Work out one layer: the formula, the numbers in place, the result.

    Settings are numbers, tuples for rows and columns, or texts as the command takes them. A padding is `"valid"`,
    `"same"` (as Keras pads), `"full"`, a number for each side, or `"1,2"` for before and after.

    Args:
        question: what is asked.
            `conv`: kernel, stride, padding, dilation, filters, groups, bias, dimensions;
            `pool`: pool, stride, padding, ceil, dimensions;
            `transposed`: kernel, stride, padding, dilation, output_padding, filters, groups, bias, dimensions;
            `dense`: units, bias, flatten;
            `padding`: kernel, stride, dilation, dimensions;
            `receptive-field`: input, cell, dimensions.
        about: the size of the input, channels last: rows, columns and channels, as `(28, 28, 1)` or `"28x28x1"`; with
            `dimensions=1` length and channels, `(100, 3)`; four numbers are depth, rows, columns and channels. For
            `receptive-field` the layers, as `"conv3/2,d2"` or `"pool2"`.
        settings: those of the question, by name. `find=(13, 13, 10)` asks for every way to this output, within
            inputs, kernels, strides, paddings, and with `then_pool=True` pools, pool_strides, pool_paddings; of
            `receptive-field`, `find=18` for the stacks that see so many pixels, at most `depth` layers.

    Returns:
        The answer: `print` it for the report; `answer["parameters"]` is one of its numbers.

    Raises:
        ValueError: there is no such question or setting, or no such layer; the message names those there are.

    >>> import app as lab
    >>> conv = lab.work_out("conv", (28, 28, 1), kernel=5, filters=10)
    >>> conv["output"], conv["parameters"], conv["MACs"]
    ([24, 24, 10], 260, 144000)
    >>> lab.work_out("conv", (100, 3), kernel=5, padding="full", dimensions=1)["output"]
    [104, 1]
    >>> lab.work_out("pool", (16, 112, 112, 64), pool=(1, 2, 2))["output"]
    [16, 56, 56, 64]
    >>> lab.work_out("transposed", (7, 7, 64), kernel=4, stride=2, filters=32, groups=8)["parameters"]
    4128
    >>> lab.work_out("receptive-field", "conv3", "pool2", input=28)["receptive_field"]
    [4, 4]
    >>> lab.work_out("conv", find=(13, 13, 10), kernel=5, then_pool=True, inputs=range(20, 65))
    <542 ways to 13×13×10>
    """
    from app.calculate.results import work_out as answer

    return answer(question, about, settings)
