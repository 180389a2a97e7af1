"""Plan, places, offices and lists held against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.application.application import Application
from domain.application.status import PLACED
from domain.letters.envelope import LetterKind, LetterState
from domain.oversight.contradictions.contradiction import Contradiction, of_case
from domain.oversight.contradictions.snapshot import GONE, Snapshot, Written
from domain.values import NoticeId, OfficeCode

RENEWED_WITHIN = 25
"""Hours within which lists follow what happened: they are renewed once a day."""


def in_places(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield what plan, cases, offices, lists and consents say differently."""
    yield from _plan_and_cases(seen)
    yield from _days_without_office(seen)
    yield from _offices_of_cases(seen)
    yield from _lists(seen)
    yield from _unacknowledged(seen)
    yield from _consents(seen)
    yield from _shut(seen)


def _plan_and_cases(seen: Snapshot) -> Iterator[Contradiction]:
    plan = seen.plan
    if plan is None:
        return
    for case in seen.placed:
        planned = plan.region_of(case)
        moves_still = not plan.is_finished and case.plan_id != plan.id
        if planned != case.region and not moves_still:
            yield of_case(
                case, "plan_and_case",
                f"the plan in force puts it {_where(planned)}, the case is {_where(case.region)}.",
                "Draft a plan and adopt it: accredit plan draft.",
            )  # fmt: skip


def _where(region: str | None) -> str:
    return f"in {region}" if region else "at large"


def _days_without_office(seen: Snapshot) -> Iterator[Contradiction]:
    used = {case.region for case in seen.placed}
    homes = sorted({region.office for region in seen.geography.regions if region.code in used})
    for home in homes:
        for day in _days_of_change(seen):
            found = seen.offices_for(home, day)
            if len(found) != 1:
                who = ", ".join(office.code for office in found) or "nobody"
                yield Contradiction(
                    rule="one_open_office", about=home, problem=f"on {day} its regions are served by {who}.",
                    remedy="Correct the offices and acting orders, and load them: accredit init FOLDER.",
                )  # fmt: skip
                break


def _days_of_change(seen: Snapshot) -> list[date]:
    land = seen.geography
    days = {seen.day}
    for office in land.offices:
        days |= {office.opens_on, office.closes_on or seen.day}
    for order in land.acting_orders:
        days |= {order.begins_on, order.ends_on}
    return sorted(day for day in days if seen.day <= day < land.serves_until)


def _offices_of_cases(seen: Snapshot) -> Iterator[Contradiction]:
    for case in seen.placed:
        if case.region is None:
            continue
        serving = seen.office_of(case)
        if serving is not None and serving.code != case.office:
            yield of_case(
                case, "office_of_case",
                f"it belongs to {case.office}; {case.region} is served by {serving.code} today.",
                "Let offices follow: accredit office follow.",
            )  # fmt: skip


def _lists(seen: Snapshot) -> Iterator[Contradiction]:
    if seen.plan is None or not seen.plan.is_finished:
        return
    on: defaultdict[str, list[OfficeCode]] = defaultdict(list)
    for office, listed in seen.lists.items():
        for known in listed.regions:
            on[known].append(office)
    for case in seen.cases.values():
        if case.status in PLACED | GONE and seen.settled_since(case, hours=RENEWED_WITHIN):
            yield from _listing(seen, case, sorted(on.get(str(case.id), ())))
    yield from _closed_lists(seen)


def _listing(seen: Snapshot, case: Application, found: list[OfficeCode]) -> Iterator[Contradiction]:
    wanted = [case.office] if case.status in PLACED and case.office else []
    again = "Renew the lists: run reminders."
    if found != wanted:
        stands = f"it stands on the list of {', '.join(found)}" if found else "it stands on no list"
        belongs = f"it belongs on that of {case.office}" if wanted else f"it is {case.status}"
        yield of_case(case, "on_one_list", f"{stands}; {belongs}.", again)
    elif wanted and (region := seen.lists[wanted[0]].regions[str(case.id)]) != case.region:
        yield of_case(case, "on_one_list", f"{wanted[0]}'s list has it in {region}, the case in {case.region}.", again)


def _closed_lists(seen: Snapshot) -> Iterator[Contradiction]:
    closed = {office.code for office in seen.geography.offices if seen.is_closed(office)}
    for code in sorted(closed & seen.lists.keys()):
        if people := len(seen.lists[code].regions):
            yield Contradiction(
                rule="list_of_open_office", about=code, problem=f"it is closed on {seen.day} and has {people} people.",
                remedy="Let offices follow: accredit office follow.",
            )  # fmt: skip


def _unacknowledged(seen: Snapshot) -> Iterator[Contradiction]:
    letters = {letter.key: letter for letter in seen.letters}
    for sent in seen.waiting_lists:
        if (letter := letters.get(sent.letter)) and letter.is_time_over(seen.now):
            yield Contradiction(
                rule="list_acknowledged", about=sent.code,
                problem=f"its {sent.recipient} has not said that version {sent.version} arrived."
                if sent.recipient != "stock"
                else "nobody has said that the printed badges arrived which left it.",
                remedy="Ask them, and record what they say: accredit office acknowledge.",
            )  # fmt: skip


def _consents(seen: Snapshot) -> Iterator[Contradiction]:
    demanded = {region.code: region.notice.id for region in seen.geography.regions if region.notice}
    for case in seen.placed:
        notice = demanded.get(case.region or "")
        if notice and case.id in seen.people and (why := _without_consent(seen, case, notice)):
            yield of_case(
                case, "consent_to_notice", f"it is in {case.region} and {why}.",
                "Ask who was not asked: accredit consent ask; place others elsewhere: accredit plan draft and adopt.",
            )  # fmt: skip


def _shut(seen: Snapshot) -> Iterator[Contradiction]:
    shut = {region.code for region in seen.geography.regions if region.no_deployment}
    for case in seen.placed:
        if case.region in shut:
            told = f"it is in {case.region}, to which nobody is sent any more."
            yield of_case(case, "region_is_open", told, "Place it elsewhere: accredit plan draft and adopt.")


def _without_consent(seen: Snapshot, case: Application, notice: NoticeId) -> str:
    """Return why *case* may not be where its *notice* is in force; empty: it was accepted, or time to answer runs."""
    said = [event.body for event in seen.histories.get(case.id, ()) if event.kind == "notice_answered"]
    answers = [body["accepted"] for body in said if body["notice"] == notice]
    if answers:
        return "" if answers[-1] else f"has declined {notice}"
    asked = [letter for letter in seen.letters_of.get(case.id, ()) if _asks(letter, notice)]
    if not asked:
        return f"has not accepted {notice}, about which no letter asks"
    return f"has not accepted {notice} in the time given" if asked[-1].is_time_over(seen.now) else ""


def _asks(letter: Written, notice: NoticeId) -> bool:
    about: Mapping[str, Any] = letter.contents.get("notice") or {}
    live = letter.kind is LetterKind.CONSENT and letter.state is not LetterState.CANCELLED
    return live and f"{about.get('code')}:{about.get('version')}" == notice
