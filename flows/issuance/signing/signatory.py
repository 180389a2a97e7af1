"""Who signs badges: claims are read from the database, never taken from whoever asks.

In service this runs in the signing process, which alone has the keys (:mod:`flows.issuance.signing.process`).
Where none is set up, as in a plain step of a test, it runs where it is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from db.credentials.serials import Reservation
from db.journal import Book
from db.oversight.kept_rows import changed_rows
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.credentials.claims import TEST_ISSUER, CredentialClaims, document_tag, photo_hash
from domain.credentials.cose import Signer
from domain.credentials.verdict import encode_token
from domain.election.profile import ElectionProfile
from domain.values import ElectionCode, UtcTime
from flows.context import database, engine_key, right_now
from flows.issuance.signing.approvals import NotApprovedError, Proofs, UnprovedError
from flows.issuance.signing.given_out import GivenOut
from flows.issuance.signing.keys import ensure_demo_keys, load_ring, signer_for
from flows.issuance.signing.seen_heads import SeenHeads
from flows.settings import settings
from flows.storage.files import file_store
from notifications.badge.photo import PhotoUnusableError, printed_photo


@dataclass(frozen=True, slots=True)
class SignedBadge:
    """A credential as signed, and the photograph that it names."""

    token: str
    key_id: str
    photo: bytes | None


class Signing(Protocol):
    """Signs the credentials of cases that have a reservation."""

    def require_key(self, election: ElectionCode, *, now: UtcTime) -> None:
        """Return where there is a key that can sign; raises KeyFolderError."""
        ...

    def sign(self, election: ElectionCode, ids: Sequence[UUID], *, now: UtcTime) -> dict[UUID, SignedBadge]:
        """Return the signed credential of each of *ids*; raises :class:`NotApprovedError` for the first without."""
        ...


class Signatory:
    """Signs with the keys that this process can reach."""

    def __init__(self) -> None:
        self._proofs = Proofs(SeenHeads(settings().keys_folder), key=engine_key)
        self._given_out = GivenOut(settings().keys_folder)

    def require_key(self, election: ElectionCode, *, now: UtcTime) -> None:
        """Return where there is a key that can sign; raises KeyFolderError."""
        with open_reader(database()) as store:
            profile = store.elections.profile(election)
        badge_signer(profile, now=_moment_of(profile, now))

    def sign(self, election: ElectionCode, ids: Sequence[UUID], *, now: UtcTime) -> dict[UUID, SignedBadge]:
        """Return the signed credential of each of *ids*, as the database has the case, the person and the serial."""
        if not ids:
            return {}
        with open_reader(database()) as store:
            profile = store.elections.profile(election)
            secret = store.elections.secret(election)
        with self._proofs.opened(election) as store:
            due = _due(store, election, ids, self._proofs)
        signer = badge_signer(profile, now=_moment_of(profile, now))
        self._given_out.note(election, {case.reservation.serial: case.application.id for case in due})
        return {case.application.id: _signed(profile, case, signer, secret) for case in due}


@dataclass(frozen=True, slots=True)
class _Due:
    application: Application
    person: Nomination
    reservation: Reservation


def _moment_of(profile: ElectionProfile, said: UtcTime) -> UtcTime:
    """Return the moment as of which keys are chosen: whoever asks says it of a rehearsal alone."""
    return said if profile.credential.issuer == TEST_ISSUER else right_now()


def badge_signer(profile: ElectionProfile, *, now: UtcTime) -> Signer:
    """Return the signer of this election's badges; a rehearsal's keys (issuer TEST) are made when first needed.

    Raises :class:`KeyFolderError` for a real issuer without keys, or with a folder that others can open.
    """
    folder = settings().keys_folder
    issuer = profile.credential.issuer
    ring = ensure_demo_keys(folder, now=now) if issuer == TEST_ISSUER else load_ring(folder, issuer=issuer)
    return signer_for(ring.active("badge", now=now))


def printable_photo(nomination: Nomination) -> bytes | None:
    """Return the photograph as it is printed, or None where there is none that can be."""
    if nomination.photo is None:
        return None
    try:
        return printed_photo(file_store().get(nomination.photo))
    except PhotoUnusableError:
        return None


def _due(store: Store, election: ElectionCode, ids: Sequence[UUID], proofs: Proofs) -> list[_Due]:
    """Return the cases of *ids* with person and reservation: all wait for a credential, and are proved."""
    found = store.applications.get_many(list(ids))
    reserved = store.credentials.reserved(list(found))
    for known in ids:
        _require_waiting(known, found, reserved, election)
    proofs.require(store, election, found)
    serials = {reserved[known].serial: known for known in ids}
    for serial in changed_rows(store.session, election, Book.CREDENTIALS, [(serial,) for serial in serials]):
        raise UnprovedError(serials[serial], "what is reserved for it is not what the engine wrote")
    people = store.people.current(list(found))
    return [_Due(found[known], people[known], reserved[known]) for known in dict.fromkeys(ids)]


def _require_waiting(
    known: UUID, found: Mapping[UUID, Application], reserved: Mapping[UUID, Reservation], election: ElectionCode
) -> None:
    case, reservation = found.get(known), reserved.get(known)
    if case is None or reservation is None or case.election != election:
        raise NotApprovedError(f"Nothing is signed for {known}: no serial is reserved for it.")
    replaces = case.status is Status.CREDENTIALED and reservation.replaces == case.serial
    if case.status is not Status.ASSIGNED and not replaces:
        raise NotApprovedError(f"Nothing is signed for {case.case_number}: it is {case.status}.")


def _signed(profile: ElectionProfile, due: _Due, signer: Signer, secret: bytes) -> SignedBadge:
    photo = printable_photo(due.person)
    token = encode_token(_claims(profile, due, photo, secret), signer)
    return SignedBadge(token=token, key_id=signer.key_id.hex(), photo=photo)


def _claims(profile: ElectionProfile, due: _Due, photo: bytes | None, secret: bytes) -> CredentialClaims:
    application, person, reservation = due.application, due.person, due.reservation
    return CredentialClaims.fitting(
        person.name,
        issuer=profile.credential.issuer,
        serial=reservation.serial,
        issued_at=reservation.issued_at,
        valid_from=reservation.valid_from,
        valid_until=reservation.valid_until,
        role=profile.role_code(application.role),
        organisation=application.organisation,
        nationality=person.nationalities[0] if person.nationalities else "XXX",
        regions=(application.region,) if application.region else (),
        status_index=reservation.status_index,
        photo_hash=photo_hash(photo) if photo else None,
        document_tag=document_tag(person.document_number, issuing_state=person.document_issuer, secret=secret),
    )
