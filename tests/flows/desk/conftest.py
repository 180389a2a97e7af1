"""The desk over checked cases, and officers who enter it with a device of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.stages import AS_OF, Stages
from support.visitor import Visitor

from flows.desk.address import Address
from flows.desk.application import create_app
from flows.desk.enrolling import links_by_command
from flows.settings import change_settings

Enter = Callable[[str], Visitor]


@pytest.fixture
def app(sqlite_stages: Stages) -> Iterator[Any]:
    with sqlite_stages.copy("vetted"):
        yield create_app(Address.of(change_settings({"as_of": AS_OF.isoformat()})))


@pytest.fixture
def visitor(app: Any) -> Callable[[], Visitor]:
    origin = app.state.desk.address.origin
    return lambda: Visitor(TestClient(app, base_url=origin, follow_redirects=False), origin)


@pytest.fixture
def enter(app: Any, visitor: Callable[[], Visitor]) -> Enter:
    def entered(code: str) -> Visitor:
        found = visitor()
        ((_, link),) = links_by_command(app.state.desk.address, ELECTION, [code])
        assert found.enrol(link)["signin"] is True
        assert found.sign_in().status_code == 200
        return found

    return entered
