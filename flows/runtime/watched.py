"""Whether Prefect watches the work of this moment. A stage does the same where it does not; only nobody is shown it."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Failed

from domain.errors import AccreditationError


def is_watched() -> bool:
    """Whether this is part of a flow run: then chunks, reports and progress go to Prefect."""
    return FlowRunContext.get() is not None


async def state_of(course: Any, *arguments: Any, **named: Any) -> State[Any]:
    """Return the state in which the flow *course* ends, as a part of this run where Prefect watches it."""
    if is_watched():
        # Prefect's types say that a called flow is its state; an async flow is something to await.
        watched: State[Any] = await course(*arguments, **named, return_state=True)
        return watched
    try:
        ended: State[Any] = await course.fn(*arguments, **named)
    except AccreditationError as error:
        return Failed(message=str(error), data=error)
    return ended
