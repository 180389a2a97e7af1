"""Letters about a credential that changes: warnings, suspensions, revocations, replacements, the end."""

from __future__ import annotations

from typing import Any, Literal

from domain.application.case import Case
from domain.application.reasons import ReasonCode
from domain.application.weighing import stated, weighed
from domain.decisions.rulings import Ruling
from domain.election.geography import Office
from domain.letters.envelope import Envelope
from domain.values import Serial, UtcTime
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.exception import (
    WITH_REMEDY,
    CollectionLetter,
    CredentialChangeLetter,
    ExpiryLetter,
    Measure,
    MeasureLetter,
)


class CredentialLetters(ApplicationLetters):
    """Writes what the ordinary course never needs."""

    __slots__ = ()

    def notice(self, case: Case, facts: str) -> Envelope:
        """Tell that one officer proposes revocation: on what facts and grounds, and until when the person may reply."""
        proposal = case.application.proposal
        reasons = proposal.reasons if proposal else ()
        reply = (proposal.reply_until if proposal else None) or self.now
        return self._measure(case, Measure.NOTICE, reasons, facts, reply_until=reply)

    def suspension(self, case: Case, facts: str) -> Envelope:
        """Tell that the credential is set aside, until when at the latest, and why."""
        reply, end = self.profile.cure_due(self.now), case.application.due_at
        return self._measure(
            case, Measure.SUSPENSION, case.application.reasons, facts,
            suspended_until=end, reply_until=min(reply, end or reply),
        )  # fmt: skip

    def warning(self, case: Case, ruling: Ruling) -> Envelope:
        """Tell that an officer warned, why, and until when the person may reply."""
        reply = ruling.until or self.profile.cure_due(self.now)
        return self._measure(case, Measure.WARNING, ruling.reasons, ruling.facts, reply_until=reply)

    def answer(self, case: Case, answer: str) -> Envelope:
        """Tell what an officer says to the person's reply to a measure."""
        return self._measure(case, Measure.ANSWER, (), answer)

    def lifted(self, case: Case) -> Envelope:
        """Tell that the suspension has ended, at the time it named or by an officer before."""
        return self._measure(case, Measure.LIFTED, (), "")

    def collection(self, case: Case, office: Office) -> Envelope | None:
        """Tell, without the serial, where the printed badge lies; nothing where the profile has no rules for that."""
        rules = self.profile.credential.collection
        if rules is None:
            return None
        opens = self.profile.calendar.collection_from
        letter = CollectionLetter(
            **self._of_case(case),
            place=", ".join(filter(None, (office.name, office.address))),
            hours=rules.hours,
            collect_from=max(self.now, self.profile.moment(opens)) if opens else self.now,
            proxy_allowed=rules.proxy,
        )
        envelope = self._to_person(case, letter)
        return envelope.revised(key=f"{envelope.key}:{office.code}")

    def revocation(self, case: Case, facts: str) -> Envelope:
        """Tell that two officers took the accreditation back."""
        return self._measure(case, Measure.REVOCATION, case.application.reasons, facts)

    def void(self, case: Case, *, replaced: bool, lost: bool = False) -> Envelope:
        """Tell the person, without a serial, that the earlier credential is void."""
        letter = CredentialChangeLetter(
            **self._head(),
            case_number=case.application.case_number,
            greeting_name=case.nomination.name,
            applicant_name=case.nomination.name,
            changed_at=self.now,
            replaced=replaced,
            lost=lost,
        )
        return self._to_person(case, letter)

    def void_at_office(self, case: Case, serial: Serial, *, replaced: bool, lost: bool = False) -> Envelope | None:
        """Tell the office that serves the person's region which serial is void, and nobody's name."""
        return self._at_office(case, serial, serial, replaced=replaced, lost=lost)

    def changed_at_office(self, case: Case, change: Literal["suspended", "valid"]) -> Envelope | None:
        """Tell that office which serial is set aside, or is valid again; nothing where there is no serial."""
        serial = case.application.serial
        return self._at_office(case, serial, f"{serial}:{case.application.version}", change=change) if serial else None

    def _at_office(self, case: Case, serial: Serial, key: str, **changed: Any) -> Envelope | None:
        home = case.application.office
        if home is None:
            return None
        office = self.geography.office(home)
        letter = CredentialChangeLetter(
            **self._head(),
            case_number=case.application.case_number,
            void_serial=serial,
            changed_at=self.now,
            **changed,
        )
        return self._to_authority(
            letter, to=office.email, key=f"{office.code}:{key}", application_id=case.application.id
        )

    def end(self, case: Case) -> Envelope:
        """Tell that the accreditation has ended, when its time did."""
        letter = ExpiryLetter(**self._of_case(case), ended_at=case.application.valid_until or self.now)
        return self._to_person(case, letter)

    def _measure(
        self, case: Case, measure: Measure, reasons: tuple[ReasonCode, ...], facts: str, **until: UtcTime | None
    ) -> Envelope:
        """Write the letter of a measure: facts under their reasons, what weighs them apart from these."""
        letter = MeasureLetter(
            **self._of_case(case),
            measure=measure,
            reasons=self._reasons(reasons, stated(facts), case.application.role),
            proportionality=" ".join(weighed(facts).values()),
            answer="" if reasons else facts,
            decided_at=self.now,
            decided_by=self.profile.election.signatory,
            rules_version=self.profile.profile_version,
            reply_until=until.get("reply_until"),
            suspended_until=until.get("suspended_until"),
            remedy=self._remedy() if measure in WITH_REMEDY else None,
        )
        return self._to_person(case, letter)
