"""Letters about days: another election day, and the stay that a visa is asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from domain.application.roles import Role
from domain.letters.envelope import LetterKind
from domain.values import Frozen, UtcTime
from notifications.letters.invented import END, LATER, NOW
from notifications.letters.lines import FilledLine, Letter, Line, RoleLetter

_MOVED: Final = {
    "day_before": date(2027, 3, 28),
    "day": date(2027, 4, 25),
    "ground": "Decree 12/2027 of the Assembly of Valdara",
}
_CASE: Final = {"case_number": "ABCD-EFGH-IJKL", "applicant_name": "Kofi Örn", "organisation_name": "Observers' League"}


class BriefingLine(Frozen):
    """A briefing at its new time."""

    title: FilledLine
    begins: UtcTime
    place: FilledLine


class VisaLetter(RoleLetter):
    """What a consulate must see of somebody accredited: no number of a document, no birth date, no place of work.

    Whether it is genuine, and whether the accreditation still stands, the office says to whoever gives its code.
    """

    kind: ClassVar = LetterKind.VISA
    samples: ClassVar = {
        "visa": {
            "role": Role.SHORT_TERM_OBSERVER, "nationality": "XAA", "day": date(2027, 3, 28), "valid_until": END,
            "arrival": date(2027, 3, 24), "departure": date(2027, 4, 2), "ground": "Observers Act of Valdara, art. 13",
        },
        "visa-without-dates": {
            "role": Role.EXPERT, "nationality": "XAA", "day": date(2027, 3, 28), "valid_until": END,
            "ground": "Observers Act of Valdara, art. 13",
        },
    }  # fmt: skip

    nationality: Annotated[FilledLine, Field(description="codes as in machine-readable zones")]
    day: date
    valid_until: UtcTime
    arrival: date | None = None
    departure: date | None = None
    ground: FilledLine


_FOLLOWS: Final[dict[str, object]] = {
    "organisation_name": "Observers' League", "first": "VALDARA-2027", "day": date(2027, 4, 14),
    "ground": "Resolution 41 of the Commission",
}  # fmt: skip


class CalendarLetter(Letter):
    """Election day moved: what that changes for one person, one organisation or one office."""

    kind: ClassVar = LetterKind.CALENDAR
    samples: ClassVar = {
        "calendar": {**_MOVED, **_CASE, "standing": "open", "due": LATER},
        "calendar-with-officers": {**_MOVED, **_CASE, "standing": "open", "decision_due": LATER},
        "calendar-suspended": {**_MOVED, **_CASE, "standing": "suspended", "valid_until": END},
        "calendar-cut": {**_MOVED, **_CASE, "standing": "open", "due": NOW + timedelta(hours=30), "cut": True},
        "calendar-accredited": {
            **_MOVED, **_CASE, "standing": "accredited", "valid_until": END, "arrival": date(2027, 3, 26),
            "departure": date(2027, 4, 3), "misses_the_vote": True, "calendar_attached": True,
            "collect_from": LATER,
            "briefings": ({"title": "Briefing for observers", "begins": LATER, "place": "Hall 2"},),
        },
        "calendar-replaced": {
            **_MOVED, **_CASE, "standing": "replaced", "valid_until": END, "calendar_attached": True,
        },
        "calendar-organisation": {
            **_MOVED, "organisation_name": "Observers' League", "standing": "organisation", "closes": LATER,
            "cases": 12,
        },
        "calendar-office": {
            **_MOVED, "office_name": "Office of the Islands", "standing": "office", "cases": 40,
            "works_from": date(2027, 3, 1), "works_until": date(2027, 5, 4),
        },
    }  # fmt: skip

    day_before: date
    day: date
    ground: FilledLine
    standing: Literal["open", "accredited", "suspended", "replaced", "organisation", "office"]
    case_number: Line = ""
    applicant_name: Line = ""
    organisation_name: Line = ""
    office_name: Line = ""
    closes: Annotated[UtcTime | None, Field(description="nominations until; an organisation's letter")] = None
    due: Annotated[UtcTime | None, Field(description="the last moment to mend")] = None
    decision_due: Annotated[UtcTime | None, Field(description="the last moment to decide")] = None
    cut: Annotated[bool, Field(description="the time to mend ends earlier, as the ground says")] = False
    valid_until: UtcTime | None = None
    collect_from: Annotated[UtcTime | None, Field(description="the printed badge, where that moved")] = None
    arrival: date | None = None
    departure: date | None = None
    misses_the_vote: Annotated[bool, Field(description="the stay as told does not include the new day")] = False
    briefings: tuple[BriefingLine, ...] = ()
    calendar_attached: bool = False
    cases: Annotated[int, Field(ge=0, description="of the organisation or the office")] = 0
    works_from: date | None = None
    works_until: date | None = None


class FollowOnLetter(Letter):
    """A run-off or a repeated vote: who of an organisation's people stays accredited, and what it has to do."""

    kind: ClassVar = LetterKind.FOLLOW_ON
    samples: ClassVar = {
        "follow-on": {**_FOLLOWS, "outcome": "stays", "cases": 12},
        "follow-on-confirm": {**_FOLLOWS, "outcome": "confirm", "cases": 12, "due": LATER, "closes": LATER},
        "follow-on-reapply": {
            **_FOLLOWS, "outcome": "reapply", "closes": LATER, "applies": True, "regions": "Islands, Northern Coast",
        },
    }  # fmt: skip

    organisation_name: FilledLine
    first: Annotated[FilledLine, Field(description="code of the election that it follows")]
    day: date
    ground: FilledLine
    outcome: Literal["stays", "confirm", "reapply"]
    cases: Annotated[int, Field(ge=0, description="people of the organisation who stay")] = 0
    due: Annotated[UtcTime | None, Field(description="until when they have to say so")] = None
    closes: Annotated[UtcTime | None, Field(description="further people may be nominated until then")] = None
    applies: Annotated[bool, Field(description="the organisation applies anew")] = False
    regions: Annotated[Line, Field(description="where the vote is held, where not everywhere")] = ""
