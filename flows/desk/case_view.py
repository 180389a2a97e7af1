"""One case as the desk shows it: what the form says beside the document, each finding beside what it points to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from db.screening.reference_lists import KeptList
from db.store import Store
from domain.application.findings import Finding, Severity, needs_human
from domain.application.nomination import DISCLOSURES, Nomination
from domain.application.reasons import ReasonCode
from domain.decisions.choices import choices
from domain.decisions.rulings import ENDS, MEASURES, NEEDS_REASON, ON_REPLIES, Outcome, founding
from domain.identity import mrz as zones
from domain.identity.comparison import ComparedField, FieldComparison, compare
from domain.identity.readings import Mrz
from domain.screening.applicants import applicant_of
from domain.screening.hits import ON_LIST, Hit
from domain.screening.keys import sought_keys
from domain.screening.subject import ListEntry
from domain.vetting.checks import document_form
from flows.decisions.review import CaseEvidence, CaseView
from flows.desk.access import may_open
from flows.desk.visit import Visit

FILES: Final = ("photo", "identity_page")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the form beside the machine-readable zone of the document."""

    name: str
    form: str
    document: str = ""
    outcome: str = ""
    """SAME, COMPATIBLE, DIFFERENT, ABSENT; empty where the zone has no such field."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry of a reference list that the person resembles, and which list it is of."""

    entry: ListEntry
    source: KeptList


@dataclass(frozen=True, slots=True)
class Point:
    """A finding with what it points to, as far as this officer may see it."""

    evidence: CaseEvidence
    hit: Hit | None
    """Why they are thought to be one person; None where the other case is closed to the officer."""
    other: Nomination | None
    other_number: str
    may_open: bool
    listed: ListedEntry | None = None

    @property
    def needs_judgement(self) -> bool:
        """Whether an officer must judge it."""
        return self.evidence.finding.severity is Severity.HUMAN


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome that the officer could decide, and what it has to carry."""

    outcome: Outcome
    key: str
    reasons: tuple[ReasonCode, ...]
    asks_facts: bool
    asks_until: bool
    asks_weighing: bool


KEYS: Final = {
    Outcome.APPROVE: "a",
    Outcome.REFUSE: "r",
    Outcome.DEFER: "d",
    Outcome.REQUEST_INFORMATION: "i",
    Outcome.CONFIRM: "c",
    Outcome.RETURN: "t",
    Outcome.RECALL: "l",
    Outcome.WARN: "z",
    Outcome.SUSPEND: "s",
    Outcome.REVOKE: "v",
    Outcome.LIFT: "f",
    Outcome.RECORD_REPLY: "y",
    Outcome.ANSWER_REPLY: "h",
    Outcome.UPHOLD: "k",
    Outcome.LODGE_APPEAL: "e",
    Outcome.GRANT_APPEAL: "g",
    Outcome.DISMISS_APPEAL: "m",
    Outcome.REMAND_APPEAL: "b",
}
_ASKS_FACTS: Final = frozenset(
    {
        *NEEDS_REASON, *ON_REPLIES, Outcome.UPHOLD, Outcome.RETURN,
        Outcome.LODGE_APPEAL, Outcome.GRANT_APPEAL, Outcome.DISMISS_APPEAL, Outcome.REMAND_APPEAL,
    }
)  # fmt: skip
_ASKS_UNTIL: Final = frozenset({*ENDS, *MEASURES})
_ZONE: Final = {
    ComparedField.NAMES: ("surname", "given_names"),
    ComparedField.BIRTH_DATE: ("birth_date",),
    ComparedField.NATIONALITY: ("nationality",),
    ComparedField.SEX: ("sex",),
    ComparedField.NUMBER: ("document_number",),
    ComparedField.ISSUER: ("document_issuer",),
    ComparedField.EXPIRY: ("document_expiry",),
}


def lines_of(person: Nomination, *, on: date) -> list[Line]:
    """Return the fields that form and zone both state, in the order of the page."""
    zone = zones.parse(person.mrz, on=on) if person.mrz else None
    compared = _compared(zone, person)
    printed = _printed(zone) if zone else {}
    said = {
        "surname": person.surname,
        "given_names": person.given_names,
        "birth_date": str(person.birth_date or ""),
        "nationality": ", ".join(person.nationalities),
        "sex": person.sex,
        "document_number": person.document_number,
        "document_issuer": person.document_issuer,
        "document_expiry": str(person.document_expiry or ""),
    }
    return [_line(name, form_says, printed.get(name, ""), compared.get(name)) for name, form_says in said.items()]


def _line(name: str, form: str, document: str, found: FieldComparison | None) -> Line:
    if found is None:
        return Line(name, form, document)
    return Line(name, form, document, found.outcome.value, ", ".join(reason.value for reason in found.reasons))


def _compared(zone: Mrz | None, person: Nomination) -> dict[str, FieldComparison]:
    if zone is None or not zone.is_recognised:
        return {}
    return {name: comparison for comparison in compare(zone, document_form(person)) for name in _ZONE[comparison.field]}


def _printed(zone: Mrz) -> dict[str, str]:
    """Return what the document's zone says, as it can be read."""
    return {
        "surname": zone.surname,
        "given_names": zone.given_names,
        "birth_date": str(zone.birth_date or zone.birth_printed),
        "nationality": zone.nationality,
        "sex": zone.sex.value if zone.sex else "",
        "document_number": zone.number,
        "document_issuer": zone.issuer,
        "document_expiry": str(zone.expiry or zone.expiry_printed),
    }


def more_about(person: Nomination) -> list[tuple[str, str]]:
    """Return what the form says besides, field by field, where it says anything."""
    said = {
        "native_name": person.native_name,
        "document_kind": person.document_kind.value.replace("_", " "),
        "mrz": person.mrz,
        "email": person.email,
        "phone": person.phone,
        "languages": ", ".join(person.languages),
        "arrival": f"{person.arrival or '…'} – {person.departure or '…'}" if person.arrival or person.departure else "",
        "preferred_regions": ", ".join(person.preferred_regions),
        "disclosure": person.disclosure,
        "role_detail": person.role_detail,
        "funded_by": person.funded_by,
        "pledge_accepted_on": str(person.pledge_accepted_on or ""),
        "reference": person.reference,
    }
    return [(name, text) for name, text in said.items() if text]


def answers_of(person: Nomination) -> list[tuple[str, bool | None]]:
    """Return the questions about conflicts of interest with what was answered; None where nothing was."""
    return [(name, getattr(person, name)) for name in ("conflict_declared", *DISCLOSURES)]


def points_of(store: Store, visit: Visit, screen: CaseView) -> list[Point]:
    """Return the findings, those to be judged first; a person whom the officer may not see is left out."""
    hits = {hit.about: hit for hit in screen.hits}
    points = [_point(store, visit, screen, found, hits.get(found.finding.about)) for found in screen.evidence]
    return sorted(points, key=lambda point: not point.needs_judgement)


def _point(store: Store, visit: Visit, screen: CaseView, evidence: CaseEvidence, hit: Hit | None) -> Point:
    other = evidence.application
    allowed = other is not None and may_open(store, visit.officer, other, visit.profile, now=visit.now)
    return Point(
        evidence=evidence,
        hit=hit if other is None or allowed else None,
        listed=_listed(store, screen, hit.about) if hit is not None and hit.rule == ON_LIST else None,
        other=evidence.nomination if allowed else None,
        other_number=other.case_number if other else "",
        may_open=allowed,
    )


def _listed(store: Store, screen: CaseView, about: str) -> ListedEntry | None:
    """Return the entry as the list has it now; None where it has it no longer."""
    election, person = screen.application.election, screen.nomination
    source = store.references.get(election, about.partition(":")[0])
    if source is None or person is None:
        return None
    sought = sorted(sought_keys(applicant_of(person, case=str(screen.application.id))))
    entry = store.references.entry(election, about, sought=sought)
    return ListedEntry(entry, source) if entry else None


def shown_beside(points: Sequence[Point]) -> list[UUID]:
    """Return the other cases of which something personal is shown with this one."""
    shown = (point.evidence.application for point in points if point.may_open)
    return list(dict.fromkeys(case.id for case in shown if case is not None))


def said_of(person: Nomination | None, lines: Sequence[Line]) -> dict[str, str]:
    """Return what the form says, by the names that findings have for its fields."""
    said = {line.name: line.form for line in lines} | dict(more_about(person) if person else [])
    return said | {"number": said.get("document_number", ""), "expiry": said.get("document_expiry", "")}


def choices_of(visit: Visit, screen: CaseView) -> list[Choice]:
    """Return what the officer could decide on the case, each with its key."""
    possible = choices(visit.officer, screen.application, visit.profile, history=screen.history)
    found = [evidence.finding for evidence in screen.evidence]
    asking = _ASKS_FACTS | {Outcome.APPROVE} if needs_human(tuple(found)) else _ASKS_FACTS
    return [
        Choice(
            outcome=outcome,
            key=KEYS[outcome],
            reasons=_reasons(outcome, visit, found) if outcome in {*NEEDS_REASON, Outcome.DISMISS_APPEAL} else (),
            asks_facts=outcome in asking,
            asks_until=outcome in _ASKS_UNTIL,
            asks_weighing=outcome in MEASURES,
        )
        for outcome in possible
    ]


def _reasons(outcome: Outcome, visit: Visit, found: Sequence[Finding]) -> tuple[ReasonCode, ...]:
    """Return what can found *outcome*, the codes of what was found on the case first."""
    own = {finding.code for finding in found}
    return tuple(sorted(founding(outcome, visit.profile), key=lambda code: code not in own))


def files_of(person: Nomination | None) -> list[str]:
    """Return which of the person's files there are."""
    return [name for name in FILES if person is not None and getattr(person, name)]


def beside_entry(person: Nomination, entry: ListEntry) -> list[tuple[str, str, str]]:
    """Return what the form and an entry of a list say, field by field; a list knows nobody's fields better."""
    document = f"{person.document_issuer} {person.document_number}".strip()
    compared = [
        ("names", " · ".join(filter(None, [person.name, person.native_name])), entry.names),
        ("birth_date", person.born, entry.birth_dates),
        ("nationality", ", ".join(person.nationalities), entry.countries),
        ("document_number", document, entry.documents),
    ]
    return [(name, form, " · ".join(listed)) for name, form, listed in compared]


def beside(person: Nomination, other: Nomination) -> list[tuple[str, str, str]]:
    """Return what two people have on their forms, field by field, for the eye to compare."""
    fields = ("surname", "given_names", "native_name", "birth_date", "nationalities", "document_number", "email")
    named = {"nationalities": "nationality"}
    return [(named.get(name, name), _plain(getattr(person, name)), _plain(getattr(other, name))) for name in fields]


def _plain(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- country codes
