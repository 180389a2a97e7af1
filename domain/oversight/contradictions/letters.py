"""Letters held against the cases that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from domain.application.application import Application
from domain.application.status import FINAL, PLACED, Status
from domain.letters.envelope import LetterKind, LetterState
from domain.oversight.contradictions.contradiction import Contradiction, of_case
from domain.oversight.contradictions.snapshot import Snapshot, Written

_STANDS: Final[Mapping[str, frozenset[Status]]] = {
    "refusal": frozenset({Status.REFUSED, Status.UNDER_APPEAL}),
    "revocation": frozenset({Status.REVOKED, Status.UNDER_APPEAL}),
}
"""In which statuses a letter of a decision against somebody says what is so."""
_OF_COURSE: Final = frozenset({LetterKind.DEFICIENCY, LetterKind.PLACEMENT, LetterKind.COLLECTION})
"""Letters that ask or expect something of somebody whose application goes on."""


def in_letters(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield letters that name what is not so on their day."""
    yield from _to_closed_offices(seen)
    for case in seen.cases.values():
        letters = seen.letters_of.get(case.id, ())
        yield from _placements(seen, case, [letter for letter in letters if _is_live(letter, LetterKind.PLACEMENT)])
        for letter in letters:
            yield from _decisions(case, letter)
            if letter.waits and case.status in FINAL and letter.kind in _OF_COURSE:
                yield _overtaken(letter, f"the case is {case.status}")
            if letter.kind is LetterKind.COLLECTION and case.status in PLACED:
                yield from _collections(seen, case, letter)


def in_breaches(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield people who should have heard of a theft of their data and did not, and reports that are late."""
    for theft in seen.thefts:
        remedy = f"Send the report, and note it: accredit breaches {theft.mark}"
        if theft.due_at and (theft.reported_at or seen.now) > theft.due_at:
            late = "reported too late." if theft.reported_at else "not reported, and its time is over."
            yield Contradiction(rule="breach_told", about=theft.mark, problem=f"it was {late}", remedy=remedy)
        for known in theft.people:
            if known in seen.people and not any(_tells_of(sent, theft.mark) for sent in seen.letters_of.get(known, ())):
                told = f"no letter that leaves or left tells of {theft.mark}."
                yield of_case(seen.cases[known], "breach_told", told, "Write by hand, or let the letter go.")


def _tells_of(letter: Written, mark: str) -> bool:
    gone = {LetterState.CANCELLED, LetterState.FAILED}
    return letter.kind is LetterKind.BREACH and f":{mark}:" in letter.key and letter.state not in gone


def _is_live(letter: Written, kind: LetterKind) -> bool:
    return letter.kind is kind and letter.state is not LetterState.CANCELLED and bool(letter.contents)


def _placements(seen: Snapshot, case: Application, letters: list[Written]) -> Iterator[Contradiction]:
    if case.status not in PLACED or case.id not in seen.people:
        return
    if not letters:
        if case.region is None and not seen.profile.role_rules(case.role).placed:
            return  # people of this role are given no region, and hear of none
        yield of_case(case, "letter_and_place", "it is placed and no letter says so.", "Draft and adopt a plan again.")
        return
    *before, last = letters
    for letter in before:
        if letter.waits and letter.contents["region"] != last.contents["region"]:
            yield _overtaken(letter, "a later letter says otherwise")
    yield from _last_placement(seen, case, last)


def _to_closed_offices(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield what waits and says to a closed office only, what became of a badge."""
    offices = seen.geography.offices
    served = {office.email for office in offices if office in seen.offices_for(office.code, seen.day)}
    closed = {office.email for office in offices if seen.offices_for(office.code, seen.day)} - served
    for letter in seen.letters:
        if letter.kind is LetterKind.CREDENTIAL_CHANGE and letter.waits and letter.to in closed:
            yield Contradiction(
                rule="letter_overtaken", about=letter.key, problem="it waits, and goes to a closed office.",
                remedy="Let letters follow: accredit office follow.",
            )  # fmt: skip


def _overtaken(letter: Written, why: str) -> Contradiction:
    return Contradiction(
        rule="letter_overtaken", about=letter.key, problem=f"it waits, and {why}.",
        remedy=f"Cancel it: accredit letters cancel {letter.key}",
    )  # fmt: skip


def _last_placement(seen: Snapshot, case: Application, last: Written) -> Iterator[Contradiction]:
    region = next((region for region in seen.geography.regions if region.code == case.region), None)
    moved = seen.last(case, "office_changed")
    if moved and moved.at > last.queued_at:
        yield of_case(
            case, "letter_and_place", f"no letter says that it belongs to {case.office} now.",
            "Draft and adopt a plan again; it writes anew.",
        )  # fmt: skip
    said, name = str(last.contents["region"]), region.name if region else ""
    if said != name:
        told = f"the last letter says {said or 'at large'}, the case is {case.region or 'at large'}."
        yield of_case(case, "letter_and_place", told, "Draft and adopt a plan again; it writes anew.")
    elif region and (office := _office_in(last)) not in _named(seen, region.office, last):
        told = f"the last letter names {office}, which serves {region.code} on no day since it was written."
        yield of_case(case, "letter_and_place", told, "Let offices follow: accredit office follow.")


def _office_in(letter: Written) -> str:
    serving: Mapping[str, str] = letter.contents["serving"] or {}
    return serving.get("name", "no office")


def _named(seen: Snapshot, home: str, letter: Written) -> set[str]:
    """Return the names of the offices that serve *home*'s regions on some day from the letter's on."""
    land = seen.geography
    written = letter.queued_at.astimezone(seen.profile.zone).date()
    day = min(max(written, land.serves_from), land.serves_until - timedelta(days=1))
    days = [day + timedelta(days=further) for further in range((land.serves_until - day).days)]
    return {office.name for on in days for office in seen.offices_for(home, on)}


def _collections(seen: Snapshot, case: Application, letter: Written) -> Iterator[Contradiction]:
    """Yield a letter that waits and sends somebody to an office which does not have their badge."""
    office = next((office for office in seen.geography.offices if office.code == case.office), None)
    if office and letter.waits and letter.contents and not str(letter.contents["place"]).startswith(office.name):
        yield Contradiction(
            rule="letter_overtaken", about=letter.key, problem=f"it waits and names another place than {office.code}.",
            remedy=f"Cancel it: accredit letters cancel {letter.key}",
        )  # fmt: skip


def _decisions(case: Application, letter: Written) -> Iterator[Contradiction]:
    decided = letter.contents.get("measure") if letter.kind is LetterKind.MEASURE else letter.kind.value
    stands = _STANDS.get(str(decided))
    if stands and letter.waits and case.status not in stands:
        yield Contradiction(
            rule="letter_and_decision", about=letter.key,
            problem=f"it waits and tells of a {decided}; the case is {case.status}.",
            remedy=f"Cancel it: accredit letters cancel {letter.key}",
        )  # fmt: skip
