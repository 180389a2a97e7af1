"""What letters are made of: safe text, the letterhead, and the lines of their lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field

from domain.application.reasons import MEANING, ReasonCode
from domain.application.roles import Role
from domain.letters.asking import link_token
from domain.letters.envelope import LetterKind
from domain.messages import Message
from domain.values import Frozen, LanguageCode, RuleName, UtcTime

if TYPE_CHECKING:
    from domain.election.profile import Election, Remedy

_BIDI_CONTROLS: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})


def single_line(text: str) -> str:
    r"""Return *text* on one line, without control characters and direction overrides (UAX #9, UTS #55).

    Names and facts come from outside; a line break or an override in them could forge a sentence or a header.

    >>> single_line("A name\r\nBcc: somebody")
    'A name Bcc: somebody'
    """
    normal = unicodedata.normalize("NFC", text)
    if normal.isprintable():  # nearly always, and ten times as fast
        return " ".join(normal.split())
    shown = (
        " " if unicodedata.category(character) in _BREAKS else character
        for character in normal
        if character not in _BIDI_CONTROLS
    )
    return " ".join("".join(shown).split())


Line = Annotated[str, AfterValidator(single_line)]
"""Text from outside, kept to one line."""

FilledLine = Annotated[Line, Field(min_length=1)]
"""A line that a letter cannot do without."""


class Letterhead(Frozen):
    """What every letter of one election says about its sender."""

    election_code: str
    election_title: FilledLine
    host_body: FilledLine
    signatory: FilledLine
    contact_email: FilledLine
    contact_phone: Line = ""
    timezone: str

    @classmethod
    def of(cls, election: Election) -> Letterhead:
        """Return the letterhead of *election*."""
        return cls(
            election_code=election.code,
            election_title=election.title,
            host_body=election.host_body,
            signatory=election.signatory,
            contact_email=election.contact_email,
            contact_phone=election.contact_phone,
            timezone=election.timezone,
        )


class CompetentOffice(Frozen):
    """The office that deals with a case, and for which planned or closed office it acts, if it does."""

    name: FilledLine
    acting_for: Line = ""
    address: Line = ""
    email: Line = ""
    phone: Line = ""
    hours: Line = ""


class Letter(Frozen):
    """A letter before it has words: its fields are all that its template may mention.

    No letter has a field for a document number, a birth date, an internal note or a list hit. ``str`` and ``repr``
    show none of the contents.
    """

    kind: ClassVar[LetterKind]
    samples: ClassVar[Mapping[str, Mapping[str, object]]]
    """Invented letters of this kind by name, as facts besides those that all samples share."""

    head: Letterhead
    written_at: UtcTime
    greeting_name: Annotated[Line, Field(description="who is addressed; empty: a general salutation")] = ""
    office: CompetentOffice | None = None

    def leaving(self, at: UtcTime) -> Self:
        """Return the letter as it leaves *at* that moment: a time that it gives begins then."""
        del at
        return self

    def opened(self, key: str, secret: bytes) -> Self:
        """Return the letter, known by *key*, as nobody but its recipient sees it; most letters hide nothing."""
        del key, secret
        return self

    def __repr__(self) -> str:
        return f"<{self.kind} letter>"

    __str__ = __repr__


class AskingLetter(Letter):
    """A letter that asks for an answer within a time, perhaps by a link that serves once."""

    due: Annotated[UtcTime | None, Field(description="until when; unset: nothing is asked")] = None
    link: Annotated[Line, Field(description="of the page that takes the answer; empty: by reply or on paper")] = ""
    mark: Annotated[str, Field(pattern="^([0-9a-f]{32})?$", description="the letter's own; the link is made of it")] = (
        ""
    )

    def leaving(self, at: UtcTime) -> Self:
        """Return the letter with the time that it gives beginning *at* that moment."""
        return self.revised(due=self.due + max(at - self.written_at, timedelta())) if self.due else self

    def opened(self, key: str, secret: bytes) -> Self:
        """Return the letter with the link that only its recipient is to have: in the message, and nowhere else."""
        return self.revised(link=f"{self.link}#{link_token(secret, key, self.mark)}") if self.mark else self


class CaseLetter(Letter):
    """A letter about one application."""

    case_number: FilledLine
    applicant_name: FilledLine
    organisation_name: FilledLine


class RoleLetter(CaseLetter):
    """A letter that names the role; the words of a role that only the profile has come from there."""

    role: Role
    role_words: Annotated[
        Mapping[LanguageCode, str], Field(description="the profile's words for it, before the usual ones")
    ] = {}
    besides: Annotated[
        Mapping[LanguageCode, str], Field(description="what the profile says besides to people of this role")
    ] = {}


class ReasonLine(Frozen):
    """A coded reason as a letter states it; the profile's own sentence replaces the catalogue's in every language."""

    code: ReasonCode
    ground: FilledLine
    facts: Line = ""
    sentence: Annotated[Line, Field(description="the profile's own wording; empty: the catalogue's")] = ""

    @property
    def has_own_sentence(self) -> bool:
        """Whether the profile replaced the catalogue's sentence, which has translations."""
        return bool(self.sentence) and self.sentence != MEANING[self.code]


def _as_message(advice: object) -> object:
    """Return the advice of a letter that was queued as a sentence, before messages were codes."""
    return Message.written("", single_line(advice)) if advice and isinstance(advice, str) else advice or None


class DeficiencyLine(ReasonLine):
    """One thing to mend: where it is, what is wrong and what to do."""

    where: Annotated[Line, Field(description="names of the columns concerned, divided by commas")] = ""
    what_to_do: Annotated[
        Message | None, BeforeValidator(_as_message), Field(description="empty: the catalogue's advice for the code")
    ] = None


class PledgeCopy(Frozen):
    """The pledge as it was accepted: which version, when, and its paragraphs word for word."""

    version: FilledLine
    accepted_on: date
    text: Annotated[tuple[FilledLine, ...], Field(min_length=1)]


class ChecklistLine(Frozen):
    """A document asked for, by its kind, and whether it has arrived."""

    what: FilledLine
    arrived: bool


class FindingLine(Frozen):
    """A rule that left something for officers to judge; officers read the evidence in the case, not in mail."""

    rule: RuleName
    code: ReasonCode | None = None


class NoticeLine(Frozen):
    """A region's notice as printed, by code and version."""

    code: FilledLine
    version: Annotated[int, Field(ge=1)]
    text: FilledLine
    accepted_at: UtcTime | None = None


class FileLine(Frozen):
    """A nominations file that arrived: what became of its rows, or why it could not be read and what to do."""

    name: FilledLine
    recorded: Annotated[int, Field(ge=0)] = 0
    unchanged: Annotated[int, Field(ge=0)] = 0
    corrected: Annotated[int, Field(ge=0)] = 0
    held: Annotated[int, Field(ge=0)] = 0
    returned: Annotated[int, Field(ge=0)] = 0
    problem: Line = ""
    remedy: Line = ""

    @property
    def rows(self) -> int:
        """All rows: the sum, by definition."""
        return self.recorded + self.unchanged + self.corrected + self.held + self.returned


class OpenCase(Frozen):
    """A case that waits, by number, and when it is due."""

    case_number: FilledLine
    due: UtcTime


class KindCount(Frozen):
    """How many letters of a kind go together."""

    kind: LetterKind
    letters: Annotated[int, Field(ge=1)]


class RegionCount(Frozen):
    """How many people an office has in a region."""

    region: FilledLine
    people: Annotated[int, Field(ge=0)]


_Length = tuple[int, Literal["days", "working_days", "hours"]]


class RemedyNotice(Frozen):
    """What can be done against a decision and until when, or that the law gives nothing.

    Where the time runs from receipt nobody knows its last day when the letter is written: it is said how long it is.
    """

    available: bool
    text: FilledLine
    ground: FilledLine
    due: UtcTime | None = None
    from_receipt: Annotated[_Length | None, Field(description="how long after receipt it is open")] = None
    form_url: str = ""

    @classmethod
    def of(cls, remedy: Remedy, *, due: UtcTime | None, form_url: str = "") -> RemedyNotice:
        """Return the notice for the profile's *remedy*, which ends at *due* where it runs from the decision."""
        length = remedy.length if remedy.available and remedy.runs_from == "receipt" else None
        return cls(
            available=remedy.available,
            text=remedy.text,
            ground=remedy.ground,
            due=due if remedy.available and length is None else None,
            from_receipt=length,
            form_url=form_url,
        )
