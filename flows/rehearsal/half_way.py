"""What changes in the middle of a rehearsal: help comes to an office, it closes, a rule changes, a letter returns."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from db.letters.letters import LetterFilter
from db.store import Store, open_reader, open_store
from domain.application.actors import ArrivalWay
from domain.application.application import Application
from domain.application.status import PLACED
from domain.election.moving import Move
from domain.letters.envelope import LetterKind, LetterOrder, LetterState
from domain.statements.officer_acts import StaffAct
from domain.values import ElectionCode, Frozen, OfficeCode, UtcTime
from flows.context import ElectionContext, database, election_context
from flows.decisions.officer_acts import Act, propose_or_confirm
from flows.delivery.orders import order_letters
from flows.election.files import write_rules
from flows.election.loading import init_election
from flows.election.moving import move_election
from flows.intake.entry import EnteredApplication, correct
from flows.statements.acceptance import ActingOfficer

GROUND: Final = "Order 23/2027 of the Election Commission of Valdara"
_SIGN: Final = ("OFF-ADMIN-1", "OFF-ADMIN-2")
_OFFICER: Final = "OFF-DEMO-1"
_SHIFT: Final = timedelta(days=4)
_CODE: Final = "5.1.1"
"""What a mail server says of an address that is not there."""


class HalfWay(Frozen):
    """What was changed."""

    closed: OfficeCode
    acting: OfficeCode
    moved: int
    """How many people have the acting office since."""
    helper: str = ""
    """Whose shift at the closed office went to the acting one; empty where nobody could be sent."""
    postponed: date | None = None
    """The new election day, where it was moved."""
    returned: str
    """Case number of whose letter came back and was sent to the corrected address; empty where there was none."""


def folder_of(package: Path) -> Path:
    """Return the folder of the election in force: *package*, or what two administrators made of it since."""
    changed = _changed(package)
    return changed if (changed / "geography.yaml").is_file() else package


def change_half_way(
    election: ElectionCode, package: Path, *, now: UtcTime, postponed_by: timedelta | None = None
) -> HalfWay | None:
    """Let an office close today and another act, give more time to mend, let a letter bounce, perhaps move the vote.

    None where it was done before, or where nobody is placed; a second time nothing changes.
    """
    if folder_of(package) != package:
        return None
    context = election_context(election, now)
    with open_reader(database()) as store:
        served = Counter(case.office for case in store.applications.all_in(election, *PLACED) if case.office)
    open_ones = [
        office.code for office in context.geography.offices if context.geography.is_open(office.code, on=context.day)
    ]
    busy = sorted((people, code) for code, people in served.items() if code in open_ones)
    if not busy or len(open_ones) < 2:  # noqa: PLR2004 -- one closes, another acts
        return None
    moved, closed = busy[len(busy) // 2]
    acting = open_ones[open_ones.index(closed) - 1]
    returned, helper = _letter_comes_back(context, closed), _send_help(context, closed)
    _carry_out(context, package, closed, acting)
    day = _postpone(context, package, postponed_by) if postponed_by else None
    return HalfWay(closed=closed, acting=acting, moved=moved, helper=helper, postponed=day, returned=returned)


def _postpone(context: ElectionContext, package: Path, by: timedelta) -> date:
    """Let two administrators move election day, and write the folder as it is then."""
    move = Move(day=context.profile.election.day + by, ground=GROUND)
    for officer in _SIGN:
        move_election(move, ActingOfficer(officer, context.election, context.now))
    write_rules(context.election, folder_of(package))
    return move.day


def _send_help(context: ElectionContext, office: OfficeCode) -> str:
    """Let two administrators send somebody of the central pool to the office, for some days from today on."""
    with open_reader(database()) as store:
        surge = [officer.code for officer in store.officers.all_in(context.election) if officer.is_surge]
    if not surge:
        return ""
    last = min(context.day + _SHIFT, context.geography.last_day())
    wanted = Act(act=StaffAct.SHIFT, officer=surge[0], detail=f"{office} {context.day} {last}")
    for officer in _SIGN:
        propose_or_confirm(wanted, ActingOfficer(officer, context.election, context.now))
    return surge[0]


def _changed(package: Path) -> Path:
    return package.with_name(f"{package.name}-changed")


def _carry_out(context: ElectionContext, package: Path, closed: OfficeCode, acting: OfficeCode) -> None:
    """Write the folder with the order, and let two administrators sign it; the folder takes its name when they have."""
    folder = _changed(package).with_suffix(".part")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(package, folder, ignore=shutil.ignore_patterns("nominations", "truth.jsonl", "corrections"))
    land = _read(folder / "geography.yaml")
    for office in land["offices"]:
        if office["code"] == closed:
            office["closes_on"] = context.day.isoformat()
    land.setdefault("acting_orders", []).append({
        "office": closed, "acting": acting, "begins_on": context.day.isoformat(), "ends_on": land["serves_until"],
        "ground": GROUND,
    })  # fmt: skip
    _write(folder / "geography.yaml", land)
    rules = _read(folder / "election.yaml")
    rules["calendar"]["cure_hours"] = rules["calendar"]["cure_hours"] + 24
    _write(folder / "election.yaml", rules)
    for officer in _SIGN:
        init_election(folder, now=context.now, by=officer, ground=GROUND)
    folder.rename(_changed(package))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


def _letter_comes_back(context: ElectionContext, closed: OfficeCode) -> str:
    """Let the letter of a place come back; an officer corrects the address and sends it again."""
    with open_store(database()) as store:
        found = _somebody(store, context.election, closed)
        if found is None:
            return ""
        application, key = found
        store.letters.bounce(context.election, key, _CODE, now=context.now)
    by = ActingOfficer(_OFFICER, context.election, context.now)
    told = EnteredApplication({"email": f"{application.case_number.lower()}@corrected.example"}, ArrivalWay.PHONE)
    correct(application.id, told, by)
    order_letters(LetterOrder.RESEND, [key], by)
    return application.case_number


def _somebody(store: Store, election: ElectionCode, closed: OfficeCode) -> tuple[Application, str] | None:
    """Return somebody in the field whose place stays, and the key of the letter that says it."""
    sent = LetterFilter(kind=LetterKind.PLACEMENT, state=LetterState.SENT)
    keys = {letter.envelope.application_id: letter.envelope.key for letter in store.letters.matching(election, sent)}
    cases = store.applications.get_many([known for known in keys if known]).values()
    staying = [case for case in cases if case.status in PLACED and case.office not in {None, closed}]
    return next(((case, keys[case.id]) for case in sorted(staying, key=lambda case: case.case_number)), None)
