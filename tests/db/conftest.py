"""A database with the newest schema for every test, on both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker
from support.builders import NOW, an_organisation
from support.databases import Backend, let_go, some_keys, using_keys

from db.engine import sessions
from db.personal_keys import PersonalKeys
from db.schema import upgrade
from db.store import open_store
from domain.election.geography import Geography
from flows.rehearsal import valdara
from flows.rehearsal.package.election_files import geography


@pytest.fixture(scope="session")
def land() -> Geography:
    """Return places of the invented election."""
    return geography(20, valdara())


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> PersonalKeys:
    """Return personal keys of these tests' own."""
    return some_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(autouse=True)
def _used(keys: PersonalKeys) -> Iterator[None]:
    with using_keys(keys):
        yield


@pytest.fixture(scope="session")
def prepared(backend: Backend, land: Geography, keys: PersonalKeys) -> str:
    """Return the URL of a database with the schema and the invented election."""
    url = backend.empty()
    upgrade(url)
    with using_keys(keys), open_store(sessions(url)) as store:
        store.elections.put(valdara(), land, now=NOW)
        store.organisations.put("VALDARA-2027", an_organisation())
    let_go(url)
    return url


@pytest.fixture
def opened(backend: Backend, prepared: str) -> Iterator[sessionmaker[Session]]:
    """Return the session factory of a database of the test's own."""
    url = backend.copy(prepared)
    yield sessions(url)
    let_go(url)
