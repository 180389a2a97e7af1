"""What a screening found about an applicant, as it is kept, shown and cleared by an officer; never a verdict."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.errors import AccreditationError
from domain.screening.screening_hit import REVIEWED, Band, Evidence, ScreeningHit
from domain.values import Frozen, OfficerCode, RuleName, Sha256, UtcTime

ON_LIST: Final = "on_reference_list"
SAME_DOCUMENT: Final = "same_document"
SAME_NAME: Final = "same_name_and_birth"
LIKELY_SAME: Final = "likely_same_person"

_QUOTED: Final = re.compile("“[^”]*”")

_FIELDS: Final[Mapping[RuleName, tuple[str, ...]]] = {
    ON_LIST: ("surname", "given_names"),
    SAME_DOCUMENT: ("document_number",),
    SAME_NAME: ("surname", "given_names", "birth_date"),
    LIKELY_SAME: ("surname", "given_names", "birth_date"),
}


class Hit(Frozen):
    """An applicant and somebody else who may be the same person, with everything that speaks for and against it.

    ``about`` is the id of the other application, or ``list:entry``. The hashes name both sides as they were
    compared; ``cleared_by`` is the officer's finding that they are two people, which ends when either side changes.
    """

    rule: RuleName
    about: str
    person_hash: Sha256
    other_hash: Sha256
    list_version: str = ""
    algorithm_version: str
    score: float
    name_score: float
    band: Band
    evidence: tuple[Evidence, ...] = Field(repr=False)
    cleared_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether an officer must look at it."""
        return self.band in REVIEWED and self.cleared_by is None

    @property
    def pair(self) -> str:
        """What names the two sides together, whichever is looked at from."""
        return pair_id(self.person_hash, self.other_hash)

    def without_words(self) -> Hit:
        """Return the hit as it may be shown where nothing personal is: scores and reasons without what was compared."""
        told = (line.revised(left="", right="", reason=_QUOTED.sub("“…”", line.reason)) for line in self.evidence)
        return self.revised(evidence=tuple(told))


def pair_id(one: Sha256, other: Sha256) -> str:
    """Return the id of two compared sides, in whatever order; it changes when either side does.

    >>> pair_id("a" * 64, "b" * 64) == pair_id("b" * 64, "a" * 64)
    True
    """
    return hashlib.sha256(":".join(sorted((one, other))).encode()).hexdigest()[:32]


def list_hit(hit: ScreeningHit, *, person_hash: Sha256) -> Hit:
    """Return the hit on a reference list as it is kept."""
    return Hit(
        rule=ON_LIST,
        about=f"{hit.list_id}:{hit.entry_id}",
        person_hash=person_hash,
        other_hash=hit.entry_hash,
        list_version=hit.list_version_hash,
        algorithm_version=hit.algorithm_version,
        score=hit.score,
        name_score=hit.name_score,
        band=hit.band,
        evidence=hit.evidence,
    )


def marked(hits: Iterable[Hit], cleared: Mapping[str, str]) -> list[Hit]:
    """Return *hits*, those whose pair an officer cleared with the clearance's id; strongest first."""
    order = list(Band)
    found = [hit.revised(cleared_by=cleared[hit.pair]) if hit.pair in cleared else hit for hit in hits]
    return sorted(found, key=lambda hit: (order.index(hit.band), -hit.score, hit.about))


def findings_of(hits: Iterable[Hit]) -> tuple[Finding, ...]:
    """Return what an officer must judge; weak resemblances and cleared ones are kept without asking anybody."""
    return tuple(
        Finding(rule=hit.rule, code=ReasonCode.D08, severity=Severity.HUMAN, fields=_FIELDS[hit.rule], about=hit.about)
        for hit in hits
        if hit.is_open
    )


LONGEST_REASON: Final = 2000
"""Characters: a paragraph."""


class ClearingRefusedError(AccreditationError):
    """The hit cannot be cleared."""

    exit_code = 2


class ClearedPair(Frozen):
    """Two sides that an officer found to be two people, named as they were compared: it ends when either changes."""

    pair: str
    application_id: UUID
    about: str
    officer: OfficerCode
    reason: Annotated[str, Field(min_length=3, max_length=LONGEST_REASON, repr=False)]
    proof: str
    at: UtcTime
