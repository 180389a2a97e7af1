"""The doctor: every part of the installation looked at, each by itself, so that one that fails hides no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from domain.errors import AccreditationError, BadInputError
from flows.runtime.server.lifetime import RunningServer
from flows.runtime.shield import shielded
from flows.upkeep.diagnosis import Diagnosis, Standing, wrong
from flows.upkeep.ground import clock, data, disk, home, keys_of_people, object_store, old_copies
from flows.upkeep.issuer import lists, signing
from flows.upkeep.prefect_server import prefect
from flows.upkeep.vault import age_of_backup
from flows.upkeep.work import elections, mail, quarantine, told_of_events

Examination = Callable[[], Iterator[Diagnosis]]

_PARTS: Final[dict[str, Examination]] = {
    "home": home,
    "database": data,
    "personal keys": keys_of_people,
    "old copies": old_copies,
    "disk": disk,
    "files": object_store,
    "clock": clock,
    "keys": signing,
    "published lists": lists,
    "mail": mail,
    "elections": elections,
    "webhooks": told_of_events,
    "quarantine": quarantine,
    "backup": age_of_backup,
}
"""In the order of the screen. What a part rests on stands before it."""
_REST_ON_DATA: Final = {"personal keys", "keys", "published lists", "elections", "webhooks"}


def examine(*, server: RunningServer | None = None) -> list[Diagnosis]:
    """Look at everything, with Prefect's *server* or the one that is found; nothing is changed."""
    found: list[Diagnosis] = []
    parts: dict[str, Examination] = {**_PARTS, "Prefect": partial(prefect, server)}
    for part, examination in parts.items():
        if part not in _REST_ON_DATA or not _lacks_data(found):
            found += _told(part, examination)
    return found


def _lacks_data(found: list[Diagnosis]) -> bool:
    """Whether the database cannot be read, which is said once and not by every part that rests on it."""
    return {"database", "migrations"} != {
        told.part for told in found if told.standing is Standing.RIGHT and told.part in {"database", "migrations"}
    }


def _told(part: str, examination: Examination) -> list[Diagnosis]:
    found: list[Diagnosis] = []
    try:
        with shielded():
            found.extend(examination())
    except BadInputError as error:
        found.append(wrong(part, f"{error.place}: {error.problem}".rstrip("."), error.remedy))
    except AccreditationError as error:
        found.append(wrong(part, str(error).rstrip("."), "Mend that first, then run the doctor again"))
    return found
