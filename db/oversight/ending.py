"""Statements that end classes of data whose time is over: fields of closed cases, contact persons, lists, arrivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from db.application.people import hash_of
from db.bulk import in_batches
from db.journal import Book, touch
from db.oversight.erasing import Erasing
from db.oversight.kept_rows import journal_all
from db.screening.reference_lists import ReferenceLists
from db.tables.application import PersonRow
from db.tables.credentials import CredentialRow
from db.tables.decisions import EnrolmentLinkRow
from db.tables.identity import PortraitPartRow, PortraitRow
from db.tables.intake import IncomingMessageRow, IntakeFileRow, ReturnedRow
from db.tables.letters import LetterRow
from db.tables.organisations import OrganisationRow
from db.tables.screening import HitRow, ReferenceEntryRow
from domain.application.held_classes import FIELDS, HeldClass, without
from domain.screening.hits import Hit
from domain.values import ElectionCode, Sha256

ERASED: Final[Mapping[str, Any]] = {"name": "erased", "email": "erased", "phone": ""}
"""What stands in the place of an organisation's contact person."""
_REWRITTEN: Final = (Book.CREDENTIALS, Book.FILES, Book.CHUNKS, Book.RETURNED)
_CONTENT: Final[Mapping[HeldClass, str]] = {HeldClass.DOCUMENT: "identity_page", HeldClass.PHOTO: "photo"}


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of classes of data of one election, within one transaction."""

    session: Session
    election: ElectionCode
    closed: Sequence[UUID]
    """The cases in which nothing waits for the person's data any more: of the others every field stays."""

    files: set[Sha256] = field(default_factory=set[Sha256])
    """Content that nothing names any more: to be removed once this is kept for good."""

    def waiting(self) -> list[str]:
        """Return what has to be done first, because it still waits for what came in."""
        return self._erasing().waiting()

    def count(self, held_class: HeldClass) -> int:
        """Return how much of a class there still is: versions of people, contacts, entries, links, things that came."""
        match held_class:
            case HeldClass.FOCAL_POINT:
                return len(self._contacts())
            case HeldClass.LIST:
                return self._number(ReferenceEntryRow, ReferenceEntryRow.election == self.election)
            case HeldClass.DEVICE:
                return self._number(EnrolmentLinkRow, self._settled_links())
            case HeldClass.ARRIVAL:
                return self._arrivals()
            case HeldClass.MAIL:
                return 0
            case _:
                return sum(_says(row, held_class) for row in self._people())

    def wipe(self, held_class: HeldClass, *, now: datetime) -> int:
        """Wipe a class, and return how much of it there was."""
        there = self.count(held_class)
        match held_class:
            case HeldClass.FOCAL_POINT:
                self._wipe_contacts()
            case HeldClass.LIST:
                self._wipe_lists(now)
            case HeldClass.DEVICE:
                self.session.execute(delete(EnrolmentLinkRow).where(self._settled_links()))
            case HeldClass.ARRIVAL:
                self._erasing().clear_arrivals()
            case HeldClass.MAIL:
                pass
            case _:
                self._wipe_people(held_class)
        self.session.flush()
        journal_all(self.session, self.election, books=_REWRITTEN, by="retention")
        return there

    def _erasing(self) -> Erasing:
        return Erasing(
            session=self.session, election=self.election, ids=(), organisations=frozenset(), names_them=lambda _: True,
            everybody=True, files=self.files,
        )  # fmt: skip

    def _number(self, table: type[Any], condition: ColumnElement[bool]) -> int:
        return self.session.scalar(select(func.count()).select_from(table).where(condition)) or 0

    def _settled_links(self) -> ColumnElement[bool]:
        return and_(EnrolmentLinkRow.election == self.election, EnrolmentLinkRow.settled_at.is_not(None))

    def _people(self) -> list[PersonRow]:
        queries = (select(PersonRow).where(PersonRow.application_id.in_(part)) for part in in_batches(self.closed))
        return [row for query in queries for row in self.session.scalars(query) if row.body is not None]

    def _wipe_people(self, held_class: HeldClass) -> None:
        for row in self._people():
            if row.body is not None and _says(row, held_class):
                content = row.body.get(_CONTENT.get(held_class, ""))
                self.files.update([content] if content else [])
                left = without(row.body, held_class)
                row.body, row.sha256 = left, hash_of(left)
                touch(self.session, Book.PEOPLE, [(row.application_id, row.version)])
        for part in in_batches(self.closed):
            if held_class is HeldClass.PHOTO:
                self._wipe_pictures(part)
            if held_class is HeldClass.IDENTITY:
                self._wipe_comparisons(part)
        self._erasing().settle(())

    def _wipe_pictures(self, part: Sequence[UUID]) -> None:
        """Wipe fingerprints of portraits, and badges, also those that letters bring."""
        for table in (PortraitRow, PortraitPartRow):
            self.session.execute(delete(table).where(table.application_id.in_(part)))
        badges = set[Sha256]()
        for row in self.session.scalars(select(CredentialRow).where(CredentialRow.application_id.in_(part))):
            badges.update([row.badge_sha256] if row.badge_sha256 else [])
            row.badge_sha256 = None
        for letter in self.session.scalars(select(LetterRow).where(LetterRow.application_id.in_(part))):
            kept = [attachment for attachment in letter.body["attachments"] if attachment["content"] not in badges]
            if len(kept) < len(letter.body["attachments"]):
                letter.body = letter.body | {"attachments": kept}
        self.files.update(badges)

    def _wipe_comparisons(self, part: Sequence[UUID]) -> None:
        for row in self.session.scalars(select(HitRow).where(HitRow.application_id.in_(part))):
            row.body = Hit.model_validate(row.body, strict=False).without_words().model_dump(mode="json")

    def _contacts(self) -> list[OrganisationRow]:
        rows = self.session.scalars(select(OrganisationRow).where(OrganisationRow.election == self.election))
        return [row for row in rows if row.body["focal_point"] != ERASED or row.body.get("liaison")]

    def _wipe_contacts(self) -> None:
        for row in self._contacts():
            row.body = row.body | {"focal_point": dict(ERASED), "liaison": None}
            touch(self.session, Book.ORGANISATIONS, [(self.election, row.code)])

    def _wipe_lists(self, now: datetime) -> None:
        lists = ReferenceLists(self.session)
        for kept in lists.all_in(self.election):
            lists.retire(self.election, kept.reference.list_id, now=now)

    def _arrivals(self) -> int:
        here = IntakeFileRow.election == self.election
        files = self.session.scalars(select(IntakeFileRow.name).where(here))
        messages = self.session.scalars(select(IncomingMessageRow).where(IncomingMessageRow.election == self.election))
        returned = select(ReturnedRow).join(IntakeFileRow, IntakeFileRow.id == ReturnedRow.file_id).where(here)
        return (
            sum(name != "erased" for name in files)
            + sum(bool(row.content or row.sender) for row in messages)
            + sum(bool(row.cells) for row in self.session.scalars(returned))
        )


def _says(row: PersonRow, held_class: HeldClass) -> bool:
    """Whether a version says anything in the fields of a class."""
    if row.body is None:
        return False
    emptied = without(row.body, held_class)
    return any(emptied[name] != row.body.get(name, emptied[name]) for name in FIELDS.get(held_class, ()))
