"""The run over all rows and all kinds of files, and the tables at its end."""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hostile.corpus import ROWS
from hostile.flips import KINDS, report_flips, write_damaged
from hostile.runner import Server, Verdict, run_row

WORST = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; returns 1 if anything failed."""
    asked = _parser().parse_args(arguments)
    wanted = re.compile(asked.only, re.IGNORECASE)
    if asked.damaged:
        return _write_damaged(asked, wanted)
    rows = [row for row in ROWS if wanted.search(row.name)][:: asked.every]
    server, verdicts = Server(), list[Verdict]()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        for number, row in enumerate(rows, 1):
            verdicts.append(run_row(server, row, Path(scratch)))
            _say(f"{number}/{len(rows)} {row.name}", verdicts[-1].faults)
    failed = [verdict for verdict in verdicts if verdict.faults]
    _tell_failed(failed, asked.full)
    _tell_worst(verdicts)
    print(
        f"\n{len(verdicts) - len(failed):,} of {len(verdicts):,} rows hold, {time.monotonic() - started:.0f} s"
    )
    bad = report_flips(server, asked.flips, asked.seed, wanted) if asked.flips else 0
    server.close()
    return int(bool(failed or bad))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python tests/hostile", description=__doc__)
    parser.add_argument(
        "--only", default="", metavar="REGEX", help="rows and kinds of files whose names match"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th row")
    parser.add_argument(
        "--flips", type=int, default=2000, metavar="N", help="damaged files of each kind (2000)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the damage")
    words = "write the damaged file of this number into a folder, and run nothing; --only names its kind"
    parser.add_argument("--damaged", nargs=2, metavar=("TRIAL", "FOLDER"), help=words)
    parser.add_argument("--full", action="store_true", help="print what failed rows wrote")
    return parser


def _write_damaged(asked: argparse.Namespace, wanted: "re.Pattern[str]") -> int:
    kinds = [kind for kind in KINDS if wanted.search(f"flips/{kind.name}")]
    if len(kinds) != 1:
        print(f"--only must name one kind: {', '.join(kind.name for kind in kinds)}")
        return 2
    path = Path(asked.damaged[1]) / kinds[0].file
    flips = max(int(asked.flips * kinds[0].share), 1)
    for trial in (-1, int(asked.damaged[0])):
        write_damaged(kinds[0], path, asked.seed, trial, flips)
    print(f"{path}; the valid one: {path}.valid")
    return 0


def _say(what: str, faults: Sequence[str]) -> None:
    if faults:
        print(f"{what}: {'; '.join(faults)}", flush=True)
    elif what.partition("/")[0].endswith("00"):
        print(what, flush=True)
    elif sys.stdout.isatty():
        print(f"\r\x1b[K{what[:100]}", end="", flush=True)


def _tell_failed(failed: Sequence[Verdict], full: bool) -> None:
    print("\nRows that fail" if failed else "\nNo row fails")
    for verdict in failed:
        row, outcome = verdict.row, verdict.outcome
        print(f"- {row.name}: {'; '.join(verdict.faults)}")
        command = " ".join(word if len(word) < 60 else f"{word[:50]!r}…" for word in row.arguments[:12])
        print(f"    python -m app {command!r}")
        last = outcome.err.strip().splitlines()[-1:] or outcome.out.strip().splitlines()[-1:]
        print(f"    {(last or ['(nothing printed)'])[0][:300]!r}")
        if full:
            print(
                "\n".join(f"    | {line[:200]!r}" for line in (outcome.out + outcome.err).splitlines()[-25:])
            )


def _tell_worst(verdicts: Sequence[Verdict]) -> None:
    for what, key, show in (
        ("Most memory", lambda v: v.outcome.memory, lambda v: f"{v.outcome.memory / 1e6:,.0f} MB"),
        ("Most of the processor", lambda v: v.outcome.processor, lambda v: f"{v.outcome.processor:.1f} s"),
    ):
        print(f"\n{what}, beyond a fork that does nothing" if what == "Most memory" else f"\n{what}")
        for verdict in sorted(verdicts, key=key, reverse=True)[:WORST]:
            print(f"  {show(verdict):>10}  {verdict.row.name}")
