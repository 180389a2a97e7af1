"""Every key of the profile does something that somebody sees, or is said to be kept by hand."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast, get_args

import pytest
import yaml
from PIL import Image, ImageDraw
from pydantic import BaseModel
from support.builders import (
    CASE,
    NOW,
    a_geography,
    a_nomination,
    an,
    an_application,
    an_office,
    an_order,
    an_organisation,
)

from domain.application.case import Case
from domain.application.events import ApplicationRefused
from domain.application.findings import Finding, Severity
from domain.application.held_classes import HeldClass
from domain.application.reasons import ReasonCode
from domain.application.roles import USUAL_ROLES, Role
from domain.application.status import Status
from domain.credentials.status_list import status_index
from domain.credentials.totals import Accredited, totals
from domain.decisions.appeals import appeal_due, lodged
from domain.decisions.casework import claims_of
from domain.decisions.choices import check_competence
from domain.decisions.competence import Place, check_scope
from domain.decisions.rulings import Outcome, Ruling, check_ruling
from domain.decisions.sessions import Resolution, check_resolution
from domain.decisions.shifts import check_prepares
from domain.election.following import FollowOn, followed, organisations_of
from domain.election.geography import Region
from domain.election.moving import Rules
from domain.election.pledge import acceptance_of, pledge_findings
from domain.election.policies import PolicyFile
from domain.election.profile import ElectionProfile, PublicField, RuleUnsetError
from domain.election.profile.keeping import ABOUT, ALWAYS, BY_HAND, Keeper, keeper_of, kept
from domain.errors import AccreditationError
from domain.identity.photo import check_photo
from domain.intake.completeness import completeness
from domain.intake.cures import cure_due_after_correction, mendings
from domain.intake.rows import read_row
from domain.organisations.organisation import OrganisationAct, OrganisationActKind, OrganisationKind, admitted_once
from domain.statements.officers import DECIDING, Officer, OfficerRole
from domain.statements.statement import ActKind
from domain.vetting.checks import Surroundings, vet
from domain.vetting.organisations import OrganisationFile
from domain.vetting.policy_findings import cited_for, policy_findings
from flows.assignment.announcements import changes_near, is_near
from flows.assignment.plans.problems import Choices, keeps_places, planning_policy, posts_kept_from, problem_of
from flows.assignment.plans.solutions import declared_fairness, limits_of
from flows.context import ElectionContext
from flows.decisions.clearances import question, request_letter
from flows.decisions.consequences import AppealLetters
from flows.delivery.messages import WritingRules
from flows.letters.calendar_letters import CalendarLetters
from flows.letters.credential_letters import CredentialLetters
from flows.letters.organisation_letters import FollowOnLetters, OrganisationLetters
from flows.letters.visa_letters import VisaLetters
from flows.oversight.reminders import is_digest_due
from flows.rehearsal.package.resources import text_of

TESTS: Final = Path(__file__).parents[2]
WRITTEN: Final[dict[str, Any]] = yaml.safe_load(text_of("valdara.yaml"))
LATE: Final = NOW + timedelta(days=60)
Sees = Callable[[ElectionProfile], object]


# --- what somebody sees -------------------------------------------------------------------------------------------


def second_votes(profile: ElectionProfile) -> object:
    """The rules of a run-off, and how organisations stand in it."""
    order = FollowOn(code="RUN-OFF", day=date(2027, 4, 4), ground="Resolution 41")
    told = organisations_of([an_organisation()], profile.run_off)
    return _answer(lambda: (followed(Rules(profile, a_geography((an_office("OF-1"),))), order, now=NOW).profile, told))


def admissions(profile: ElectionProfile) -> object:
    """How an organisation stands that another election admitted."""
    elsewhere = {"E-1": an_organisation()}
    known = [elsewhere[code] for code in profile.eligibility.admitted_in if code in elsewhere]
    return admitted_once(an_organisation(admitted=False), known)


def carried_on(profile: ElectionProfile) -> object:
    """The letter to an organisation about a run-off."""
    if profile.follows is None:
        return None
    context = ElectionContext(profile, a_geography((an_office("OF-1"),)), {}, NOW)
    letters = FollowOnLetters.at(context)
    return _answer(lambda: letters.organisation(an_organisation(), cases=3, workbook=None).contents)


def asked_anew(profile: ElectionProfile) -> object:
    """What is found on somebody who stays and says so with a pledge of before."""
    return completeness(a_nomination(pledge_accepted_on=date(2027, 2, 1)), profile)


def times(profile: ElectionProfile) -> object:
    """Every clock and day, or the rule that is asked for."""
    begin = datetime(2027, 3, 4, 9, 0, tzinfo=UTC)
    asked: list[Callable[[], object]] = [
        lambda: profile.closing(OrganisationKind.NGO), lambda: profile.closing(OrganisationKind.STATE),
        lambda: profile.closing(OrganisationKind.NGO, step="organisation"),
        lambda: [profile.beginning(day) for day in profile.calendar.opening(OrganisationKind.NGO)],
        lambda: profile.decision_due(begin), lambda: profile.organisation_decision_due(begin),
        lambda: profile.cure_due(begin), lambda: profile.remedy_due(begin), lambda: profile.refusal_told_by(begin),
        lambda: profile.effective(begin), lambda: profile.valid_until(begin), lambda: profile.kept_until,
        lambda: [profile.class_kept_until(held_class) for held_class in HeldClass],
        lambda: appeal_due(profile, begin), lambda: profile.answer_due(begin), lambda: profile.breach_due(begin),
    ]  # fmt: skip
    return [_answer(ask) for ask in asked]


def _answer(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except (AccreditationError, RuleUnsetError) as error:
        return str(error)


PEOPLE: Final = (
    a_nomination(), a_nomination(nationalities=("XVD",)), a_nomination(birth_date=date(2010, 1, 1)),
    a_nomination(nationalities=("XVD",), role=Role.INTERPRETER), a_nomination(document_expiry=date(2027, 4, 20)),
    a_nomination(photo=None, phone="", role=Role.INTERPRETER), a_nomination(photo=None),
)  # fmt: skip


def found(profile: ElectionProfile) -> object:
    """Whatever is asked of people and organisations of several kinds, early and late."""
    around = [
        Surroundings(received_at=at, organisation_kind=kind, invited=False)
        for at in (NOW - timedelta(days=90), NOW, LATE)
        for kind in (OrganisationKind.NGO, OrganisationKind.STATE, OrganisationKind.INDIVIDUAL)
    ]
    return [completeness(person, profile) for person in PEOPLE], [
        vet(person, profile, sender) for person in PEOPLE[:4] for sender in around
    ]


def organisations(profile: ElectionProfile) -> object:
    """What an organisation's own application lacks, and when it is answered."""
    applied = OrganisationAct(
        organisation="ORG-01",
        act=OrganisationActKind.APPLY,
        officer="OFF-1",
        proof="p",
        at=datetime(2027, 3, 5, tzinfo=UTC),
    )
    return OrganisationFile.of(an_organisation(admitted=False), [applied], profile)


def context_of(profile: ElectionProfile) -> ElectionContext:
    order = an_order("OF-1", "OF-2", date(2027, 3, 6), date(2027, 3, 8))
    land = a_geography((an_office("OF-1"), an_office("OF-2")), order)
    return ElectionContext(profile, land, {"ORG-01": an_organisation()}, NOW)


def letters(profile: ElectionProfile) -> object:
    """What applicants, organisations and officers read."""
    context = context_of(profile)
    case = Case(an_application(Status.REFUSED, reasons=(ReasonCode.R06,), office="OF-1"), PEOPLE[0])
    written, told = CredentialLetters.at(context), OrganisationLetters.at(context)
    office = context.geography.offices[0]
    moved = CalendarLetters.at(context)
    return [
        *([VisaLetters.at(context).visa(case, support.ground)] if (support := profile.letters.visa_support) else []),
        *([moved.organisation(an_organisation(), cases=1)] if profile.former_calendars else []),
        written.refusal(case, "Facts."), written.approval(case), written.receipt(case, ()), written.deferral(case, "x"),
        written.collection(case, office), written.referral(case, ()), *_of_appeals(context),
        *(told.policy(an_organisation(), policy, open_cases=1) for policy in profile.policies),
    ]  # fmt: skip


def _of_appeals(context: ElectionContext) -> list[object]:
    remedy = context.profile.remedy
    if remedy is None or not remedy.available:
        return []
    case = Case(an_application(Status.UNDER_APPEAL, reasons=(ReasonCode.R06,)), PEOPLE[0])
    told = AppealLetters.at(context)
    return [told.appeal_receipt(case), told.appeal_outcome(case, "dismissed", "Facts.")]


def rulings(profile: ElectionProfile) -> object:
    """What officers may decide."""
    officer = Officer(code="OFF-1", roles=tuple(DECIDING), organisations=("ORG-07",))
    ask = Ruling(outcome=Outcome.REQUEST_INFORMATION, reasons=(ReasonCode.D08,), facts="x")
    regular = officer.revised(roles=(OfficerRole.CASE_OFFICER,))
    place = Place(organisation="ORG-01")
    vote = Resolution(number="1", present=("OFF-1", "OFF-2"), votes_for=2)
    return [
        _answer(lambda: check_ruling(ask, officer, profile, now=NOW)),
        _answer(lambda: check_scope(regular, place, profile, case_number="X")),
        _answer(lambda: check_resolution(vote, quorum=profile.desk.quorum)),
        *(_answer(lambda outcome=outcome: check_competence(outcome, profile)) for outcome in Outcome),
        claims_of([CASE], "OFF-1", profile.desk, at=NOW),
        _answer(lambda: check_prepares(officer, ActKind.DECIDE, profile)),
    ]


def appeals(profile: ElectionProfile) -> object:
    """Whether an appeal a fortnight after the decision is late that was told of yesterday."""

    happening = {"application_id": CASE, "at": NOW, "actor": an(ApplicationRefused).actor, "decision_id": CASE}
    refused = an(ApplicationRefused, at=NOW - timedelta(days=14))
    return _answer(lambda: lodged(happening, refused, profile, told_at=NOW - timedelta(days=1)))


def policies(profile: ElectionProfile) -> object:
    """Which files a policy covers, what officers see of it, and what decisions cite."""
    seen: list[object] = []
    for received, kind in ((date(2027, 2, 1), OrganisationKind.NGO), (date(2027, 3, 1), OrganisationKind.STATE)):
        file = PolicyFile(
            application_id=CASE, organisation="ORG-01", organisation_kind=kind, sponsor_country="XAA",
            nationalities=("XAA",), role=Role.SHORT_TERM_OBSERVER, status=Status.IN_VETTING, received_on=received,
        )  # fmt: skip
        now = profile.policies_on(NOW)
        for place in (1, 9):
            places = {policy.id: place for policy in now}
            seen.append([*policy_findings(now, file, an_organisation(), groups=profile.country_groups, places=places)])
        seen.append(cited_for(now, file, (ReasonCode.R05,), groups=profile.country_groups))
    return seen


@cache
def _portrait() -> bytes:
    picture = Image.new("RGB", (420, 500), "#c8c4ba")
    ImageDraw.Draw(picture).ellipse((120, 90, 300, 330), fill="#806040")
    target = io.BytesIO()
    picture.convert("L").save(target, format="JPEG")
    return target.getvalue()


def photographs(profile: ElectionProfile) -> object:
    """What becomes of one grey portrait."""
    return check_photo(_portrait(), profile.photo)


def pledges(profile: ElectionProfile) -> object:
    """What a person accepted, and whether they are asked again."""
    rules = profile.pledge
    signed = a_nomination(pledge_accepted_on=date(2027, 2, 1))
    return rules and [acceptance_of(signed, rules), [*pledge_findings(signed, rules, on=date(2027, 3, 1))]]


def published(profile: ElectionProfile) -> object:
    """Figures and columns of the register."""
    people = [Accredited(organisation="A", kind=OrganisationKind.NGO, role=Role.SHORT_TERM_OBSERVER)] * 6
    shown = [profile.publication.shows(field) for field in PublicField]
    return totals(people, [ReasonCode.R01], profile.publication), shown


def plans(profile: ElectionProfile) -> object:
    """By which rules a plan is made."""
    context = context_of(profile)
    abroad = Region(code="VD-09", name="Post", capacity=4, office="OF-1", abroad=True, country="XAA")
    posts = replace(context, geography=context.geography.revised(regions=(*context.geography.regions, abroad)))
    return (
        planning_policy(context, Choices()), keeps_places(context), limits_of(context),
        declared_fairness(context, Choices()), posts_kept_from(posts),
    )  # fmt: skip


def badges(profile: ElectionProfile) -> object:
    """Colours, a serial, and where in the status list it stands."""
    rules = profile.credential
    place = status_index(7, seed=b"x" * 32, size=rules.status_list_size)
    return [profile.colour(role) for role in USUAL_ROLES], rules.serial(7), place


def roles(profile: ElectionProfile) -> object:
    """What becomes of a driver: how the role is read, what is asked, where the person goes, what is shown."""
    driver, context = Role("driver"), context_of(profile)
    person = a_nomination(role=driver, nationalities=("XVD",), birth_date=date(2010, 1, 1), photo=None, phone="")
    told = an_application(Status.REFUSED, reasons=(ReasonCode.R06,), role=driver, region=None)
    case = Case(told, person)
    problem = problem_of(context, [case.application], lambda _: {CASE: person})
    written = CredentialLetters.at(context)
    sender = Surroundings(received_at=NOW, organisation_kind=OrganisationKind.NGO)
    return [
        read_row(2, {"role": "Transport", "surname": "LINDENGARD", "reference": "1"}, roles=profile.own_role_names),
        completeness(person, profile), vet(person, profile, sender), problem.observers[0].excluded,
        written.approval(case), written.refusal(case, "Facts."), profile.role_code(driver), profile.colour(driver),
        profile.publishes_name(driver), profile.approves(driver), profile.role_detail(driver),
    ]  # fmt: skip


def authorities(profile: ElectionProfile) -> object:
    """What other authorities are asked, and until when."""
    asked = [(one, question(one.code, "OFF-1", hours=one.hours, now=NOW)) for one in profile.desk.authorities]
    return [request_letter(profile, one, CASE, PEOPLE[0], clearance) for one, clearance in asked]


def announced(profile: ElectionProfile) -> object:
    """What is announced, and when letters rest."""
    context, quiet = context_of(profile), profile.letters.quiet_hours
    return [
        changes_near(context), [(is_near(briefing, context), briefing.mark) for briefing in profile.letters.briefings],
        quiet and quiet.end(NOW, profile.zone), quiet and quiet.urgent, is_digest_due(context),
        WritingRules.of(profile).beneath,
    ]  # fmt: skip


def corrected(profile: ElectionProfile) -> object:
    """Until when something may be mended that a correction brought."""
    case = an_application(Status.INCOMPLETE, due_at=NOW + timedelta(hours=1))
    new = Finding(rule="field_missing", code=ReasonCode.D06, severity=Severity.CURE, fields=("email",))
    left = mendings([new])
    return cure_due_after_correction(case.due_at or NOW, left, (), first_found={}, profile=profile, now=NOW)


# --- what changes it ----------------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """A value for a place of the profile, the rest that it needs, and who sees the difference."""

    sees: Sees
    place: str
    value: Any
    base: Mapping[str, Any] = {}


_FORMER: Final = {
    "day": "2027-12-14", "until": "2027-12-31T00:00:00Z", "ground": "Decree 1",
    "calendar": {"persons_close": {"offset_days": -5, "timezone": "UTC"}},
}  # fmt: skip
_BAN: Final = {"id": "BAN", "kind": "ban", "authority": "Parliament", "ground": "art. 3", "text": "Nobody from there."}
_SCOPED: Final = {"policies": [_BAN | {"scopes": [{"organisations": ["ORG-09"]}]}]}
_FOLLOWS: Final = {"follows": {"election": "E-1", "reuse": "both", "ground": "art. 9"}}
_EARLY_DAY: Final = {"offset_days": -40, "timezone": "Etc/GMT-2"}
_WINDOW: Final = {"name": "window", "closes": _EARLY_DAY, "opens": {"offset_days": -50, "timezone": "Etc/GMT-2"}}
_WINDOWS: Final = {"calendar.windows": [_WINDOW]}
_PAPER: Final = {"papers": [{"name": "statute", "of": "organisation", "ground": "art. 1"}]}
_PLEDGE: Final = {"pledge": {"versions": [{"version": "1", "texts": {"en": "I will."}}]}}
_QUIET: Final = {"letters.quiet_hours": {"begins": "08:00", "ends": "13:00"}}
_BRIEFING: Final = {
    "letters.briefings": [{"code": "B-1", "title": "T", "begins": "2027-03-04T09:00:00Z", "place": "Hall"}]
}
_SITES: Final = {"assignment.site_limits": {"observers": 2, "interpreters": 1, "ground": "art. 9"}}
_TOGETHER: Final = {"assignment.staying_together": {"largest": 6}}
_EVEN: Final = {"assignment.fairness": {"fall": 0.3}}
_ASKED: Final = {
    "desk.authorities": [{"code": "AUT-1", "title": "An authority", "email": "a@b.example", "ground": "art. 4"}]
}
_COLLECTION: Final = {"credential.collection": {"hours": "9-12"}}
_SOME_DAY: Final = "2027-03-04"
_OWN: Final = {"words": {"en": "Driver"}, "code": "DRIVER", "observes": False, "placed": False}
_DRIVER: Final = {"roles": {"driver": _OWN}}
_WITH: Final = {"roles": {"driver": _OWN | {"observes": True}}}
_RUNNING: Final = {"calendar.decisions_due": None}
_EVENT: Final = {"calendar.end_event_on": "2027-03-20"}
_TOLD: Final = {"decision.refusal_told_within": {"days": 1}}

RULES: Final[Mapping[str, Rule]] = {
    "Election.title": Rule(letters, "election.title", "Another election"),
    "Election.day": Rule(times, "election.day", "2027-03-21"),
    "Election.timezone": Rule(times, "election.timezone", "Etc/GMT-9"),
    "Election.host_body": Rule(letters, "election.host_body", "Another body"),
    "Election.host_country": Rule(found, "election.host_country", "XZZ"),
    "Election.contact_email": Rule(letters, "election.contact_email", "other@body.example"),
    "Election.contact_phone": Rule(letters, "election.contact_phone", "+1 555 0100"),
    "Election.officers_email": Rule(letters, "election.officers_email", "other@body.example"),
    "Election.signatory": Rule(letters, "election.signatory", "Somebody else"),
    "ElectionProfile.languages": Rule(letters, "languages", ["fr", "en"]),
    "ElectionProfile.required_fields": Rule(found, "required_fields", ["surname", "phone"]),
    "ElectionProfile.documents": Rule(found, "documents", []),
    "RequiredDocument.kind": Rule(
        organisations, "documents.0.kind", "request_letter", {"documents": [{"kind": "photo", "ground": "art. 1"}]}
    ),
    "RequiredDocument.roles": Rule(found, "documents.0.roles", ["interpreter"]),
    "ElectionProfile.papers": Rule(organisations, "papers", _PAPER["papers"]),
    "Paper.name": Rule(organisations, "papers.0.name", "reports", _PAPER),
    "Paper.of": Rule(found, "papers.0.of", "person", _PAPER),
    "Paper.organisation_kinds": Rule(organisations, "papers.0.organisation_kinds", ["state"], _PAPER),
    "Paper.roles": Rule(found, "papers.0.roles", ["expert"], {"papers": [_PAPER["papers"][0] | {"of": "person"}]}),
    "ElectionProfile.roles": Rule(roles, "roles.driver.code", "CAR", _DRIVER),
    "RoleRules.words": Rule(roles, "roles.driver.words", {"en": "Chauffeur"}, _DRIVER),
    "RoleRules.also_written": Rule(roles, "roles.driver.also_written", ["transport"], _DRIVER),
    "RoleRules.code": Rule(roles, "roles.driver.code", "CAR", _DRIVER),
    "RoleRules.colour": Rule(roles, "roles.driver.colour", "#000000", _DRIVER),
    "RoleRules.observes": Rule(roles, "roles.driver.observes", True, _DRIVER),
    "RoleRules.placed": Rule(roles, "roles.driver.placed", True, _WITH),
    "RoleRules.names_published": Rule(roles, "roles.driver.names_published", True, _DRIVER),
    "RoleRules.open_to_host_nationals": Rule(roles, "roles.driver.open_to_host_nationals", True, _DRIVER),
    "RoleRules.minimum_age": Rule(roles, "roles.driver.minimum_age", 0, _DRIVER),
    "RoleRules.required_fields": Rule(roles, "roles.driver.required_fields", ["phone"], _DRIVER),
    "RoleRules.detail": Rule(roles, "roles.driver.detail", {"en": "Vehicle"}, _DRIVER),
    "RoleRules.documents": Rule(roles, "roles.driver.documents", [], _DRIVER),
    "RoleRules.automatic_approval": Rule(roles, "roles.driver.automatic_approval", False, _DRIVER),
    "RoleRules.reasons": Rule(roles, "roles.driver.reasons", {"R06": {"ground": "Another article"}}, _DRIVER),
    "RoleRules.letter": Rule(roles, "roles.driver.letter", {"en": "No station is open to drivers."}, _DRIVER),
    "ElectionProfile.reasons": Rule(rulings, "reasons.D08", None),
    "ReasonRule.ground": Rule(letters, "reasons.R06.ground", "Another article"),
    "ReasonRule.wording": Rule(letters, "reasons.R06.wording", "Other words"),
    "ElectionProfile.remedy": Rule(times, "remedy", {"available": False, "text": "none", "ground": "art. 1"}),
    "ElectionProfile.policies": Rule(policies, "policies", [_BAN]),
    "ElectionProfile.country_groups": Rule(
        policies, "country_groups", {"near": ["XAA"]}, {"policies": [_BAN | {"scopes": [{"nationalities": ["near"]}]}]}
    ),
    "ElectionProfile.pledge": Rule(pledges, "pledge", _PLEDGE["pledge"]),
    "ElectionProfile.publication": Rule(published, "publication.fields", ["totals"]),
    "ElectionProfile.retention": Rule(times, "retention.after", {"years": 2}),
    "Calendar.opens": Rule(found, "calendar.opens", None),
    "Calendar.organisations_close": Rule(
        organisations, "calendar.organisations_close", {"offset_days": -5, "timezone": "UTC"}
    ),
    "Calendar.persons_close": Rule(found, "calendar.persons_close", None),
    "Calendar.windows": Rule(times, "calendar.windows", [_WINDOW]),
    "Calendar.advised_by": Rule(found, "calendar.advised_by", _EARLY_DAY),
    "Calendar.organisations_decided_by": Rule(organisations, "calendar.organisations_decided_by", _EARLY_DAY),
    "Calendar.organisation_decision_days": Rule(organisations, "calendar.organisation_decision_days", 3),
    "Calendar.decisions_due": Rule(times, "calendar.decisions_due", _EARLY_DAY),
    "Calendar.collection_from": Rule(
        letters, "calendar.collection_from", {"offset_days": -2, "timezone": "UTC"}, _COLLECTION
    ),
    "Calendar.valid_from": Rule(times, "calendar.valid_from", _EARLY_DAY),
    "Calendar.takes_effect_after": Rule(times, "calendar.takes_effect_after", {"days": 3}),
    "Calendar.ends": Rule(times, "calendar.ends", {"offset_days": 9, "timezone": "UTC"}),
    "Calendar.end_event_on": Rule(times, "calendar.end_event_on", "2027-03-20"),
    "Calendar.ends_after_event": Rule(times, "calendar.ends_after_event", {"days": 2}, _EVENT),
    "Calendar.valid_for": Rule(
        times, "calendar.valid_for", {"years": 1}, {"calendar.ends": None, "status": "incomplete"}
    ),
    "Calendar.cure_hours": Rule(times, "calendar.cure_hours", 24),
    "Calendar.cure_once": Rule(corrected, "calendar.cure_once", True),
    "Calendar.decision_days": Rule(times, "calendar.decision_days", 2),
    "Calendar.decision_working_days": Rule(
        times, "calendar.decision_working_days", 9, _RUNNING | {"calendar.decision_days": None, "status": "incomplete"}
    ),
    "Calendar.review_hours": Rule(times, "calendar.review_hours", 12, {"remedy.decided_within": None}),
    "Calendar.holidays": Rule(
        times, "calendar.holidays", ["2027-03-05"], {"remedy.days_are_working_days": True}
    ),
    "Calendar.weekend": Rule(times, "calendar.weekend", [4], {"remedy.days_are_working_days": True}),
    "Calendar.days_worked": Rule(times, "calendar.days_worked", ["2027-03-06"], {"remedy.days_are_working_days": True}),
    "Deadline.offset_days": Rule(times, "calendar.persons_close.offset_days", -9),
    "Deadline.count": Rule(times, "calendar.persons_close.count", "clear"),
    "Deadline.roll": Rule(
        times, "calendar.persons_close.roll", "next_working_day", {"calendar.persons_close.offset_days": -7}
    ),
    "Deadline.cutoff_time": Rule(times, "calendar.persons_close.cutoff_time", "12:00"),
    "Deadline.timezone": Rule(times, "calendar.persons_close.timezone", "Etc/GMT-9"),
    "Deadline.published": Rule(times, "calendar.persons_close.published", "2027-03-01"),
    "FilingWindow.step": Rule(times, "calendar.windows.0.step", "organisation", _WINDOWS),
    "FilingWindow.organisation_kinds": Rule(times, "calendar.windows.0.organisation_kinds", ["media"], _WINDOWS),
    "FilingWindow.opens": Rule(times, "calendar.windows.0.opens.offset_days", -45, _WINDOWS),
    "FilingWindow.closes": Rule(times, "calendar.windows.0.closes.offset_days", -35, _WINDOWS),
    "Period.hours": Rule(times, "decision.refusal_told_within", {"hours": 3}, _TOLD),
    "Period.days": Rule(times, "decision.refusal_told_within", {"days": 3}, _TOLD),
    "Period.working_days": Rule(times, "decision.refusal_told_within", {"working_days": 2}, _TOLD),
    "Period.years": Rule(times, "decision.refusal_told_within", {"years": 1}, _TOLD),
    "Eligibility.minimum_age": Rule(found, "eligibility.minimum_age", 12),
    "Eligibility.roles_open_to_host_nationals": Rule(found, "eligibility.roles_open_to_host_nationals", []),
    "Eligibility.own_citizens_allowed": Rule(found, "eligibility.own_citizens_allowed", True),
    "Eligibility.organisation_kinds": Rule(found, "eligibility.organisation_kinds", ["state"]),
    "Eligibility.admitted_in": Rule(admissions, "eligibility.admitted_in", ["E-1"]),
    "Eligibility.individuals_apply": Rule(found, "eligibility.individuals_apply", True),
    "Eligibility.invitation_required": Rule(found, "eligibility.invitation_required", True),
    "Eligibility.excluded_functions": Rule(found, "eligibility.excluded_functions", ["candidate"]),
    "Eligibility.document_valid_days_after_election": Rule(found, "eligibility.document_valid_days_after_election", 90),
    "ElectionProfile.former_calendars": Rule(found, "former_calendars", [_FORMER]),
    "FormerCalendar.day": Rule(found, "former_calendars.0.day", "2027-03-01", {"former_calendars": [_FORMER]}),
    "FormerCalendar.calendar": Rule(
        found, "former_calendars.0.calendar.persons_close.offset_days", -400, {"former_calendars": [_FORMER]}
    ),
    "FormerCalendar.until": Rule(
        found, "former_calendars.0.until", "2027-01-01T00:00:00Z", {"former_calendars": [_FORMER]}
    ),
    "FormerCalendar.ground": Rule(letters, "former_calendars.0.ground", "Another", {"former_calendars": [_FORMER]}),
    "ElectionProfile.run_off": Rule(second_votes, "run_off", {"reuse": "carry_over"}),
    "RunOff.reuse": Rule(second_votes, "run_off.reuse", "reapply"),
    "RunOff.organisations_apply": Rule(second_votes, "run_off.organisations_apply", True),
    "RunOff.on_notice": Rule(second_votes, "run_off.on_notice", False),
    "RunOff.opens": Rule(second_votes, "run_off.opens", _EARLY_DAY),
    "RunOff.persons_close": Rule(second_votes, "run_off.persons_close", _EARLY_DAY),
    "RunOff.decisions_due": Rule(second_votes, "run_off.decisions_due", _EARLY_DAY),
    "ElectionProfile.follows": Rule(carried_on, "follows", {"election": "E-1", "reuse": "both", "ground": "art. 9"}),
    "Followed.election": Rule(carried_on, "follows.election", "E-2", _FOLLOWS),
    "Followed.reuse": Rule(carried_on, "follows.reuse", "reapply", _FOLLOWS),
    "Followed.on_notice": Rule(carried_on, "follows.on_notice", True, _FOLLOWS),
    "Followed.said_from": Rule(
        asked_anew, "follows.said_from", "2027-03-01", {"follows": {**_FOLLOWS["follows"], "on_notice": True}}
    ),
    "Followed.ground": Rule(carried_on, "follows.ground", "Another", _FOLLOWS),
    "PhotoRules.formats": Rule(photographs, "photo.formats", ["PNG"]),
    "PhotoRules.max_bytes": Rule(photographs, "photo.max_bytes", 1000),
    "PhotoRules.max_pixels": Rule(photographs, "photo.max_pixels", 10_000),
    "PhotoRules.min_short_side": Rule(photographs, "photo.min_short_side", 430),
    "PhotoRules.aspect": Rule(photographs, "photo.aspect", 2.0),
    "PhotoRules.aspect_tolerance": Rule(photographs, "photo.aspect_tolerance", 0.0),
    "PhotoRules.colour_required": Rule(photographs, "photo.colour_required", True),
    "PhotoRules.kept_side": Rule(photographs, "photo.kept_side", 100),
    "PhotoRules.kept_quality": Rule(photographs, "photo.kept_quality", 40),
    "PledgeRules.versions": Rule(pledges, "pledge.versions", [{"version": "2", "texts": {"en": "I do."}}], _PLEDGE),
    "PledgeRules.again_when_changed": Rule(
        pledges, "pledge.again_when_changed", True,
        {"pledge": {"versions": [
            {"version": "1", "texts": {"en": "I will."}},
            {"version": "2", "texts": {"en": "I do."}, "in_force_from": "2027-02-15"},
        ]}},
    ),
    "PledgeText.version": Rule(pledges, "pledge.versions.0.version", "9", _PLEDGE),
    "PledgeText.texts": Rule(pledges, "pledge.versions.0.texts", {"en": "I shall."}, _PLEDGE),
    "PledgeText.in_force_from": Rule(
        pledges, "pledge.versions.1.in_force_from", "2027-01-01",
        {"pledge": {"versions": [
            {"version": "1", "texts": {"en": "I will."}},
            {"version": "2", "texts": {"en": "I do."}, "in_force_from": "2027-02-15"},
        ]}},
    ),
    "DecisionRules.body": Rule(rulings, "decision.body", "commission"),
    "DecisionRules.body_decides": Rule(rulings, "decision.body_decides", ["defer"], {"decision.body": "commission"}),
    "DecisionRules.further_information": Rule(rulings, "decision.further_information", False),
    "DecisionRules.refusal_told_within": Rule(times, "decision.refusal_told_within", {"days": 1}),
    "Remedy.available": Rule(times, "remedy.available", False),
    "Remedy.text": Rule(letters, "remedy.text", "To another court."),
    "Remedy.ground": Rule(letters, "remedy.ground", "Another article"),
    "Remedy.days": Rule(times, "remedy.days", 9),
    "Remedy.hours": Rule(times, "remedy.hours", 9, {"remedy.days": None, "status": "incomplete"}),
    "Remedy.days_are_working_days": Rule(times, "remedy.days_are_working_days", True),
    "Remedy.runs_from": Rule(appeals, "remedy.runs_from", "receipt"),
    "Remedy.decided_within": Rule(times, "remedy.decided_within", {"days": 30}),
    "Policy.id": Rule(policies, "policies.0.id", "OTHER", {"policies": [_BAN]}),
    "Policy.version": Rule(policies, "policies.0.version", 2, {"policies": [_BAN]}),
    "Policy.kind": Rule(policies, "policies.0.kind", "duty", {"policies": [_BAN]}),
    "Policy.authority": Rule(letters, "policies.0.authority", "Another", {"policies": [_BAN]}),
    "Policy.ground": Rule(letters, "policies.0.ground", "Another", {"policies": [_BAN]}),
    "Policy.text": Rule(letters, "policies.0.text", "Another", {"policies": [_BAN]}),
    "Policy.in_force_from": Rule(policies, "policies.0.in_force_from", "2027-03-09", {"policies": [_BAN]}),
    "Policy.in_force_to": Rule(policies, "policies.0.in_force_to", "2027-02-01", {"policies": [_BAN]}),
    "Policy.published_on": Rule(policies, "policies.0.published_on", "2027-03-09", {"policies": [_BAN]}),
    "Policy.reason": Rule(policies, "policies.0.reason", "R09", {"policies": [_BAN]}),
    "Policy.scopes": Rule(policies, "policies.0.scopes", [{"organisations": ["ORG-09"]}], {"policies": [_BAN]}),
    "Policy.limit": Rule(policies, "policies.0.limit", 5, {"policies": [_BAN | {"kind": "cap"}]}),
    "Policy.fees": Rule(
        letters, "policies", [_BAN | {"kind": "fee", "fees": [{"amount": 9, "currency": "XTS", "payers": "all"}]}]
    ),
    "Policy.applies_to": Rule(
        policies, "policies.0.applies_to", "files_received_from",
        {"policies": [_BAN | {"in_force_from": "2027-02-20"}]},
    ),
    "PolicyScope.organisation_kinds": Rule(policies, "policies.0.scopes.0", {"organisation_kinds": ["ngo"]}, _SCOPED),
    "PolicyScope.organisations": Rule(policies, "policies.0.scopes.0", {"organisations": ["ORG-01"]}, _SCOPED),
    "PolicyScope.roles": Rule(policies, "policies.0.scopes.0", {"roles": ["short_term_observer"]}, _SCOPED),
    "PolicyScope.nationalities": Rule(policies, "policies.0.scopes.0", {"nationalities": ["XAA"]}, _SCOPED),
    "PolicyScope.sponsor_countries": Rule(policies, "policies.0.scopes.0", {"sponsor_countries": ["XAA"]}, _SCOPED),
    "AssignmentRules.order": Rule(plans, "assignment.order", ["placed", "coverage", "language", "surge", "points"]),
    "AssignmentRules.site_limits": Rule(plans, "assignment.site_limits", None),
    "SiteRules.observers": Rule(plans, "assignment.site_limits.observers", 5, _SITES),
    "SiteRules.interpreters": Rule(plans, "assignment.site_limits.interpreters", 5, _SITES),
    "AssignmentRules.interpreters_in_teams": Rule(plans, "assignment.interpreters_in_teams", True),
    "AssignmentRules.places_kept_from": Rule(plans, "assignment.places_kept_from", _EARLY_DAY),
    "Publication.names": Rule(published, "publication.names", True, {"publication.ground": "art. 20"}),
    "Publication.fields": Rule(published, "publication.fields", ["totals_by_category"]),
    "CredentialRules.collection": Rule(letters, "credential.collection", {"hours": "9-12"}),
    "CollectionRules.hours": Rule(letters, "credential.collection.hours", "13-15", _COLLECTION),
    "CollectionRules.proxy": Rule(letters, "credential.collection.proxy", True, _COLLECTION),
    "AssignmentRules.own_state_posts": Rule(plans, "assignment.own_state_posts", True),
    "AssignmentRules.staying_together": Rule(plans, "assignment.staying_together", {"largest": 3}),
    "StayingTogether.largest": Rule(plans, "assignment.staying_together.largest", 3, _TOGETHER),
    "StayingTogether.regions_tried": Rule(plans, "assignment.staying_together.regions_tried", 9, _TOGETHER),
    "StayingTogether.plans_made": Rule(plans, "assignment.staying_together.plans_made", 9, _TOGETHER),
    "AssignmentRules.fairness": Rule(plans, "assignment.fairness", {"fall": 0.3}),
    "Fairness.fall": Rule(plans, "assignment.fairness.fall", 0.4, _EVEN),
    "Fairness.most_loss": Rule(plans, "assignment.fairness.most_loss", 0.4, _EVEN),
    "Fairness.rounds": Rule(plans, "assignment.fairness.rounds", 2, _EVEN),
    "CredentialRules.status_list_size": Rule(badges, "credential.status_list_size", 2048),
    "CredentialRules.serial_prefix": Rule(badges, "credential.serial_prefix", "ZZ"),
    "CredentialRules.colours": Rule(badges, "credential.colours", {"interpreter": "#000000"}),
    "Remedy.body": Rule(letters, "remedy.body", "Another panel"),
    "Remedy.further": Rule(letters, "remedy.further", "The highest court"),
    "CaseworkRules.authorities": Rule(authorities, "desk.authorities", _ASKED["desk.authorities"]),
    "ClearingAuthority.code": Rule(authorities, "desk.authorities.0.code", "AUT-2", _ASKED),
    "ClearingAuthority.title": Rule(authorities, "desk.authorities.0.title", "Another", _ASKED),
    "ClearingAuthority.email": Rule(authorities, "desk.authorities.0.email", "c@d.example", _ASKED),
    "ClearingAuthority.language": Rule(authorities, "desk.authorities.0.language", "fr", _ASKED),
    "ClearingAuthority.told": Rule(authorities, "desk.authorities.0.told", ["name"], _ASKED),
    "ClearingAuthority.hours": Rule(authorities, "desk.authorities.0.hours", 9, _ASKED),
    "LetterRules.official_language_beneath": Rule(announced, "letters.official_language_beneath", True),
    "LetterRules.digest_at": Rule(announced, "letters.digest_at", "23:00"),
    "ElectionProfile.data_rights": Rule(times, "data_rights.answer_within", {"days": 9}),
    "DataRights.answer_within": Rule(times, "data_rights.answer_within", {"days": 9}),
    "DataRights.breach_told_within": Rule(times, "data_rights.breach_told_within", {"hours": 9}),
    "Retention.classes": Rule(times, "retention.classes.photo", {"after": {"days": 9}, "ground": "art. 9"}),
    "RetentionRule.after": Rule(times, "retention.classes.photo.after", {"days": 9}),
    "Retention.after": Rule(times, "retention.after", {"years": 2}),
    "CaseworkRules.claim_minutes": Rule(rulings, "desk.claim_minutes", 5),
    "CaseworkRules.scope": Rule(rulings, "desk.scope", "order"),
    "CaseworkRules.surge_decides": Rule(rulings, "desk.surge_decides", True),
    "CaseworkRules.quorum": Rule(rulings, "desk.quorum", 3),
    "LetterRules.visa_support": Rule(letters, "letters.visa_support", {"ground": "art. 13"}),
    "VisaSupport.ground": Rule(
        letters, "letters.visa_support.ground", "Another", {"letters.visa_support": {"ground": "art. 13"}}
    ),
    "LetterRules.announce_days": Rule(announced, "letters.announce_days", 30),
    "LetterRules.quiet_hours": Rule(announced, "letters.quiet_hours", {"begins": "08:00", "ends": "13:00"}),
    "LetterRules.briefings": Rule(announced, "letters.briefings", _BRIEFING["letters.briefings"]),
    "QuietHours.begins": Rule(announced, "letters.quiet_hours.begins", "12:00", _QUIET),
    "QuietHours.ends": Rule(announced, "letters.quiet_hours.ends", "15:00", _QUIET),
    "QuietHours.urgent": Rule(announced, "letters.quiet_hours.urgent", ["approval"], _QUIET),
    "Briefing.code": Rule(announced, "letters.briefings.0.code", "B-2", _BRIEFING),
    "Briefing.title": Rule(announced, "letters.briefings.0.title", "Other", _BRIEFING),
    "Briefing.begins": Rule(announced, "letters.briefings.0.begins", "2027-03-14T09:00:00Z", _BRIEFING),
    "Briefing.place": Rule(announced, "letters.briefings.0.place", "Other", _BRIEFING),
    "Briefing.remind_days": Rule(announced, "letters.briefings.0.remind_days", 9, _BRIEFING),
}  # fmt: skip
"""What each key changes where nothing but the rules is needed."""

SHOWN: Final[Mapping[str, str]] = {
    "DataRights.supervisor": "flows/oversight/test_breach.py",
    "DataRights.supervisor_email": "flows/oversight/test_breach.py",
    "Election.code": "flows/runtime/test_two_elections.py",
    "ElectionProfile.profile_version": "flows/decisions/test_cited_rules.py",
    "ElectionProfile.automatic_approval": "flows/decisions/test_decisions.py",
    "ElectionProfile.mass_mail_threshold": "flows/delivery/test_letter_orders.py",
    "DecisionRules.silence": "flows/decisions/test_clocks.py",
    "Publication.register_is": "flows/issuance/publication/test_publishing.py",
    "CredentialRules.issuer": "flows/election/test_real_elections.py",
    "CaseworkRules.bulk_threshold": "flows/decisions/test_casework.py",
    "CaseworkRules.recall_minutes": "flows/decisions/test_casework.py",
    "LetterRules.parcels": "flows/delivery/test_parcels.py",
    "ParcelRules.kinds": "domain/letters/test_parcel_rules.py",
    "ParcelRules.hours": "domain/letters/test_parcel_rules.py",
    "ParcelRules.most": "domain/letters/test_parcel_rules.py",
    "LetterRules.acknowledge_hours": "flows/assignment/test_acknowledgements.py",
    "LetterRules.download_base": "flows/assignment/test_reminders.py",
    "LetterRules.attached_up_to": "flows/assignment/test_reminders.py",
    "LetterRules.stay_reminder_days": "flows/assignment/test_reminders.py",
    **dict.fromkeys(
        (
            "OversightRules.witnesses",
            "OversightRules.organisations_every_days",
            "Witness.name",
            "Witness.key",
            "Witness.email",
            "Witness.language",
        ),
        "flows/oversight/test_checkpoints.py",
    ),
}
"""Keys whose effect needs a database, or that are tested by themselves: the test that changes them."""

SECTIONS: Final = frozenset({
    "ElectionProfile.election", "ElectionProfile.calendar", "ElectionProfile.eligibility", "ElectionProfile.photo",
    "ElectionProfile.decision", "ElectionProfile.assignment", "ElectionProfile.credential", "ElectionProfile.desk",
    "ElectionProfile.letters", "ElectionProfile.oversight",
})  # fmt: skip
"""Keys that only hold others."""


def _below(section: Any, step: str) -> Any:
    found: Any = cast("list[Any]", section)[int(step)] if isinstance(section, list) else section.setdefault(step, {})
    return found


def edited(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return Valdara's profile as written, with values at places of it."""
    written = copy.deepcopy(WRITTEN)
    for place, value in changes.items():
        *way, last = place.split(".")
        section: Any = written
        for step in way:
            section = _below(section, step)
        section[int(last) if isinstance(section, list) else last] = copy.deepcopy(value)
    return {name: part for name, part in written.items() if part is not None}


def read(changes: Mapping[str, Any]) -> ElectionProfile:
    written = edited(changes)
    written["reasons"] = {code: rule for code, rule in written["reasons"].items() if rule is not None}
    return ElectionProfile.model_validate(written)


@pytest.mark.parametrize("key", RULES)
def test_a_key_changes_what_somebody_sees(key: str) -> None:
    rule = RULES[key]
    assert rule.sees(read(rule.base)) != rule.sees(read({**rule.base, rule.place: rule.value}))


def keys() -> Iterator[str]:
    """Yield every key that a profile can have, as ``Model.field``."""
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [ElectionProfile]
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            yield f"{model.__name__}.{name}"
            waiting += _models_in(field.annotation)


def _models_in(kind: object) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models_in(part)


def test_every_key_is_seen_by_a_test_or_said_to_be_kept_by_hand() -> None:
    known = set(keys())
    by_engine = {key for key in known if keeper_of(key) is Keeper.ENGINE}
    assert by_engine == {*RULES, *SHOWN, *SECTIONS}
    assert {*BY_HAND, *ALWAYS, *ABOUT} <= known
    assert all(re.search(rf"\b{key.partition('.')[2]}\b", (TESTS / file).read_text()) for key, file in SHOWN.items())


def test_what_a_profile_sets_is_sorted_by_who_keeps_it() -> None:
    rules = kept(read({"eligibility.channels": ["by mail"], "decision.written": True}))
    assert rules[Keeper.BY_HAND] == {"eligibility.channels": "Eligibility.channels"}
    assert rules[Keeper.ALWAYS] == {"decision.written": "DecisionRules.written"}
    assert "calendar.cure_hours" in rules[Keeper.ENGINE]
