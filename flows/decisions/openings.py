"""The book of openings: who opened whose file, when and why; an entry is on record before anything is shown."""

from __future__ import annotations

import getpass
import time
from typing import Final
from uuid import UUID

from db.journal import Book
from db.oversight.looks import Looks
from db.store import open_reader, open_store
from domain.application.application import case_number
from domain.errors import BadInputError, ConcurrentChangeError
from domain.oversight.looks import subject_of
from domain.values import ElectionCode
from flows.context import database, right_now

_TRIES: Final = 5


def record_opening(election: ElectionCode, by: str, what: str, *cases: UUID, why: str = "") -> None:
    """Write down that *by* opened *what* of *cases* and why; ids and words of the program, and the ground's number.

    It is written before anything is shown: what cannot be recorded is not opened.
    """
    if cases:
        keep(election, by, *(subject_of(what, known, why) for known in cases))


def keep(election: ElectionCode, by: str, *subjects: str) -> None:
    """Write entries into the book of openings, which is a chain: two who write at once take turns."""
    now = right_now()
    for attempt in range(1, _TRIES + 1):
        try:
            with open_store(database()) as store:
                Looks(store.session).keep(election, by, subjects, at=now)
        except ConcurrentChangeError:
            if attempt == _TRIES:
                raise
            time.sleep(0.01 * attempt)
        else:
            return


def account() -> str:
    """Return by whom a command is given that asks for no officer: the account of the machine."""
    try:
        return f"account {getpass.getuser()}"[:64]
    except (KeyError, OSError):  # an account without a name
        return "account"


def looks_table(election: ElectionCode, case: UUID | None = None) -> list[dict[str, str]]:
    """Return who looked at *case*, or at every case, first to last: when, at what and why.

    Raises :class:`BadInputError` where the chain of the book does not add up.
    """
    with open_reader(database()) as store:
        if store.journal.broken(election, Book.DESK):
            remedy = "Restore them from a backup; accredit audit verify shows where they differ."
            raise BadInputError("looks", "do not match their hashes: somebody changed them.", remedy=remedy)
        return [
            {"when (UTC)": f"{look.at:%Y-%m-%d %H:%M}", "case": case_number(look.case), "who": look.by,
             "what": look.what.replace("_", " "), "why": look.why}
            for look in Looks(store.session).at(election, case)
        ]  # fmt: skip
