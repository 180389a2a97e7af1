"""A run-off or a repeated vote as an election of its own: drafted, signed by two officers, and carried out.

The second signature makes the new election, with the organisations, officers and reference lists of the first, in one
transaction. Who stays accredited follows chunk by chunk; whoever runs the command again goes on where that was cut off.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from functools import partial

from pydantic import JsonValue

from db.election.elections import rules_sha256
from db.schema import is_made
from db.store import Store, open_reader, open_store
from domain.application.status import Status
from domain.election.differences import differences
from domain.election.following import FollowOn, followed, organisations_of, stays
from domain.election.moving import OLD_TITLE, Movement, Rules, keeps_old_title, movements
from domain.errors import BadInputError
from domain.organisations.organisation import OrganisationStatus
from domain.statements.authority import Founding
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import ElectionAct, Step
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode, Frozen, Sha256, UtcTime
from flows.context import ElectionContext, database, right_now
from flows.election.carrying import carried_id, carry_over
from flows.intake.mending.corrections import mendable, workbook_attached
from flows.letters.organisation_letters import FollowOnLetters
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.keys import officers_folder
from flows.statements.proposals import ground_signed
from flows.vetting.reference_lists import screen_again


class FollowOnDraft(Frozen):
    """What a follow-on election would be; nothing is made."""

    election: ElectionCode
    movements: tuple[Movement, ...]
    counts: dict[str, int]
    """Whom it concerns, in words."""
    changes: tuple[str, ...]
    """What its rules have otherwise than those of the first election, in the words that two officers sign."""


class FollowOnOutcome(Frozen):
    """What became of an order."""

    election: ElectionCode
    proposed: bool = False
    """Whether nothing was made, because a second administrator has to sign."""
    was_there: bool = False
    """Whether the election was made before: what was left was done."""
    carried: int = 0
    confirming: int = 0
    """How many have still to say that they stay."""
    second_looks: int = 0
    letters: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    order: FollowOn
    before: Rules
    after: Rules
    sha256: Sha256

    @property
    def changes(self) -> list[str]:
        pairs = zip(_as_json(self.before), _as_json(self.after), strict=True)
        return [told for was, will in pairs for told in differences(was, will)]


def _as_json(rules: Rules) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    return rules.profile.model_dump(mode="json", exclude={"former_calendars"}), rules.land.model_dump(mode="json")


def _planned(store: Store, election: ElectionCode, order: FollowOn, *, now: UtcTime) -> _Plan:
    """Return *order* worked out; its hash is what the second signature has to match."""
    _, land = store.elections.as_loaded(election)
    before = Rules(store.elections.profile(election), land)
    prefixes = {store.elections.as_loaded(code)[0].credential.serial_prefix for code in store.elections.codes()}
    after = followed(before, order, now=now, prefixes=prefixes)
    said = [order.model_dump_json(), *map(str, _as_json(after)), store.elections.rules_hash(election)]
    return _Plan(order, before, after, digest_of(said))


def draft_follow_on(election: ElectionCode, order: FollowOn, *, now: UtcTime) -> FollowOnDraft:
    """Return what *order* would make of *election*: its days, its rules, and who stays. Nothing is made."""
    with open_reader(database()) as store:
        _require_new(store, order.code)
        plan = _planned(store, election, order, now=now)
        return FollowOnDraft(
            election=order.code,
            movements=tuple(movements(plan.before, _comparable(plan), now=now)),
            counts=_counts(store, election, plan),
            changes=tuple(plan.changes),
        )


def _comparable(plan: _Plan) -> Rules:
    """Return the new rules with all regions, so that what moves can be laid beside what was."""
    profile = plan.after.profile
    windows = profile.calendar.windows or plan.before.profile.calendar.windows
    there = {region.code: region for region in plan.after.land.regions}
    regions = tuple(there.get(region.code, region) for region in plan.before.land.regions)
    return Rules(
        profile.revised(calendar=profile.calendar.revised(windows=windows)), plan.after.land.revised(regions=regions)
    )


def _counts(store: Store, election: ElectionCode, plan: _Plan) -> dict[str, int]:
    rule = plan.after.profile.follows
    cases = store.applications.all_in(election)
    staying = [case for case in cases if stays(case)] if rule and rule.reuse != "reapply" else []
    here = {region.code for region in plan.after.land.regions}
    organisations = store.organisations.all_in(election).values()
    admitted = sum(organisation.standing is OrganisationStatus.ADMITTED for organisation in organisations)
    apply_anew = bool(plan.before.profile.run_off and plan.before.profile.run_off.organisations_apply)
    told = {
        "stay accredited if they say so" if rule and rule.on_notice else "stay accredited": len(staying),
        "were in a region where the vote is held": sum(case.region in here for case in staying),
        "are suspended and wait for officers": sum(case.status is Status.SUSPENDED for case in cases),
        "organisations that stay admitted": 0 if apply_anew else admitted,
        "organisations that apply anew": admitted if apply_anew else 0,
        "regions": len(here),
        "officers who serve both": len(store.statements.authority(election).officers),
        OLD_TITLE: int(keeps_old_title(plan.before, plan.after)),
    }
    return {what: count for what, count in told.items() if count}


def follow_on(order: FollowOn, by: ActingOfficer) -> FollowOnOutcome:
    """Propose *order*, or carry it out where another administrator has proposed exactly this one.

    Where the election was made by this very order before, nobody signs anything: what an earlier run left is done.
    Raises :class:`BadInputError` for what cannot be held so, and what proofs refuse.
    """
    with open_store(database()) as store:
        store.elections.require_working(by.election)
        made = _was_made(store, order, by.election)
        if not made:
            plan = _planned(store, by.election, _grounded(store, order, by), now=by.now)
            if _sign(store, plan, by) is Step.PROPOSED:
                return FollowOnOutcome(election=order.code, proposed=True)
            _found(store, plan, by)
    carried = carry_over(by.election, order.code, now=by.now)
    looks = screen_again(order.code, now=by.now)["found"] if carried else 0
    letters = write_to_organisations(order.code, now=by.now)
    with open_reader(database()) as store:
        waiting = len(store.applications.ids_in(order.code, Status.INCOMPLETE))
    return FollowOnOutcome(
        election=order.code, was_there=made, carried=carried, confirming=waiting, second_looks=looks, letters=letters
    )


def _require_new(store: Store, code: ElectionCode) -> None:
    if store.elections.rules_hash(code) is not None:
        raise BadInputError("CODE", f"{code} is loaded already.", remedy="Give the new election another code.")


def _was_made(store: Store, order: FollowOn, first: ElectionCode) -> bool:
    """Whether *order* was carried out before; raises where another election has its code, or it was made otherwise."""
    if store.elections.rules_hash(order.code) is None:
        return False
    profile, land = store.elections.as_loaded(order.code)
    there = {region.code for region in land.regions}
    rule, made = profile.follows, (profile.election.day, set(order.regions) or there)
    if (
        rule is None
        or (rule.election, rule.ground) != (first, order.ground or rule.ground)
        or made != (order.day, there)
    ):
        _require_new(store, order.code)
    return True


def followed_by(code: ElectionCode) -> ElectionCode | None:
    """Return which election *code* follows, where it was made already; else None."""
    if not is_made(settings().database_url):
        return None
    with open_reader(database()) as store:
        known = store.elections.rules_hash(code) is not None
        rule = store.elections.profile(code).follows if known else None
    return rule.election if rule else None


def _grounded(store: Store, order: FollowOn, by: ActingOfficer) -> FollowOn:
    """Return *order* on its ground, or on that of the administrator who proposed it."""
    _require_new(store, order.code)

    def about(first: str) -> tuple[str, Sha256]:
        plan = _planned(store, by.election, order.revised(ground=first), now=by.now)
        return ElectionAct.FOLLOW_ON.value, plan.sha256

    ground = ground_signed(store, by, order.ground, ActKind.ELECTION, about)
    if not ground:
        raise BadInputError("--ground", "says nothing.", remedy="Name the act or resolution that calls it.")
    return order.revised(ground=ground)


def _sign(store: Store, plan: _Plan, by: ActingOfficer) -> Step:
    authority = store.statements.authority(by.election)
    step = Step.CONFIRMED if authority.proposer_of(ElectionAct.FOLLOW_ON, plan.sha256) else Step.PROPOSED
    terms: dict[str, JsonValue] = {
        "act": ElectionAct.FOLLOW_ON.value,
        "step": step.value,
        "sha256": plan.sha256,
        "election": plan.order.code,
        "rules_sha256": rules_sha256(plan.after.profile, plan.after.land),
        "changes": plain(plan.changes),
        "ground": plan.order.ground,
        "order": plan.order.model_dump(mode="json"),
    }
    accept(store, by, Deed(kind=ActKind.ELECTION, terms=terms))
    return step


def _found(store: Store, plan: _Plan, by: ActingOfficer) -> None:
    """Make the election: its rules, the organisations as they stand, the lists, and the officers with their keys."""
    code, first = plan.order.code, by.election
    store.elections.put(plan.after.profile, plan.after.land, now=by.now)
    for organisation in organisations_of([*store.organisations.all_in(first).values()], plan.before.profile.run_off):
        store.organisations.put(code, organisation)
    for policy in plan.after.profile.policies:
        store.policies.put(code, policy, by="package", now=by.now)
    store.references.share(first, code, now=by.now)
    authority = store.statements.authority(first)
    enrolled = tuple(
        known.revised(officer=known.officer.serving_again(partial(carried_id, code)))
        for known in authority.enrolled.values()
    )  # fmt: skip
    founding = Founding(
        election=code, officers=enrolled, rules_sha256=rules_sha256(plan.after.profile, plan.after.land),
        rehearsal=authority.rehearsal, heads={}, founded_at=right_now(),
    )  # fmt: skip
    store.statements.found(founding, now=right_now())
    for officer in enrolled:
        store.officers.put(code, officer)
    if authority.rehearsal and officers_folder(first).is_dir():
        shutil.copytree(officers_folder(first), officers_folder(code), dirs_exist_ok=True)


def write_to_organisations(election: ElectionCode, *, now: UtcTime) -> int:
    """Queue the one letter to each organisation about its people and what it has to do; a second time none is new."""
    with open_reader(database()) as store:
        context = ElectionContext.of(store, election, now=now)
        people = Counter(case.organisation for case in store.applications.all_in(election))
        letters = FollowOnLetters.at(context)
        written = set(store.outbox.keys(election))
        codes = [
            code
            for code, organisation in context.organisations.items()
            if organisation.standing in {OrganisationStatus.ADMITTED, OrganisationStatus.APPLIED}
            and letters.key(code) not in written
        ]
        books = {found.organisation: workbook_attached(context, found) for found in mendable(store, context, codes)}
    with open_store(database()) as store:
        for code in codes:
            letter = letters.organisation(context.organisations[code], cases=people[code], workbook=books.get(code))
            store.outbox.put(election, letter, now=now)
    return len(codes)
