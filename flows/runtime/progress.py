"""How far a stage is, for the terminal and for Prefect's UI; and how fast its last run was, in a file."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.logging import get_logger
from pydantic import ValidationError

from domain.values import Frozen
from flows.runtime.outcomes import StageOutcome, error_code
from flows.runtime.watched import is_watched
from flows.settings import settings

SECONDS_BETWEEN_UPDATES: Final = 1.0
"""Each update is a request to the server and a row in its database; nobody reads faster."""


class StageProgress(Frozen):
    """How far a stage is."""

    stage: str
    applications: int
    applications_done: int = 0
    things: str = "applications"

    @property
    def percent(self) -> float:
        """Of the applications, 0 to 100; a stage with nothing to do is done."""
        return 100.0 * self.applications_done / self.applications if self.applications else 100.0


Watcher = Callable[[StageProgress], None]

_watcher: ContextVar[Watcher | None] = ContextVar("stage progress watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Generator[None]:
    """Call *watcher* whenever a stage of a flow that is run inside this block starts, or finishes a chunk.

    It is called in the event loop's thread and must return quickly. It reaches subflows; it cannot be a flow's
    parameter, because Prefect stores those.
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def artifact_key(stage: str, election: str, kind: str) -> str:
    """Return the key under which the versions of one artifact are kept: stable for a stage of an election."""
    return f"{election}-{stage}-{kind}".lower()


class ProgressArtifact:
    """The progress of one run of a stage, from nothing to all of it: one bar in Prefect, and one in the terminal."""

    def __init__(self, progress: StageProgress, election: str) -> None:
        self._key = artifact_key(progress.stage, election, "progress")
        self._progress = progress
        self._artifact: UUID | None = None
        self._updated = 0.0

    async def add(self, done: int) -> None:
        """Show that so many more are done."""
        await self.show(self._progress.applications_done + done)

    async def show(self, done: int = 0) -> None:
        """Tell the watcher at once how many are done, and Prefect at most once a second, at the start and at the end.

        What is tried again counts once: more than all are all.
        """
        self._progress = self._progress.revised(applications_done=min(done, self._progress.applications))
        if watcher := _watcher.get():
            watcher(self._progress)
        ends = self._progress.applications_done in {0, self._progress.applications}
        if ends or time.monotonic() - self._updated >= SECONDS_BETWEEN_UPDATES:
            await tolerated(self._publish, "the progress artifact")
            self._updated = time.monotonic()

    async def _publish(self) -> None:
        percent = self._progress.percent
        if self._artifact is None:
            text = f"{self._progress.stage}: {self._progress.applications:,} {self._progress.things}"
            self._artifact = await acreate_progress_artifact(percent, key=self._key, description=text)
        else:
            await aupdate_progress_artifact(self._artifact, progress=percent)


async def tolerated(publish: Callable[[], Awaitable[object]], what: str) -> None:
    """Publish where Prefect watches; if it cannot take it, say so and go on, because the work itself is done."""
    if not is_watched():
        return
    try:
        await publish()
    except Exception as error:  # noqa: BLE001 -- whatever stops Prefect from showing must not stop the stage
        get_logger("accreditation").warning("Could not publish %s (%s); the work goes on.", what, error_code(error))


class Pace(Frozen):
    """What one run of a stage had to do, and how long it took."""

    stage: str
    election: str
    things: int
    seconds: float
    failed: int
    ended: float


def note_pace(outcome: StageOutcome, election: str) -> None:
    """Keep how fast a stage was, in place of the run before; nothing where no metrics are served, or on a full disk."""
    if settings().metrics_port is None:
        return
    failed = len(outcome.failed) + outcome.untouched
    pace = Pace(
        stage=outcome.stage, election=election, things=outcome.applications,
        seconds=outcome.seconds, failed=failed, ended=time.time(),
    )  # fmt: skip
    folder = settings().home / "pace"
    place = folder / f"{election}-{outcome.stage}.json"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        beside = place.with_name(f"{place.name}.{os.getpid()}")
        beside.write_text(pace.model_dump_json(), "utf-8")
        beside.replace(place)


def paces() -> list[Pace]:
    """Return what is kept, by election and stage."""
    found: list[Pace] = []
    for place in sorted((settings().home / "pace").glob("*.json")):
        with suppress(OSError, ValidationError):
            found.append(Pace.model_validate_json(place.read_text("utf-8")))
    return found
