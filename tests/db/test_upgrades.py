"""Upgrades: from every version to the newest, and what fails half-way leaves what was there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command, op
from alembic.script import ScriptDirectory
from sqlalchemy import text
from support.databases import Backend, let_go

from db import schema
from db.engine import engine_for, sessions
from db.schema import UpgradeFailedError, drift, upgrade, versions

VERSIONS = [script.revision for script in ScriptDirectory.from_config(schema._config("")).walk_revisions()][::-1]


@pytest.fixture
def older(backend: Backend, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give a database of an older version with an officer in it."""
    url = backend.empty()
    config = schema._config(url)
    engine = engine_for(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, getattr(request, "param", VERSIONS[-2]))
        connection.execute(
            text("INSERT INTO pledge_text (sha256, version, language, text) VALUES (:known, '1', 'en', 'We promise.')"),
            {"known": "0" * 64},
        )
    engine.dispose()
    yield url
    let_go(url)


def kept(url: str) -> list[str]:
    with sessions(url)() as session:
        return [str(words) for words in session.scalars(text("SELECT text FROM pledge_text"))]


@pytest.mark.parametrize("older", VERSIONS[:-1], indirect=True)
def test_every_older_version_comes_to_what_the_models_say_and_loses_nothing(older: str) -> None:
    assert upgrade(older).tables
    with sessions(older)() as session:
        assert drift(session.connection()) == []
    assert kept(older) == ["We promise."]
    assert not upgrade(older)


@pytest.mark.parametrize("older", ["0015_stamps"], indirect=True)
def test_a_migration_that_fails_half_way_leaves_the_old_state_and_a_copy(
    older: str, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions(older)[0]
    make = op.create_table

    def fail_after(*given: Any, **named: Any) -> None:
        make(*given, **named)
        op.execute("DELETE FROM pledge_text")
        raise ValueError("the power went")

    monkeypatch.setattr(op, "create_table", fail_after)
    with pytest.raises(UpgradeFailedError, match="is as it was") as failed:
        upgrade(older)
    assert versions(older)[0] == before
    assert kept(older) == ["We promise."]
    with sessions(older)() as session:
        there = session.connection().dialect.has_table(session.connection(), "restoration")
    assert not there
    copy = failed.value.copy
    assert (copy is not None) == (backend.name == "sqlite")
    if copy:
        assert copy.stat().st_mode & 0o777 == 0o600
        assert kept(f"sqlite:///{copy}") == ["We promise."]
        assert str(before) in copy.name
    monkeypatch.undo()
    assert upgrade(older).tables
    # From before anything was encrypted: it would keep everything openly.
    assert copy is None or not copy.exists()
    assert kept(older) == ["We promise."]
