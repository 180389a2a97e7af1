"""The roll of an organisation's people: whom a row is about, of all who are recorded and of all who came before it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple
from uuid import UUID

from domain.application.nomination import folded
from domain.intake.folding import western_digits
from domain.intake.row_identity import (
    Claimed,
    IdentityVerdict,
    Match,
    RowEvidence,
    Traits,
    after_claims,
    compare_traits,
    evidence_that_counts,
    identifying_number,
    is_beyond_doubt,
    is_by_name,
    rule_for,
    weight,
)
from domain.values import OrganisationCode

_YEAR: Final = re.compile(r"(?<!\d)(?:1[89]|20|2[45])\d\d(?!\d)")
"""A year of birth; the twenty-fourth and -fifth centuries are the Buddhist era's."""


class Claims:
    """The marks of all rows of a file."""

    __slots__ = ("_marks",)

    def __init__(self, marks: Iterable[int] = ()) -> None:
        self._marks = array("q", sorted(marks))

    @classmethod
    def of_bytes(cls, kept: bytes) -> Claims:
        """Return the claims that were kept as eight bytes a mark, four marks a row at most."""
        return cls(array("q", kept))

    def on(self, recorded: Traits, row: Traits, organisation: str) -> Claimed | None:
        """Return by what other rows are about who is *recorded*, as far as *row* is not; None where by nothing.

        What both have claims nothing: somebody may stand twice in a file.
        """
        own = {*marks_of(row, organisation).values()}
        marks = marks_of(recorded, organisation)
        held = {kind for kind, mark in marks.items() if mark not in own and self._holds(mark)}
        return Claimed(**{kind: kind in held for kind in Claimed._fields}) if held else None

    def _holds(self, mark: int) -> bool:
        place = bisect_left(self._marks, mark)
        return place < len(self._marks) and self._marks[place] == mark


def marks_of_cells(cells: Mapping[str, str], organisation: str) -> Iterable[int]:
    """Return the marks of a row of *organisation* as it came."""
    number = identifying_number(western_digits(cells.get("document_number", "")))
    year = _YEAR.search(western_digits(cells.get("birth_date", "")))
    name = _sorted(f"{cells.get('given_names', '')} {cells.get('surname', '')}")
    return _marks(organisation, number, name, year[0] if year else "").values()


def marks_of(person: Traits, organisation: str) -> dict[str, int]:
    """Return the marks of a person of *organisation*, by what claims them."""
    year = str(person.born.year) if person.born else ""
    return _marks(organisation, person.number, _sorted(person.names[0]) if person.names else "", year)


def _marks(organisation: str, number: str, name: str, year: str) -> dict[str, int]:
    marks: dict[str, int] = {}
    if number:
        marks["by_document"] = _mark("document", organisation, number)
    if name:
        marks |= {
            "by_name": _mark("name", organisation, name),
            "by_name_and_year": _mark("year", organisation, name, year),
        }
    if number and name:
        marks["wholly"] = _mark("all", organisation, number, name, year)
    return marks


def _sorted(name: str) -> str:
    return " ".join(sorted(folded(name).split()))


def _mark(*parts: str) -> int:
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


MOST_MET: Final = 50
"""People who may share one key, such as an office's address; where more do, it tells nothing."""


class Recognition(NamedTuple):
    """Whom a row is about: *case* is that person's, the one to be asked about, or of another person nobody's."""

    verdict: IdentityVerdict
    case: UUID | None = None
    evidence: RowEvidence | None = None
    by_other_evidence: bool = False
    """The row's own reference, or what it was known by without one, would not have led to the case."""
    known_before: UUID | None = None
    """The other person whom the row's reference meant until now."""


class RowSought(NamedTuple):
    """A row, with what it is looked for by."""

    organisation: OrganisationCode
    traits: Traits
    key: UUID
    """The id that the row's own key gives."""
    keyed_by_reference: bool
    meeting: frozenset[int]
    """Numbers of the keys under which it meets the people it may be."""


class _Found(NamedTuple):
    """One whom a row may be about; the last in order is the likeliest."""

    rank: tuple[bool, int, str]
    verdict: IdentityVerdict
    case: UUID
    evidence: RowEvidence


def _meant(found: Sequence[_Found]) -> _Found:
    """Return the last of *found*, unless its document alone speaks for it and somebody else has name and birth date.

    Then it is who has the reference, or it is asked: twins' numbers are exchanged more often than their names.
    """
    likeliest = found[-1]
    if likeliest.verdict is not IdentityVerdict.SAME or is_by_name(likeliest.evidence):
        return likeliest
    named = [
        candidate for candidate in found if candidate.verdict is IdentityVerdict.SAME and is_by_name(candidate.evidence)
    ]
    if not named:
        return likeliest
    has_reference = [candidate.evidence.reference is Match.SAME for candidate in (named[-1], likeliest)]
    return named[-1] if has_reference == [True, False] else likeliest._replace(verdict=IdentityVerdict.ASK)


class Roll:
    """People of organisations with what they are found by. Nothing is kept of a person but the traits."""

    def __init__(self) -> None:
        self._people: dict[UUID, tuple[OrganisationCode, Traits]] = {}
        self._meeting: defaultdict[int, set[UUID]] = defaultdict(set)
        self._holders: dict[UUID, UUID] = {}

    def enter(self, case: UUID, organisation: OrganisationCode, traits: Traits) -> None:
        """Write down, or write anew, what is said of the person of *case*."""
        self._people[case] = organisation, traits

    def meet(self, case: UUID, numbers: Iterable[int]) -> None:
        """Let *case* be found by the keys *numbers*."""
        for number in numbers:
            self._meeting[number].add(case)

    def means(self, holders: Mapping[UUID, UUID]) -> None:
        """Write down which case each key means."""
        self._holders.update(holders)

    def holder(self, key: UUID) -> UUID | None:
        """Return the case that *key* means; None for a key that was never seen."""
        return self._holders.get(key)

    def recognise(self, row: RowSought, claims: Callable[[], Claims]) -> Recognition:
        """Return whom *row* is about.

        Of several the one for whom most speaks; where the document is one person's, and name and birth date another's,
        the reference decides, else it is asked. Whoever another row of the same file names better is left to that
        row, unless it is beyond doubt who is meant.
        """
        holder = self._holders.get(row.key)
        found = sorted(
            _Found((verdict is IdentityVerdict.SAME, weight(evidence), str(case)), verdict, case, evidence)
            for case in self._candidates(row)
            if (judged := self._judged(row, case, claims))
            for evidence, verdict in [judged]
        )
        if holder is not None and holder not in self._people and not (found and found[-1][0][0]):
            return Recognition(
                IdentityVerdict.SAME, holder
            )  # erased: nothing is left to compare with, and officers look
        if not found:
            return Recognition(IdentityVerdict.OTHER, known_before=holder if row.keyed_by_reference else None)
        _, verdict, case, evidence = _meant(found)
        other = holder != case and not (evidence.reference is not Match.OTHER and row.traits.reference)
        return Recognition(verdict, case, evidence, by_other_evidence=other and verdict is IdentityVerdict.SAME)

    def keep(self, row: RowSought, case: UUID, *, changed: bool) -> bool:
        """Write down that *row* is about *case*; returns whether its key means another case now than it did.

        A reference means whom the sender last meant by it; any other key means whom it first led to.
        """
        if changed:
            self.enter(case, row.organisation, row.traits)
        self.meet(case, row.meeting)
        before = self._holders.get(row.key)
        if before == case or (before is not None and not row.keyed_by_reference):
            return False
        self._holders[row.key] = case
        return before is not None or row.key != case

    def compared(self, row: RowSought, case: UUID) -> RowEvidence:
        """Return how *row* compares with the person of *case*."""
        recorded = self._people[case][1]
        return compare_traits(row.traits, recorded, reference=self._reference(row, case, recorded))

    def _candidates(self, row: RowSought) -> set[UUID]:
        met = (self._meeting[number] for number in row.meeting if number in self._meeting)
        found = {case for cases in met if len(cases) <= MOST_MET for case in cases}
        if (holder := self._holders.get(row.key)) is not None:
            found.add(holder)
        return {case for case in found if case in self._people and self._people[case][0] == row.organisation}

    def _judged(
        self, row: RowSought, case: UUID, claims: Callable[[], Claims]
    ) -> tuple[RowEvidence, IdentityVerdict] | None:
        """Return what speaks for *case* being meant, and for or against it; None where nothing does."""
        recorded = self._people[case][1]
        evidence = evidence_that_counts(row.traits, recorded, reference=self._reference(row, case, recorded))
        verdict = rule_for(evidence).verdict if evidence else IdentityVerdict.OTHER
        if evidence is None or verdict is IdentityVerdict.OTHER:
            return None
        if not is_beyond_doubt(evidence) and (claimed := claims().on(recorded, row.traits, row.organisation)):
            verdict = after_claims(verdict, evidence, claimed)
        return None if verdict is IdentityVerdict.OTHER else (evidence, verdict)

    def _reference(self, row: RowSought, case: UUID, recorded: Traits) -> Match:
        """Compare the references: what the sender last meant by one counts, not what a case was first known by."""
        if not row.traits.reference:
            return Match.UNKNOWN
        holder = self._holders.get(row.key)
        if holder == case:
            return Match.SAME
        if recorded.reference == row.traits.reference:
            return Match.SAME if holder is None else Match.UNKNOWN
        return Match.OTHER if recorded.reference else Match.UNKNOWN
