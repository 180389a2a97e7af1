"""Links for new devices: by two administrators at the desk, or by the command for the first two and in rehearsals."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from db.store import open_reader, open_store
from domain.errors import BadInputError, UnknownThingError
from domain.statements.signatures import OFFICER_KEY, FileKey, Passkey, PasskeyAssertion
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, OfficerCode
from flows.context import database, right_now
from flows.desk.address import Address
from flows.statements.acceptance import ActingOfficer, Draft, accept, drafted, record
from flows.statements.keys import make_key

LINK_LIVES: Final = timedelta(hours=24)
BY_COMMAND: Final = "command"


def new_link(address: Address, election: ElectionCode, officer: OfficerCode, *, by: str) -> str:
    """Return a link with which *officer* enrols one device, within a day; older links of the officer lapse."""
    token, now = secrets.token_urlsafe(32), right_now()
    with open_store(database()) as store:
        store.officers.get(election, officer)
        store.links.offer(election, officer, token, by=by, now=now, until=now + LINK_LIVES)
    # After the sign #: no server, proxy or log ever sees it.
    return f"{address.origin}/enrol#{token}"


def links_by_command(
    address: Address, election: ElectionCode, officers: Sequence[OfficerCode]
) -> list[tuple[OfficerCode, str]]:
    """Return a link for each of *officers*, or where none is named for everybody who may have one.

    In a rehearsal (issuer TEST) that is everybody. Raises :class:`BadInputError` for anybody but the first two of a
    real election, and where nobody may have one any more.
    """
    with open_reader(database()) as store:
        authority = store.statements.authority(election)
    may = [code for code in sorted(authority.enrolled) if authority.rehearsal or authority.enrols_itself(code)]
    wanted = [*officers] or may
    remedy = "Two administrators do that at the desk, on the page Officers."
    for officer in wanted:
        if officer not in may:
            raise BadInputError(officer, "is not one of the first two without a key.", remedy=remedy)
    if not wanted:
        raise BadInputError("link", "The first two have their keys; no link is given by command.", remedy=remedy)
    return [(officer, new_link(address, election, officer, by=BY_COMMAND)) for officer in wanted]


def waiting_key(election: ElectionCode, officer: OfficerCode, *, number: str = "") -> FileKey | Passkey:
    """Return the key that *officer* made by a link; raises :class:`UnknownThingError` where none waits.

    Raises :class:`BadInputError` where it is not the one whose *number* was read aloud.
    """
    with open_reader(database()) as store:
        found = [waiting.key for waiting in store.links.waiting(election) if waiting.officer == officer]
    if not found:
        raise UnknownThingError("new key of officer", officer)
    key = OFFICER_KEY.validate_python(found[0])
    if number and _digits(number) != _digits(fingerprint(key)):
        remedy = "Hear it once more. If it stays so, propose it again: the old link and key lapse."
        raise BadInputError(officer, "made a key of another number.", remedy=remedy)
    return key


def _digits(number: str) -> str:
    return "".join(number.split()).upper()


def key_by_link(election: ElectionCode, officer: OfficerCode, link: str, folder: Path) -> FileKey:
    """Use *link* up for a key in a file of *folder*; it counts once a second administrator has confirmed it."""
    token = link.rpartition("#")[2]
    with open_store(database()) as store:
        meant, made_by = store.links.offered_to(election, token, now=right_now())
        if meant != officer or made_by == BY_COMMAND:
            remedy = "Open it in the browser of the device." if meant == officer else "Name the officer it is for."
            raise BadInputError(officer, "This link is not for a key in a file of this officer.", remedy=remedy)
        key = make_key(officer, folder)
        store.links.redeem(election, token, key.model_dump(mode="json"), now=right_now())
    return key


def settle(election: ElectionCode, officer: OfficerCode) -> None:
    """Close the links of *officer*, whose new key counts now."""
    with open_store(database()) as store:
        store.links.settle(election, officer, now=right_now())


def first_key(key: Passkey, by: ActingOfficer) -> None:
    """Enrol a passkey without being asked for by others: one of the first two, or anybody in a rehearsal.

    The key signs for itself; raises :class:`OfficerRefusedError` where two administrators have to enrol it.
    """
    with open_store(database()) as store:
        store.officers.get(by.election, by.officer)
        deed = Deed(kind=ActKind.FIRST_KEY, terms={"key": key.model_dump(mode="json")})
        accepted = accept(store, by, deed)
        store.officers.put(by.election, accepted.authority.of(by.officer))


def first_key_drafted(election: ElectionCode, officer: OfficerCode, key: Passkey) -> Draft:
    """Return the statement with which a first key signs for itself."""
    return drafted(lambda by: first_key(key, by), ActingOfficer(officer, election, right_now()), key.id)


def first_key_enrolled(election: ElectionCode, draft: Draft, signature: PasskeyAssertion) -> None:
    """Put the signed statement on record, and let the key count."""
    officer = draft.statement.officer
    key = Passkey.model_validate(draft.statement.terms["key"])
    digest = record(draft, signature)
    first_key(key, ActingOfficer(officer, election, right_now(), signed=digest))
    settle(election, officer)


def fingerprint(key: FileKey | Passkey) -> str:
    """Return what two people read to each other to be sure that they mean the same key: 64 bits of its name."""
    text = key.id[:16].upper()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
