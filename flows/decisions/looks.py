"""Looks at people's files: who may open a case, and that every opening is on record before anything is shown."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import Final
from uuid import UUID

from db.journal import Book
from db.oversight.looks import Looks
from db.store import Store, open_reader, open_store
from domain.application.application import Application, case_number
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError, ConcurrentChangeError
from domain.oversight.looks import checked_ground, subject_of
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, UtcTime
from flows.context import database, right_now
from flows.decisions.casework import require_served
from flows.decisions.review import CaseView, screen_of
from flows.statements.acceptance import ActingOfficer, accept
from flows.storage.files import file_store

_WHO_OPENS: Final = (
    OfficerRole.CASE_OFFICER, OfficerRole.CONFIRMING_OFFICER, OfficerRole.APPEALS_OFFICER, OfficerRole.AUDITOR,
)  # fmt: skip
_TRIES: Final = 5
_FILES: Final = {"photo": "photo", "identity_page": "identity-page"}


def check_opening(
    store: Store, officer: Officer, application: Application, profile: ElectionProfile, *, now: UtcTime
) -> None:
    """Raise :class:`OfficerRefusedError` unless *officer* may see the case: by role, recusal and binding scope."""
    if not any(officer.may(role) for role in _WHO_OPENS):
        raise OfficerRefusedError(officer.code, OfficerRole.CASE_OFFICER.asked_for)
    if officer.is_recused(application.organisation, application.id):
        raise OfficerRefusedError(officer.code, f"is recused from {application.case_number}.")
    require_served(store, officer, [application], profile, now=now)


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


def look(application_id: UUID, by: ActingOfficer, *, ground: str) -> CaseView:
    """Return a person's whole file to an officer or auditor who signs for the look; it is on record before.

    Raises :class:`OfficerRefusedError` for whom the case is closed to, :class:`BadInputError` without a ground.
    """
    why = checked_ground(ground)
    with open_store(database()) as store:
        application, profile = store.applications.get(application_id), store.elections.profile(by.election)
        check_opening(store, store.officers.get(by.election, by.officer), application, profile, now=by.now)
        accept(store, by, Deed(kind=ActKind.LOOK, cases=(application_id,), terms={"what": "file", "ground": why}))
    record_opening(by.election, by.officer, "file", application_id, why=why)
    return screen_of(application_id, now=by.now)


def write_files(view: CaseView, folder: Path) -> list[Path]:
    """Write the photograph and the page of the document into *folder*, closed to others; return their paths."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[Path] = []
    for name, said in _FILES.items():
        content = getattr(view.nomination, name, None)
        if content:
            path = folder / f"{view.application.case_number}-{said}"
            path.touch(0o600)
            path.write_bytes(file_store().get(content))
            written.append(path)
    return written


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
