from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from support.builders import CASE, ENGINE, an
from support.databases import Backend, let_go

from db.engine import engine_for, sessions
from db.schema import drift, upgrade, versions
from db.schema_version import SCHEMA
from db.store import open_reader, open_store
from domain.application.events import NominationRecorded
from domain.errors import BadInputError, UnavailableError


@pytest.fixture
def empty(backend: Backend) -> Iterator[str]:
    url = backend.empty()
    yield url
    let_go(url)


def test_migrations_build_from_nothing_what_the_models_say(empty: str) -> None:
    assert upgrade(empty).tables
    with sessions(empty)() as session:
        assert drift(session.connection()) == []
    assert not upgrade(empty)
    assert versions(empty) == (SCHEMA, SCHEMA)


def test_a_drifted_table_is_noticed(empty: str) -> None:
    upgrade(empty)
    with sessions(empty).begin() as session:
        session.execute(text("ALTER TABLE letter ADD COLUMN colour VARCHAR(8)"))
    with sessions(empty)() as session:
        assert any("colour" in str(difference) for difference in drift(session.connection()))


def test_a_database_without_tables_is_an_answer_not_a_traceback(empty: str) -> None:
    with pytest.raises(UnavailableError, match="accredit db upgrade"), open_reader(sessions(empty)) as store:
        store.elections.codes()


def test_what_is_no_database_address_is_refused_without_repeating_it() -> None:
    with pytest.raises(BadInputError) as refused:
        engine_for("postgres//secret@host")
    assert "secret" not in str(refused.value)
    assert "sqlite:///" in refused.value.remedy


NONSENSE = [
    "UPDATE application SET status = 'lost'",
    "UPDATE application SET version = 0",
    "UPDATE application SET person_version = 0",
    "UPDATE application SET status = 'credentialed', serial = NULL",
    "UPDATE application SET status = 'incomplete', due_at = NULL",
    "UPDATE application SET status = 'deferred', due_at = NULL",
    "UPDATE application_event SET application_id = '00000000000000000000000000000009'",
    "DELETE FROM application",
    "INSERT INTO application_event SELECT * FROM application_event",
]


@pytest.mark.parametrize("statement", NONSENSE)
def test_nonsense_written_by_hand_is_refused_by_the_database_itself(
    opened: sessionmaker[Session], statement: str
) -> None:
    with open_store(opened) as store:
        store.applications.open(an(NominationRecorded, ENGINE))
    with pytest.raises(IntegrityError), opened.begin() as session:
        session.execute(text(statement))
    with open_reader(opened) as store:
        assert store.applications.get(CASE).version == 1


def test_one_serial_belongs_to_one_application(opened: sessionmaker[Session]) -> None:
    with open_store(opened) as store:
        for known in (CASE, UUID(int=7)):
            store.applications.open(an(NominationRecorded, ENGINE, application_id=known))
    with pytest.raises(IntegrityError), opened.begin() as session:
        session.execute(text("UPDATE application SET serial = 'VD-000001'"))
