"""Whom a letter goes to, under which key and in which language: what all letters of one election share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

from domain.application.case import Case
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.decisions.facts import facts_of
from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.identity.contact import is_usable
from domain.letters.envelope import Attachment, Envelope
from domain.organisations.organisation import Organisation
from domain.values import LanguageCode, OrganisationCode, UtcTime
from notifications.letters import contents_of
from notifications.letters.lines import Letter, Letterhead, ReasonLine


class Known(Protocol):
    """What letters need to know of an election: its rules, places and organisations, and the moment."""

    @property
    def profile(self) -> ElectionProfile:
        """The rules in force."""
        ...

    @property
    def geography(self) -> Geography:
        """Regions and offices."""
        ...

    @property
    def organisations(self) -> Mapping[OrganisationCode, Organisation]:
        """Every organisation by its code."""
        ...

    @property
    def now(self) -> UtcTime:
        """The moment at which letters are written."""
        ...


def to_authority(
    profile: ElectionProfile,
    letter: Letter,
    *,
    key: str,
    to: str | None = None,
    language: LanguageCode | None = None,
    **more: Any,
) -> Envelope:
    """Address an office, a commission or, without *to*, the officers, in the first language of *profile*."""
    return Envelope(
        key=key,
        kind=letter.kind,
        to=profile.election.officers_email if to is None else to,
        language=language or profile.languages[0],
        contents=contents_of(letter),
        **more,
    )


@dataclass(frozen=True)
class AddressedLetters:
    """Addresses the letters of one election at one moment.

    A person is written to in the language the nomination names, an organisation in its own; offices, officers and
    commissions in the first language of the profile, and so is everybody whose language the profile does not have.
    """

    profile: ElectionProfile
    geography: Geography
    organisations: Mapping[OrganisationCode, Organisation]
    now: UtcTime

    @classmethod
    def at(cls, known: Known) -> Self:
        """Return the letters of what is *known* of an election."""
        return cls(known.profile, known.geography, known.organisations, known.now)

    @cached_property
    def _letterhead(self) -> Letterhead:
        return Letterhead.of(self.profile.election)

    def _head(self) -> dict[str, Any]:
        return {"head": self._letterhead, "written_at": self.now}

    def _of_case(self, case: Case) -> dict[str, Any]:
        return self._head() | {
            "case_number": case.application.case_number,
            "applicant_name": case.nomination.name,
            "greeting_name": case.nomination.name,
            "organisation_name": self.organisations[case.application.organisation].name,
        }

    def _of_role(self, case: Case) -> dict[str, Any]:
        rules = self.profile.role_rules(case.application.role)
        return {"role": case.application.role, "role_words": rules.words, "besides": rules.letter}

    def _reason(self, code: ReasonCode, role: Role | None = None) -> dict[str, Any]:
        return {
            "code": code,
            "ground": self.profile.ground(code, role),
            "sentence": self.profile.wording(code, role),
        }

    def _reasons(self, codes: tuple[ReasonCode, ...], facts: str, role: Role | None = None) -> tuple[ReasonLine, ...]:
        return tuple(ReasonLine(**self._reason(code, role), facts=facts_of(code, codes, facts)) for code in codes)

    def _to_person(self, case: Case, letter: Letter, *, attachments: tuple[Attachment, ...] = ()) -> Envelope:
        """Address the person, with a copy to the focal point, who gets it alone where the address is unusable.

        Where the two read different languages, the letter follows in the focal point's beneath the person's.
        """
        if not is_usable(case.nomination.email):
            return self._to_focal_point(case, letter, attachments=attachments)
        organisation = self.organisations[case.application.organisation]
        of_copy = self._language(organisation.language)
        chosen = case.nomination.letter_language
        language = self._language(chosen) if chosen else of_copy
        return self._envelope(
            case,
            letter,
            to=case.nomination.email,
            copy_to=organisation.focal_point.email,
            language=language,
            copy_language=of_copy if of_copy != language else None,
            attachments=attachments,
        )

    def _to_focal_point(self, case: Case, letter: Letter, *, attachments: tuple[Attachment, ...] = ()) -> Envelope:
        """Address the organisation's focal point about one of its people."""
        organisation = self.organisations[case.application.organisation]
        focal_point = organisation.focal_point
        return self._envelope(
            case,
            letter.revised(greeting_name=focal_point.name),
            to=focal_point.email,
            language=self._language(organisation.language),
            attachments=attachments,
        )

    def _to_officers(self, case: Case, letter: Letter) -> Envelope:
        """Address the officers' mailbox about a case."""
        to, language = self.profile.election.officers_email, self._official_language
        return self._envelope(case, letter, to=to, language=language)

    def _to_organisation(self, organisation: Organisation, letter: Letter, *, key: str, **enclosed: Any) -> Envelope:
        """Address an organisation's focal point about the organisation itself; *key* is what its kind adds to."""
        return Envelope(
            key=f"{letter.kind}:{key}",
            kind=letter.kind,
            to=organisation.focal_point.email,
            language=self._language(organisation.language),
            organisation=organisation.code,
            contents=contents_of(letter.revised(greeting_name=organisation.focal_point.name)),
            **enclosed,
        )

    def _to_authority(self, letter: Letter, *, to: str, key: str, **enclosed: Any) -> Envelope:
        """Address an office or a commission, in the first language of the profile."""
        return to_authority(self.profile, letter, key=f"{letter.kind}:{key}", to=to, **enclosed)

    def _envelope(self, case: Case, letter: Letter, **addressed: Any) -> Envelope:
        """Put *letter* under a key that the same version of the same application always gives."""
        application = case.application
        return Envelope(
            key=f"{letter.kind}:{application.id}:{application.version}",
            kind=letter.kind,
            **addressed,
            application_id=application.id,
            organisation=application.organisation,
            contents=contents_of(letter),
        )

    @property
    def _official_language(self) -> LanguageCode:
        return self.profile.languages[0]

    def _language(self, wanted: LanguageCode) -> LanguageCode:
        return wanted if wanted in self.profile.languages else self._official_language
