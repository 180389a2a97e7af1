"""Shifts of surge staff as they stand: told by letter, shown on offices' lists, following who serves."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from db.letters.letters import LetterFilter
from db.letters.outbox import Settlement
from db.store import Store, open_reader
from domain.decisions.shifts import stays
from domain.election.geography import PoolMember
from domain.letters.envelope import LetterKind, LetterState
from domain.statements.officer_acts import StaffAct, StaffEntry, open_proposals
from domain.statements.officers import Officer, Shift
from domain.values import ElectionCode, OfficeCode, OfficerCode, UtcTime
from flows.context import ElectionContext, database, election_context
from flows.letters.addressing import to_authority
from notifications.assignment.rosters import StaffLine
from notifications.letters.lines import Letterhead
from notifications.letters.office import ShiftLetter, ShiftPlace

_WAITING: Final = (LetterState.QUEUED, LetterState.HELD, LetterState.DEFERRED)


def staff_sent(store: Store, context: ElectionContext) -> dict[OfficeCode, list[StaffLine]]:
    """Return who works at each office today or later, for its list."""
    pool, today = _pool(context), context.now.astimezone(context.profile.zone).date()
    found: defaultdict[OfficeCode, list[StaffLine]] = defaultdict(list)
    for officer, shift in _shifts(store, context):
        member = pool.get(officer.code, PoolMember(code=officer.code))
        for stay in stays(shift, context.geography, context.profile.zone):
            if stay.last >= today and not shift.cut:
                found[stay.office].append(
                    StaffLine(
                        code=officer.code, name=member.name, languages=member.languages, phone=member.phone,
                        first_day=stay.first.isoformat(), last_day=stay.last.isoformat(),
                    )
                )  # fmt: skip
    return {office: sorted(lines, key=str) for office, lines in found.items()}


def _pool(context: ElectionContext) -> Mapping[OfficerCode, PoolMember]:
    return {member.code: member for member in context.geography.central_pool}


def _shifts(store: Store, context: ElectionContext) -> Iterator[tuple[Officer, Shift]]:
    """Yield the shifts of officers in service."""
    for officer in store.officers.all_in(context.election):
        if officer.is_surge and not officer.suspended:
            yield from ((officer, shift) for shift in officer.shifts)


def tell_of_shifts(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue a letter to each of the surge staff about every shift that is not as they were told, once.

    So they hear of a new shift, of one that was ended, and of an order that lets another office act.
    """
    told, pool = _told(store, context.election), _pool(context)
    counts: Counter[str] = Counter()
    for officer, shift in _shifts(store, context):
        begun = f"shift:{officer.code}:{shift.office}:{shift.begins:%Y%m%dT%H%M}"
        before = told[begun]
        if shift.cut:
            _call_off(store, context, begun)
        member, letter = pool.get(officer.code), _letter(context, officer, shift, again=bool(before))
        said = _mark(letter)
        is_over = shift.ends <= context.now and not shift.cut
        if member and member.email and not is_over and before[-1:] != [said]:
            key = f"{begun}:{len(before) + 1:03d}:{said}"
            envelope = to_authority(context.profile, letter, key=key, to=member.email)
            store.outbox.put(context.election, envelope, now=context.now)
            counts["shifts"] += 1
    return counts


def _call_off(store: Store, context: ElectionContext, begun: str) -> None:
    """Cancel what waits and says that a shift runs which was ended, also where nobody can be told of its end."""
    waiting = [
        letter.envelope for state in _WAITING
        for letter in store.letters.matching(context.election, LetterFilter(kind=LetterKind.SHIFT, state=state))
    ]  # fmt: skip
    gone = [each.key for each in waiting if each.key.startswith(f"{begun}:") and not each.contents["ended"]]
    settled = [Settlement(key, LetterState.CANCELLED, "overtaken: the shift was ended") for key in gone]
    store.outbox.settle(settled, now=context.now)


def _told(store: Store, election: ElectionCode) -> defaultdict[str, list[str]]:
    """Return what was said of each shift, in the order of the letters."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key in sorted(store.letters.keys_of(election, LetterKind.SHIFT)):
        begun, _, said = key.rsplit(":", 2)
        found[begun].append(said)
    return found


def _letter(context: ElectionContext, officer: Officer, shift: Shift, *, again: bool) -> ShiftLetter:
    land, pool = context.geography, _pool(context)
    spent = () if shift.cut else stays(shift, land, context.profile.zone)
    return ShiftLetter(
        head=Letterhead.of(context.profile.election),
        written_at=context.now,
        greeting_name=pool[officer.code].name if officer.code in pool else "",
        officer=officer.code,
        places=tuple(
            ShiftPlace(
                office=land.office(stay.office).name, address=land.office(stay.office).address, first_day=stay.first,
                last_day=stay.last,
            )
            for stay in spent
        ),
        decides=context.profile.desk.surge_decides,
        again=again,
        ended=shift.ends if shift.cut else None,
    )  # fmt: skip


def _mark(letter: ShiftLetter) -> str:
    """Return what changes with anything that the letter says of the shift."""
    said = letter.model_dump_json(include={"places", "decides", "ended"})
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def shift_rows(election: ElectionCode, *, now: UtcTime) -> list[dict[str, str]]:
    """Return every part of every shift, and what is proposed: codes and days only."""
    context = election_context(election, now)
    with open_reader(database()) as store:
        shifts, entries = [*_shifts(store, context)], store.staff.entries(election)
    rows = [
        {
            "officer": officer.code, "office": stay.office, "from": f"{stay.first}", "until": f"{stay.last}",
            "shift of": shift.office, "stands": _stands(shift, now),
        }
        for officer, shift in shifts
        for stay in stays(shift, context.geography, context.profile.zone)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["from"], row["officer"])) + [
        _proposed(entry) for entry in open_proposals(entries) if entry.act in {StaffAct.SHIFT, StaffAct.END_SHIFT}
    ]


def _stands(shift: Shift, now: datetime) -> str:
    if shift.cut:
        return "ended by two officers"
    if shift.ends <= now:
        return "over"
    return "runs" if shift.covers(now) else "comes"


def _proposed(entry: StaffEntry) -> dict[str, Any]:
    office, first, *last = entry.detail.split()
    end = "to be ended" if entry.act is StaffAct.END_SHIFT else "to be confirmed"
    return {
        "officer": entry.officer, "office": office, "from": first, "until": "".join(last), "shift of": office,
        "stands": f"{end}: proposed by {entry.by}",
    }  # fmt: skip
