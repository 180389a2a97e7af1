"""Screening one person: candidates from an index, scored, explained, and set against what officers cleared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, Field

from domain.screening.hits import pair_id
from domain.screening.index import CandidateIndex
from domain.screening.score import Thresholds, score_hits
from domain.screening.screening_hit import ALGORITHM_VERSION, REVIEWED, Band, ScreeningHit
from domain.screening.subject import Subject
from domain.values import Frozen, OfficerCode, Sha256

PRESET: Final = Thresholds()
"""The thresholds in use where a profile names no others."""

_ORDER: Final = tuple(Band)


class ScreeningOutcome(StrEnum):
    """How a screening ends. There is no third ending: nobody is refused by a machine."""

    CLEAR = "clear"
    NEEDS_REVIEW = "needs review"


class ClearedHit(Frozen):
    """An officer's finding that a person and a list entry are two people.

    It names both sides by the hash of what was compared, so that it ends when either changes.
    """

    clearance_id: str = Field(min_length=1)
    person_hash: Sha256
    entry_hash: Sha256
    officer: OfficerCode
    reason: str = Field(min_length=1, repr=False)
    cleared_at: AwareDatetime


class ScreeningResult(Frozen):
    """The outcome for one person with every hit worth keeping, strongest first."""

    subject_id: str
    person_hash: Sha256
    outcome: ScreeningOutcome
    hits: tuple[ScreeningHit, ...]
    algorithm_version: str = ALGORITHM_VERSION

    @property
    def to_review(self) -> tuple[ScreeningHit, ...]:
        """The hits an officer must look at."""
        return tuple(hit for hit in self.hits if hit.band in REVIEWED and hit.suppressed_by is None)


def screen(
    person: Subject,
    index: CandidateIndex,
    *,
    cleared: Iterable[ClearedHit] = (),
    thresholds: Thresholds = PRESET,
) -> ScreeningResult:
    """Return what *index* holds against *person*.

    The same person, lists, clearances and algorithm version give the same result byte for byte. A hit that an
    officer cleared is kept and marked with the clearance; it needs no review until either side changes.
    """
    by_entry = {hit.entry_hash: hit for hit in cleared if hit.person_hash == person.content_hash}
    found = score_hits(person, index.candidates(person), reference_of=index.reference, thresholds=thresholds)
    hits = sorted((_marked(hit, by_entry) for hit in found), key=_rank)
    outcome = _outcome(hits)
    return ScreeningResult(
        subject_id=person.subject_id, person_hash=person.content_hash, outcome=outcome, hits=tuple(hits)
    )


def clear_hit(
    person: Subject, hit: ScreeningHit, *, officer: OfficerCode, reason: str, cleared_at: AwareDatetime
) -> ClearedHit:
    """Return the record that keeps *hit* from coming back; its id derives from the pair."""
    return ClearedHit(
        clearance_id=pair_id(person.content_hash, hit.entry_hash),
        person_hash=person.content_hash,
        entry_hash=hit.entry_hash,
        officer=officer,
        reason=reason,
        cleared_at=cleared_at,
    )


def _marked(hit: ScreeningHit, cleared: Mapping[Sha256, ClearedHit]) -> ScreeningHit:
    clearance = cleared.get(hit.entry_hash)
    return hit.revised(suppressed_by=clearance.clearance_id) if clearance else hit


def _outcome(hits: Iterable[ScreeningHit]) -> ScreeningOutcome:
    open_hits = any(hit.band in REVIEWED and hit.suppressed_by is None for hit in hits)
    return ScreeningOutcome.NEEDS_REVIEW if open_hits else ScreeningOutcome.CLEAR


def _rank(hit: ScreeningHit) -> tuple[int, float, str, str]:
    """Return what hits are sorted by: band, score, list, entry."""
    return _ORDER.index(Band(hit.band)), -hit.score, hit.list_id, hit.entry_id
