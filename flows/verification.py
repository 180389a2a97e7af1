"""Checking a credential at headquarters: the same rules as at a polling station, with the ledger as status list."""

from __future__ import annotations

from pathlib import Path

from db.store import open_reader
from domain.credential.ledger import standings
from domain.credential.ring import KeyRing
from domain.credential.status import StatusList, status_list_at
from domain.credential.verdict import PREFIX, Verdict, judge
from domain.errors import BadInputError
from domain.values import ElectionCode, UtcTime
from flows.desk import database
from flows.keys import load_ring
from flows.settings import settings
from notifications.badge.reading import read_token


def token_of(what: str) -> str:
    """Return the token in *what*: the text itself, or the path of a picture or PDF with the code on it."""
    if what.startswith(PREFIX):
        return what
    path = Path(what)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(
            what[:80], "is neither a token nor a file that can be read.",
            remedy=f"Give text that begins with {PREFIX}, or the path of a PNG, JPEG or PDF.",
        ) from error  # fmt: skip
    token = read_token(content)
    if token is None:
        raise BadInputError(path.name, "shows no observer credential.", remedy="Take a sharper, larger picture.")
    return token


def verify(what: str, election: ElectionCode, *, now: UtcTime) -> Verdict:
    """Return the verdict on a token, picture or PDF at *now*."""
    return verify_token(token_of(what), election, now=now)


def verify_token(token: str, election: ElectionCode, *, now: UtcTime) -> Verdict:
    """Return the verdict on the text of a token at *now*."""
    ring = load_ring(settings().keys_folder)
    status = current_status(election, ring, now=now)
    return judge(token, now=now, trust=ring.trust_list(now=now), status=status)


def current_status(election: ElectionCode, ring: KeyRing, *, now: UtcTime) -> StatusList:
    """Return the status list as the ledger has it at this moment."""
    with open_reader(database()) as store:
        size = store.elections.profile(election).credential.status_list_size
        states = store.credentials.indices_by_state(election)
    key_id = ring.active("status", now=now).key_id
    return status_list_at(now, standings(states), uri=f"urn:accreditation:{election}", size=size, key_id=key_id)
