"""Running flows from the terminal: one Prefect server for the command, a progress bar for each stage."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from domain.errors import AccreditationError, UnavailableError
from flows.cli.options import console
from flows.runtime.outcomes import StageFailedError, error_code
from notifications.mail.mailers import MailUnavailableError


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


def outcome_of(state: Any) -> Any:
    """Return a stage's outcome; raises :class:`StageFailed` with its sentence where it did not do all of its work."""
    if not state.is_completed():
        sentence = state.message or "The stage failed; accredit status shows where everything stands."
        raise StageFailed(sentence, exit_code=_exit_code(state.result(raise_on_failure=False)))
    return None if state.data is None else state.result()  # the chain of all stages has no outcome of its own


def _exit_code(problem: object) -> int:
    """Return the code of a service that does not answer where nothing else went wrong, else 1."""
    if not isinstance(problem, StageFailedError):
        return AccreditationError.exit_code
    gone = {error_code(UnavailableError("")), error_code(MailUnavailableError("", ""))}
    codes = {failure.code for failure in problem.outcome.failures}
    return UnavailableError.exit_code if codes and codes <= gone else AccreditationError.exit_code
