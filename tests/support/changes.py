"""Whatever can happen to an election, in any order: officers' acts, changes of rules, deliveries and days."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import yaml
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter, Settlement
from db.store import open_reader, open_store
from domain.application.actors import ArrivalWay
from domain.application.application import Application, case_number
from domain.application.reasons import ReasonCode
from domain.application.status import ACCREDITED, FINAL, PLACED, REVOCABLE, UNDECIDED, Status
from domain.credentials.states import Cause
from domain.decisions.rulings import MEASURES, Outcome, Ruling
from domain.election.geography import Geography, Notice
from domain.election.moving import Move
from domain.election.profile import ElectionProfile
from domain.election.profile.decisions import ReasonRule
from domain.errors import AccreditationError
from domain.intake.rows import cells_of
from domain.letters.envelope import LetterKind, LetterOrder, LetterState
from domain.organisations.organisation import OrganisationActKind, OrganisationStatus
from domain.oversight.contradictions.contradiction import Contradiction
from flows.assignment import flow as assignment
from flows.assignment.adoption import adopt_plan
from flows.assignment.plans.drafts import draft_plan, find_plan
from flows.assignment.plans.problems import Choices
from flows.context import database, election_context
from flows.decisions.clocks import mind_clocks
from flows.decisions.rulings import decide_applications
from flows.delivery.notices import start_clocks
from flows.delivery.orders import order_letters
from flows.delivery.postman import claim
from flows.election.files import write_rules
from flows.election.loading import init_election
from flows.election.moving import move_election
from flows.intake.entry import EnteredApplication, correct, enter, replace
from flows.intake.withdrawal import withdraw
from flows.issuance import correction, prints
from flows.issuance import flow as issuance
from flows.issuance.flow import issue_applications
from flows.issuance.life import end_what_is_over, reissue, serial_ledger
from flows.issuance.prints import print_office, record_printed
from flows.issuance.publication.files import publish
from flows.organisations.admission import Grounds, act, apply
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.oversight.reminders import remind
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.vetting import flow as vetting
from notifications.badge.contents import Badge
from notifications.badge.reader import read_token
from notifications.badge.sheets import SheetLayout
from support.builders import ELECTION, WEIGHED, a_nomination, an_order, an_organisation
from support.stages import AS_OF, Stages, due

HOURS: Final = timedelta(hours=1)
FACTS: Final = "As the papers show."
REASONS: Final = {
    Outcome.REFUSE: (ReasonCode.R02, ReasonCode.R06), Outcome.DEFER: (ReasonCode.X01,),
    Outcome.REQUEST_INFORMATION: (ReasonCode.D01,), Outcome.WARN: (ReasonCode.V01,), Outcome.SUSPEND: (ReasonCode.V02,),
    Outcome.REVOKE: (ReasonCode.V03,), Outcome.DISMISS_APPEAL: (ReasonCode.R06,),
}  # fmt: skip
DECIDERS: Final = tuple(f"OFF-DEMO-{number}" for number in range(1, 6))
FALLIBLE: Final = (LetterKind.DEFICIENCY, LetterKind.MEASURE, LetterKind.PLACEMENT, LetterKind.REFUSAL)
BEGINNINGS: Final = ("vetted", "decided", "issued")
WRITTEN: Final = ("election.yaml", "geography.yaml")

places = st.integers(min_value=0, max_value=10_000)
"""Which of those that a rule is about, counted round."""


def undrawn(badges: Sequence[Badge]) -> list[bytes]:
    """Return in the place of each badge what it must carry: its token."""
    return [badge.token.encode() for badge in badges]


def token_of(badge: bytes) -> str | None:
    """Return the token of a badge that was drawn before the walk, or of one that was not drawn."""
    return read_token(badge) if badge.startswith(b"%PDF") else badge.decode()


_UNDRAWN: Final = (
    (issuance, "render_badges", undrawn), (prints, "render_cards", undrawn), (prints, "read_token", token_of),
    (prints, "job_pdf", lambda _: b"%PDF"),
)  # fmt: skip


class Changes(RuleBasedStateMachine):
    """One election; after each step the check finds nothing but what waits for a named person."""

    stages: Stages
    begin_with: Sequence[str] = BEGINNINGS
    lead: Callable[[Changes, int], object] | None = None
    """What every walk begins with, where it is to go a certain way."""

    def __init__(self) -> None:
        super().__init__()
        self.now = AS_OF
        self.noticed: set[str] = set()
        self.silenced: set[str] = set()
        """Case numbers of those whose letter about their place an officer took back."""
        self.grounds: Mapping[ReasonCode, ReasonRule] = {}
        """Every reason that the rules ever gave a ground for."""
        self.written = 0
        self.aged = False
        """Whether the youngest age was ever another one."""

    @initialize(data=st.data())
    def an_election(self, data: st.DataObject) -> None:
        self._copy = self.stages.copy(data.draw(st.sampled_from(self.begin_with)))
        self._copy.__enter__()
        # What a badge looks like contradicts nothing, and to draw one takes longer than to check the whole election.
        self._undrawn = pytest.MonkeyPatch()
        for module, name, instead in _UNDRAWN:
            self._undrawn.setattr(module, name, instead)
        self.folder = Path(tempfile.mkdtemp(dir=settings().home))
        shutil.copytree(
            self.stages.package, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("nominations")
        )
        if self.lead:
            self.lead(data.draw(places))

    # What rules are about, and how they do it

    def acting(self, officer: str = "OFF-DEMO-1") -> ActingOfficer:
        return ActingOfficer(officer, ELECTION, self.now)

    def some(self, place: int, *statuses: Status) -> Application | None:
        ids = due(*statuses)
        if not ids:
            return None
        with open_reader(database()) as store:
            return store.applications.get(ids[place % len(ids)])

    def attempt(self, what: str, act: Callable[[], object]) -> None:
        """Do *act*; the product may turn it down, and then nothing may have changed for the worse."""
        try:
            act()
        except AccreditationError as error:
            event(f"{what}: turned down, {type(error).__name__}")
        else:
            event(f"{what}: done")

    def pictures(self) -> dict[str, str]:
        photos = sorted((self.stages.package / "nominations").glob("*/*-photo.jpg"))
        photo = str(photos[self.written % len(photos)])
        return {"photo": photo, "identity_page": photo.replace("-photo", "-page")}

    def entry(self, *, complete: bool) -> EnteredApplication:
        """Return what an organisation says of somebody new."""
        self.written += 1
        letters = "ABCDEFGHIJ"
        surname = "".join(letters[int(digit)] * 3 for digit in str(self.written)) + "OVA"
        told = a_nomination(
            reference=f"N{self.written}", surname=surname, document_number=f"Q{7000000 + self.written}",
            email=f"new{self.written}@mission.example",
        )  # fmt: skip
        cells = {column: text for column, text in cells_of(told).items() if text}
        if not complete:
            cells.pop("pledge_accepted_on")
        return EnteredApplication(cells | self.pictures(), received_at=AS_OF - timedelta(days=9))

    # Intake

    @rule(complete=st.booleans())
    def nominate(self, *, complete: bool) -> None:
        entry = self.entry(complete=complete)
        self.attempt("nominate", lambda: enter("ORG-01", entry, self.acting()))

    @rule(place=places, what=st.sampled_from(["email", "phone", "pledge_accepted_on", "document_expiry", "sex"]))
    def correct(self, place: int, what: str) -> None:
        self.written += 1
        said = {
            "email": f"moved{self.written}@mission.example", "phone": f"+999 {self.written}", "sex": "X",
            "pledge_accepted_on": "2027-02-02", "document_expiry": "2033-01-31",
        }[what]  # fmt: skip
        if case := self.some(place, *UNDECIDED, *PLACED, Status.APPROVED):
            self.attempt(
                "correct", lambda: correct(case.id, EnteredApplication({what: said}, ArrivalWay.PHONE), self.acting())
            )

    @rule(place=places, by=st.sampled_from(["organisation", "applicant"]))
    def withdraw(self, place: int, by: str) -> None:
        if case := self.some(place, *(status for status in Status if status not in FINAL)):
            self.attempt("withdraw", lambda: withdraw(case.id, by, ArrivalWay.PHONE, self.acting()))  # type: ignore[arg-type]

    @rule(place=places)
    def replace(self, place: int) -> None:
        if case := self.some(place, *UNDECIDED, *PLACED):
            entry = self.entry(complete=True)
            self.attempt("replace", lambda: replace(case.id, entry, self.acting()))

    # Officers

    @rule()
    def vet(self) -> None:
        vetting.release_held(ELECTION, now=self.now)
        with open_store(database()) as store:
            vetting.vet_applications(store, election_context(ELECTION, self.now), due(Status.IN_VETTING))

    def decide(self, case: Application, outcome: Outcome, officer: str) -> None:
        reasons = REASONS.get(outcome, ())
        ruling = Ruling(
            outcome=outcome, facts=f"{FACTS} {WEIGHED}" if outcome in MEASURES else FACTS, until=self.now + 49 * HOURS,
            reasons=reasons[:1] if case.status is Status.INCOMPLETE else reasons[-1:],
        )  # fmt: skip

        def ruled() -> None:
            results = decide_applications([case.id], ruling, self.acting(officer))
            event(f"{outcome}: {'applied' if results[0].applied else 'turned down'}")

        self.attempt(str(outcome), ruled)

    @rule(place=places, outcome=st.sampled_from(Outcome), officer=st.sampled_from(DECIDERS))
    def an_officer_decides(self, place: int, outcome: Outcome, officer: str) -> None:
        if case := self.some(place, *(status for status in Status if status is not Status.IN_VETTING)):
            self.attempt(str(outcome), lambda: self.decide(case, outcome, officer))

    @rule(place=places, wanted=st.sampled_from([Outcome.REFUSE, Outcome.REVOKE]), wait=st.booleans())
    def two_officers_decide(self, place: int, wanted: Outcome, *, wait: bool) -> None:
        """One proposes, letters go, perhaps time passes, and another confirms."""
        statuses = REVOCABLE if wanted is Outcome.REVOKE else (Status.INCOMPLETE, Status.IN_REVIEW, Status.HELD)
        if case := self.some(place, *statuses):
            self.attempt(str(wanted), lambda: self.decide(case, wanted, "OFF-DEMO-1"))
            self.post_leaves()
            if wait:
                self.days_pass(50)
            self.attempt("confirm", lambda: self.decide(case, Outcome.CONFIRM, "OFF-DEMO-3"))

    @rule(place=places, wait=st.booleans())
    def two_officers_refuse_who_may_mend(self, place: int, *, wait: bool) -> None:
        """Refuse who was asked for something, whether its letter left or not, and whether its time is over or not."""
        if case := self.some(place, Status.INCOMPLETE):
            if wait:
                self.days_pass(50)
            self.attempt("refuse", lambda: self.decide(case, Outcome.REFUSE, "OFF-DEMO-1"))
            self.attempt("confirm", lambda: self.decide(case, Outcome.CONFIRM, "OFF-DEMO-3"))

    @rule(place=places, back=st.sampled_from([Outcome.GRANT_APPEAL, Outcome.REMAND_APPEAL, Outcome.DISMISS_APPEAL]))
    def an_appeal(self, place: int, back: Outcome) -> None:
        if case := self.some(place, Status.REFUSED, Status.REVOKED):
            self.attempt("lodge", lambda: self.decide(case, Outcome.LODGE_APPEAL, "OFF-DEMO-2"))
        if under := self.some(place, Status.UNDER_APPEAL):
            self.attempt(str(back), lambda: self.decide(under, back, "OFF-DEMO-4"))
            self.attempt("confirm", lambda: self.decide(under, Outcome.CONFIRM, "OFF-DEMO-5"))

    @rule(
        place=places, what=st.sampled_from([Outcome.WARN, Outcome.SUSPEND]),
        back=st.sampled_from([Outcome.GRANT_APPEAL, Outcome.DISMISS_APPEAL]), open_=st.booleans(),
    )  # fmt: skip
    def a_measure_is_appealed(self, place: int, what: Outcome, back: Outcome, *, open_: bool) -> None:
        """Warn or suspend somebody, who appeals; perhaps the appeal stays open, and other things happen meanwhile."""
        if case := self.some(place, *ACCREDITED):
            self.decide(case, what, "OFF-DEMO-1")
            self.decide(case, Outcome.LODGE_APPEAL, "OFF-DEMO-2")
            if not open_:
                self.decide(case, back, "OFF-DEMO-4")
                self.decide(case, Outcome.CONFIRM, "OFF-DEMO-5")

    # Organisations

    @rule(place=places, invite=st.booleans())
    def an_organisation_applies_or_is_refused(self, place: int, *, invite: bool) -> None:
        """Enter a new one, or have two officers refuse one that waits."""
        if invite:
            self.written += 1
            new = an_organisation(f"ORG-NEW-{self.written}", admitted=False)
            self.attempt("apply", lambda: apply(new, self.acting(), Grounds()))
        elif code := self.an_organisation_that_is(place, OrganisationStatus.APPLIED, OrganisationStatus.INVITED):
            self.about(code, OrganisationActKind.PROPOSE_REFUSAL, "OFF-DEMO-1", ReasonCode.R03)
            self.about(code, OrganisationActKind.REFUSE, "OFF-DEMO-3")

    @rule(
        place=places,
        what=st.sampled_from([
            OrganisationActKind.GRANT_APPEAL, OrganisationActKind.PROPOSE_DISMISSAL, OrganisationActKind.REMAND_APPEAL,
            OrganisationActKind.ADMIT, OrganisationActKind.WITHDRAW,
        ]),
        officer=st.sampled_from(DECIDERS),
    )  # fmt: skip
    def an_organisation_appeals(self, place: int, what: OrganisationActKind, officer: str) -> None:
        if code := self.an_organisation_that_is(place, OrganisationStatus.NOT_ADMITTED):
            self.about(code, OrganisationActKind.LODGE_APPEAL, "OFF-DEMO-2")
        if code := self.an_organisation_that_is(place, OrganisationStatus.UNDER_APPEAL):
            self.about(code, what, officer)
            self.about(code, OrganisationActKind.DISMISS_APPEAL, "OFF-DEMO-5")

    def an_organisation_that_is(self, place: int, *standings: OrganisationStatus) -> str | None:
        with open_reader(database()) as store:
            known = store.organisations.all_in(ELECTION)
        codes = [code for code, one in known.items() if one.standing in standings]
        return codes[place % len(codes)] if codes else None

    def about(self, code: str, what: OrganisationActKind, officer: str, *reasons: ReasonCode) -> None:
        self.attempt(str(what), lambda: act(code, what, self.acting(officer), Grounds(reasons, FACTS)))

    # Letters

    def letters(self, state: LetterState, *kinds: LetterKind) -> list[QueuedLetter]:
        with open_reader(database()) as store:
            found = store.letters.matching(ELECTION, LetterFilter(state=state), limit=10_000)
        return sorted(
            (letter for letter in found if letter.envelope.kind in (kinds or LetterKind)),
            key=lambda letter: (letter.envelope.kind, letter.envelope.key),
        )

    @rule(fails=st.sampled_from([None, None, *FALLIBLE]))
    def post_leaves(self, fails: LetterKind | None = None) -> None:
        """Claim what waits, as the delivery does, and let letters of one kind come to nothing."""
        while claimed := claim(ELECTION, now=self.now):
            settled = [
                Settlement(letter.envelope.key, state, "answer")
                for letter in claimed
                for state in [LetterState.FAILED if letter.envelope.kind is fails else LetterState.SENT]
            ]
            with open_store(database()) as store:
                store.outbox.settle(settled, now=self.now)
        start_clocks(ELECTION, now=self.now)

    @rule(place=places, kind=st.sampled_from(FALLIBLE))
    def a_letter_bounces(self, place: int, kind: LetterKind) -> None:
        if sent := self.letters(LetterState.SENT, kind):
            key = sent[place % len(sent)].envelope.key
            with open_store(database()) as store:
                event(f"bounce: {store.letters.bounce(ELECTION, key, '5.1.1', now=self.now)}")

    @rule(place=places, order=st.sampled_from([LetterOrder.RESEND, LetterOrder.HAND_OVER, LetterOrder.CANCEL]))
    def an_officer_orders_a_letter(self, place: int, order: LetterOrder) -> None:
        """Correct the address first: then the letter goes there."""
        failed = self.letters(LetterState.FAILED)
        if not failed:
            return
        letter = failed[place % len(failed)].envelope
        self.written += 1
        if order is LetterOrder.RESEND and letter.application_id:
            known, fresh = letter.application_id, EnteredApplication({"email": f"other{self.written}@mission.example"})
            self.attempt("address", lambda: correct(known, fresh, self.acting()))
        if order is LetterOrder.CANCEL and letter.kind is LetterKind.PLACEMENT and letter.application_id:
            self.silenced.add(case_number(letter.application_id))
        how = "on paper" if order is LetterOrder.HAND_OVER else ""
        self.attempt(str(order), lambda: order_letters(order, [letter.key], self.acting(), how=how))
        start_clocks(ELECTION, now=self.now)

    # Days

    @rule(hours=st.sampled_from([1, 26, 50]))
    def days_pass(self, hours: int) -> None:
        """Let what is scheduled do its work, half a day at a time: lists are renewed from an hour of the day on."""
        while hours > 0:
            self.now += min(hours, 12) * HOURS
            hours -= 12
            mind_clocks(ELECTION, now=self.now)
            end_what_is_over(ELECTION, now=self.now)
            remind(ELECTION, now=self.now)

    # Plans

    @rule()
    def place_who_waits(self) -> None:
        self.attempt("assign", self._assign)

    def _assign(self) -> None:
        while plan := assignment.make_plan(ELECTION, now=self.now):
            with open_store(database()) as store:
                ids = assignment.still_to_place(plan, ELECTION)
                assignment.place_applications(store, election_context(ELECTION, self.now), plan, ids)
            assignment.finish_plan(plan, ELECTION, now=self.now)

    @rule(choices=st.sampled_from([Choices(), Choices(fewest_staff=True)]))
    def draft_and_adopt_a_plan(self, choices: Choices) -> None:
        def adopt() -> None:
            known = draft_plan(ELECTION, choices, now=self.now)
            adopt_plan(find_plan(ELECTION, str(known)), self.acting())

        self.attempt("adopt", adopt)

    # Rules

    def change_rules(self, what: str, *, profile: ElectionProfile | None = None, land: Geography | None = None) -> None:
        """Let two administrators load the folder, changed."""
        for name, changed in zip(WRITTEN, (profile, land), strict=True):
            if changed:
                (self.folder / name).write_text(yaml.safe_dump(changed.model_dump(mode="json", exclude_unset=True)))
        for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2"):
            self.attempt(
                what,
                lambda by=officer: init_election(self.folder, now=self.now, by=by, ground="Resolution 9/2027"),  # type: ignore[misc]
            )

    def land(self) -> Geography:
        return election_context(ELECTION, self.now).geography

    @rule(
        closed=st.sampled_from(["OF-01", "OF-04", "OF-05", "OF-12"]),
        acting=st.sampled_from(["OF-02", "OF-03"]),
        ahead=st.sampled_from([0, 1]),
    )
    def an_office_closes(self, closed: str, acting: str, ahead: int) -> None:
        land, first = self.land(), election_context(ELECTION, self.now).day + timedelta(days=ahead)
        if land.office(closed).closes_on or not land.serves_from < first < land.serves_until:
            return
        offices = tuple(one.revised(closes_on=first) if one.code == closed else one for one in land.offices)
        order = an_order(closed, acting, first, land.serves_until)
        self.change_rules("close", land=land.revised(offices=offices, acting_orders=(*land.acting_orders, order)))

    @rule(closed=st.sampled_from(["OF-01", "OF-04", "OF-05", "OF-12"]))
    def it_opens_again(self, closed: str) -> None:
        land = self.land()
        if not land.office(closed).closes_on:
            return
        offices = tuple(one.revised(closes_on=None) if one.code == closed else one for one in land.offices)
        orders = tuple(order for order in land.acting_orders if order.office != closed)
        self.change_rules("open", land=land.revised(offices=offices, acting_orders=orders))

    @rule(place=places)
    def a_notice_changes(self, place: int) -> None:
        land = self.land()
        used = sorted({case.region for case in self.placed() if case.region} or {"VD-23"})
        code = used[place % len(used)]
        before = land.region(code).notice
        self.noticed.add(code)
        notice = Notice(
            code=before.code if before else f"SEC-{code}", version=before.version + 1 if before else 1,
            text="The bridge is closed.", issued_on=self.now.date(),
        )  # fmt: skip
        regions = tuple(one.revised(notice=notice) if one.code == code else one for one in land.regions)
        self.change_rules("notice", land=land.revised(regions=regions))

    def placed(self) -> list[Application]:
        with open_reader(database()) as store:
            return store.applications.all_in(ELECTION, *PLACED)

    @rule(hours=st.sampled_from([24, 48, 72]))
    def the_time_to_mend_changes(self, hours: int) -> None:
        profile = election_context(ELECTION, self.now).profile
        self.change_rules("cure hours", profile=profile.revised(calendar=profile.calendar.revised(cure_hours=hours)))

    @rule(years=st.sampled_from([18, 40]))
    def the_youngest_age_changes(self, years: int) -> None:
        profile = election_context(ELECTION, self.now).profile
        changed, self.aged = profile.eligibility.revised(minimum_age=years), True
        self.change_rules("age", profile=profile.revised(eligibility=changed))

    @rule(code=st.sampled_from([ReasonCode.R02, ReasonCode.R06, ReasonCode.V03]))
    def a_ground_is_repealed_or_comes_back(self, code: ReasonCode) -> None:
        profile = election_context(ELECTION, self.now).profile
        self.grounds = {**profile.reasons, **self.grounds}
        reasons = {known: rule for known, rule in self.grounds.items() if known in profile.reasons or known == code}
        if code in profile.reasons:
            del reasons[code]
        self.change_rules("grounds", profile=profile.revised(reasons=reasons))

    @rule(days=st.sampled_from([-1, 1, 14, 30]))
    def election_day_moves(self, days: int) -> None:
        day = election_context(ELECTION, self.now).profile.election.day
        move = Move(day=day + timedelta(days=days), ground="Decree 9/2027")
        for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2"):
            self.attempt("move", lambda by=officer: move_election(move, self.acting(by)))  # type: ignore[misc]
        write_rules(ELECTION, self.folder)

    # Badges

    @rule()
    def issue(self) -> None:
        issue_applications(due(Status.ASSIGNED), ELECTION, now=self.now)

    @rule(place=places, cause=st.sampled_from([Cause.LOSS, Cause.DAMAGE]))
    def a_badge_is_replaced(self, place: int, cause: Cause) -> None:
        if case := self.some(place, Status.CREDENTIALED):
            self.attempt("reissue", lambda: reissue([case.id], cause, self.acting()))

    @rule(place=places)
    def a_badge_is_corrected(self, place: int) -> None:
        self.written += 1
        if case := self.some(place, Status.CREDENTIALED):
            said = {"given_names": f"MARIT {'I' * (self.written % 5 + 1)}"}
            self.attempt("correct badge", lambda: correction.correct(case.id, said, self.acting()))

    @rule(place=places)
    def badges_are_printed(self, place: int) -> None:
        offices = sorted({case.office for case in self.placed() if case.office})
        if offices:
            office = offices[place % len(offices)]
            printed = print_office(ELECTION, office, SheetLayout.A6, now=self.now)
            record_printed(printed, ELECTION, SheetLayout.A6, now=self.now)

    @rule()
    def lists_are_published(self) -> None:
        publish(self.folder / "public", ELECTION, now=self.now)

    # What holds after each

    def waits_for_somebody(self, told: Contradiction) -> bool:
        """Whether *told* is as it must be: somebody is asked or a reply waits, and meanwhile nothing changes.

        So it is with who was placed before a notice changed, with whom a later age asks about, with lists that nobody
        acknowledges here, and where an officer took back the only letter that says where somebody goes.
        """
        if told.rule == "owned_clock" and "appeal" in told.problem:
            return True  # both appeals officers took part in an earlier appeal
        if told.rule == "answered_finding" and self.aged:
            return "under_age" in told.problem  # a second look that is late; nobody has to answer it here
        if told.rule == "letter_and_place" and told.about in self.silenced:
            return "no letter says so" in told.problem
        asked = told.rule == "consent_to_notice" and any(f"in {code} " in told.problem for code in self.noticed)
        return asked or told.rule == "list_acknowledged" or (told.rule == "answered_reply" and "waits" in told.problem)

    @invariant()
    def nothing_contradicts(self) -> None:
        if not hasattr(self, "folder"):
            return
        found = [told for told in check_election(ELECTION, now=self.now) if not self.waits_for_somebody(told)]
        assert found == []

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            assert not audit(ELECTION).links
            assert serial_ledger(ELECTION).is_whole
        finally:
            self._undrawn.undo()
            self._copy.__exit__(None, None, None)
