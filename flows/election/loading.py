"""Loading an election: its profile, places, organisations, officers and reference lists from one folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import JsonValue, TypeAdapter

from db.election.elections import rules_sha256
from db.schema import is_made
from db.store import Store, open_reader, open_store
from domain.application.application import case_number
from domain.credentials.claims import TEST_ISSUER
from domain.decisions.competence import unknown_scope
from domain.election.differences import differences, statuses_ahead
from domain.election.geography import Geography
from domain.election.moving import Rules
from domain.election.policies import Policy
from domain.election.profile import ElectionProfile
from domain.errors import AccreditationError, BadInputError
from domain.organisations.organisation import Organisation, admitted_once
from domain.reference_lists.lists import LoadedList
from domain.statements.authority import Enrolled, Founding
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import StaffAct, Step
from domain.statements.officers import Officer
from domain.statements.signatures import FileKey
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode, Frozen, OfficerCode, OrganisationCode, UtcTime
from flows.assignment.announcements import renew_rosters
from flows.context import database, right_now
from flows.documents import load_document
from flows.election.database import upgraded
from flows.election.policies import enact
from flows.election.registers import differing, packaged_officers, packaged_organisations
from flows.election.rule_effects import cases_to_move, cases_touched, follow_rules
from flows.settings import settings
from flows.statements.acceptance import AT_ONCE, ActingOfficer, accept
from flows.statements.keys import folder_for, make_key, place_of
from flows.statements.proposals import ground_signed
from flows.vetting.reference_lists import read_list, screen_again


class Loaded(Frozen):
    """What loading a folder changed."""

    election: ElectionCode
    rules_changed: bool
    organisations_changed: int
    officers: int
    lists: int
    lists_changed: int = 0
    unusable_entries: int = 0
    """Rows of reference lists that could not be read."""
    changes: tuple[str, ...] = ()
    """What is not as it was, in words; empty when the election is first loaded."""
    touched: tuple[str, ...] = ()
    """Case numbers of everybody who is moved, written to, asked, or given to an officer again by the change."""
    ahead: tuple[str, ...] = ()
    """Case numbers of everybody whose next step goes by the changed rules."""
    ground: str = ""
    """On which the rules change; a second administrator who names none signs the first one's."""
    proposed: bool = False
    """Whether nothing was changed, because a second administrator has to sign."""


class PackageDiffersError(AccreditationError):
    """The folder says something else than the election that is loaded; two administrators may sign that."""

    exit_code = 2

    def __init__(self, changes: Sequence[str]) -> None:
        super().__init__(
            f"Nothing was changed. The folder differs from what is loaded: {'; '.join(changes)}. Two administrators "
            "sign it, one after the other: accredit init FOLDER --officer CODE --key FILE --ground TEXT"
        )
        self.changes = tuple(changes)


class _UndoneError(Exception):
    """Loading was tried to see what it would change, and is undone."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__()
        self.loaded = loaded


@dataclass(frozen=True, slots=True)
class ElectionPackage:
    """What a folder says, read and checked as a whole."""

    profile: ElectionProfile
    geography: Geography
    organisations: list[Organisation]
    officers: list[Officer]
    policies: list[Policy]
    lists: list[tuple[str, LoadedList]]

    @property
    def election(self) -> ElectionCode:
        """Code of the election."""
        return self.profile.election.code

    @property
    def is_rehearsal(self) -> bool:
        """Whether its credentials are issued as TEST: no real election, which may be dated as one likes."""
        return self.profile.credential.issuer == TEST_ISSUER

    @property
    def sha256(self) -> str:
        """Hash of all of it: what administrators sign."""
        parts: list[Any] = [self.profile, self.geography, *self.organisations, *self.officers, *self.policies]
        lists = [[title, repr(found.reference), plain(found.entries)] for title, found in self.lists]
        return digest_of([[part.model_dump_json() for part in parts], lists])


def init_election(
    folder: Path, *, now: UtcTime, expected: ElectionCode | None = None, by: OfficerCode | None = None,
    key: Path | None = None, ground: str = "",
) -> Loaded:  # fmt: skip
    """Load the election in *folder* into the database, making or upgrading its tables; a second time changes nothing.

    Everything is read and checked before anything is written. An election that is loaded is changed by two
    administrators only: the first, *by*, proposes this very folder, the second confirms it. Both sign what differs, in
    words, and the *ground*: without one no rule changes, and another one is a proposal of its own. Raises
    :class:`PackageDiffersError` where nobody signs.
    """
    package = _read(folder, now=now, expected=expected)
    if not package.is_rehearsal and abs(now - right_now()) > AT_ONCE:
        raise BadInputError("--as-of", "is for rehearsals (issuer TEST).", remedy="Leave it out: the present counts.")
    upgraded()
    with open_store(database()) as store:
        if store.elections.rules_hash(package.election) is None:
            loaded = _put(store, package, now=now)
            _found(store, package)
            return loaded
        package = _with_moves(store, package)
    tried = _tried(package, now=now)
    if not tried.changes:
        return tried
    if by is None:
        raise PackageDiffersError(tried.changes)
    signed, lists_differ = _signed(package, ActingOfficer(by, package.election, now, key), tried, ground=ground)
    if lists_differ:
        renew_rosters(package.election, now=now)
    if signed.lists_changed and not signed.proposed:
        screen_again(package.election, now=now)
    return signed


def _with_moves(store: Store, package: ElectionPackage) -> ElectionPackage:
    """Return *package* with the calendars that moves of election day left behind: no file takes them back.

    Raises :class:`BadInputError` where its day is another one: whoever moves it moves what counts from it.
    """
    profile, _ = store.elections.as_loaded(package.election)
    day, wanted = profile.election.day, package.profile.election.day
    if day != wanted:
        raise BadInputError(
            "election.yaml", f"says election day is {wanted}; it is {day}.",
            remedy="accredit election move moves it; accredit election write FOLDER writes the files as it is.",
        )  # fmt: skip
    kept = {"former_calendars": profile.former_calendars, "follows": profile.follows}
    return replace(package, profile=package.profile.revised(**kept))


def _read(folder: Path, *, now: UtcTime, expected: ElectionCode | None) -> ElectionPackage:
    profile = load_document(folder / "election.yaml", ElectionProfile)
    geography = load_document(folder / "geography.yaml", Geography)
    organisations = packaged_organisations(folder)
    officers = packaged_officers(folder)
    policies = _policies(folder / "policies.yaml")
    _check_together(profile, geography)
    _check_scopes(officers, geography, organisations)
    if lacking := profile.needed_to_run + profile.needed_to_ask:
        raise BadInputError(
            "election.yaml", f"leaves unset what the engine needs: {', '.join(lacking)}.",
            remedy="Set these rules; accredit profile check lists everything unset.",
        )  # fmt: skip
    if profile.follows and _is_new(profile.election.code):
        raise BadInputError(
            "election.yaml", f"says that it follows {profile.follows.election}; no file makes such an election.",
            remedy="accredit election follow-on makes it, out of the first one.",
        )  # fmt: skip
    if expected not in {None, profile.election.code}:
        raise BadInputError("election.yaml", f"is of {profile.election.code}.", remedy="Name its own folder.")
    lists = list(_reference_lists(folder / "reference", now.astimezone(profile.zone).date()))
    return ElectionPackage(profile, geography, organisations, officers, policies, lists)


def _is_new(code: ElectionCode) -> bool:
    if not is_made(settings().database_url):
        return True
    with open_reader(database()) as store:
        return store.elections.rules_hash(code) is None


def _tried(package: ElectionPackage, *, now: UtcTime) -> Loaded:
    """Return what loading *package* would change, and for whom; it is undone."""
    try:
        with open_store(database()) as store:
            before = _rules(store, package.election)
            loaded = _put(store, package, now=now)
            touched = cases_touched(store, before, lists_changed=bool(loaded.lists_changed), now=now)
            named = tuple(sorted(map(case_number, touched)))
            moving = map(case_number, cases_to_move(store, before.land, package.election))
            ahead = tuple(dict.fromkeys((*moving, *loaded.ahead)))
            raise _UndoneError(loaded.revised(touched=named, ahead=ahead))  # noqa: TRY301 -- what undoes the transaction
    except _UndoneError as undone:
        return undone.loaded


def _rules(store: Store, election: ElectionCode) -> Rules:
    return Rules(store.elections.profile(election), store.elections.geography(election))


def _require_own_serials(store: Store, profile: ElectionProfile) -> None:
    """Raise where the badges of another election here begin with the same letters: a serial is of one election.

    What was loaded so by an older version stays.
    """
    known = {code: store.elections.profile(code).credential.serial_prefix for code in store.elections.codes()}
    prefix = profile.credential.serial_prefix
    if known.get(profile.election.code) == prefix:
        return
    if others := sorted(code for code, theirs in known.items() if theirs == prefix):
        raise BadInputError(
            "election.yaml", f"credential.serial_prefix: the serials of {', '.join(others)} begin with {prefix} too.",
            remedy=f"Choose other letters, as {prefix[:5]}2: a serial is of one election.",
        )  # fmt: skip


def _put(store: Store, package: ElectionPackage, *, now: UtcTime) -> Loaded:
    code = package.election
    was_there = store.elections.rules_hash(code) is not None
    differing = _rules_differing(store, package) if was_there else []
    _require_own_serials(store, package.profile)
    changed = store.elections.put(package.profile, package.geography, now=now)
    elsewhere = [
        known
        for other in package.profile.eligibility.admitted_in
        for known in store.organisations.all_in(other).values()
    ]
    organisations = [admitted_once(organisation, elsewhere) for organisation in package.organisations]
    moved = _organisations_kept(store, code, organisations)
    officers = [] if not was_there else _officers_changed(store, package)
    statuses = statuses_ahead(differing)
    lists = [title for title, found in package.lists if store.references.put(code, found, title=title, now=now)]
    policies = (*package.profile.policies, *package.policies)
    new = enact(store, code, policies, by="package", now=now, told=was_there)
    changes = {
        "rules or geography": differing or (["changed"] if changed else []),
        "organisations": moved,
        "officers": officers,
        "reference lists": lists,
        "policies": [str(policy.citation) for policy in new],
    }
    return Loaded(
        election=code,
        rules_changed=changed,
        organisations_changed=len(moved),
        officers=len(package.officers),
        lists=len(package.lists),
        lists_changed=len(lists),
        unusable_entries=sum(len(found.faults) for _, found in package.lists),
        ahead=tuple(map(case_number, store.applications.ids_in(code, *statuses))) if statuses else (),
        changes=tuple(f"{what}: {', '.join(which)}" for what, which in changes.items() if which) if was_there else (),
    )


def _rules_differing(store: Store, package: ElectionPackage) -> list[str]:
    """Return in words what the package's rules and places have otherwise than those loaded."""
    before, land = store.elections.profile(package.election), store.elections.geography(package.election)
    # Policies that were made since stand beside the rules, not in them.
    kept = before.revised(policies=tuple(policy for policy in before.policies if policy in package.profile.policies))
    pairs = ((kept, package.profile), (land, package.geography))
    return [
        told for old, new in pairs for told in differences(old.model_dump(mode="json"), new.model_dump(mode="json"))
    ]


def _officers_changed(store: Store, package: ElectionPackage) -> list[str]:
    """Return in words which officers are new or otherwise than on record, and in what: a role given is read here."""
    known = {officer.code: officer for officer in store.statements.authority(package.election).officers}
    return [told for officer in _as_acted_upon(store, package) for told in differing(known.get(officer.code), officer)]


def _found(store: Store, package: ElectionPackage) -> None:
    """Write the founding entry; in a rehearsal (issuer TEST) every officer gets a key, else nobody has one yet."""
    rehearsal = package.is_rehearsal
    folder = folder_for(package.election, [officer.code for officer in package.officers])
    keys = {officer.code: make_key(officer.code, folder) for officer in package.officers} if rehearsal else {}
    founding = Founding(
        election=package.election,
        officers=tuple(
            Enrolled(officer=officer, keys=(keys[officer.code],) if officer.code in keys else ())
            for officer in package.officers
        ),
        rules_sha256=rules_sha256(package.profile, package.geography),
        rehearsal=rehearsal,
        heads={},
        founded_at=right_now(),
    )
    store.statements.found(founding, now=right_now())
    for enrolled in founding.officers:
        store.officers.put(package.election, enrolled)


def _signed(package: ElectionPackage, by: ActingOfficer, tried: Loaded, *, ground: str) -> tuple[Loaded, bool]:
    """Propose the package, or carry it out where another administrator has proposed it on the same ground.

    Also returns whether lists of offices differ since.
    """
    with open_store(database()) as store:
        ground = ground_signed(store, by, ground, ActKind.RULES, lambda first: (_matter(package, tried, first),))
        if tried.rules_changed and not ground:
            remedy = (
                "Name the act or resolution that changes the rules. To confirm, see accredit officer proposals: what "
                "was proposed before other rules came into force is proposed anew."
            )
            raise BadInputError("--ground", "says nothing.", remedy=remedy)
        matter = _matter(package, tried, ground)
        authority = store.statements.authority(package.election)
        step = Step.CONFIRMED if authority.proposer_of_rules(matter) else Step.PROPOSED
        terms: dict[str, JsonValue] = {
            "step": step.value,
            "package_sha256": matter,
            "rules_sha256": rules_sha256(package.profile, package.geography),
            "officers": [officer.model_dump(mode="json") for officer in _as_acted_upon(store, package)],
            "changes": plain(tried.changes),
            "rests_on": store.elections.rules_hash(package.election),
            **({"ground": ground} if ground else {}),
            "rehearsal": package.is_rehearsal,
        }
        accepted = accept(store, by, Deed(kind=ActKind.RULES, terms=terms))
        if step is Step.PROPOSED:
            return tried.revised(proposed=True, ground=ground), False
        before = _rules(store, package.election)
        loaded = _put(store, package, now=by.now)
        for enrolled in accepted.authority.enrolled.values():
            store.officers.put(package.election, enrolled)
        lists_differ = follow_rules(store, before, now=by.now)
    return loaded.revised(touched=tried.touched, ahead=tried.ahead, ground=ground), lists_differ


def _matter(package: ElectionPackage, tried: Loaded, ground: str) -> str:
    """Return what both sign: the folder, the ground, and what the folder changes.

    Where other rules came into force in between, the folder changes something else, and that nobody has proposed.
    """
    return digest_of([package.sha256, ground, *tried.changes])


def _policies(path: Path) -> list[Policy]:
    """Return the policies of the package besides those in its profile; the file may be missing."""
    return load_document(path, TypeAdapter(list[Policy])) if path.is_file() else []


def _organisations_kept(
    store: Store, election: ElectionCode, organisations: Sequence[Organisation]
) -> list[OrganisationCode]:
    """Keep *organisations* as the folder has them, and return which differ; a standing that officers gave stays."""
    acted, known = store.admissions.acts(election), store.organisations.all_in(election)
    differing: list[OrganisationCode] = []
    for organisation in organisations:
        now = known.get(organisation.code) if acted.get(organisation.code) else None
        standing = {"standing": now.standing, "admitted_on": now.admitted_on} if now else {}
        if store.organisations.put(election, organisation.revised(**standing)):
            differing.append(organisation.code)
    return differing


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


def _as_acted_upon(store: Store, package: ElectionPackage) -> list[Officer]:
    """Return the package's officers with what is on record: loading a file lifts no suspension and no recusal.

    A scope and shifts that two officers gave stay as well.
    """
    entries = store.staff.entries(package.election)
    rescoped = {entry.officer for entry in entries if entry.act is StaffAct.SERVE and entry.is_done}
    known = {officer.code: officer for officer in store.statements.authority(package.election).officers}
    return [
        _merged(officer, known.get(officer.code, officer), keeps_scope=officer.code in rescoped)
        for officer in package.officers
    ]


def _merged(officer: Officer, before: Officer, *, keeps_scope: bool) -> Officer:
    if keeps_scope:
        scope = {"offices": before.offices, "regions": before.regions, "organisations": before.organisations}
        officer = officer.revised(**scope)
    return officer.revised(
        suspended=officer.suspended or before.suspended,
        shifts=before.shifts,
        recused_from=tuple(sorted({*officer.recused_from, *before.recused_from})),
        recused_cases=tuple(sorted({*officer.recused_cases, *before.recused_cases})),
    )


def enrol_officer(officer: OfficerCode, election: ElectionCode, folder: Path) -> Path:
    """Make an officer's signing key in *folder* (mode 0600) and return its path.

    Only the first two officers of an election are enrolled this way, once for ever; two officers enrol every other
    one, and anew whoever has lost a key.
    """
    with open_store(database()) as store:
        store.officers.get(election, officer)
        authority = store.statements.authority(election)
        if not authority.enrols_itself(officer):
            told = "is enrolled already." if authority.of(officer).keys else "is not one of the first two."
            raise BadInputError(
                officer, told, remedy=f"Two officers do that: accredit officer propose enrol {officer}, then confirm."
            )
        key: FileKey = make_key(officer, folder)
        deed = Deed(kind=ActKind.FIRST_KEY, terms={"key": key.model_dump(mode="json")})
        by = ActingOfficer(officer, election, right_now(), key=place_of(officer, folder))
        accepted = accept(store, by, deed)
        store.officers.put(election, accepted.authority.of(officer))
    return place_of(officer, folder)
