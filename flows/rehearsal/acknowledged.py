"""Who of an invented election says that a list arrived: most do, some let time pass, some never got the letter."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from enum import StrEnum
from typing import Final

from db.store import open_reader, open_store
from domain.assignment.acknowledgements import Acknowledgement, Recipient
from domain.values import ElectionCode, UtcTime
from flows.assignment.acknowledgements import record_acknowledgement
from flows.context import database, election_context
from flows.oversight.contradictions import check_election
from flows.oversight.open_work import list_rows
from flows.rehearsal.check import Difference, DifferenceKind
from flows.statements.acceptance import ActingOfficer

_OFFICER: Final = "OFF-DEMO-1"
_CODE: Final = "5.1.1"


class Heard(StrEnum):
    """What is planted of a recipient; as it stands when the time is over."""

    ANSWERED = "acknowledged by reply"
    LATE = "late"
    MISSING = "letter not delivered"


_TURNS: Final = (Heard.ANSWERED, Heard.LATE, Heard.ANSWERED, Heard.MISSING, Heard.ANSWERED)
Key = tuple[Recipient, str]


def planted(election: ElectionCode) -> dict[Key, Heard]:
    """Return what is planted of everybody who was asked about a list, and still is or has answered."""
    return {(each.recipient, each.code): _TURNS[number % len(_TURNS)] for number, each in enumerate(_asked(election))}


def _asked(election: ElectionCode) -> list[Acknowledgement]:
    with open_reader(database()) as store:
        last = store.acknowledgements.last(election)
    asked = (each for each in last if each.answered or not each.closed)
    return sorted(asked, key=lambda each: (each.recipient, each.code))


def answer_lists(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Let recipients do what is planted of them; returns how many did what. A second time nothing changes."""
    heard, done = planted(election), Counter[str]()
    by = ActingOfficer(_OFFICER, election, now)
    for each in _asked(election):
        what = heard[each.recipient, each.code]
        if what is Heard.ANSWERED and not each.answered:
            record_acknowledgement(each.recipient, each.code, each.version, by, way="reply")
        if what is Heard.MISSING and each.told_at:
            with open_store(database()) as store:
                store.letters.bounce(election, each.letter, _CODE, now=now)
        done[what.value] += 1
    return done


def differences_of_lists(election: ElectionCode, *, now: UtcTime) -> list[Difference]:
    """Return where lists, and the check, stand otherwise when the time to answer is over than was planted."""
    hours = election_context(election, now).profile.letters.acknowledge_hours
    if hours is None:
        return []
    later = now + timedelta(hours=hours + 1)
    stand = {
        (Recipient(str(row["recipient"])), str(row["of"])): str(row["stands"]) for row in list_rows(election, now=later)
    }
    told = Counter(
        finding.about for finding in check_election(election, now=later) if finding.rule == "list_acknowledged"
    )
    heard = planted(election)
    late = Counter(code for (_, code), what in heard.items() if what is Heard.LATE)
    found = [
        _difference(f"{recipient} {code}", f"should be {what}, is {stand.get((recipient, code), 'unknown')}.")
        for (recipient, code), what in heard.items()
        if stand.get((recipient, code)) != what.value
    ]
    wrong = sorted((late - told) + (told - late))
    return [*found, *(_difference(code, "the check knows it otherwise than was planted.") for code in wrong)]


def _difference(row: str, sentence: str) -> Difference:
    return Difference(DifferenceKind.ROW_OUTCOME, row, sentence)
