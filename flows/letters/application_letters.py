"""From what happened to an application to the letter about it: what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.application.case import Case
from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.status import ACCREDITED, Status
from domain.election.geography import Geography, Notice, Office, Region, RegionalContact
from domain.election.pledge import PledgeText, acceptance_of
from domain.election.profile import Briefing
from domain.election.unset import needed
from domain.identity.contact import is_usable
from domain.intake.completeness import MISSING, NOT_FOUND
from domain.intake.remedies import Asked, advice_for
from domain.letters.envelope import Attachment, Envelope, LetterKind, OnlyWhile
from domain.values import LanguageCode, UtcTime
from flows.letters.addressing import AddressedLetters
from flows.settings import settings
from notifications.letters.application import (
    ApprovalLetter,
    CredentialLetter,
    DeferralLetter,
    DeficiencyLetter,
    PlacementLetter,
    ReceiptLetter,
    ReferralLetter,
    RefusalLetter,
    ReminderLetter,
)
from notifications.letters.consent import ConsentLetter, PledgeLetter
from notifications.letters.exception import DoubleNominationLetter
from notifications.letters.lines import (
    ChecklistLine,
    CompetentOffice,
    DeficiencyLine,
    FindingLine,
    NoticeLine,
    PledgeCopy,
    RegionCount,
    RemedyNotice,
)
from notifications.letters.office import RosterLetter, SummaryLetter


@dataclass(frozen=True, slots=True)
class RosterNumbers:
    """What the letter above a roster counts: people by region, and what changed since the version before."""

    version: int
    regions: Mapping[str, int]
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class ApplicationLetters(AddressedLetters):
    """Writes the letters of the usual way."""

    def receipt(self, case: Case, findings: Sequence[Finding]) -> Envelope:
        """Tell the focal point that a nomination arrived, and what of the list is there."""
        received = case.application.received_at
        kind = self.organisations[case.application.organisation].kind
        close = self.profile.closing(kind)
        missing = {name for finding in findings if finding.rule in {MISSING, NOT_FOUND} for name in finding.fields}
        letter = ReceiptLetter(
            **self._of_case(case),
            received_at=received,
            decision_due=case.application.due_at,
            checklist=tuple(
                ChecklistLine(what=document.kind, arrived=document.kind.value not in missing)
                for document in self.profile.documents_of(case.application.role)
            ),
            missed_deadline=close if self.profile.is_late(received, kind) else None,
        )
        return self._to_focal_point(case, letter)

    def deficiency(self, case: Case, findings: Sequence[Finding], *, question: str = "") -> Envelope:
        """Ask for what can be mended, until when; *question* is what an officer asks in so many words."""
        asked = Asked.of(self.profile, case.nomination)
        lines = [
            DeficiencyLine(
                **self._reason(finding.code, case.application.role),
                where=field,
                what_to_do=advice_for(finding, field, asked),
            )
            for finding in findings
            if finding.severity is Severity.CURE
            for field in finding.fields or ("",)
        ]
        named = {line.code for line in lines}
        open_codes = [code for code in case.application.reasons if code not in named]
        lines += [DeficiencyLine(**self._reason(code, case.application.role), facts=question) for code in open_codes]
        due = case.application.due_at or self.now
        letter = DeficiencyLetter(**self._of_case(case), deficiencies=tuple(lines), due=due)
        return self._to_person(case, letter)

    def referral(self, case: Case, findings: Sequence[Finding]) -> Envelope:
        """Tell the officers' mailbox that a case waits; ids and rules only."""
        letter = ReferralLetter(
            **self._head(),
            case_number=case.application.case_number,
            organisation_code=case.application.organisation,
            findings=tuple(FindingLine(rule=finding.rule, code=finding.code) for finding in findings)
            or (FindingLine(rule="no_automatic_approval"),),
            due=case.application.due_at or case.application.look_due_at or self.now,
        )
        return self._to_officers(case, letter)

    def double_nomination(self, case: Case, other: UUID) -> Envelope:
        """Ask under which organisation the person is to observe; nothing of the other file is said."""
        letter = DoubleNominationLetter(**self._of_case(case), choose_by=self.profile.cure_due(self.now))
        envelope = self._to_person(case, letter)
        return envelope.revised(key=f"{LetterKind.DOUBLE_NOMINATION}:{case.application.id}:{other}")

    def approval(self, case: Case) -> Envelope:
        """Tell person and focal point that accreditation is granted."""
        valid_from = self.profile.effective(self.now)
        collection, opens = self.profile.credential.collection, self.profile.calendar.collection_from
        letter = ApprovalLetter(
            **self._of_case(case),
            **self._of_role(case),
            decided_at=self.now,
            valid_from=valid_from if valid_from != self.now else None,
            valid_until=self.profile.valid_until(valid_from),
            pledge=self._pledge(case.nomination),
            collect_from=max(self.now, self.profile.moment(opens)) if collection and opens else None,
            collection=collection.hours if collection else "",
        )
        return self._to_person(case, letter)

    def _pledge(self, nomination: Nomination) -> PledgeCopy | None:
        accepted = acceptance_of(nomination, self.profile.pledge) if self.profile.pledge else None
        if accepted is None or not (paragraphs := _paragraphs(accepted.text)):
            return None
        return PledgeCopy(version=accepted.version, accepted_on=accepted.accepted_on, text=paragraphs)

    def deferral(self, case: Case, awaited: str) -> Envelope:
        """Tell what is awaited and until when."""
        letter = DeferralLetter(
            **self._of_case(case),
            awaited=awaited or self.profile.wording(ReasonCode.X01, case.application.role),
            awaited_from=self.profile.election.host_body,
            until=case.application.due_at or self.now,
        )
        return self._to_person(case, letter)

    def refusal(self, case: Case, facts: str) -> Envelope:
        """Tell reasons, facts, grounds and the remedy with its last moment."""
        letter = RefusalLetter(
            **self._of_case(case),
            reasons=self._reasons(case.application.reasons, facts, case.application.role),
            decided_at=self.now,
            decided_by=self.profile.election.signatory,
            rules_version=self.profile.profile_version,
            remedy=self._remedy(),
        )
        return self._to_person(case, letter)

    def _remedy(self) -> RemedyNotice:
        """Return what can be done against what is decided now."""
        return RemedyNotice.of(needed(self.profile.remedy, "remedy"), due=self.profile.remedy_due(self.now))

    def _beyond(self) -> RemedyNotice | None:
        """Return what lies beyond the remedy that was used up, where the profile says."""
        remedy = needed(self.profile.remedy, "remedy")
        return RemedyNotice(available=True, text=remedy.further, ground=remedy.ground) if remedy.further else None

    def placement(self, case: Case, *, on: date, partner_name: str = "", site: str = "") -> Envelope:
        """Tell where somebody is expected and with whom, or that they are at large: of partners only their names."""
        code = case.application.region
        region = self.geography.region(code) if code else None
        notice = region.notice if region else None
        letter = PlacementLetter(
            **self._of_case(case),
            **self._of_role(case),
            region=region.name if region else "",
            serving=competent_office(self.geography, region.office, on=on) if region else None,
            partner_name=partner_name,
            site=site,
            notices=(NoticeLine(code=notice.code, version=notice.version, text=notice.text),) if notice else (),
        )
        return self._to_person(case, letter)

    def consent(self, case: Case, region: Region, notice: Notice, *, due: UtcTime, mark: str) -> Envelope:
        """Ask somebody about a notice. The link goes to the person's own address, and no copy to the organisation.

        Where there is none, or no desk that others reach, the letter asks for a reply or a signed paper.
        """
        own = self._has_own_address(case)
        language = self._language_of(case, own=own)
        letter = ConsentLetter(
            **self._of_case(case),
            region=region.name,
            notice=NoticeLine(code=notice.code, version=notice.version, text=notice.said_in(language)),
            placed_there=case.application.region == region.code,
            due=due,
            link=(link := page_of_desk("consent", language) if own else ""),
            mark=mark if link else "",
        )
        envelope = self._to_person(case, letter) if own else self._to_focal_point(case, letter)
        alone: dict[str, Any] = {"copy_to": "", "copy_language": None} if own else {}
        rests_on = OnlyWhile(statuses=tuple(sorted(ACCREDITED)))
        return envelope.revised(key=f"consent:{case.application.id}:{notice.id}", only_while=rests_on, **alone)

    def _has_own_address(self, case: Case) -> bool:
        """Whether what is sent to the person does not reach the organisation instead."""
        focal_point = self.organisations[case.application.organisation].focal_point
        email = case.nomination.email
        return is_usable(email) and email.strip().casefold() != focal_point.email.casefold()

    def _language_of(self, case: Case, *, own: bool) -> LanguageCode:
        theirs = self.organisations[case.application.organisation].language
        return self._language((case.nomination.letter_language or theirs) if own else theirs)

    def pledge(self, case: Case, text: PledgeText, *, due: UtcTime, mark: str) -> Envelope | None:
        """Ask somebody themselves to accept the pledge, at their own address; None where no link would reach them.

        Then nothing is lost: the letter about what is missing says it already.
        """
        language = self._language_of(case, own=True)
        link = page_of_desk("pledge", language)
        if not link or not self._has_own_address(case):
            return None
        words = _paragraphs(text.said_in(language)[1])
        letter = PledgeLetter(**self._of_case(case), version=text.version, text=words, due=due, link=link, mark=mark)
        rests_on = OnlyWhile(statuses=(Status.INCOMPLETE,))
        key = f"{LetterKind.PLEDGE}:{case.application.id}:{text.version}"
        return self._to_person(case, letter).revised(key=key, only_while=rests_on, copy_to="", copy_language=None)

    def briefing(self, case: Case, briefing: Briefing) -> Envelope:
        """Remind somebody of a briefing."""
        letter = ReminderLetter(
            **self._of_case(case), topic="briefing", what=briefing.title, begins=briefing.begins, place=briefing.place
        )
        return self._to_person(case, letter)

    def stay(self, case: Case, *, on: date) -> Envelope:
        """Remind somebody of the dates of their stay and of the office that serves their region on the day *on*."""
        region = self.geography.region(case.application.region) if case.application.region else None
        letter = ReminderLetter(
            **self._of_case(case),
            topic="stay",
            arrival=case.nomination.arrival,
            departure=case.nomination.departure,
            region=region.name if region else "",
            serving=competent_office(self.geography, region.office, on=on) if region else None,
        )
        return self._to_person(case, letter)

    def credential(self, case: Case, *, valid_from: UtcTime, badge: Attachment) -> Envelope:
        """Send the badge."""
        letter = CredentialLetter(
            **self._of_case(case),
            **self._of_role(case),
            valid_from=valid_from,
            valid_until=case.application.valid_until or self.now,
        )
        return self._to_person(case, letter, attachments=(badge,))

    def summary(
        self,
        region: Region,
        contact: RegionalContact,
        office: CompetentOffice,
        letter: Mapping[str, Any],
        *,
        key: str,
    ) -> Envelope:
        """Send a contact in a region its numbers and the office's contact; it names no observer."""
        said = SummaryLetter(
            **self._head() | {"greeting_name": contact.name},
            office=office,
            region=region.name,
            drawn_up_at=self.now,
            **self._linked(letter),
        )
        return self._to_authority(said, to=contact.email, key=key)

    def _linked(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a letter asks, with the page that takes the answer where it bears a mark."""
        return {**asked, "link": page_of_desk("received", self._official_language) if asked.get("mark") else ""}

    def roster(
        self, office: Office, plan_id: UUID, *, numbers: RosterNumbers, attachments: tuple[Attachment, ...],
        asked: Mapping[str, Any],
    ) -> Envelope:  # fmt: skip
        """Send an office the list of its people; one that is closed reads who serves in its place."""
        today = self.geography.day_served(self.now.astimezone(self.profile.zone).date())
        serving = competent_office(self.geography, office.code, on=today)
        letter = RosterLetter(
            **self._head(),
            office=serving,
            version=numbers.version,
            drawn_up_at=self.now,
            people=sum(numbers.regions.values()),
            regions=tuple(RegionCount(region=region, people=count) for region, count in numbers.regions.items()),
            added=numbers.added,
            changed=numbers.changed,
            removed=numbers.removed,
            **self._linked(asked),
        )
        return self._to_authority(letter, to=office.email, key=f"{office.code}:{plan_id}", attachments=attachments)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(filter(str.strip, text.splitlines()))


def page_of_desk(name: str, language: LanguageCode) -> str:
    """Return the address of a page of the desk that needs no session; empty where no others reach the desk."""
    desk = settings().desk_url
    return f"{desk}/{name}/{language}" if desk else ""


def competent_office(geography: Geography, office: str, *, on: date) -> CompetentOffice:
    """Return the office that serves *office*'s regions on the day *on*, saying for whom it acts, if it does."""
    home, serving = geography.office(office), geography.serving(office, on=on)
    return CompetentOffice(
        name=serving.name,
        acting_for="" if serving.code == home.code else home.name,
        address=serving.address,
        email=serving.email,
        phone=serving.phone,
    )
