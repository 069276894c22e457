"""Between the doors and the rooms: the tests of faith, run as they were asked for."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from rich.progress import TaskProgressColumn

from app.show.progress import Progress
from app.show.tables import make_console

if TYPE_CHECKING:
    from app.faith.agreement import Agreement
    from app.faith.faithfulness import Faithfulness
    from app.faith.sanity_result import Forgetting, Sanity
    from app.maps.explainer import Explainer
    from app.maps.methods.method import Settings

AGREED_ON = 20
"""Images on which maps are compared with tf-keras-vis, which takes them all into memory at once."""


@dataclass(frozen=True)
class Case:
    """What is tested, and on what."""

    explainer: "Explainer"
    images: np.ndarray
    """Scaled as the network takes them."""
    classes: Sequence[int]
    methods: Sequence[str]
    settings: "Settings"
    draws: int = 5
    shuffled: "Explainer | None" = None
    """A network trained on shuffled labels."""


@dataclass
class Results:
    """What came out; what was not asked for is None or empty."""

    sane: "list[Sanity]" = field(default_factory=list)
    forgetting: "Forgetting | None" = None
    faith: "Faithfulness | None" = None
    agreed: "list[Agreement]" = field(default_factory=list)
    seconds: float = 0.0


def run_tests(case: Case, wanted: Sequence[str]) -> Results:
    """Run the tests named in `wanted`: sanity, faithfulness, agree."""
    from app.faith.agreement import agreement
    from app.faith.faithfulness import faithfulness
    from app.faith.sanity import sanity
    from app.maps.methods import METHODS

    started, results = time.perf_counter(), Results()
    methods = {name: METHODS[name] for name in case.methods}
    asked = (case.explainer, case.images, case.classes, methods, case.settings)
    if "sanity" in wanted:
        with Progress(make_console(), "sanity", 1.0, amount=TaskProgressColumn) as progress:
            results.sane, results.forgetting = sanity(
                *asked, draws=case.draws, shuffled=case.shuffled, tick=progress.update
            )
    if "faithfulness" in wanted:
        with Progress(make_console(), "faithfulness", 1.0, amount=TaskProgressColumn) as progress:
            results.faith = faithfulness(*asked, tick=progress.update)
    if "agree" in wanted:
        few = slice(AGREED_ON)
        results.agreed = agreement(
            case.explainer, case.images[few], case.classes[few], case.methods, case.settings
        )
    results.seconds = time.perf_counter() - started
    return results
