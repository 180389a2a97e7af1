"""Scheduled flows name no election: they work on all that are loaded, one after the other."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Any, get_type_hints

from prefect import Flow, flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from db.schema import holds_an_election
from domain.errors import AccreditationError
from flows.context import scheduled_elections
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.settings import settings

Course = Callable[..., Awaitable[State[Any]]]


def scheduled(name: str) -> Callable[[Course], Flow[..., Awaitable[State[Any]]]]:
    """Make a function of ``election`` and ``as_of`` the flow *name*: shielded, its runs named, elections in turn."""
    return lambda course: flow(name=name, flow_run_name=run_name(name))(shielded_flow(in_turn(course)))


def in_turn(course: Course) -> Course:
    """Let a flow that takes ``election`` and ``as_of`` work on every election where none is named.

    What fails in one election stops no other; the run then fails and names it. Stands below ``shielded_flow``.
    """

    @wraps(course)
    async def worked(election: str | None = None, as_of: datetime | None = None) -> State[Any]:
        if not election and not holds_an_election(settings().database_url):
            return Completed(message="No election is loaded yet.")
        codes = scheduled_elections(election)
        if not codes:
            return Completed(message="Every election is archived.")
        if len(codes) == 1:
            return await course(codes[0], as_of)
        states = [(code, await _tried(course, code, as_of)) for code in codes]
        told = "; ".join(f"{code}: {state.message or state.name}" for code, state in states)
        failed = any(state.is_failed() for _, state in states)
        return Failed(message=told) if failed else Completed(message=told)

    worked.__annotations__ = get_type_hints(course, include_extras=True)
    worked.__dict__["__signature__"] = inspect.signature(course, eval_str=True)
    return worked


async def _tried(course: Course, code: str, as_of: datetime | None) -> State[Any]:
    try:
        return await course(code, as_of)
    except AccreditationError as error:
        return Failed(message=str(error))
