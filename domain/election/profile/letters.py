"""How the office writes: in which languages, at which hours, and what it sends reminders of."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import Annotated, ClassVar, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, model_validator

from domain.letters.envelope import LetterKind
from domain.letters.parcels import ParcelRules
from domain.values import Frozen, Grown, UtcTime

_URGENT: Final = (
    LetterKind.ESCALATION,
    LetterKind.MEASURE,
    LetterKind.CREDENTIAL_CHANGE,
    LetterKind.OFFICE_CHANGE,
    LetterKind.DIGEST,
    LetterKind.ALARM,
)


class QuietHours(Frozen):
    """Hours in which letters that can wait are not sent, in the election's time zone."""

    begins: time
    ends: Annotated[time, Field(description="when waiting letters go; earlier than begins: on the next day")]
    urgent: Annotated[tuple[LetterKind, ...], Field(description="kinds of letters that go at any hour")] = _URGENT

    @model_validator(mode="after")
    def _last_some_time(self) -> Self:
        if self.begins == self.ends or self.begins.tzinfo or self.ends.tzinfo:
            raise ValueError("quiet hours begin and end at two different times of day, without a zone")
        return self

    def end(self, now: UtcTime, zone: ZoneInfo) -> UtcTime | None:
        """Return when the quiet hours end that it is *now*, or None where letters may go."""
        local = now.astimezone(zone)
        clock = local.time().replace(tzinfo=None)
        over_midnight = self.ends < self.begins
        quiet = clock >= self.begins or clock < self.ends if over_midnight else self.begins <= clock < self.ends
        if not quiet:
            return None
        day = local.date() + timedelta(days=1) if over_midnight and clock >= self.begins else local.date()
        # Read anew from the calendar: in a night with a change of clocks it is not so many hours later.
        return datetime.combine(day, self.ends, tzinfo=zone).astimezone(now.tzinfo)


class Briefing(Frozen):
    """A briefing that everybody who is placed is invited to."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$")]
    title: Annotated[str, Field(min_length=1)]
    begins: AwareDatetime
    place: Annotated[str, Field(min_length=1)]
    remind_days: Annotated[int, Field(ge=1, description="the reminder goes so many days before")] = 2

    @property
    def mark(self) -> str:
        """What changes with anything that a reminder says of it."""
        said = hashlib.sha256(f"{self.title}\x1f{self.place}".encode()).hexdigest()[:8]
        return f"{self.code}:{self.begins:%Y%m%d%H%M}:{said}"


class VisaSupport(Frozen):
    """A letter that accredited people from abroad show at a consulate."""

    ground: Annotated[str, Field(min_length=1, description="what the law says of visas for observers")]


class LetterRules(Grown):
    """How letters are written, when they go, and what people are reminded of."""

    later: ClassVar = ("visa_support",)

    official_language_beneath: Annotated[
        bool, Field(description="applicants and organisations also get the letter in the first of the languages")
    ] = False
    quiet_hours: Annotated[QuietHours | None, Field(description="unset: letters go at any hour")] = None
    download_base: Annotated[
        str,
        Field(pattern=r"^(https://\S+)?$", description="where big attachments are published; empty: attached"),
    ] = ""
    attached_up_to: Annotated[int, Field(ge=1, description="bytes; larger ones become links, with a download_base")] = (
        5_000_000
    )
    parcels: Annotated[
        ParcelRules | None, Field(description="unset: organisations get a copy of each letter, officers each referral")
    ] = None
    briefings: tuple[Briefing, ...] = ()
    stay_reminder_days: Annotated[
        int | None,
        Field(ge=1, description="days before arrival that people are asked whether it holds; unset: no"),
    ] = None
    visa_support: Annotated[
        VisaSupport | None, Field(description="a letter for the consulate to everybody accredited; unset: none")
    ] = None
    digest_at: Annotated[time | None, Field(description="when officers get their digest, local time; unset: none")] = (
        time(7, 0)
    )
    announce_days: Annotated[
        int, Field(ge=0, description="how long before an office opens, closes or is stood in for it is announced")
    ] = 3
    acknowledge_hours: Annotated[
        int | None,
        Field(ge=1, description="time in which who gets a list or a summary says that it arrived; unset: not asked"),
    ] = 24
