"""What an experiment leaves: its numbers as JSON, and its figure."""

import json
from pathlib import Path
from typing import Any

from app.experiment.results import ExperimentResult
from app.experiment.study import Rows
from app.files.atomic import write_text


def leave_result(facts: dict[str, Any], rows: Rows, folder: Path) -> ExperimentResult:
    """Write the numbers and the figure of an experiment, and return them as its result."""
    from app.show.canvas import save_figure

    result = ExperimentResult(facts, rows, folder)
    numbers, picture = result.files.values()
    write_text(numbers, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    save_figure(result.plot(), picture)
    return result
