"""What chunks and stages answer: counts by outcome, failed ids with codes, durations. Nothing personal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Self
from uuid import UUID

from pydantic import Field

from domain.errors import AccreditationError
from domain.numbers import number_of
from domain.values import Frozen


class Chunk(Frozen):
    """Some of a stage's applications, worked in one task and one transaction."""

    number: int = Field(ge=1)
    ids: tuple[UUID, ...]

    @property
    def first(self) -> UUID:
        """The lowest id."""
        return self.ids[0]

    @property
    def last(self) -> UUID:
        """The highest id."""
        return self.ids[-1]


def plan_chunks(ids: Iterable[UUID], size: int) -> list[Chunk]:
    """Return *ids*, each once and sorted, in chunks of *size*; the same ids always give the same chunks."""
    ordered = sorted(set(ids))
    starts = range(0, len(ordered), size)
    return [Chunk(number=n, ids=tuple(ordered[start : start + size])) for n, start in enumerate(starts, start=1)]


class ChunkOutcome(Frozen):
    """What one chunk did: how many applications by outcome, and which could not be processed, by code."""

    stage: str
    chunk: int
    counts: dict[str, int] = Field(default_factory=dict[str, int])
    failed: dict[UUID, str] = Field(default_factory=dict[UUID, str])
    seconds: float = Field(default=0.0, ge=0)


class ChunkFailure(Frozen):
    """A chunk whose transaction did not happen; all its applications are as they were, and due again."""

    chunk: int
    applications: int
    code: str
    reason: str = ""
    """The engine's own sentence; empty for foreign errors, whose words might be personal."""
    may_pass: bool = False
    """Whether the same may work later: something did not answer, or a process was lost."""


class StageOutcome(Frozen):
    """What a stage did, all chunks together."""

    stage: str
    applications: int = Field(default=0, ge=0)
    """How many the stage set out to process."""
    things: str = "applications"
    """What it processes, for people."""
    nothing: str = "Nothing to do."
    """What is said where there were none of them."""
    chunks: int = Field(default=0, ge=0)
    counts: dict[str, int] = Field(default_factory=dict[str, int])
    failed: dict[UUID, str] = Field(default_factory=dict[UUID, str])
    failures: tuple[ChunkFailure, ...] = ()
    seconds: float = Field(default=0.0, ge=0)
    """By the clock on the wall."""
    work_seconds: float = Field(default=0.0, ge=0)
    """Summed over chunks, so more than ``seconds`` when they ran side by side."""

    @property
    def succeeded(self) -> bool:
        """Whether every chunk and every application could be processed."""
        return not self.failures and not self.failed

    @property
    def untouched(self) -> int:
        """How many applications were in chunks that did not happen."""
        return sum(failure.applications for failure in self.failures)

    @property
    def sentence(self) -> str:
        """The outcome for people: counts, then what went wrong."""
        counted = ", ".join(
            f"{number:,} {name.replace('_', ' ')}" for name, number in sorted(self.counts.items()) if number
        )
        told = f"{number_of(self.applications, self.things)}: {counted or 'nothing to do'}."
        return " ".join([told if self.applications or counted else self.nothing, *self._complaints()])

    def _complaints(self) -> Iterable[str]:
        if self.failed:
            yield f"{len(self.failed):,} could not be processed."
        if self.failures:
            codes = ", ".join(sorted({failure.code for failure in self.failures}))
            untouched = number_of(self.untouched, "applications")
            yield f"{len(self.failures)} of {self.chunks} chunks ({untouched}) failed: {codes}."

    @classmethod
    def of(cls, stage: str, parts: Iterable[ChunkOutcome | ChunkFailure], *, applications: int, seconds: float) -> Self:
        """Return the chunks' outcomes as the stage's."""
        known = list(parts)
        outcomes = [part for part in known if isinstance(part, ChunkOutcome)]
        return cls(
            stage=stage,
            applications=applications,
            chunks=len(known),
            counts=summed(outcome.counts for outcome in outcomes),
            failed={key: code for outcome in outcomes for key, code in outcome.failed.items()},
            failures=tuple(part for part in known if isinstance(part, ChunkFailure)),
            seconds=seconds,
            work_seconds=sum(outcome.seconds for outcome in outcomes),
        )

    def joined(self, other: StageOutcome) -> StageOutcome:
        """Return this round and *other*, a later one of the same stage, as one; what *other* failed stays failed."""
        return self.revised(
            applications=self.applications + other.applications,
            chunks=self.chunks + other.chunks,
            counts=summed([self.counts, other.counts]),
            failed=self.failed | other.failed,
            failures=(*self.failures, *other.failures),
            seconds=self.seconds + other.seconds,
            work_seconds=self.work_seconds + other.work_seconds,
        )


class StageFailedError(AccreditationError):
    """A stage in which chunks failed; a second run does what is still due."""

    retryable = True

    def __init__(self, outcome: StageOutcome) -> None:
        super().__init__(f"{outcome.stage}: {outcome.sentence}")
        self.outcome = outcome

    def __reduce__(self) -> tuple[type[Self], tuple[StageOutcome]]:
        """Survive the way between processes, where exceptions are rebuilt from their arguments."""
        return type(self), (self.outcome,)


def summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sum of *counts*, names in order."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))


def error_code(error: BaseException) -> str:
    """Return a stable code for *error*: its own ``code``, else its class in words.

    >>> error_code(TimeoutError())
    'timeout'
    """
    own = getattr(error, "code", None)
    if isinstance(own, str):
        return own
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()
