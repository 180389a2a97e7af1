"""Running flows from the terminal: one Prefect server for the command, a progress bar for each stage."""

from __future__ import annotations

import asyncio
import math
import re
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from domain import errors
from domain.errors import AccreditationError, BadInputError, UnavailableError
from flows.cli.options import console, problems
from flows.deployments import BAD_INPUT, UNFINISHED
from flows.runtime.outcomes import StageFailedError, StageOutcome, error_code
from flows.runtime.server.errands import Ended, Look
from notifications.mail.mailers import MailUnavailableError

SECONDS_BEFORE_A_WORD: Final = 10.0
"""So long a run that waits for its turn is not worth a word."""


class StageFailed(AccreditationError):  # noqa: N818 -- what happened, told to the officer
    """A stage that did not do all of its work; running it again takes up the rest."""

    retryable = True

    def __init__(self, sentence: str, *, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@contextmanager
def stage_display() -> Generator[None]:
    """Show a bar for every stage that runs inside the block; plain lines where nobody watches a terminal."""
    from flows.runtime.progress import StageProgress, watching

    bars = Progress(
        TextColumn("[bold]{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not sys.stdout.isatty(),
    )
    known: dict[str, TaskID] = {}

    def show(progress: StageProgress) -> None:
        if progress.stage not in known:
            known[progress.stage] = bars.add_task(progress.stage, total=progress.applications or 1)
        total = progress.applications or 1
        done = progress.applications_done if progress.applications else 1
        bars.update(known[progress.stage], completed=done, total=total)

    with bars, watching(show):
        yield


def run_flow(start: Callable[[], Awaitable[Any]]) -> Any:
    """Run the flow that *start* begins and return its final state; call inside a server's block."""

    async def begun() -> Any:
        return await start()

    return asyncio.run(begun())


@contextmanager
def errand_display(stage: str) -> Generator[Callable[[Look], None]]:
    """Give what shows how far a run of ``accredit up`` is; it says so where the run has to wait for its turn."""
    bars = Progress(
        TextColumn("[bold]{task.description:<12}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not sys.stdout.isatty(),
    )
    bar = bars.add_task(stage, total=100)
    patience = time.monotonic() + SECONDS_BEFORE_A_WORD

    def show(look: Look) -> None:
        nonlocal patience
        if look.begun:
            bars.update(bar, completed=look.percent or 0)
        elif time.monotonic() > patience:
            patience = math.inf
            problems.print(f"{stage} waits for its turn at accredit up, where other runs are under way.")

    with bars:
        yield show


def outcome_of_errand(ended: Ended) -> StageOutcome:
    """Return what the stage did; raises :class:`StageFailed` with a sentence where it did not do all of its work."""
    if ended.kind == "COMPLETED" and ended.outcome:
        return ended.outcome
    named = {UNFINISHED: UnavailableError.exit_code, BAD_INPUT: BadInputError.exit_code}
    code = None if ended.outcome else named.get(ended.name)
    raise _failed(ended.message, _exit_code(ended.outcome) if code is None else code)


def outcome_of(state: Any) -> Any:
    """Return a stage's outcome; raises :class:`StageFailed` with its sentence where it did not do all of its work."""
    if not state.is_completed():
        problem = state.result(raise_on_failure=False)
        if isinstance(problem, AccreditationError) and not isinstance(problem, StageFailedError):
            raise _failed(state.message, problem.exit_code)
        raise _failed(state.message, _exit_code(problem.outcome if isinstance(problem, StageFailedError) else None))
    return None if state.data is None else state.result()  # the chain of all stages has no outcome of its own


def _failed(message: str | None, exit_code: int) -> StageFailed:
    """Return what a run said of its end: an error of ours in its own words, without those that Prefect puts before."""
    words = re.match(r"Flow run encountered an exception: (?:(\w+): )?", message or "")
    said = (message or "")[words.end() if words else 0 :]
    kind = getattr(errors, words[1] or "", None) if words else None
    sentence = said or "The stage failed; accredit status shows where everything stands."
    return StageFailed(sentence, exit_code=kind.exit_code if kind else exit_code)


def _exit_code(outcome: StageOutcome | None) -> int:
    """Return the code of a service that does not answer where nothing else went wrong, else 1."""
    gone = {error_code(UnavailableError("")), error_code(MailUnavailableError("", ""))}
    codes = {failure.code for failure in outcome.failures} if outcome else set[str]()
    return UnavailableError.exit_code if codes and codes <= gone else AccreditationError.exit_code
