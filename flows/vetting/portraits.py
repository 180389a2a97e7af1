"""Portraits that show the same picture as another person's: found by hash, confirmed by pixels, left to officers."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from PIL import Image

from db.store import Store
from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.status import CLOSED
from domain.errors import UnknownThingError
from domain.identity.fingerprints import is_same_picture
from domain.vetting.checks import document_key, name_key
from flows.context import ElectionContext
from flows.storage.files import file_store

MOST: Final = 3
"""Other cases that one finding list names; a placeholder picture would name hundreds."""


def likenesses(
    store: Store, context: ElectionContext, due: Sequence[Application], people: Mapping[UUID, Nomination]
) -> dict[UUID, tuple[Finding, ...]]:
    """Return for each of *due* a finding for each other person's live file with the same picture, three at most.

    Who is the same person by document, or by name and birth, is found by other checks. Two queries for all of them;
    pictures are read only for the few pairs whose hashes are near.
    """
    near = store.portraits.like(context.election, [application.id for application in due])
    others = list({other for found in near.values() for other in found})
    live = {
        known for known, application in store.applications.get_many(others).items() if application.status not in CLOSED
    }
    everybody = {**store.people.current(others), **people}
    return {
        known: tuple(
            _findings(
                everybody[known],
                [(other, everybody[other]) for other in found if other in live & {*everybody}],
            )
        )
        for known, found in near.items()
    }


def _findings(nomination: Nomination, others: Sequence[tuple[UUID, Nomination]]) -> Iterator[Finding]:
    same = (known for known, other in others if not _is_same_person(nomination, other) and _alike(nomination, other))
    for known, _ in zip(same, range(MOST), strict=False):
        yield Finding(
            rule="same_photograph", code=ReasonCode.D08, severity=Severity.HUMAN, fields=("photo",), about=str(known)
        )


def _is_same_person(one: Nomination, other: Nomination) -> bool:
    return any(key(one) is not None and key(one) == key(other) for key in (document_key, name_key))


def _alike(one: Nomination, other: Nomination) -> bool:
    """Say whether both portraits are the same picture; where one is gone, near hashes are all there is."""
    if one.photo is None or other.photo is None:
        return False
    if one.photo == other.photo:
        return True
    try:
        first, second = (Image.open(io.BytesIO(file_store().get(name))) for name in (one.photo, other.photo))
    except UnknownThingError:
        return True
    return is_same_picture(first, second)
