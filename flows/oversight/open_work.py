"""What is still to be done in an election: what waits, what is late, what went wrong, each with the command for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from db.oversight.erasures import Erasures
from db.store import open_reader
from domain.application.held_classes import HeldClass
from domain.application.status import Status
from domain.assignment.acknowledgements import Acknowledgement
from domain.letters.envelope import LetterState
from domain.oversight.retention import ending_id
from domain.statements.officer_acts import Step
from domain.values import ElectionCode
from flows.assignment.misplaced import misplaced
from flows.context import database, published_at
from flows.intake.mending.overdue import overdue_cases
from flows.organisations.overdue import overdue_organisations
from flows.oversight.requests import waiting_requests
from flows.oversight.told_breaches import unreported
from flows.settings import settings


class OpenWork(NamedTuple):
    """A pile of work: how many things, what they are, and what takes them up."""

    number: int
    what: str
    next: str
    """A command, or what is waited for."""


REPORT_FOLDER: Final = "report"
"""In the folder of what is published."""
_AGAIN: Final = "accredit intake, the same files again"
_BY_STATUS: Final[Mapping[Status, tuple[str, str]]] = {
    Status.HELD: ("nominees of organisations that are not admitted", "accredit organisation list"),
    Status.SUBMITTED: ("nominees whose papers are not checked", _AGAIN),
    Status.IN_VETTING: ("complete cases to check", "accredit vet"),
    Status.IN_REVIEW: ("cases for an officer to decide", "accredit queue"),
    Status.UNDER_APPEAL: ("appeals for officers who took no part", "accredit queue"),
    Status.APPROVED: ("approved people without a place", "accredit assign"),
    Status.ASSIGNED: ("placed people without a badge", "accredit issue"),
    Status.INCOMPLETE: ("incomplete cases, with their organisations", "wait, or accredit remind"),
    Status.DEFERRED: ("cases put off for a named fact", "wait, or accredit clocks"),
    Status.SUSPENDED: ("suspended accreditations", "wait, or accredit clocks"),
}
_WITH_A_CLOCK: Final = (Status.IN_VETTING, Status.IN_REVIEW, Status.UNDER_APPEAL, Status.DEFERRED, Status.SUSPENDED)
_BY_ARRIVAL: Final = {
    "files_in_drop_folder": ("files in the drop folder", "accredit collect folder"),
    "messages_to_take_in": ("messages to take in", "accredit collect mailbox"),
}


def open_work(election: ElectionCode, status: Mapping[str, Any], *, now: datetime) -> dict[str, list[OpenWork]]:
    """Return all that is still to be done, in piles under what people call them.

    *status* is what :func:`flows.oversight.counts.status_of` counted.
    """
    return {
        f"{election}: waits": waiting_work(election, status),
        "Late": late_work(election, now=now),
        "Went wrong": failed_work(status),
    }


def waiting_work(election: ElectionCode, status: Mapping[str, Any]) -> list[OpenWork]:
    """Return what waits, in the order of work; *status* as for :func:`open_work`."""
    with open_reader(database()) as store:
        proposed = store.counts.proposed(election)
    return [
        *_piles(status["waiting"], _BY_ARRIVAL),
        *_piles(status["applications"], {standing.value: told for standing, told in _BY_STATUS.items()}),
        *_only([
            OpenWork(proposed, "proposals for a second officer", "accredit queue"),
            OpenWork(_reviews(election), "groups with unusual figures, to review", "accredit report --findings"),
        ]),
        *_letters(
            status, "letters to send", "accredit deliver",
            LetterState.QUEUED, LetterState.SENDING, LetterState.DEFERRED,
        ),
        *_only([
            OpenWork(len(waiting_requests(election)), "requests for access", "accredit access"),
            OpenWork(len(unreported(election)), "reports of a breach to the authority", "accredit breaches"),
        ]),
        *_letters(status, "letters held for an officer's word", "accredit letters list --state held", LetterState.HELD),
    ]  # fmt: skip


def report_folder(election: ElectionCode) -> Path:
    """Return where the flow *report* writes: into the published folder, else into one of the engine's own."""
    return (published_at(election) or settings().home / "public") / REPORT_FOLDER


def _reviews(election: ElectionCode) -> int:
    """Return how many groups stood out when the report was last written in this home."""
    try:
        written = json.loads((report_folder(election) / "report.json").read_text(encoding="utf-8"))
        return int(written["reviews"]) if written["election"] == election else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def late_work(election: ElectionCode, *, now: datetime) -> list[OpenWork]:
    """Return what should have been done by *now*; the time to mend counts from when the letter arrived."""
    with open_reader(database()) as store:
        late = store.counts.past_due(election, now, _WITH_A_CLOCK)
        unanswered_people = store.counts.answers_past_due(election, now)
    unanswered = sum(request.is_late(now) for request in waiting_requests(election))
    untold = sum(breach.is_late(now) for breach in unreported(election))
    return _only([
        OpenWork(untold, "reports of a breach past their time", "accredit breaches"),
        OpenWork(unanswered, "requests for access past their time", "accredit access"),
        OpenWork(len(overdue_classes(election, now=now)), "classes of data past their time", "accredit retention"),
        OpenWork(late, "cases past their time limit", "accredit clocks"),
        OpenWork(unanswered_people, "replies, second looks and appeals past their time", "accredit clocks"),
        OpenWork(len(overdue_cases(election, now=now)), "incomplete cases past their time to mend", "accredit overdue"),
        OpenWork(
            len(overdue_organisations(election, now=now)), "organisations past the time for their answer",
            "accredit organisation list",
        ),
        OpenWork(len(untold_refusals(election, now=now)), "refusals not told in time", "accredit letters list"),
        OpenWork(
            misplaced(election, now=now), "people placed where they have not accepted the notice",
            "accredit consent list",
        ),
        OpenWork(
            len(list_rows(election, now=now, late=True)), "lists, summaries and badges not acknowledged",
            "accredit office lists --late",
        ),
    ])  # fmt: skip


def overdue_classes(election: ElectionCode, *, now: datetime) -> list[HeldClass]:
    """Return the classes of data whose time is over and that nobody has ended yet."""
    with open_reader(database()) as store:
        profile, entries = store.elections.profile(election), Erasures(store.session).entries(election)
    ended = {entry.id for entry in entries if entry.step is Step.CONFIRMED}
    until = {held_class: profile.class_kept_until(held_class) for held_class in HeldClass}
    over = [held_class for held_class, last in until.items() if last is not None and now > last]
    return [held_class for held_class in over if ending_id(election, held_class) not in ended]


def list_rows(election: ElectionCode, *, now: datetime, late: bool = False) -> list[dict[str, str | int]]:
    """Return the last list or summary of each recipient and how it stands; only those that are *late*, where asked."""
    with open_reader(database()) as store:
        found = store.acknowledgements.last(election)
    return [
        {
            "recipient": each.recipient.value, "of": each.code, "version": each.version, "stands": _stands(each, now),
            "until (UTC)": f"{each.ends:%Y-%m-%d %H:%M}" if each.ends else "",
        }
        for each in found
        if each.is_late(now) or not late
    ]  # fmt: skip


def _stands(each: Acknowledgement, now: datetime) -> str:
    if each.answered:
        return f"acknowledged by {each.answered}"
    if each.closed:
        return "not asked: the office is closed"
    if each.told_at is None:
        return "letter not delivered"
    return "late" if each.is_late(now) else "asked"


def untold_refusals(election: ElectionCode, *, now: datetime) -> list[UUID]:
    """Return who was refused and should have been told of it before, as the profile says."""
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
        if profile.decision.refusal_told_within is None:
            return []
        told = store.notices.told(store.applications.ids_in(election, Status.REFUSED))
    return [known for known, refused in told.items() if refused.told_at is None and refused.is_late(profile, now)]


def failed_work(status: Mapping[str, Any]) -> list[OpenWork]:
    """Return what went wrong and waits for somebody; *status* as for :func:`open_work`."""
    waiting = status["waiting"]
    return [
        *_only([OpenWork(len(status["alarms"]), "alarms of the signing process", "accredit audit verify")]),
        *_letters(status, "letters that failed", "accredit letters list --state failed", LetterState.FAILED),
        *_only([
            OpenWork(waiting["messages_held"], "messages held, of unknown senders", "accredit collect held"),
            OpenWork(waiting["files_not_finished"], "files not read to their end", _AGAIN),
            OpenWork(status["webhooks"]["dead"], "events given up for other systems", "accredit webhook list"),
            OpenWork(status["webhooks"]["stopped"], "systems that want no events any more", "accredit webhook list"),
        ]),
    ]  # fmt: skip


def _piles(counts: Mapping[str, int], kinds: Mapping[str, tuple[str, str]]) -> Iterator[OpenWork]:
    return (OpenWork(counts[name], what, then) for name, (what, then) in kinds.items() if counts.get(name))


def _letters(status: Mapping[str, Any], what: str, then: str, *states: LetterState) -> list[OpenWork]:
    kinds: Mapping[str, Mapping[str, int]] = status["letters"]
    count = sum(of_kind.get(state, 0) for of_kind in kinds.values() for state in states)
    return _only([OpenWork(count, what, then)])


def _only(piles: list[OpenWork]) -> list[OpenWork]:
    """Return the *piles* that hold anything."""
    return [pile for pile in piles if pile.number]
