"""Many pictures explained: in shards, in constant memory, by this process or others, resumed where it was stopped."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from app.commands.inputs import ImageChoice
from app.commands.outputs import shown
from app.datasets.array_files import ENDINGS as ARRAYS
from app.datasets.reading import Item, Reader
from app.files.atomic import sweep
from app.files.folder_run import FolderRun, file_state
from app.files.lock import held_folder
from app.saliency.run import MapRun
from app.saliency.shard_arrays import INDEX, MOST_IN_SHARD, SHARD_BYTES, ArrayChoice, write_index
from app.saliency.shards import STRIPS, MapJob, MapWork
from app.shards.dask_workers import WorkersChoice
from app.shards.needs import Needs
from app.shards.running import run_job
from app.shards.shard import Shard, cut, shard_name
from app.show.progress import Progress
from app.show.tables import make_console
from app.untrusted.places import verify_readable
from app.untrusted.text import visible

MOST_SAID = 20
"""Pictures without maps that are named on the screen; files name all."""


@dataclass(frozen=True)
class FolderResult:
    """What a run over many pictures left."""

    folder: Path
    """Where the strips and records are, or the arrays and their index."""
    pictures: int
    done_before: int
    unreadable: dict[Path, str]
    """What could not be explained, and why."""
    kept: ArrayChoice = field(default_factory=ArrayChoice)

    @property
    def finished(self) -> int:
        """How many pictures have maps."""
        return self.pictures - len(self.unreadable)

    def __repr__(self) -> str:
        return f"<{self.finished:,} of {self.pictures:,} pictures explained in {shown(self.folder)}>"

    def __str__(self) -> str:
        what = f"arrays in .npz files, and {INDEX}," if self.kept.arrays else "a strip and a .json each"
        before = f"{self.done_before:,} of {self.pictures:,} pictures are done (--restart does them again)"
        said = f"{self.finished:,} of {self.pictures:,} pictures: {what} in {shown(self.folder)}"
        skipped = [visible(f"  skipped {shown(path)}: {reason}") for path, reason in self.unreadable.items()]
        if self.kept.arrays and len(skipped) > MOST_SAID:
            more = f"  {len(skipped) - MOST_SAID:,} more were skipped; the column error of {INDEX} names them"
            skipped = [*skipped[:MOST_SAID], more]
        return "\n".join([*([before] if self.done_before else []), said, *skipped])


@dataclass(frozen=True)
class ManyPictures:
    """What is explained, and where it goes."""

    source: Path
    """A folder with pictures; for arrays also an `.npy` or `.npz` file of images."""
    output: Path
    """The folder for what is left, made if it is missing."""
    restart: bool = False
    """Whether what an earlier run left is forgotten."""
    images: ImageChoice = field(default_factory=ImageChoice)
    """How pictures are prepared."""
    kept: ArrayChoice = field(default_factory=ArrayChoice)
    workers: WorkersChoice = field(default_factory=WorkersChoice)
    """Who computes besides this process."""


def explain_folder(run: MapRun, asked: ManyPictures) -> FolderResult:
    """Explain every picture of a folder, or every image of an array; skip what cannot be read.

    A run that was stopped goes on where it was.

    Args:
        run: the model and the question.
        asked: the pictures, and what is left of them.

    Raises:
        ValueError: there are no pictures, an earlier run had other settings, another run writes there, or nobody can
            do the work.
    """
    return _Many(run, asked).do()


class _Many:
    """One run over many pictures."""

    def __init__(self, run: MapRun, asked: ManyPictures) -> None:
        self.asked, self.kept, self.opened = asked, asked.kept, run.opened
        is_array = asked.source.suffix.lower() in ARRAYS
        if is_array and not self.kept.arrays:
            raise ValueError(
                f"{asked.source} holds an array of images; add --arrays, or give a folder of pictures"
            )
        source = asked.source.resolve()
        settings = {"source": str(source), **settings_of(run, asked.images, self.kept)}
        self.folder = FolderRun(source.parent if is_array else source, asked.output.resolve(), settings)
        self.items: Sequence[Item] = self._images() if is_array else self._pictures()
        self.run = replace(run, images=len(self.items))
        if run.opened.shape[0] == 1:
            raise ValueError(
                "--images reads pictures, and this network takes series; give one with --image FILE.csv"
            )
        if self.kept.arrays and None in run.opened.shape:
            raise ValueError(
                "--arrays needs pictures of one size, and this network takes any size: add --image-shape, for example "
                "224 224 3"
            )

    def _pictures(self) -> Sequence[Item]:
        return [path.relative_to(self.folder.source).as_posix() for path in self.folder.pictures()]

    def _images(self) -> Sequence[Item]:
        opened = self.opened
        verify_readable(self.asked.source, "the array")
        items = Reader(opened.shape, opened.pixels, None).items([self.folder.source / self.asked.source.name])
        return [Path(item).name if isinstance(item, str) else (Path(item[0]).name, item[1]) for item in items]

    def do(self) -> FolderResult:
        """Do what is not yet done."""
        self.folder.output.mkdir(parents=True, exist_ok=True)
        with held_folder(self.folder.output, is_shared=False) as is_held:
            if not is_held:
                raise ValueError(
                    f"another run is already leaving maps in {shown(self.folder.output)}; wait for it, or choose "
                    "another --output"
                )
            self.folder.begin(self.asked.restart)
            sweep(self.folder.output, "*")
            if self.asked.restart and self.kept.arrays:
                self._remove_shards(but=())
            shards, waiting = self._shards()
            done = len(self.items) - sum(len(shard.items) for shard in waiting)
            failures: dict[Path, str] = {}
            with Progress(make_console(), "pictures", len(self.items), done, is_steady=True) as progress:
                job = self._job() if self.asked.workers else None
                how = (job, self._work, iter(waiting), self.asked.workers)
                for each in run_job(*how, lambda count: progress.update(done + count)):
                    failures.update((Path(file), reason) for file, reason in each.failures.items())
            sweep(self.folder.output, "*")
            if self.kept.arrays:
                failures = self._finish(shards)
        return FolderResult(
            self.asked.output, len(self.items), done, dict(sorted(failures.items())), self.kept
        )

    def _shards(self) -> tuple[list[Shard], list[Shard]]:
        """Return all shards, and those that are still to be done."""
        if not self.kept.arrays:
            waiting = [item for item in self.items if not self.folder.is_done(self.folder.source / str(item))]
            shards = [Shard(shard_name(i, part), part) for i, part in enumerate(cut(waiting, STRIPS))]
            return shards, shards
        shards, size = [], self._shard_size()
        for number, items in enumerate(cut(self.items, size)):
            shards.append(Shard(shard_name(number, self.folder.settings, self._identity(items)), items))
        return shards, [shard for shard in shards if not self._is_done(shard)]

    def _shard_size(self) -> int:
        """Return how many pictures are in a shard: as many as have 16 MiB of maps, at most 512."""
        height, width, _ = (side or 1 for side in self.run.opened.shape)
        each = 4 * height * width * len(self.run.question.chosen_methods)
        return max(1, min(MOST_IN_SHARD, SHARD_BYTES // each))

    def _identity(self, items: Sequence[Item]) -> Any:
        """Return what tells pictures apart without reading them: names, sizes, and times of writing."""
        if isinstance(items[0], tuple):
            file, first = items[0]
            return (file, file_state(self.folder.source / file), first, len(items))
        return [(item, file_state(self.folder.source / str(item))) for item in items]

    def _is_done(self, shard: Shard) -> bool:
        return (self.folder.output / f"{shard.name}.npz").is_file()

    def _finish(self, shards: Sequence[Shard]) -> dict[Path, str]:
        """Write the index, remove shards of pictures that are no more; return what could not be explained."""
        names = [shard.name for shard in shards]
        self._remove_shards(but=names)
        failures = write_index(self.folder.output, names, self.opened.names)
        return {self.folder.source / file: reason for file, reason in failures.items()}

    def _remove_shards(self, but: Iterable[str]) -> None:
        kept = set(but)
        for path in self.folder.output.glob("[0-9]*-*.npz"):
            if path.stem not in kept:
                path.unlink()

    def _work(self) -> MapWork:
        return MapWork.of(self.run, self.folder, self.asked.images.prepare, self.kept)

    def _job(self) -> MapJob:
        """Return what every process is told."""
        opened, run, prepare = self.opened, self.run, self.asked.images.prepare
        choice, files = opened.for_workers()
        seen = [str(self.folder.source / (item if isinstance(item, str) else item[0])) for item in self.items]
        needs = Needs.of(files, self.folder.output, seen)
        return MapJob(
            choice,
            opened.memory_bytes,
            run.question,
            run.style,
            prepare,
            run.images,
            self.folder,
            self.kept,
            needs,
        )


def settings_of(run: MapRun, images: ImageChoice, kept: ArrayChoice | None = None) -> dict[str, Any]:
    """Return everything that decides what the maps of a picture are: the whole request, and the file."""
    opened = run.opened
    file = {
        "name": opened.facts.path.name if opened.facts.path else opened.name,
        "sha256": opened.hash(),
        "pixel_range": opened.pixels.words(),
    }
    chosen = {key: value for key, value in vars(opened.choice).items() if key != "class_names" or value}
    return {
        "model": {**chosen, **file},
        "images": asdict(images),
        "question": asdict(run.question) | {"methods": run.question.chosen_methods},
        "style": asdict(run.style),
        **({"arrays": kept.to_dict()} if kept and kept.arrays else {}),
    }
