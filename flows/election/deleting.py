"""Deleting: the end of an archived election whose data has ended. Its record, its log and its rules stay for good."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from db.oversight.erasing import Erasing, compact
from db.oversight.erasures import Erasures
from db.oversight.keys_in_use import keys_in_use
from db.oversight.whole import files_named, remove_rows
from db.store import Store, open_reader, open_store
from domain.application.status import Status
from domain.errors import BadInputError
from domain.oversight.erasure import ErasureEntry, erasure_id
from domain.oversight.looks import checked_ground
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import ElectionAct, Step
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import database
from flows.oversight.erasure import remove_files
from flows.oversight.retention import still_kept
from flows.statements.acceptance import Accepted, ActingOfficer, accept
from flows.statements.kept_log import is_deleted
from flows.statements.proposals import ground_signed


class DeleteOutcome(Frozen):
    """What became of the wish to delete an election."""

    election: ElectionCode
    proposed: bool = False
    """Whether nothing was removed, because a second administrator has to sign."""
    was_gone: bool = False
    """Whether its rows were removed before: what that run left was removed now."""
    rows: int = 0
    files: int = 0


def stands_in_the_way(election: ElectionCode, *, now: UtcTime) -> list[str]:
    """Return why the election cannot be deleted yet; nothing where it can."""
    with open_reader(database()) as store:
        store.elections.require(election)
        return [] if is_deleted(store, election) else [*_reasons(store, election, now)]


def delete(ground: str, by: ActingOfficer) -> DeleteOutcome:
    """Propose that the election ends, or remove it where another administrator has proposed it on the same ground.

    Rows go in one transaction with the signature; keys and files after it. Run again after a stop it removes what was
    left. Raises :class:`BadInputError` while it is not archived, or while anything of it is still kept.
    """
    with open_store(database()) as store:
        store.elections.require(by.election)
        if was_gone := is_deleted(store, by.election):
            rows = 0
        else:
            said = ground_signed(store, by, ground, ActKind.ELECTION, lambda first: _matter(by.election, first))
            ground = checked_ground(said, called="--ground")
            if reasons := [*_reasons(store, by.election, by.now)]:
                raise BadInputError("delete", f"{'; '.join(reasons)}.", remedy="See accredit election delete.")
            accepted, step = _signed(store, ground, by)
            if step is Step.PROPOSED:
                return DeleteOutcome(election=by.election, proposed=True)
            rows = _removed(store, ground, by, accepted)
    files = remove_files(by.election)
    compact(database())
    return DeleteOutcome(election=by.election, was_gone=was_gone, rows=rows, files=files)


def _reasons(store: Store, election: ElectionCode, now: UtcTime) -> Iterator[str]:
    if election not in store.elections.archived():
        yield "it is not archived: accredit election archive"
    for code in store.elections.working():
        follows = store.elections.as_loaded(code)[0].follows
        if follows and follows.election == election:
            yield f"{code} follows it and is in work: who stays accredited there is held against it"
    yield from still_kept(store, election, now=now)


def _matter(election: ElectionCode, ground: str) -> tuple[str, str]:
    return ElectionAct.DELETE.value, digest_of([election, ElectionAct.DELETE.value, ground])


def _signed(store: Store, ground: str, by: ActingOfficer) -> tuple[Accepted, Step]:
    _, matter = _matter(by.election, ground)
    proposer = store.statements.authority(by.election).proposer_of(ElectionAct.DELETE, matter)
    step = Step.CONFIRMED if proposer else Step.PROPOSED
    terms: dict[str, JsonValue] = {
        "act": ElectionAct.DELETE.value, "step": step.value, "sha256": matter, "ground": ground,
    }  # fmt: skip
    return accept(store, by, Deed(kind=ActKind.ELECTION, terms=terms)), step


def _removed(store: Store, ground: str, by: ActingOfficer, accepted: Accepted) -> int:
    """Remove the rows, and note which keys and files are to be removed once this is kept for good."""
    cases = tuple(sorted(store.applications.ids_in(by.election, *Status)))
    ending = Erasing(
        session=store.session, election=by.election, ids=(), organisations=frozenset(), names_them=lambda _: True,
        everybody=True, files=files_named(store.session, by.election),
    )  # fmt: skip
    before = keys_in_use(store.session)
    rows = remove_rows(store.session, by.election)
    store.session.expire_all()
    ending.settle(())
    entry = ErasureEntry(
        id=erasure_id(by.election, cases), step=Step.CONFIRMED, applications=cases, ground=f"deleted: {ground}",
        officer=by.officer, proof=accepted.proof, at=by.now,
    )  # fmt: skip
    Erasures(store.session).add(by.election, entry, files=ending.files, keys=before - keys_in_use(store.session))
    return rows
