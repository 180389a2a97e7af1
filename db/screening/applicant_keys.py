"""Keys of applicants' names and documents, by which others like them are found; computed when a person is recorded.

They are computed anew when an edition of the code makes other keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.application.people import People, Version
from db.bulk import in_batches, insert_rows
from db.screening.key_edition import check_edition, keys_secret
from db.tables.application import ApplicationRow
from db.tables.screening import ApplicantKeyRow
from domain.application.nomination import Nomination
from domain.screening.applicants import applicant_keys, applicant_of
from domain.screening.keys import key_number
from domain.values import ElectionCode

_AT_ONCE: Final = 500


def put_keys(session: Session, versions: Sequence[Version]) -> None:
    """Write the keys of newly recorded versions of people, in the place of those of older versions."""
    newest = {version[0].id: version for version in versions}
    older = [application.id for application, *_ in newest.values() if application.person_version > 1]
    for part in in_batches(older):
        session.execute(delete(ApplicantKeyRow).where(ApplicantKeyRow.application_id.in_(part)))
    rows: list[dict[str, Any]] = [
        {"key": number, "application_id": application.id}
        for application, nomination, keys in newest.values()
        for number in (_numbers(application.election, nomination) if keys is None else keys)
    ]
    insert_rows(session, ApplicantKeyRow, rows)


def renew_applicant_keys(session: Session) -> int:
    """Compute the keys of everybody anew, in all elections; returns how many people. Erased ones have none."""
    session.execute(delete(ApplicantKeyRow))
    elections = dict(session.execute(select(ApplicationRow.id, ApplicationRow.election)).tuples().all())
    count = 0
    for part in in_batches(list(elections), _AT_ONCE):
        people = People(session).current(part)
        rows = [
            {"key": number, "application_id": known}
            for known, nomination in people.items()
            for number in _numbers(elections[known], nomination)
        ]
        insert_rows(session, ApplicantKeyRow, rows)
        count += len(people)
    return count


def people_by_key(session: Session, election: ElectionCode, keys: Iterable[str]) -> dict[str, list[UUID]]:
    """Return whose current version holds each of *keys*, by id; keys that nobody holds are left out.

    Raises :class:`~db.screening.key_edition.StaleKeysError`.
    """
    check_edition(session)
    secret = keys_secret(election)
    by_number = {key_number(secret, key): key for key in keys}
    holders: defaultdict[str, list[UUID]] = defaultdict(list)
    for part in in_batches(list(by_number)):
        query = select(ApplicantKeyRow.key, ApplicantKeyRow.application_id).where(ApplicantKeyRow.key.in_(part))
        for number, application_id in session.execute(query):
            holders[by_number[number]].append(application_id)
    return holders


def _numbers(election: ElectionCode, nomination: Nomination) -> set[int]:
    secret = keys_secret(election)
    return {key_number(secret, key) for key in applicant_keys(applicant_of(nomination, case="person"))}
