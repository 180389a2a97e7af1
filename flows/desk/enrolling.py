"""Links for new devices: by two administrators at the desk, or by the command for the first two and in rehearsals."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from db.store import open_reader, open_store
from domain.errors import BadInputError, UnknownThingError
from domain.statements.signatures import Passkey, PasskeyAssertion
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, OfficerCode
from flows.context import database, right_now
from flows.desk.address import Address
from flows.statements.acceptance import ActingOfficer, Draft, accept, drafted, record

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
    """Return a link for each of *officers*; in a rehearsal (issuer TEST) for everybody where none is named.

    Raises :class:`BadInputError` for anybody but the first two of a real election.
    """
    with open_reader(database()) as store:
        authority = store.statements.authority(election)
    wanted = [*officers] or [code for code in sorted(authority.enrolled) if authority.rehearsal]
    for officer in wanted:
        if not (authority.rehearsal or authority.enrols_itself(officer)):
            remedy = "Two administrators do that at the desk, on the page Officers."
            raise BadInputError(officer, "is not one of the first two without a key.", remedy=remedy)
    return [(officer, new_link(address, election, officer, by=BY_COMMAND)) for officer in wanted]


def waiting_key(election: ElectionCode, officer: OfficerCode) -> Passkey:
    """Return the key that *officer*'s new device made; raises :class:`UnknownThingError` where none waits."""
    with open_reader(database()) as store:
        for waiting in store.links.waiting(election):
            if waiting.officer == officer:
                return Passkey.model_validate(waiting.key)
    raise UnknownThingError("new key of officer", officer)


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


def fingerprint(key: Passkey) -> str:
    """Return what two people read to each other to be sure that they mean the same key: 64 bits of its name."""
    text = key.id[:16].upper()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
