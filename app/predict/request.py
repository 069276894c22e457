"""What was asked of the command: checked, predicted, and written as it comes."""

import contextlib
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self, TextIO

import click

from app.commands.door import CheckFailedError
from app.commands.options import take
from app.commands.outputs import OUTPUT, shown
from app.files.atomic import replacing
from app.files.cards import hash_file
from app.files.folders import prepare_folder
from app.files.listing import LIST, Listing, list_pictures
from app.maps.open_model import ModelChoice, OpenModel
from app.maps.predictions import Answers, PicturePrediction
from app.predict.rows import BLOCK, FORMATS, Writer, open_writer
from app.predict.run import Prepare, predict_pictures, reader_of
from app.predict.stopped import Stopped, can_go_on, hash_question, note_beside
from app.shards.dask_workers import WorkersChoice
from app.show.progress import Pace, Progress
from app.show.tables import WIDE, make_console, text_width


@dataclass(frozen=True)
class PredictRequest:
    """All that was asked for."""

    model: ModelChoice
    pictures: tuple[str, ...]
    top: int = 5
    format_: str | None = None
    output: Path | None = None
    prepare: Prepare = "auto"
    batch_size: int = 32
    verbose: bool = False
    workers: WorkersChoice = field(default_factory=WorkersChoice)

    @property
    def is_short(self) -> bool:
        """Whether a summary is printed: on a terminal; a pipe and a file get every row."""
        return not (self.verbose or self.output or self.format_) and sys.stdout.isatty()

    @property
    def format(self) -> str:
        """The format asked for: by name, or by the ending of the output file; else a table.

        Raises:
            ValueError: the ending is none of a format's.
        """
        if self.format_ or self.output is None:
            return self.format_ or "table"
        for name, endings in FORMATS.items():
            if self.output.suffix.lower() in endings:
                return name
        known = ", ".join(ending for endings in FORMATS.values() for ending in endings)
        raise ValueError(
            f"predictions cannot be written as {self.output.name}; use an ending of {known}, or say --format"
        )


@dataclass
class Tally:
    """How far it is."""

    read: int = 0
    unread: int = 0
    reason: str = ""
    """Why the first of those that could not be read could not."""
    doubted: int = 0
    pace: Pace = field(default_factory=Pace)

    def add(self, said: PicturePrediction) -> None:
        """Count one more answer."""
        if said.values is None:
            self.unread += 1
            self.reason = self.reason or f"{said.image}: {said.error}"
        else:
            self.read += 1
            self.doubted += bool(said.notes)

    @classmethod
    def after(cls, before: Stopped) -> Self:
        """Return the tally of a run that goes on."""
        return cls(before.read, before.unread, before.reason, before.doubted, Pace(before.done))

    def stopped(self, asked: str, output: Path) -> Stopped:
        """Return how far it came, with the file as it was left."""
        return Stopped(self.read, self.unread, self.reason, self.doubted, asked, hash_file(output))

    @property
    def done(self) -> int:
        """Pictures that are done, unreadable ones too."""
        return self.read + self.unread


def answer(options: dict[str, Any]) -> None:
    """Predict what the command line names; write a row for each picture, and say at the end what was found.

    Raises:
        ValueError: options that do not go together, no pictures, or none that can be read.
        CheckFailedError: some could not be read.
    """
    request = PredictRequest(take(ModelChoice, options), workers=take(WorkersChoice, options), **options)
    format_ = request.format
    if request.output is not None:
        prepare_folder(request.output.parent)
    if LIST in request.pictures and (sys.stdin is None or sys.stdin.isatty()):
        raise ValueError("- reads a list of paths from standard input, and nothing is piped into it")
    opened = OpenModel(request.model)
    series = (opened.facts.input_shape or (0,))[0] == 1
    stream = sys.stdin.buffer if LIST in request.pictures else None
    listing = list_pictures(request.pictures, stream, series)
    for folder in listing.empty:
        click.echo(f"{shown(Path(folder))} has no pictures", err=True)
    request.workers.start_loading()
    answers = Answers.of(opened.model.head, opened.names, request.top)
    growing = request.output if can_go_on(format_, listing.files) and not request.workers else None
    ask = partial(hash_question, opened, listing.files, format_, request.top, request.prepare)
    before = None if growing is None else Stopped.find(growing, ask)
    tally = Tally() if before is None else Tally.after(before)
    try:
        with _stream(request.output, before) as out:
            width = _width(request.output)
            goes_on, is_short = before is not None, request.is_short
            writer = open_writer(format_, out, answers, opened.name, width, goes_on, is_short)
            _write(request, opened, listing, writer, tally)
    except KeyboardInterrupt:
        where = f" in {shown(request.output)}" if request.output else ""
        told = f"Stopped: the rows of {tally.done:,} of {len(listing.files):,} pictures are written{where}"
        if request.workers:
            told += "; the same command goes on with those that workers have not done"
        if growing is not None:
            tally.stopped(ask(), growing).leave(growing)
            told += "; the same command goes on with the others"
        click.echo(told, err=True)
        raise
    if growing is not None:
        note_beside(growing).unlink(missing_ok=True)
    _say(request, listing, tally)


@contextlib.contextmanager
def _stream(output: Path | None, before: Stopped | None = None) -> Iterator[TextIO]:
    """Give the stream that rows are written to; a file takes its place when all are written, or it is stopped.

    Behind a run that was stopped it begins with the rows that are there.
    """
    if output is None:
        yield sys.stdout
        return
    stopped = None
    with replacing(output) as temporary, temporary.open("a", encoding="utf-8", newline="") as file:
        if before is not None:
            with output.open(encoding="utf-8", newline="") as rows:
                shutil.copyfileobj(rows, file)
            click.echo(f"Going on behind the rows of {before.done:,} pictures in {shown(output)}", err=True)
        try:
            yield file
        except KeyboardInterrupt as interrupt:
            stopped = interrupt
    if stopped is not None:
        raise stopped


def _width(output: Path | None) -> int:
    return text_width() if output is None else WIDE


def _write(
    request: PredictRequest, opened: OpenModel, listing: Listing, writer: Writer, tally: Tally
) -> None:
    """Write a row for each picture as they come; what is there is readable, also where it is stopped."""
    rest = replace(listing, files=listing.files[tally.done :])
    how = (opened, rest, request.prepare, request.batch_size)
    if request.workers:
        from app.predict.shards import predict_on_workers

        said = predict_on_workers(
            *how, request.workers, OUTPUT if request.output is None else request.output.parent
        )
    else:
        said = predict_pictures(*how)
    total, console = reader_of(opened, request.prepare).count(listing.files), make_console(stderr=True)
    is_shown = request.output is None and sys.stdout.isatty()  # a bar and rows would tear each other apart
    with_bar = not is_shown or (request.format == "table" and total <= BLOCK)
    bar = Progress(console, "pictures", total, tally.done, is_steady=True) if with_bar else None
    try:
        with bar or contextlib.nullcontext():
            while batch := list(islice(said, request.batch_size)):
                with _undisturbed():
                    writer.write(batch)
                    for each in batch:
                        tally.add(each)
                if bar is not None:
                    bar.update(tally.done, total=max(total, tally.done))
    finally:
        with _undisturbed():
            writer.finish()
            said.close()  # type: ignore[attr-defined]  # a generator


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait until rows are written whole, and counted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _say(request: PredictRequest, listing: Listing, tally: Tally) -> None:
    """Say what was found, and refuse what could not be read.

    Raises:
        ValueError: nothing could be read.
        CheckFailedError: something could not.
    """
    if not tally.read:
        rest = (
            "" if tally.unread == 1 else f"none of the {tally.unread:,} pictures could be read; the first: "
        )
        raise ValueError(f"{rest}{tally.reason}")
    what = f"{tally.read:,} picture{'s' * (tally.read != 1)} predicted"
    parts = [what if tally.done < 100 else f"{what}, {tally.pace.rate(tally.done)}"]
    if tally.doubted:
        parts.append(f"{tally.doubted:,} with a note")
    if left_out := listing.left_out():
        parts.append(f"left out: {left_out}")
    click.echo("; ".join(parts), err=True)
    if request.output is not None:
        click.echo(f"Predictions: {shown(request.output)}", err=request.output is None)
    if tally.unread:
        raise CheckFailedError(
            f"{tally.unread:,} of {tally.done:,} pictures could not be read; their rows say why"
        )
