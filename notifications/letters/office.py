"""Letters to regional offices and officers, and about offices."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field

from domain.application.clocks import Clock
from domain.election.profile.casework import AskedField
from domain.letters.envelope import LetterKind
from domain.oversight.alarms import AlarmKind
from domain.values import Frozen, UtcTime
from notifications.letters.invented import END, LATER, NOW, SERVING
from notifications.letters.lines import AskingLetter, CompetentOffice, FilledLine, Letter, Line, OpenCase, RegionCount

_CHANGE: Final = {
    "subject_office": "Office of the Islands",
    "effective_from": LATER,
    "competent": SERVING,
    "open_cases": 12,
}


class RosterLetter(AskingLetter):
    """An office gets its list of people as a spreadsheet; the letter itself only counts."""

    kind: ClassVar = LetterKind.ROSTER
    samples: ClassVar = {
        "roster": {
            "version": 3,
            "drawn_up_at": NOW,
            "people": 1204,
            "added": 4,
            "changed": 1,
            "removed": 2,
            "regions": (RegionCount(region="The Islands", people=204), RegionCount(region="Coast", people=1000)),
            "due": LATER,
            "link": "https://desk.commission.example/received/en#token",
        },
    }

    version: Annotated[int, Field(ge=1)]
    drawn_up_at: UtcTime
    people: Annotated[int, Field(ge=0)]
    regions: tuple[RegionCount, ...] = ()
    added: Annotated[int, Field(ge=0, description="since the version before")] = 0
    changed: Annotated[int, Field(ge=0)] = 0
    removed: Annotated[int, Field(ge=0)] = 0


class SummaryLetter(AskingLetter):
    """A region's commission representative gets numbers, dates and the office's contact; observers are not named.

    Its local administration gets the same without teams and sites.
    """

    kind: ClassVar = LetterKind.SUMMARY
    samples: ClassVar = {
        "summary": {
            "office": SERVING,
            "version": 2,
            "drawn_up_at": NOW,
            "region": "The Islands",
            "people": 204,
            "teams": 98,
            "sites": 51,
            "first_day": NOW.date(),
            "last_day": END.date(),
        },
        "summary-administration": {
            "office": SERVING,
            "version": 2,
            "drawn_up_at": NOW,
            "region": "The Islands",
            "people": 204,
            "first_day": NOW.date(),
            "last_day": END.date(),
            "due": LATER,
        },
    }

    version: Annotated[int, Field(ge=1)]
    drawn_up_at: UtcTime
    region: FilledLine
    people: Annotated[int, Field(ge=0)]
    teams: Annotated[int | None, Field(ge=0, description="unset: not for this recipient")] = None
    sites: Annotated[int, Field(ge=0, description="where teams observe; 0: not planned here")] = 0
    first_day: date
    last_day: date


class OfficeChangeLetter(AskingLetter):
    """An office opens, closes, is reached otherwise, or another one acts for it: from when, who is competent, where."""

    kind: ClassVar = LetterKind.OFFICE_CHANGE
    samples: ClassVar = {
        "office-opens": {
            "change": "opens",
            **_CHANGE,
        },
        "office-closes": {
            "change": "closes",
            **_CHANGE,
        },
        "office-reached": {
            "change": "reached",
            **_CHANGE,
        },
        "office-acting": {
            "change": "acting",
            **_CHANGE,
            "effective_until": END,
        },
        "office-acting-with-badges": {
            "change": "acting",
            **_CHANGE,
            "effective_until": END,
            "badges": 41,
            "version": 1,
            "due": LATER,
            "link": "https://desk.example/received/en",
        },
    }

    subject_office: FilledLine
    change: Literal["opens", "closes", "acting", "reached"]
    effective_from: UtcTime
    effective_until: UtcTime | None = None
    competent: Annotated[CompetentOffice, Field(description="who is competent from then on")]
    open_cases: Annotated[int, Field(ge=0)] = 0
    badges: Annotated[int, Field(ge=0, description="printed, which the office takes over")] = 0
    version: Annotated[int, Field(ge=0, description="which handover of badges this is")] = 0


class ShiftPlace(Frozen):
    """A part of a shift: at which office, and on which days."""

    office: FilledLine
    address: Line = ""
    first_day: date
    last_day: date


class ShiftLetter(Letter):
    """Surge staff are told where they work and when; while an office is closed, at the one that acts for it."""

    kind: ClassVar = LetterKind.SHIFT
    samples: ClassVar = {
        "shift": {
            "officer": "POOL-01",
            "places": (
                {
                    "office": "Office of the Islands",
                    "address": "9 Quay",
                    "first_day": NOW.date(),
                    "last_day": LATER.date(),
                },
                {"office": "Office of the Coast", "first_day": END.date(), "last_day": END.date()},
            ),
        },
        "shift-decides": {
            "officer": "POOL-01",
            "places": ({"office": "Office of the Coast", "first_day": NOW.date(), "last_day": END.date()},),
            "decides": True,
            "again": True,
        },
        "shift-ended": {"officer": "POOL-01", "ended": NOW},
    }

    officer: Annotated[FilledLine, Field(description="code of the officer")]
    places: tuple[ShiftPlace, ...] = ()
    decides: Annotated[bool, Field(description="the profile lets them decide; else they prepare")] = False
    again: Annotated[bool, Field(description="they were told of this shift before, and otherwise")] = False
    ended: Annotated[UtcTime | None, Field(description="since when it is over, before its time")] = None


class DigestLetter(Letter):
    """The officers' day: counts, and the cases that are overdue or due next. Ids only."""

    kind: ClassVar = LetterKind.DIGEST
    samples: ClassVar = {
        "digest": {
            "in_review": 42,
            "second_officer": 3,
            "incomplete": 120,
            "late": 2,
            "undelivered": 1,
            "next_due": (OpenCase(case_number="ABCD-EFGH-IJKL", due=LATER),),
        },
    }

    in_review: Annotated[int, Field(ge=0)]
    second_officer: Annotated[int, Field(ge=0, description="proposals that wait for a second officer")]
    incomplete: Annotated[int, Field(ge=0)]
    late: Annotated[int, Field(ge=0, description="past their due time")]
    undelivered: Annotated[int, Field(ge=0, description="letters that failed or bounced")]
    next_due: tuple[OpenCase, ...] = ()


class AlarmLetter(Letter):
    """Something happened that must not; officers look into it at once. Ids and codes only."""

    kind: ClassVar = LetterKind.ALARM
    samples: ClassVar = {
        "alarm": {"alarm": "unproved", "about": "6f1c1f0e-8a51-5d0b-9a34-2c5d3a0f7b11", "at": NOW},
        "alarm-rate": {"alarm": "rate", "about": "15000", "at": NOW},
        "alarm-again": {"alarm": "again", "about": "6f1c1f0e-8a51-5d0b-9a34-2c5d3a0f7b11", "at": NOW},
        "alarm-file": {"alarm": "quarantined", "about": "ORG-07", "at": NOW},
        "alarm-log": {"alarm": "log", "about": "log", "at": NOW},
    }

    alarm: AlarmKind
    about: Annotated[str, Field(max_length=64, description="id of a case, code of an organisation, or a number")]
    at: UtcTime


class EscalationLetter(Letter):
    """A clock has run through a share of its time and nobody has acted."""

    kind: ClassVar = LetterKind.ESCALATION
    samples: ClassVar = {
        "escalation": {
            "case_number": "ABCD-EFGH-IJKL",
            "clock": "proposal",
            "share": 80,
            "due": LATER,
        },
        "escalation-late": {
            "case_number": "ABCD-EFGH-IJKL",
            "clock": "decision",
            "share": 100,
            "due": NOW,
        },
    }

    case_number: FilledLine
    clock: Annotated[Clock, BeforeValidator(lambda said: Clock.PROPOSAL if said == "review" else said)]
    """Letters written before clocks had one name each say review."""
    share: Annotated[int, Field(ge=1, le=100, description="percent of the time that has run")]
    due: UtcTime


class AskedLine(Frozen):
    """One of the few things that another authority is told of a person."""

    field: AskedField
    value: FilledLine


class ClearanceLetter(Letter):
    """Another authority is asked about a person: yes or no, on what ground. It is told what the profile allows."""

    kind: ClassVar = LetterKind.CLEARANCE
    samples: ClassVar = {
        "clearance": {
            "case_number": "ABCD-EFGH-IJKL",
            "authority": "Registry of citizens",
            "ground": "Observers Act of Valdara, art. 9 (4)",
            "person": (
                AskedLine(field="name", value="AVA MARIT LINDENGARD"),
                AskedLine(field="birth_date", value="1985-05-17"),
                AskedLine(field="citizenships", value="XAA"),
            ),
            "due": LATER,
        },
    }

    case_number: FilledLine
    authority: FilledLine
    ground: Annotated[FilledLine, Field(description="what lets the authority be asked")]
    person: Annotated[tuple[AskedLine, ...], Field(min_length=1)]
    due: UtcTime
