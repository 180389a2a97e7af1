"""Looks at people's files: who may open a case, and the whole file for whom signs for the look."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from db.store import Store, open_store
from domain.application.application import Application
from domain.election.profile import ElectionProfile
from domain.oversight.looks import checked_ground
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import UtcTime
from flows.context import database
from flows.decisions.casework import require_served
from flows.decisions.openings import record_opening
from flows.decisions.review import CaseView, screen_of
from flows.statements.acceptance import ActingOfficer, accept
from flows.storage.files import file_store

_WHO_OPENS: Final = (
    OfficerRole.CASE_OFFICER, OfficerRole.CONFIRMING_OFFICER, OfficerRole.APPEALS_OFFICER, OfficerRole.AUDITOR,
)  # fmt: skip
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
