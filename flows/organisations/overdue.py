"""Organisations that wait longer for their answer than the rules allow."""

from __future__ import annotations

from db.store import open_reader
from domain.values import ElectionCode, OrganisationCode, UtcTime
from domain.vetting.organisations import OrganisationFile
from flows.context import database


def overdue_organisations(election: ElectionCode, *, now: UtcTime) -> list[OrganisationCode]:
    """Return the organisations whose answer should have been given by *now*."""
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
        acts = store.admissions.acts(election)
        organisations = store.organisations.all_in(election)
    files = {code: OrganisationFile.of(organisations[code], done, profile) for code, done in acts.items()}
    return [code for code, file in files.items() if file.is_overdue(now)]
