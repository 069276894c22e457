"""What a command that failed may leave behind, and what not; each check returns complaints, none if all is well."""

import io
import json
import re
import shutil
import signal
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from hostile.forking import Forks
from hostile.injector import CHANGES, COUNT, SIGNALS, Job, Operation, Outcome

LITTER = re.compile(r"\.tmp|unfinished|discarded-|^tmp|^\..*\.lock$")
"""Names of what is there only while a command works."""
BACKUP = "out/.backup/"
VOLATILE = ("created", "seconds", "file_sha256", "shared_object_id")
"""What two cards or configurations of the same training do not share."""
OF_EXPORTS = ("sha256", "size_bytes")
"""What two cards of the same export do not share: TensorFlow numbers what it writes anew each time."""
OF_CONVERTERS = (".onnx", ".pb", ".index", ".data-00000-of-00001")
DRAWN_IDS = re.compile(rb"[a-z]+[0-9a-f]{10}\b")
"""Names that Matplotlib draws at random inside an SVG picture."""
Tree = dict[str, bytes | None]
"""The contents of files by their paths; None for a folder."""


def snapshot(folder: Path) -> Tree:
    """Return everything in a folder."""
    paths = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in paths}


def core(name: str, content: bytes | None) -> Any:
    """Return a file's content without the dates and times in it: equal for two runs that did the same."""
    if content is None:
        return None
    if name.endswith(".keras") and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.testzip() is None:
                names = [each for each in archive.namelist() if each != "metadata.json"]
                return {each: core(each, archive.read(each)) for each in names}
    if name.endswith(OF_CONVERTERS):
        return bool(content)  # their hash stands in the card
    if name.endswith(".html"):
        return DRAWN_IDS.sub(b"", content)
    if name.endswith(".h5"):
        with suppress(OSError, RuntimeError):
            return _arrays(content)
    if name.endswith(".json"):
        try:
            return _without_times(json.loads(content))
        except (ValueError, RecursionError):
            pass
    return content


def _arrays(content: bytes) -> dict[str, tuple[Any, ...]]:
    """Return the arrays in an HDF5 file, whose bytes hold the time."""
    import h5py

    found: dict[str, tuple[Any, ...]] = {}

    def note(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[path] = (item.shape, str(item.dtype), item[()].tobytes())

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(note)
    return found


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        left_out = (*VOLATILE, *OF_EXPORTS) if "opset" in value else VOLATILE
        return {key: _without_times(inner) for key, inner in value.items() if key not in left_out}
    return [_without_times(inner) for inner in value] if isinstance(value, list) else value


def differences(found: Tree, wanted: Tree) -> Iterator[str]:
    """Yield how two trees differ."""
    for name in sorted({*found, *wanted}):
        if name not in found:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} is left over"
        elif core(name, found[name]) != core(name, wanted[name]):
            yield f"{name} is not what an undisturbed run leaves"


def ending(outcome: Outcome, code: int = 2) -> Iterator[str]:
    """Yield what is wrong with how a command ended: with this code and one line, or well and silently."""
    if "Traceback" in outcome.out + outcome.err:
        yield f"a traceback: {outcome.err.strip().splitlines()[-1][:200]}"
    elif outcome.code < 0:
        yield f"killed by {signal.Signals(-outcome.code).name}: {outcome.err[-200:]}"
    elif outcome.code not in (0, code):
        yield f"exit code {outcome.code}: {outcome.err[-200:]}"
    elif outcome.code == 130:
        if outcome.err.strip() not in ("", "Error: interrupted"):
            yield f"more than a line that it was interrupted: {outcome.err[:300]!r}"
    elif outcome.code and not re.fullmatch(r"Error: [^\n]*\w[^\n]*\n", outcome.err):
        yield f"not one line that begins with Error: {outcome.err[:300]!r}"
    elif not outcome.code and outcome.err:
        yield f"exit code 0, and on standard error {outcome.err[:300]!r}"


def remains(before: Tree, after: Tree, undisturbed: Tree, has_ended_well: bool) -> Iterator[str]:
    """Yield what is wrong with what a command left: every file is the old one or the new one, and nothing else."""
    if has_ended_well:
        yield from (f"exit code 0, but {each}" for each in differences(after, undisturbed))
        return
    for name in sorted({*before, *after}):
        if name not in after:
            if not name.startswith(BACKUP):
                yield f"{name} was there before, and is gone"
        elif name in before and after[name] == before[name]:
            continue
        elif LITTER.search(name.rpartition("/")[2]):
            yield f"{name} is left over"
        elif name.startswith(BACKUP) and name not in undisturbed:
            continue
        elif name not in undisturbed:
            yield f"{name} is left over, which no undisturbed run leaves"
        elif core(name, after[name]) != core(name, undisturbed[name]):
            yield f"{name} is neither the old file nor the new one"


def torn(after: Tree) -> Iterator[str]:
    """Yield the models and exports whose cards speak of another file."""
    for name, content in after.items():
        if name.endswith(".json") and name[:-5] in after and b'"opset"' in (content or b""):
            if json.loads(content or b"{}")["sha256"] != _hash_of(name[:-5], after):
                yield f"{name[:-5]} and its card are torn apart"
            continue
        card = f"{name.removesuffix('.keras')}.json"
        if name.endswith(".keras") and "-epochs/" not in name and card in after:
            told = json.loads(after[card] or b"{}").get("file_sha256")
            if told != sha256(content or b"").hexdigest():
                yield f"{name} and its card are torn apart"


def _hash_of(name: str, tree: Tree) -> str:
    """Return the hash of an export: of a file, or of the names and hashes of all files in a folder."""
    if (content := tree[name]) is not None:
        return sha256(content).hexdigest()
    inside = {
        path.removeprefix(f"{name}/"): data for path, data in tree.items() if path.startswith(f"{name}/")
    }
    files = sorted((Path(path), data) for path, data in inside.items() if data is not None)
    lines = "".join(f"{sha256(data).hexdigest()}  {path.as_posix()}\n" for path, data in files)
    return sha256(lines.encode()).hexdigest()


@dataclass
class Scene:
    """A command, the folder it works in and what lies there before."""

    forks: Forks
    folder: Path
    """`work/` in it is what the command may touch; `start/` holds what lies there before."""
    arguments: Sequence[str]
    """WORK in them is the folder."""
    data: Sequence[str] = ()
    """Folders with what the command reads, elsewhere."""
    notes: str = ""
    """Regular expression of lines that it says on standard error where nothing is wrong."""
    _cache: dict[str, Any] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """The folder that the command works in."""
        return self.folder / "work"

    def job(self, **fault: Any) -> Job:
        """Return the command's job."""
        arguments = [each.replace("WORK", str(self.work)) for each in self.arguments]
        places = {"TMPDIR": str(self.work / "scratch"), "CONVLAB_MODELS": str(self.folder / "no-models")}
        return Job(arguments, (str(self.work), *self.data), environment=places, **fault)

    def prepare(self) -> Tree:
        """Put everything as it is before."""
        shutil.rmtree(self.work, ignore_errors=True)
        start = self.folder / "start"
        if start.is_dir():
            shutil.copytree(start, self.work)
        (self.work / "scratch").mkdir(parents=True, exist_ok=True)
        return snapshot(self.work)

    def run(self, **fault: Any) -> Outcome:
        """Run the command in the folder as it is now."""
        (outcome,) = self.forks.run(self.job(**fault))
        lines = outcome.err.splitlines(keepends=True)
        said = [line for line in lines if not (self.notes and re.match(self.notes, line))]
        return replace(outcome, err="".join(said))

    def keep_as_start(self) -> None:
        """Let what lies in the folder now be what lies there before."""
        shutil.rmtree(self.folder / "start", ignore_errors=True)
        shutil.copytree(self.work, self.folder / "start")
        self._cache.clear()

    @property
    def undisturbed(self) -> tuple[Outcome, Tree]:
        """The same command without a fault, and what it leaves."""
        if "undisturbed" not in self._cache:
            self.prepare()
            outcome = self.run(kind=COUNT)
            assert (outcome.code, outcome.err) == (0, ""), outcome
            self._cache["undisturbed"] = outcome, snapshot(self.work)
        return self._cache["undisturbed"]  # type: ignore[no-any-return]

    def numbers(self, kind: str, is_whole: bool, most: int) -> list[int]:
        """Return which operations of a kind are to fail.

        All, and one more than there are; else those that come first from their places, at most so many, spread evenly.
        """
        kinds = CHANGES if kind in SIGNALS else (kind,)
        found = [each for each in self.undisturbed[0].operations if each.kind in kinds]
        if is_whole:
            return list(range(1, len(found) + 2))
        first: dict[str, int] = {}
        for number, operation in enumerate(found, 1):
            first.setdefault(_place(operation), number)
        chosen = list(first.values())
        middles = (len(chosen) * (2 * i + 1) // (2 * most) for i in range(most))
        return [chosen[i] for i in middles] if len(chosen) > most else chosen

    def try_fault(self, **fault: Any) -> tuple[Outcome, list[str]]:
        """Run the command with a fault, and again without; return how it ended, and what is wrong."""
        _ = self.undisturbed
        before = self.prepare()
        outcome = self.run(**fault)
        return outcome, self.judge(before, outcome, **fault)

    def judge(self, before: Tree, outcome: Outcome, **fault: Any) -> list[str]:
        """Return what is wrong with how a command ended and what it left; run it again where it failed."""
        undisturbed, after, kind = self.undisturbed[1], snapshot(self.work), fault.get("kind", "")
        if kind == "kill" and outcome.has_fired:
            wrong = [] if outcome.code == -signal.SIGKILL else [f"exit code {outcome.code}, not killed"]
            after = {name: content for name, content in after.items() if not _is_litter(name)}
        else:
            wrong = list(ending(outcome, 130 if kind == "interrupt" else 2))
        wrong += remains(before, after, undisturbed, outcome.code == 0)
        is_between = kind in SIGNALS and outcome.fault.kind == "rename"  # of the model and of its card
        wrong += [] if is_between else torn(after)
        if outcome.code == 0 and kind in SIGNALS and outcome.has_fired:
            wrong.append("the signal was swallowed")
        if outcome.code:
            wrong += self._again(after, kind == "kill")
        if "/scratch/" in outcome.fault.path:  # Keras and AutoGraph do not tidy up their own temporary files
            wrong = [each for each in wrong if not re.search(r"scratch/\S+ is left over", each)]
        where = f"{fault} {outcome.fault.kind} {self._short(outcome.fault.path)} at {outcome.fault.site}"
        return [f"{self._short(each)} [{where}]" for each in wrong]

    def _short(self, text: str) -> str:
        return text.replace(str(self.work), "WORK").replace(str(self.folder), "FOLDER")

    def _again(self, state: Tree, may_litter: bool) -> list[str]:
        """Run the command again in what a fault left; once for states that differ in times only."""
        key = repr([(name, core(name, content)) for name, content in state.items()])
        key = sha256(key.encode()).hexdigest()
        if key not in self._cache:
            outcome = self.run()
            found = snapshot(self.work)
            if may_litter:
                found = {name: content for name, content in found.items() if not _is_litter(name)}
            wrong = [f"exit code {outcome.code}: {outcome.err[-300:]}"] if outcome.code or outcome.err else []
            wrong += differences(found, self.undisturbed[1])
            self._cache[key] = [f"run again: {each}" for each in wrong]
        return self._cache[key]  # type: ignore[no-any-return]

    def sweep(self, kinds: Sequence[str], is_whole: bool, most: int, **more: Any) -> list[str]:
        """Let operations of these kinds fail, one in each run; return all that is wrong."""
        wrong = []
        for kind in kinds:
            for number in self.numbers(kind, is_whole, most):
                wrong += self.try_fault(kind=kind, number=number, **more)[1]
        return wrong


def _is_litter(name: str) -> bool:
    """Return whether a file may be left by a process that was killed: nobody could remove it."""
    return any(map(LITTER.search, name.split("/"))) or name.startswith("scratch/")


def _place(operation: Operation) -> str:
    """Return what tells operations apart: whose they are, and on what kind of file."""
    path = Path(operation.path)
    return f"{operation.kind} {path.suffix} {path.parent.name} {operation.site}"
