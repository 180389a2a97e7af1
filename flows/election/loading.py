"""Loading an election: its profile, places, organisations, officers and reference lists from one folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import TypeAdapter
from pyotp import random_base32
from pyotp.totp import TOTP

from db.schema import upgrade
from db.store import Store, open_store
from domain.credentials.claims import TEST_ISSUER
from domain.decisions.officer_acts import StaffAct, first_hands
from domain.decisions.officers import Officer
from domain.decisions.scope import unknown_scope
from domain.election.geography import Geography
from domain.election.policies import Policy
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.organisations.organisation import Organisation
from domain.screening.lists import LoadedList
from domain.values import ElectionCode, Frozen, OfficerCode, UtcTime
from flows.context import database
from flows.documents import load_document
from flows.election.policy_enactment import enact
from flows.settings import prepare_home, settings
from flows.statements.keys import officers_folder
from flows.vetting.reference_lists import read_list

FIRST_OFFICERS: Final = 2
"""So many are enrolled by whoever sets the engine up; from then on it takes two officers."""


class Loaded(Frozen):
    """What loading a folder changed."""

    election: ElectionCode
    rules_changed: bool
    organisations_changed: int
    officers: int
    lists: int
    unusable_entries: int = 0
    """Rows of reference lists that could not be read."""


def init_election(folder: Path, *, now: UtcTime, expected: ElectionCode | None = None) -> Loaded:
    """Load the election in *folder* into the database, making or upgrading its tables; a second time changes nothing.

    Everything is read and checked before anything is written.
    """
    profile = load_document(folder / "election.yaml", ElectionProfile)
    geography = load_document(folder / "geography.yaml", Geography)
    organisations = load_document(folder / "organisations.yaml", TypeAdapter(list[Organisation]))
    officers = load_document(folder / "officers.yaml", TypeAdapter(list[Officer]))
    policies = _policies(folder / "policies.yaml")
    _check_together(profile, geography)
    _check_scopes(officers, geography, organisations)
    if profile.needed_to_run:
        raise BadInputError(
            "election.yaml", f"leaves unset what the engine needs: {', '.join(profile.needed_to_run)}.",
            remedy="Set these rules; accredit profile check lists everything unset.",
        )  # fmt: skip
    if expected not in {None, profile.election.code}:
        raise BadInputError("election.yaml", f"is of {profile.election.code}.", remedy="Name its own folder.")
    lists = list(_reference_lists(folder / "reference", now.astimezone(profile.zone).date()))
    prepare_home()
    upgrade(settings().database_url)
    code = profile.election.code
    with open_store(database()) as store:
        was_there = store.elections.rules_hash(code) is not None
        changed = store.elections.put(profile, geography, now=now)
        moved = sum(keep_organisation(store, code, organisation) for organisation in organisations)
        for officer in officers:
            _keep_officer(store, profile, officer)
        for title, found in lists:
            store.references.put(code, found, title=title, now=now)
        enact(store, code, (*profile.policies, *policies), by="package", now=now, told=was_there)
    return Loaded(
        election=code,
        rules_changed=changed,
        organisations_changed=moved,
        officers=len(officers),
        lists=len(lists),
        unusable_entries=sum(len(found.faults) for _, found in lists),
    )


def _policies(path: Path) -> list[Policy]:
    """Return the policies of the package besides those in its profile; the file may be missing."""
    return load_document(path, TypeAdapter(list[Policy])) if path.is_file() else []


def keep_organisation(store: Store, election: ElectionCode, organisation: Organisation) -> bool:
    """Keep *organisation* as the folder has it; where officers acted on its standing, that standing stays."""
    if not store.admissions.acts(election).get(organisation.code):
        return store.organisations.put(election, organisation)
    now = store.organisations.get(election, organisation.code)
    kept = organisation.revised(standing=now.standing, admitted_on=now.admitted_on)
    return store.organisations.put(election, kept)


def _check_together(profile: ElectionProfile, geography: Geography) -> None:
    if not geography.serves_from <= profile.election.day < geography.serves_until:
        raise BadInputError(
            "geography.yaml", "the service period does not include election day.",
            remedy="Set serves_from and serves_until around it.",
        )  # fmt: skip


def _check_scopes(officers: list[Officer], geography: Geography, organisations: list[Organisation]) -> None:
    for officer in officers:
        if unknown := unknown_scope(officer, geography, organisations):
            raise BadInputError(
                "officers.yaml", f"{officer.code} serves {', '.join(unknown)}, which the election does not have.",
                remedy="Correct the code, or add the office, region or organisation.",
            )  # fmt: skip


def _reference_lists(folder: Path, on: date) -> Iterator[tuple[str, LoadedList]]:
    """Yield title and content of each list of *folder* that is not past its time."""
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix != ".yaml" and (found := read_list(path, on=on)):
            yield found


def _keep_officer(store: Store, profile: ElectionProfile, officer: Officer) -> None:
    """Keep *officer*; in a rehearsal (issuer TEST) also enrol who has no proof yet."""
    code = profile.election.code
    rescoped = {one.officer for one in store.staff.entries(code) if one.act is StaffAct.SERVE and one.is_done}
    known = store.officers.all_in(code)
    store.officers.put(code, _as_acted_upon(officer, known, keeps_scope=officer.code in rescoped))
    if profile.credential.issuer == TEST_ISSUER and not store.officers.has_proof(code, officer.code):
        enrol(store, profile, officer, officers_folder())


def _as_acted_upon(officer: Officer, known: Sequence[Officer], *, keeps_scope: bool) -> Officer:
    """Return *officer* with the suspension and the recusals on record: loading a file again does not lift them.

    A scope that two officers gave stays as well.
    """
    before = next((one for one in known if one.code == officer.code), officer)
    if keeps_scope:
        scope = {"offices": before.offices, "regions": before.regions, "organisations": before.organisations}
        officer = officer.revised(**scope)
    return officer.revised(
        suspended=officer.suspended or before.suspended,
        recused_from=tuple(sorted({*officer.recused_from, *before.recused_from})),
        recused_cases=tuple(sorted({*officer.recused_cases, *before.recused_cases})),
    )


def enrol_officer(officer: OfficerCode, election: ElectionCode, folder: Path) -> Path:
    """Make an officer's signing key and authenticator secret in *folder* (mode 0600) and return the key's path.

    Only the first two officers of an election are enrolled this way; two officers enrol every other one, and anew
    whoever has lost what proves them.
    """
    with open_store(database()) as store:
        known = store.officers.get(election, officer)
        first = first_hands(store.officers.all_in(election))
        enrolled = [one for one in first if store.officers.has_proof(election, one)]
        if officer not in first or officer in enrolled or len(enrolled) >= FIRST_OFFICERS:
            told = "is enrolled already." if officer in enrolled else "is not one of the first two."
            raise BadInputError(
                officer, told, remedy=f"Two officers do that: accredit officer propose enrol {officer}, then confirm."
            )
        return enrol(store, store.elections.profile(election), known, folder)


def enrol(store: Store, profile: ElectionProfile, officer: Officer, folder: Path) -> Path:
    """Make key, secret and its QR code in *folder*, in the place of any before; returns the key's path."""
    from notifications.badge.code import code_svg  # noqa: PLC0415 -- drawing libraries, which few commands need

    key = Ed25519PrivateKey.generate()
    secret = random_base32()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / f"{officer.code}.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    uri = TOTP(secret).provisioning_uri(name=officer.code, issuer_name=profile.election.title)
    _write(folder / f"{officer.code}.otp", uri.encode())
    _write(folder / f"{officer.code}.svg", code_svg(uri).encode())
    public = key.public_key().public_bytes_raw().hex()
    store.officers.put(profile.election.code, officer, public_key=public, code_secret=secret)
    return folder / f"{officer.code}.pem"


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
