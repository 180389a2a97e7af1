"""What signs and what was published, as the doctor looks at it: keys and their ends, the ages of the lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from db.store import open_reader
from domain.credentials.bundle import ListRefusedError
from domain.credentials.claims import TEST_ISSUER
from domain.credentials.ring import ROOT, KeyFolderError, KeyRing
from domain.credentials.status_list import open_status_list
from domain.credentials.trust_list import KeyPurpose, KeyState, open_trust_list
from domain.errors import BadInputError
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.issuance.publication.files import STATUS, TRUST
from flows.issuance.signing.keys import RING, key_path, load_ring
from flows.oversight.contradictions import moment_of
from flows.runtime.processes.wire import connected, receive, send
from flows.settings import settings
from flows.upkeep.diagnosis import Diagnosis, right, soon, wrong

KEY_ENDS_SOON: Final = timedelta(days=30)
LIST_ENDS_SOON: Final = timedelta(days=2)
LISTS: Final = {"trust list": TRUST, "status list": STATUS}
_SECONDS: Final = 5.0
_NEW_KEY: Final = "accredit keys rotate --purpose {purpose} --as-of DAY, publish, then accredit keys retire ID"
_LOST_KEY: Final = (
    "Copy keys/ from where its copy is kept. Lost: accredit keys rotate --purpose {purpose} --as-of DAY, and publish"
)
_PUBLISH: Final = "accredit publish {folder}, and every day from a timer"


def signing() -> Iterator[Diagnosis]:
    """Look at the signing process that the settings name, and at the keys where this user may read them."""
    if path := settings().signing_socket:
        yield _answering(path)
    folder = settings().keys_folder
    issuers = _issuers()
    if not (folder / RING).exists():
        if any(issuer != TEST_ISSUER for issuer in issuers) and not path:
            yield wrong("keys", f"there are none in {folder}", "accredit keys new, for root, badge and status")
        return
    try:
        ring = load_ring(folder)
    except KeyFolderError as error:
        yield wrong("keys", error.problem.rstrip("."), error.remedy)
        return
    for election in issuers.values():
        yield from _keys(ring, now=moment_of(election, None))
        return


def _answering(path: Path) -> Diagnosis:
    try:
        with connected(path) as connection:
            connection.settimeout(_SECONDS)
            send(connection, {"alarms": True})
            if receive(connection):
                return right("signing process", "answers")
    except (OSError, ValueError):
        pass
    return wrong("signing process", f"nobody answers at {path}", "Start it: accredit keys serve SOCKET --group GROUP")


def _issuers() -> dict[str, ElectionCode]:
    """Return an election of each issuer whose elections are in work: of others nothing is signed any more."""
    with open_reader(database()) as store:
        return {store.elections.profile(code).credential.issuer: code for code in store.loaded.working()}


def _keys(ring: KeyRing, *, now: UtcTime) -> Iterator[Diagnosis]:
    for purpose in (KeyPurpose.BADGE.value, KeyPurpose.STATUS.value, ROOT):
        part = f"{purpose} key"
        try:
            key = ring.active(purpose, now=now)
        except KeyFolderError as error:
            yield wrong(
                part, error.problem.rstrip("."), f"accredit keys new --purpose {purpose} --issuer {ring.issuer}"
            )
            continue
        if purpose != ROOT and not key_path(settings().keys_folder, key.key_id).exists():  # a root may lie elsewhere
            yield wrong(
                part, f"{key.key_id.hex()}.pem is missing: nothing is signed", _LOST_KEY.format(purpose=purpose)
            )
            continue
        ends = max(key.not_after for key in ring.keys if key.purpose == purpose and key.state is KeyState.ACTIVE)
        says = f"until {ends:%Y-%m-%d}"
        yield soon(part, says, _NEW_KEY.format(purpose=purpose)) if ends - now < KEY_ENDS_SOON else right(part, says)


def lists() -> Iterator[Diagnosis]:
    """Look at the lists that were published: stations trust none that has ended."""
    folder = settings().public_folder
    with open_reader(database()) as store:
        elections = store.loaded.working()
        issued = any(store.counts.credentials(code) for code in elections)
    if folder is None:
        if issued:
            remedy = "Set ACCREDIT_PUBLIC_FOLDER to the folder that accredit publish writes"
            yield soon("published lists", "nobody told me where they are", remedy)
        return
    if issued or (folder / STATUS).exists():
        yield from _ages(folder, elections)


def _ages(folder: Path, elections: Sequence[ElectionCode]) -> Iterator[Diagnosis]:
    try:
        ring = load_ring(settings().keys_folder)
    except KeyFolderError:
        yield soon("published lists", "this user has no key ring to check them with", "Run the doctor where keys/ is")
        return
    for part, file in LISTS.items():
        try:
            made, ends, of = _times(folder / file, ring)
        except (OSError, BadInputError, ListRefusedError):
            yield wrong(part, "missing, or signed by no key of the ring", _PUBLISH.format(folder=folder))
            continue
        yield _age(part, made, ends, now=moment_of(of if of in elections else elections[0], None))


def ages_of_lists(folder: Path) -> dict[str, datetime]:
    """Return when each published list in *folder* was made; those that cannot be read are left out."""
    found: dict[str, datetime] = {}
    for name, file in LISTS.items():
        with suppress(OSError, BadInputError, ListRefusedError):
            found[name] = _times(folder / file, load_ring(settings().keys_folder))[0]
    return found


def _times(path: Path, ring: KeyRing) -> tuple[datetime, datetime, ElectionCode]:
    """Return when a list was made, when it ends, and of which election it is, where it says so."""
    message = path.read_bytes()
    if path.name == TRUST:
        trust = open_trust_list(message, ring.roots())
        return trust.issued_at, trust.expires_at, ""
    keys = [key.trusted(ring.issuer) for key in ring.keys if key.purpose == KeyPurpose.STATUS.value]
    status = open_status_list(message, keys)
    return status.issued_at, status.expires_at, status.election


def _age(part: str, made: datetime, ends: datetime, *, now: UtcTime) -> Diagnosis:
    hours = (now - made).total_seconds() / 3600
    says = f"{hours:,.0f} h old, until {ends:%Y-%m-%d %H:%M} UTC"
    remedy = _PUBLISH.format(folder="FOLDER")
    if ends <= now:
        return wrong(part, f"ended {ends:%Y-%m-%d %H:%M} UTC: stations confirm nothing", remedy)
    return soon(part, says, remedy) if ends - now < LIST_ENDS_SOON else right(part, says)
