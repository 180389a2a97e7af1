"""The public register, snapshot by snapshot: gathered, signed as a whole, kept, and checked by whoever has it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.events import GRANTS
from domain.application.nomination import Nomination
from domain.application.roles import USUAL_ROLES, Role
from domain.application.status import ACCREDITED
from domain.credentials.cose import OAC1_ALGORITHMS, Sign1RefusedError, Signer, parse_sign1, sign1_message, verify_sign1
from domain.credentials.jwk import ForeignKey, KeysUnusableError, keys_in
from domain.election.policies import version_in_force
from domain.election.profile import ElectionProfile, Publication, PublicField
from domain.errors import BadInputError
from domain.organisations.organisation import Organisation
from domain.oversight.public_register import (
    Change,
    OrganisationEntry,
    PolicyEntry,
    PublicRegister,
    VoteEntry,
    changes,
    clocks_of,
)
from domain.values import ElectionCode, Frozen, LanguageCode, Sha256, UtcTime
from flows.context import ElectionContext, database
from flows.statements.linked import linked_votes
from notifications.pages.public_register import Snapshot, register_files, register_pages

FOLDER: Final = "register"
MANIFEST, SIGNATURE = "manifest.json", "manifest.cose"
_TYPE: Final = "application/accredit-register+json"
_CHANGES: Final = TypeAdapter(tuple[Change, ...])
_KEYS: Final = TypeAdapter(dict[str, list[dict[str, object]]])


class Previous(Frozen):
    """The snapshot before, by its folder and its manifest."""

    folder: str
    manifest: Sha256


class Manifest(Frozen):
    """What one snapshot consists of; the signature is over this file."""

    form: Literal["accredit-register-manifest/1"] = "accredit-register-manifest/1"
    election: ElectionCode
    as_of: UtcTime
    previous: Previous | None = None
    files: Annotated[Mapping[str, Sha256], Field(min_length=1)]


def snapshot_files(folder: Path, context: ElectionContext, signer: Signer) -> dict[str, bytes]:
    """Return what is to be written below the published *folder*: a new snapshot where anything changed, and its page.

    Snapshots that are there stay as they are. The new one names the one before by the hash of its manifest.
    """
    register, kept = gathered(context), snapshots(folder / FOLDER)
    newest = _read(folder / FOLDER / kept[0]) if kept else None
    zone, languages = context.profile.election.timezone, context.profile.languages
    if newest and newest[0].content == register.content:
        since = newest[1] if len(kept) > 1 else None
        shown = Snapshot(published=register, changes=since, zone=zone, folders=kept)
        return {f"{FOLDER}/{name}": page for name, page in register_pages(shown, languages).items()}
    since = changes(newest[0], register) if newest else None
    name = _free_name(register.as_of, kept)
    snapshot = Snapshot(published=register, changes=since, zone=zone)
    files = register_files(snapshot, languages)
    previous = _previous(folder / FOLDER / kept[0]) if kept else None
    manifest = Manifest(
        election=context.election,
        as_of=register.as_of,
        previous=previous,
        files={file: sha256(content).hexdigest() for file, content in files.items()},
    )
    signed = manifest.model_dump_json(indent=1).encode() + b"\n"
    files |= {MANIFEST: signed, SIGNATURE: sign1_message(signed, signer, typ=_TYPE, detached=True)}
    first_page = register_pages(snapshot.revised(folders=(name, *kept)), languages)
    return {f"{FOLDER}/{name}/{file}": content for file, content in files.items()} | {
        f"{FOLDER}/{file}": page for file, page in first_page.items()
    }


def snapshots(folder: Path) -> tuple[str, ...]:
    """Return the names of the snapshots in a folder, the newest first."""
    return tuple(sorted((place.parent.name for place in folder.glob(f"*/{MANIFEST}")), reverse=True))


def _free_name(as_of: UtcTime, kept: tuple[str, ...]) -> str:
    name, number = f"{as_of:%Y-%m-%dT%H%M%SZ}", 1
    while (free := name if number == 1 else f"{name}-{number:02d}") in kept:
        number += 1
    return free


def _previous(folder: Path) -> Previous:
    return Previous(folder=folder.name, manifest=sha256((folder / MANIFEST).read_bytes()).hexdigest())


def _read(folder: Path) -> tuple[PublicRegister, tuple[Change, ...]] | None:
    """Return a snapshot's register and changes; None where they cannot be read any more."""
    try:
        listed = json.loads((folder / "changes.json").read_bytes())["changes"]
        register = PublicRegister.model_validate_json((folder / "register.json").read_bytes(), strict=False)
        return register, _CHANGES.validate_python(listed, strict=False)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def gathered(context: ElectionContext) -> PublicRegister:
    """Return the register as the profile lets the public see it, with the votes before it and after it."""
    rules, today = context.profile.publication, context.now.astimezone(context.profile.zone).date()
    with open_reader(database()) as store:
        applications = store.applications.all_in(context.election)
        policies = store.policies.all_in(context.election)
        organisations = _organisations(store, context, applications)
        others = [ElectionContext.of(store, code, now=context.now) for code in linked_votes(store, context.election)]
        votes = tuple(_vote(store, other) for other in others)
    return PublicRegister(
        election=context.election,
        title=context.profile.election.title,
        as_of=context.now,
        names_ground=rules.ground if rules.names and organisations else "",
        organisations=organisations,
        policies=tuple(
            PolicyEntry.of(policy, in_force=version_in_force(policies, policy.id, on=today) == policy)
            for policy in policies
        ),
        clocks=clocks_of(applications, now=context.now),
        roles={role: words for shown in (context, *others) for role, words in _own_roles(shown.profile).items()},
        votes=tuple(sorted(votes, key=lambda vote: (vote.day, vote.election))),
    )


def _own_roles(profile: ElectionProfile) -> dict[Role, Mapping[LanguageCode, str]]:
    return {role: rules.words for role, rules in profile.roles.items() if role not in USUAL_ROLES}


def _vote(store: Store, context: ElectionContext) -> VoteEntry:
    """Return what that vote's own register says of organisations, but names, which stand there alone."""
    listed = _organisations(store, context, store.applications.all_in(context.election))
    return VoteEntry(
        **context.profile.election.model_dump(include={"title", "day"}), election=context.election,
        organisations=tuple(entry.revised(names=None) for entry in listed),
    )  # fmt: skip


def _organisations(
    store: Store, context: ElectionContext, applications: list[Application]
) -> tuple[OrganisationEntry, ...]:
    rules = context.profile.publication
    if rules.register_is == "internal" or not rules.shows(PublicField.ORGANISATION):
        return ()
    accredited = [application for application in applications if application.status in ACCREDITED]
    ids = [application.id for application in accredited]
    granted = store.applications.times_of(ids, *GRANTS)
    days = {known: at.astimezone(context.profile.zone).date() for known, at in granted.items()}
    people = store.people.current(ids) if rules.names else {}
    return tuple(
        _entry(organisation, [case for case in accredited if case.organisation == code], days, people, context.profile)
        for code, organisation in sorted(context.organisations.items())
    )


def _entry(
    organisation: Organisation,
    accredited: list[Application],
    days: Mapping[UUID, date],
    people: Mapping[UUID, Nomination],
    profile: ElectionProfile,
) -> OrganisationEntry:
    rules, roles = profile.publication, Counter(case.role for case in accredited)
    decided = Counter(days[case.id] for case in accredited if case.id in days)
    observers = (people[case.id].name for case in accredited if profile.publishes_name(case.role) and case.id in people)
    return OrganisationEntry(
        **organisation.model_dump(include={"code", "name", "kind", "country", "standing", "admitted_on"}),
        accredited={role: roles[role] for role in profile.known_roles if roles[role]}
        if _tells(rules, PublicField.ORGANISATION_TOTALS)
        else None,
        decided=dict(sorted(decided.items())) if _tells(rules, PublicField.DECISION_DATE) else None,
        names=tuple(sorted(observers)) if rules.names else None,
    )


def _tells(rules: Publication, field: PublicField) -> bool:
    """Whether the profile publishes *field*; where it names nothing, counts and days are (practice, section 11)."""
    return not rules.fields or rules.shows(field)


def snapshot_faults(folder: Path, keys: Path, *, key_id: str = "") -> Iterator[str]:
    """Yield what does not hold of one snapshot: its signature, its files, and the snapshot before it.

    *keys* is the published keys.json; with *key_id* that very key must have signed. Raises :class:`BadInputError`
    for a folder that is no snapshot.
    """
    signed, manifest = _manifest(folder)
    if fault := _signature_fault(signed, folder, keys, key_id):
        yield fault
    there = {place.name for place in folder.iterdir()} - {MANIFEST, SIGNATURE}
    yield from (f"{name} is missing" for name in sorted(manifest.files.keys() - there))
    yield from (f"{name} is not in the manifest" for name in sorted(there - manifest.files.keys()))
    for name in sorted(manifest.files.keys() & there):
        if sha256((folder / name).read_bytes()).hexdigest() != manifest.files[name]:
            yield f"{name} was changed"
    if (before := manifest.previous) is not None:
        held = folder.parent / before.folder / MANIFEST
        if not held.is_file():
            yield f"the snapshot before it, {before.folder}, is missing"
        elif sha256(held.read_bytes()).hexdigest() != before.manifest:
            yield f"the snapshot before it, {before.folder}, is not the one that it followed"


def _manifest(folder: Path) -> tuple[bytes, Manifest]:
    try:
        signed = (folder / MANIFEST).read_bytes()
        return signed, Manifest.model_validate_json(signed, strict=False)
    except (OSError, ValidationError) as error:
        raise BadInputError(
            str(folder), "is no snapshot of a public register.", remedy="Name a folder that accredit publish wrote."
        ) from error


def _signature_fault(signed: bytes, folder: Path, keys: Path, key_id: str) -> str:
    try:
        sign1 = parse_sign1((folder / SIGNATURE).read_bytes(), detached=signed)
        verify_sign1(sign1, _status_keys(keys), OAC1_ALGORITHMS)
    except (OSError, Sign1RefusedError):
        return "the manifest was not signed by a key of the list"
    named = (sign1.key_id or b"").hex()
    return "" if key_id in {"", named} else f"the manifest was signed by {named}, not by {key_id}"


def signing_key(folder: Path) -> str:
    """Return the id of the key that a snapshot's signature names."""
    try:
        return (parse_sign1((folder / SIGNATURE).read_bytes(), detached=b"").key_id or b"").hex()
    except (OSError, Sign1RefusedError):
        return ""


def _status_keys(keys: Path) -> tuple[ForeignKey, ...]:
    """Return the keys of a published list that sign lists, compromised ones left out."""
    try:
        listed = _KEYS.validate_json(keys.read_bytes())["keys"]
        usable = [key for key in listed if key.get("purpose") == "status" and key.get("state") != "compromised"]
        return tuple(keys_in(json.dumps({"keys": usable}).encode()))
    except (OSError, ValidationError, KeyError, KeysUnusableError) as error:
        remedy = "Name the keys.json that accredit publish wrote, with --keys."
        raise BadInputError(str(keys), "is no list of keys.", remedy=remedy) from error
