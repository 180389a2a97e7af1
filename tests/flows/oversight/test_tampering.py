"""Whoever writes the database is found: the edits of a review, and any single value of any row."""

# ruff: noqa: E501 -- the table has one edit a line
from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from support.builders import ELECTION, WEIGHED
from support.databases import overwrite
from support.forgery import written
from support.signing import by_two
from support.stages import AS_OF, Stages, due

from db.store import Store, open_store
from db.tables.base import Base
from domain.application.actors import Actor
from domain.application.chain import GENESIS, chained
from domain.application.events import ApplicationWithdrawn
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import AccreditationError
from domain.statements.officer_acts import StaffAct
from flows.context import database
from flows.decisions.casework import write_note
from flows.decisions.rulings import decide_applications
from flows.issuance.publication.log import take_checkpoint
from flows.oversight.overview import audit, audit_of
from flows.statements.acceptance import ActingOfficer
from flows.statements.keys import make_key

THREATS: Final = Path(__file__).parents[3] / "docs" / "threat-model.md"
FIRST, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-3"
ELSEWHERE: Final = {
    "clearance", "cleared_pair", "erasure", "organisation_act", "policy", "printed_copy",
    "restoration",
}  # fmt: skip
"""Tables that stay empty here: each is a chain, a book of the journal or signed, as those are that are tried."""
SAMPLED: Final = 2027
"""The seed of which PostgreSQL tries a part only."""


@pytest.fixture(scope="module")
def finished(stages: Stages) -> Iterator[Stages]:
    """Give an election in which everything was done once: refusals, notes, a recusal, badges."""
    with stages.copy("issued"):
        known = due(Status.CREDENTIALED)[0]
        write_note(known, "Seen at the counter.", ActingOfficer(FIRST, ELECTION, AS_OF))
        by_two(StaffAct.SERVE, "OFF-DEMO-2", "OF-01")
        revoke = Ruling(
            outcome=Outcome.REVOKE,
            reasons=(ReasonCode.V03,),
            facts=f"The register shows it. {WEIGHED}",
        )
        assert decide_applications([known], revoke, ActingOfficer(FIRST, ELECTION, AS_OF))[0].applied
        take_checkpoint(ELECTION, now=AS_OF)
        assert audit(ELECTION).is_whole
        yield stages


def found(edit: Callable[[Session], object]) -> list[str]:
    """Return what the audit finds after *edit*, which is undone."""
    with database()() as session:
        edit(session)
        session.flush()
        session.expire_all()
        answer = audit_of(Store.over(session), ELECTION)
        session.rollback()
    return [*map(str, answer.broken), *map(str, answer.links)]


def sql(*statements: str) -> Callable[[Session], object]:
    def edit(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement))

    return edit


ONE_CASE: Final = "(SELECT id FROM application WHERE status = 'refused' ORDER BY id LIMIT 1)"
HELD: Final = "(SELECT id FROM application WHERE status = 'credentialed' ORDER BY id LIMIT 1)"
OF_A_CASE: Final = (
    "application_event", "person", "finding", "decision", "letter_attempt", "letter", "applicant_key", "hit", "portrait",
    "portrait_part", "note", "claim", "clearance", "clock_mark", "pledge_acceptance", "intake_row",
)  # fmt: skip


def in_json(table: str, column: str, change: Callable[[dict[str, Any]], object], where: str = "1 = 1") -> Any:
    """Return an edit of the JSON in the first row of a table."""

    def edit(session: Session) -> None:
        rows = Base.metadata.tables[table]
        row = session.execute(select(rows).where(text(where)).limit(1)).mappings().one()
        body = json.loads(json.dumps(row[column]))
        change(body)
        overwrite(session, rows, row, **{column: body})

    return edit


def a_case_deleted_whole(session: Session) -> None:
    (case,) = session.execute(text(ONE_CASE[1:-1])).scalars()
    for name in OF_A_CASE:
        table = Base.metadata.tables.get(name)
        if table is not None and "application_id" in table.columns:
            if name == "letter":
                session.execute(
                    text("DELETE FROM letter_attempt WHERE key IN (SELECT key FROM letter WHERE application_id = :c)"),
                    {"c": case},
                )
            session.execute(text(f"DELETE FROM {name} WHERE application_id = :c"), {"c": case})  # noqa: S608 -- names of our tables
    session.execute(text("DELETE FROM application WHERE id = :c"), {"c": case})


def rehashed(change: Callable[[dict[str, Any]], None], kind: str) -> Callable[[Session], object]:
    """Return an edit that changes the first event of *kind* and makes its case's chain, row and head agree with it."""

    def edit(session: Session) -> None:
        events = Base.metadata.tables["application_event"]
        case = session.scalar(select(events.c.application_id).where(events.c.kind == kind).limit(1))
        previous, history = GENESIS, []
        rows = session.execute(select(events).where(events.c.application_id == case).order_by(events.c.sequence)).all()
        for row in rows:
            body = dict(row.body)
            if row.kind == kind:
                change(body)
            previous = chained(
                previous, {k: v for k, v in body.items() if v is not None or k not in {"facts_sha256", "cause"}}
            )
            here = (events.c.application_id == case, events.c.sequence == row.sequence)
            session.execute(update(events).where(*here).values(body=body, kind=body["kind"], hash=previous))
            history.append(body)
        applications = Base.metadata.tables["application"]
        session.execute(update(applications).where(applications.c.id == case).values(head=previous))

    return edit


def record_rehashed(change: Callable[[dict[str, Any]], None]) -> Callable[[Session], object]:
    """Return an edit that changes entries of the record of signed acts and makes its chain agree."""

    def edit(session: Session) -> None:
        table, previous = Base.metadata.tables["statement"], GENESIS
        for row in session.execute(select(table).order_by(table.c.sequence)).mappings().all():
            entry = dict(row)
            change(entry)
            said = {name: entry[name] for name in entry if name not in {"hash", "recorded_at"}}
            said["recorded_at"] = entry["recorded_at"].isoformat(timespec="microseconds")
            previous = chained(previous, said)
            here = (table.c.election == row["election"], table.c.sequence == row["sequence"])
            session.execute(update(table).where(*here).values(**entry | {"hash": previous}))

    return edit


def _refusal_reason(entry: dict[str, Any]) -> None:
    if '"refuse"' in entry["document"] and entry["entry"] == "signed":
        entry["document"] = entry["document"].replace('"reasons":["R', '"reasons":["R0')


def withdrawn_by_nobody(session: Session) -> None:
    case = Store.over(session).applications.ids_in(ELECTION, Status.INCOMPLETE)[0]
    sender = Actor(kind="organisation", code="ORG-01")
    written(session, case, ApplicationWithdrawn(application_id=case, at=AS_OF, actor=sender))


EDITS: Final[dict[str, Callable[[Session], object]]] = {
    "a refused case is deleted whole": a_case_deleted_whole,
    "an officer's keys are exchanged": sql("UPDATE officer SET keys = '[]' WHERE code = 'OFF-DEMO-1'"),
    "an officer's roles are changed": in_json("officer", "body", lambda body: body.update(roles=["administrator"]), "code = 'OFF-DEMO-1'"),
    "an officer is deleted": sql("DELETE FROM officer WHERE code = 'OFF-DEMO-1'"),
    "an officer is suspended in the table": in_json("officer", "body", lambda body: body.update(suspended=True)),
    "a surname of somebody credentialed": in_json("person", "body", lambda body: body.update(surname="OTHER"), f"application_id = {HELD}"),
    "two people change places": sql("UPDATE person SET body = (SELECT body FROM person p WHERE p.application_id <> person.application_id LIMIT 1)"),
    "a token's hash": sql("UPDATE credential SET token_sha256 = upper(token_sha256) WHERE number = 1"),
    "a credential's validity": sql("UPDATE credential SET valid_until = valid_from WHERE number = 1"),
    "an application's validity": sql(f"UPDATE application SET valid_until = received_at WHERE id = {HELD}"),  # noqa: S608 -- a constant
    "a status index": sql("UPDATE credential SET status_index = status_index + 70000 WHERE number = 1"),
    "the rules": in_json("election", "profile", lambda body: body["desk"].update(quorum=3)),
    "the rules and their hash": sql(
        "UPDATE election SET rules_sha256 = substr(rules_sha256, 2) || substr(rules_sha256, 1, 1)"
    ),
    "the geography": in_json("election", "geography", lambda body: body["regions"][0].update(capacity=9999)),
    "a finding's severity": sql("UPDATE finding SET severity = 'note' WHERE severity <> 'note'"),
    "findings deleted": sql("DELETE FROM finding"),
    "a list entry": in_json("reference_entry", "body", lambda body: body.update(names=[])),
    "a list entry deleted": sql("DELETE FROM reference_entry WHERE id = 1"),
    "a list's legal basis": sql("UPDATE reference_list SET legal_basis = 'none'"),
    "an organisation's standing": sql("UPDATE organisation SET standing = 'suspended' WHERE code = 'ORG-01'"),
    "a decision's officer": sql("UPDATE decision SET officer = 'OFF-DEMO-2' WHERE officer = 'OFF-DEMO-1'"),
    "a decision's facts": sql("UPDATE decision SET facts = 'Other.' WHERE outcome = 'refuse'"),
    "facts of a decision that states none": sql("UPDATE decision SET facts = 'Planted.' WHERE outcome = 'confirm'"),
    "a decision's statement": sql("UPDATE decision SET statement = NULL"),
    "a note's text": sql("UPDATE note SET text = 'Never seen.'"),
    "the journal is emptied": sql("DELETE FROM journal"),
    "a book of the journal is emptied": sql("DELETE FROM journal WHERE book = 'people'"),
    "the end of a book is cut off": sql("DELETE FROM journal WHERE book = 'cases' AND sequence > 5"),
    "the record of signed acts is emptied": sql("DELETE FROM statement"),
    "the end of the record is cut off": sql("DELETE FROM statement WHERE sequence > 4"),
    "the acts about officers are emptied": sql("DELETE FROM officer_act"),
    "a signature": record_rehashed(lambda entry: entry.update(signature={"kind": "key", "value": "0" * 128}) if entry["entry"] == "signed" else None),
    "what was signed": record_rehashed(_refusal_reason),
    "who signed": record_rehashed(lambda entry: entry.update(document=entry["document"].replace("OFF-DEMO-1", "OFF-DEMO-2")) if entry["entry"] == "signed" else None),
    "an officer's refusal becomes another's": rehashed(lambda body: body.update(actor={"kind": "officer", "code": "OFF-DEMO-2"}), "refusal_proposed"),
    "the reasons of a refusal": rehashed(lambda body: body.update(reasons=["R01"]), "refusal_proposed"),
    "a proposed refusal becomes an approval": rehashed(lambda body: (body.update(kind="application_approved"), body.pop("reasons", None)), "refusal_proposed"),
    "the facts' hash of a refusal": rehashed(lambda body: body.update(facts_sha256="c" * 64), "refusal_proposed"),
    "somebody is withdrawn in an organisation's name, with all hashes": withdrawn_by_nobody,
    "the seal under a journal": sql("UPDATE journal SET seal = NULL"),
    "the texts of a statement": sql("DELETE FROM statement_words"),
    "a nominations file": sql("UPDATE intake_file SET rows = rows + 1"),
    "the serials given out": sql("UPDATE election SET next_serial = next_serial + 1"),
    "serials to be given out a second time": sql("UPDATE election SET next_serial = 1"),
    "the plan in force is put aside": sql("UPDATE plan SET state = 'discarded' WHERE state = 'finished'"),
    "an entry in a book that there is not": sql("UPDATE journal SET book = 'margins' WHERE book = 'files' AND sequence > 1"),
    "a signed act of an election that there is not": sql("UPDATE statement SET election = 'ELSEWHERE-2027' WHERE sequence = 1"),
    "a list that nobody loaded": sql("UPDATE reference_list SET election = 'ELSEWHERE-2027'"),
}  # fmt: skip


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("name", EDITS)
def test_each_edit_of_the_database_is_found(name: str) -> None:
    assert found(EDITS[name]) != []


UNREADABLE: Final[dict[str, tuple[Callable[[Session], object], str]]] = {
    "an application": (sql("""UPDATE application SET reasons = '["nonsense"]' WHERE status = 'refused'"""), "Application"),
    "an act about an officer": (sql("UPDATE officer_act SET act = 'nonsense' WHERE sequence = 1"), "table officer_act, row 1, column act"),
    "an officer": (in_json("officer", "body", lambda body: body.update(roles=["nonsense"]), "code = 'OFF-DEMO-1'"), "table officer, row VALDARA-2027 OFF-DEMO-1, value officer.roles.0"),
}  # fmt: skip


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_row_that_cannot_be_read_is_named_and_hides_nothing_else(name: str) -> None:
    edit, told = UNREADABLE[name]

    def both(session: Session) -> None:
        edit(session)
        session.execute(text("DELETE FROM finding"))

    answers = found(both)
    assert any(told in answer and "cannot be read" in answer for answer in answers), answers
    assert any("findings" in answer for answer in answers)


@pytest.mark.usefixtures("finished")
def test_nobody_decides_with_a_key_that_the_database_was_given_and_the_record_was_not(tmp_path: Path) -> None:
    stranger = make_key(FIRST, tmp_path)
    with open_store(database()) as store:
        keys = json.dumps([stranger.model_dump(mode="json")])
        store.session.execute(text("UPDATE officer SET keys = :keys WHERE code = :code"), {"keys": keys, "code": FIRST})
        with pytest.raises(AccreditationError, match="count"):
            store.statements.authority(ELECTION).of(FIRST).key(stranger.id)
        store.session.rollback()


def other(column: Column[Any], value: Any, chance: random.Random) -> Any:  # noqa: PLR0911 -- a kind a line
    """Return another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + chance.choice([1, 7])
        case UUID():
            return uuid4()
        case datetime():
            return value + timedelta(hours=1)
        case date():
            return value + timedelta(days=1)
        case dict():
            name = chance.choice(sorted(value)) if value else "x"
            return {**value, name: other(column, value.get(name), chance)}
        case list():
            return [*value, "X"]
        case str():
            return (value[:-1] + ("0" if value[-1:] != "0" else "1")) if value else "x"
        case _:
            kind = column.type.python_type
            return {datetime: AS_OF, int: 1, str: "x", UUID: uuid4(), dict: {"x": 1}, date: AS_OF.date()}.get(kind, "x")


def listed() -> set[str]:
    """Return the columns that the threat model says the audit does not cover."""
    part = THREATS.read_text().partition("## What the audit does not cover")[2].partition("\n## ")[0]
    return {name for row in re.findall(r"^\| (.*?) \|", part, re.MULTILINE) for name in re.findall(r"`([\w.*]+)`", row)}


def is_listed(name: str) -> bool:
    table = name.partition(".")[0]
    return bool({name, f"{table}.*"} & listed())


@pytest.mark.timeout(3600)  # an audit for each column of each table
@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("seed", [SAMPLED, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 6))])
def test_any_value_of_any_row_that_is_changed_is_found_or_the_threat_model_says_why_not(seed: int) -> None:
    chance = random.Random(seed)
    columns = [
        column for table in Base.metadata.sorted_tables for column in table.columns if not is_listed(str(column))
    ]
    if seed == SAMPLED:
        columns = chance.sample(columns, len(columns) // 10)
    assert [str(column) for column in columns if not seen(partial(changed_value, column, chance))] == []


@pytest.mark.usefixtures("finished")
def test_no_table_is_left_out_because_nothing_happened_to_be_in_it() -> None:
    """A new table is filled here, or named in the threat model, or tried elsewhere."""
    with database()() as session:
        empty = {name for name, table in Base.metadata.tables.items() if session.execute(select(table)).first() is None}
    assert {name for name in empty if not is_listed(f"{name}.*")} <= ELSEWHERE


def is_postgresql() -> bool:
    return database().kw["bind"].dialect.name == "postgresql"


def unchecked(session: Session) -> None:
    """Let the database take what its own constraints would refuse."""
    for order in (
        ("SET LOCAL session_replication_role = replica",)
        if is_postgresql()
        else ("PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON")
    ):
        session.execute(text(order))


def changed_value(column: Column[Any], chance: random.Random, session: Session) -> bool:
    """Change one value of *column* in one row; False where there is none."""
    rows = session.execute(select(column.table)).mappings().all()
    if not rows:
        return False
    row = chance.choice(rows)
    unchecked(session)
    overwrite(session, column.table, row, **{column.name: other(column, row[column.name], chance)})
    return True


def seen(edit: Callable[[Session], bool]) -> bool:
    done: list[bool] = []
    try:
        return bool(found(lambda session: done.append(edit(session)))) or done == [False]
    except (SQLAlchemyError, NotImplementedError):  # the database takes no such value
        return True
