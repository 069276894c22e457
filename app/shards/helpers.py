"""Who does shards besides this process, and where all of them leave what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from app.shards.columns import shards_folder
from app.shards.dask_workers import WorkersChoice
from app.shards.needs import Needs


@dataclass(frozen=True)
class Helpers:
    """The workers of a run, and a folder that all of them see."""

    workers: WorkersChoice = field(default_factory=WorkersChoice)
    output: Path = Path("output")
    """Shards lie in `.shards` in it."""

    @cached_property
    def folder(self) -> Path:
        """Where shards lie, made if it is missing."""
        return shards_folder(self.output)

    def needs(self, files: Mapping[str, str], pictures: Sequence[str]) -> Needs:
        """Return what the workers must find alike: files, by path with their hash; the folder; and pictures."""
        return Needs.of(files, self.folder, pictures)
