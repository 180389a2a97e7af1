"""One case that does not hold stops no other: it is left out, officers are told, and the rest get their badges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from db.store import open_store
from domain.oversight.alarms import Alarm, AlarmKind
from flows.context import ElectionContext, database
from flows.issuance.signing.approvals import NotApprovedError, UnprovedError
from flows.letters.alarms import tell_officers
from flows.runtime.alarms import note_alarm
from flows.runtime.outcomes import error_code
from flows.settings import settings

Done = TypeVar("Done")


def without_forged(
    context: ElectionContext, ids: Sequence[UUID], work: Callable[[Sequence[UUID]], Done]
) -> tuple[list[Done], dict[UUID, str]]:
    """Return what *work* makes of *ids*, and why not of some, by a code; these cost the others a second try at most.

    What does not hold of the election as a whole is raised. *work* must be harmless when it is done twice.
    """
    try:
        return [work(ids)], {}
    except (NotApprovedError, ValidationError) as error:
        if isinstance(error, UnprovedError) and error.about == context.election:
            raise
        if len(ids) == 1:
            _tell(context, ids[0], error)
            return [], {ids[0]: error_code(error)}
    half = len(ids) // 2
    first, second = (without_forged(context, part, work) for part in (ids[:half], ids[half:]))
    return [*first[0], *second[0]], first[1] | second[1]


def _tell(context: ElectionContext, case: UUID, error: NotApprovedError | ValidationError) -> None:
    """Raise the alarm for what somebody wrote by hand; a case that was withdrawn meanwhile is no forgery."""
    if isinstance(error, NotApprovedError) and not isinstance(error, UnprovedError):
        return
    alarm = Alarm(at=datetime.now(UTC), kind=AlarmKind.UNPROVED, election=context.election, about=str(case))
    if settings().signing_socket is None or not isinstance(error, UnprovedError):  # else the signing process told
        note_alarm(alarm)
    with open_store(database()) as store:
        tell_officers(store, context.profile, [alarm], now=context.now)
