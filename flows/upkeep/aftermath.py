"""After a restore: what was given out since is found, numbers go on above it, an officer sees the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from db.store import Store, open_reader, open_store
from db.tables.credentials import CredentialRow
from db.tables.election import ElectionRow
from domain.credentials.bundle import ListRefusedError
from domain.credentials.status_list import StatusList, open_status_list
from domain.credentials.trust_list import KeyPurpose
from domain.errors import BadInputError
from domain.oversight.log.checkpoint import CheckpointRefusedError, read_checkpoint
from domain.oversight.restoration import Restoration, ToldBy, UnknownCredential, number_in
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Serial
from flows.context import database, right_now
from flows.issuance.publication.files import STATUS
from flows.issuance.signing.keys import load_ring
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, authorise
from flows.upkeep.sources import Search
from flows.upkeep.vault import Manifest


def find_out(manifest: Manifest, restored: sessionmaker[Session], *, old: Path | None = None) -> list[Restoration]:
    """Find out for each election what was given out since *manifest*, and let serials go on above it.

    A status index and a letter's Message-ID follow from serial and restore, so that neither is given twice. Nothing
    else is recorded in *restored* until an officer has signed for what was found, also where the search fails. *old*
    is the database of SQLite that was there before.
    """
    with open_store(restored, after_restore=True) as store:
        begun = [_begun(store, code, manifest) for code in store.loaded.codes()]
        for restoration in begun:
            store.restorations.put(restoration)
    with open_store(restored, after_restore=True) as store:
        found = [_found_out(store, restoration, old) for restoration in begun]
        for restoration in found:
            store.restorations.replace(restoration)
    return found


def _begun(store: Store, code: ElectionCode, manifest: Manifest) -> Restoration:
    now, following = datetime.now(UTC), store.session.get_one(ElectionRow, code).next_serial
    return Restoration(
        election=code,
        number=max(int(now.timestamp()), store.restorations.last(code) + 1),
        backup=manifest.name,
        taken_at=manifest.taken_at,
        restored_at=now,
        restored_serial=following,
        next_serial=following,
    )


def _found_out(store: Store, begun: Restoration, old: Path | None) -> Restoration:
    code = begun.election
    rules = store.elections.profile(code).credential
    prefix = rules.serial_prefix
    search = Search(code, prefix, rules.status_list_size, old)
    told = search.found()
    ended, lost = _published_since(store, code)
    return begun.revised(
        next_serial=_continued(store, code, (number_in(serial, prefix) or 0 for serial in told)),
        unknown=_unknown(store, code, told),
        ended=ended,
        lost_entries=lost,
        sources=tuple(search.read),
    )


def _unknown(
    store: Store, code: ElectionCode, told: Mapping[Serial, UnknownCredential]
) -> tuple[UnknownCredential, ...]:
    """Return what the database has nobody for, or only reserved for somebody who has not got it."""
    known = store.session.scalars(
        select(CredentialRow.serial).where(CredentialRow.election == code, CredentialRow.state != "reserved")
    )
    return tuple(told[serial] for serial in sorted(told.keys() - {*known}))


def _continued(store: Store, code: ElectionCode, numbers: Iterable[int]) -> int:
    """Let serials of the election go on above all *numbers*; returns the next one."""
    row = store.session.get_one(ElectionRow, code)
    following = max(row.next_serial, max(numbers, default=0) + 1)
    store.session.execute(update(ElectionRow).where(ElectionRow.code == code).values(next_serial=following))
    return following


def _published_since(store: Store, code: ElectionCode) -> tuple[tuple[Serial, ...], int]:
    """Return the credentials that were published as ended and are valid here, and how many entries the log lost."""
    folder = settings().public_folder
    if folder is None:
        return (), 0
    lost = 0
    with suppress(OSError, UnicodeDecodeError, CheckpointRefusedError):
        note = read_checkpoint((folder / "log/checkpoint").read_text("utf-8"))
        if note.origin.endswith(f"/{code}"):
            lost = max(0, note.size - store.log.recorded(code))
    if (published := _status(folder / STATUS)) is None or published.election != code:
        return (), lost
    here = store.credentials.standings(code)
    rows = store.session.execute(
        select(CredentialRow.serial, CredentialRow.status_index).where(CredentialRow.election == code)
    )
    ended = [serial for serial, index in rows.tuples() if published.entry(index) and not here.get(index)]
    return tuple(sorted(ended)), lost


def _status(path: Path) -> StatusList | None:
    """Return the published status list, None where none is there that a key of the ring signed."""
    try:
        ring = load_ring(settings().keys_folder)
        keys = [key.trusted(ring.issuer) for key in ring.keys if key.purpose == KeyPurpose.STATUS.value]
        return open_status_list(path.read_bytes(), keys)
    except (OSError, ListRefusedError, BadInputError):
        return None


def unseen(election: ElectionCode) -> list[Restoration]:
    """Return the restores of the election that no officer has signed for."""
    with open_reader(database()) as store:
        return [restoration for restoration in store.restorations.all_in(election) if restoration.accepted_at is None]


def continue_above(election: ElectionCode, serials: Iterable[Serial]) -> list[Restoration]:
    """Take *serials* as given out too, which somebody has seen and no source tells; returns what is unseen now."""
    said = tuple(serials)
    with open_store(database(), after_restore=True) as store:
        rules = store.elections.profile(election).credential
        prefix, most = rules.serial_prefix, rules.status_list_size
        if strange := [serial for serial in said if not 0 < (number_in(serial, prefix) or 0) < most]:
            raise BadInputError(
                strange[0][:20], "is no serial of this election.", remedy=f"They look like {prefix}-000123."
            )
        told = Search(election, prefix, most, said=said).found()
        for restoration in store.restorations.all_in(election):
            if restoration.accepted_at is None:
                more = [badge for badge in _unknown(store, election, told) if badge.serial in said]
                known = {badge.serial: badge for badge in (*more, *restoration.unknown)}
                following = _continued(store, election, (number_in(serial, prefix) or 0 for serial in said))
                sources = dict.fromkeys((*restoration.sources, ToldBy.OFFICER))
                store.restorations.replace(
                    restoration.revised(
                        unknown=tuple(known[serial] for serial in sorted(known)),
                        next_serial=following,
                        sources=tuple(sources),
                    )
                )
    return unseen(election)


def accept_restoration(by: ActingOfficer) -> list[Restoration]:
    """Let work go on: an administrator signs the hash of each list not seen yet. Returns what was signed for."""
    waiting = unseen(by.election)
    with open_store(database(), after_restore=True) as store:
        for restoration in waiting:
            terms = {
                "backup": restoration.backup,
                "found_sha256": restoration.digest,
                "unknown": len(restoration.unknown),
                "next_serial": restoration.next_serial,
            }
            deed = Deed(kind=ActKind.RESTORED, terms=terms)
            accepted = authorise(store, by, deed, role=OfficerRole.ADMINISTRATOR)
            store.restorations.accept(restoration, accepted.statement, at=right_now())
    return waiting
