"""The pledge: which exact text of the code of conduct somebody accepted, and when (practice: S12)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, field_validator

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.letters.asking import Asking
from domain.values import Frozen, LanguageCode, Sha256, UtcTime

_ACCEPTED_ON = "pledge_accepted_on"
_LACKING = frozenset({"field_missing", "pledge_not_anew"})


class PledgeText(Frozen):
    """One version of the code of conduct, in each language it may be signed in."""

    version: Annotated[str, Field(min_length=1, max_length=32, description="as printed on it")]
    texts: Annotated[Mapping[LanguageCode, str], Field(min_length=1, description="the exact text by language")]
    in_force_from: Annotated[date | None, Field(description="first day; unset: from the beginning")] = None

    def said_in(self, language: LanguageCode) -> tuple[LanguageCode, str]:
        """Return the text in *language*, or in its first one where it is not in that; and in which it is."""
        chosen = language if language in self.texts else next(iter(self.texts))
        return chosen, self.texts[chosen]


class PledgeRules(Frozen):
    """The texts of the pledge, and whether who signed an earlier one must sign again."""

    versions: Annotated[tuple[PledgeText, ...], Field(min_length=1, description="every version, oldest first")]
    again_when_changed: Annotated[bool, Field(description="whether an earlier text is a finding for officers")] = False

    @field_validator("versions")
    @classmethod
    def _are_told_apart(cls, versions: tuple[PledgeText, ...]) -> tuple[PledgeText, ...]:
        if len({version.version for version in versions}) < len(versions):
            raise ValueError("two texts have the same version; a change needs a new version")
        return versions

    def on(self, day: date) -> PledgeText:
        """Return the text in force on *day*: the last that had begun, or the first of all."""
        begun = [version for version in self.versions if version.in_force_from is None or version.in_force_from <= day]
        return max(begun, key=lambda text: text.in_force_from or date.min, default=self.versions[0])

    def called(self, version: str) -> PledgeText | None:
        """Return the text printed with *version*, if there is one."""
        wanted = version.strip().casefold()
        return next((text for text in self.versions if text.version.casefold() == wanted), None)


class Acceptance(Frozen):
    """Which exact text was accepted, and when. Names nobody: it outlives the erasure of personal data."""

    version: str
    language: LanguageCode
    sha256: Sha256
    accepted_on: date
    text: Annotated[str, Field(repr=False, exclude=True)]

    @classmethod
    def of(cls, text: PledgeText, language: LanguageCode, *, on: date) -> Self:
        """Return the acceptance of *text* as it is said in *language*."""
        said_in, words = text.said_in(language)
        sha256 = hashlib.sha256(words.encode()).hexdigest()
        return cls(version=text.version, language=said_in, sha256=sha256, accepted_on=on, text=words)


class PledgeRequest(Asking):
    """A letter that asks one person to accept one version of the pledge. Its link serves once."""

    application_id: UUID
    version: str

    def is_open(self, now: UtcTime) -> bool:
        """Whether it can still be answered by its link."""
        return not self.closed and not self.is_over(now)


def lacks_pledge(findings: Iterable[Finding]) -> bool:
    """Whether the case is asked for the pledge, because nobody said that the person accepted it, or only of old."""
    return any(finding.rule in _LACKING and _ACCEPTED_ON in finding.fields for finding in findings)


def once_accepted(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what is still found on a case whose only change is that its person accepted the pledge."""
    for finding in findings:
        if not lacks_pledge([finding]):
            yield finding
        elif others := tuple(field for field in finding.fields if field != _ACCEPTED_ON):
            yield finding.revised(fields=others)


def acceptance_of(nomination: Nomination, rules: PledgeRules) -> Acceptance | None:
    """Return what the nomination says was accepted, or None where nothing or an unknown version was.

    Without a version on the form it is the text that was in force on the day of signing.
    """
    day = nomination.pledge_accepted_on
    if day is None:
        return None
    text = rules.called(nomination.pledge_text) if nomination.pledge_text else rules.on(day)
    if text is None:
        return None
    return Acceptance.of(text, nomination.letter_language or "", on=day)


def pledge_findings(nomination: Nomination, rules: PledgeRules | None, *, on: date) -> Iterator[Finding]:
    """Yield a finding for a version nobody knows, and for an earlier one where the profile asks to sign again."""
    if rules is None or nomination.pledge_accepted_on is None:
        return
    accepted = acceptance_of(nomination, rules)
    rule = "pledge_text_unknown" if accepted is None else "pledge_text_changed"
    if accepted is None or (rules.again_when_changed and accepted.version != rules.on(on).version):
        yield Finding(rule=rule, code=ReasonCode.D06, severity=Severity.HUMAN, fields=("pledge_text",))
