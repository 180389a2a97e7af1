"""Keys of applicants' names and documents, by which others like them are found; computed when a person is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.application.people import Version
from db.bulk import in_batches, insert_rows
from db.tables.screening import ApplicantKeyRow
from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.screening.applicants import applicant_keys, applicant_of
from domain.screening.names.keys import key_number


def put_keys(session: Session, versions: Sequence[Version]) -> None:
    """Write the keys of newly recorded versions of people, in the place of those of older versions."""
    newest = {version[0].id: version for version in versions}
    older = [application.id for application, *_ in newest.values() if application.person_version > 1]
    for part in in_batches(older):
        session.execute(delete(ApplicantKeyRow).where(ApplicantKeyRow.application_id.in_(part)))
    rows: list[dict[str, Any]] = [
        {"key": number, "application_id": application.id}
        for application, nomination, keys in newest.values()
        for number in (_numbers(application, nomination) if keys is None else keys)
    ]
    insert_rows(session, ApplicantKeyRow, rows)


def _numbers(application: Application, nomination: Nomination) -> set[int]:
    person = applicant_of(nomination, case=str(application.id))
    return {key_number(application.election, key) for key in applicant_keys(person)}
