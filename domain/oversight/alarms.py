"""What officers are told at once: signs that somebody acts who should not, or that a file did harm."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field

from domain.values import ElectionCode, Frozen, UtcTime


class AlarmKind(StrEnum):
    """What happened."""

    RATE = "rate"
    """more credentials were signed within an hour than an office can want"""
    AGAIN = "again"
    """the credential of one case was signed again and again"""
    UNPROVED = "unproved"
    """a credential was asked for, and what the database says of the case or the election does not hold"""
    QUARANTINED = "quarantined"
    """a file ended the process that read it"""
    LOG = "log"
    """the log of what was recorded was changed, or an older state was restored"""


_LINE: Final = re.compile(r"ALARM (?P<at>\S+) (?P<kind>\w+) (?P<election>\S+) (?P<about>[\w.-]+)")


class Alarm(Frozen):
    """One alarm; it names ids and codes only."""

    at: UtcTime
    kind: AlarmKind
    election: ElectionCode
    about: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$", description="id of a case or file, or a code or a number")]

    @property
    def line(self) -> str:
        """How it stands in a log."""
        return f"ALARM {self.at.isoformat(timespec='seconds')} {self.kind} {self.election} {self.about}"

    @property
    def key(self) -> str:
        """One key for all alarms of a kind within an hour: officers get one letter of them."""
        return f"alarm:{self.election}:{self.kind}:{self.at:%Y-%m-%dT%H}"

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Return the alarm that a line of a log tells, None where it tells none."""
        found = _LINE.search(line)
        try:
            return cls.model_validate(found.groupdict(), strict=False) if found else None
        except ValueError:
            return None
