"""How long personal data is kept, when it must be erased, and what people may ask about theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from domain.application.held_classes import HeldClass
from domain.election.profile.calendar import Period
from domain.election.profile.evidence import Rules
from domain.values import Frozen, Grown


class RetentionRule(Frozen):
    """How long one class of data is kept, and why."""

    after: Annotated[
        Period | None, Field(description="how long after election day and the end of accreditations; unset: for good")
    ] = None
    ground: Annotated[str, Field(min_length=1, description="the law or rule that says so")]


class Retention(Rules):
    """When everybody's personal data is erased; a single person's can be erased before, when the case is closed."""

    after: Annotated[
        Period | None, Field(description="how long after election day and the end of accreditations it is kept")
    ] = None
    ground: Annotated[str, Field(description="the law or rule that says so")] = ""
    classes: Annotated[
        Mapping[HeldClass, RetentionRule],
        Field(description="classes of data whose time ends before that, or that are kept for good"),
    ] = {}


class DataRights(Rules, Grown):
    """What people are owed whose data is held: an answer in time, and word of a breach."""

    later: ClassVar = ("supervisor_email",)

    answer_within: Annotated[
        Period | None, Field(description="time to answer who asks what is held about them (GDPR art. 12: a month)")
    ] = None
    breach_told_within: Annotated[
        Period | None, Field(description="time to report a breach, from when it is known (GDPR art. 33: 72 hours)")
    ] = None
    supervisor: Annotated[str, Field(description="the authority that a breach is reported to")] = ""
    supervisor_email: Annotated[
        str,
        Field(
            pattern=r"^([^@\s]+@[^@\s]+)?$", description="where its report goes; empty: officers lodge it themselves"
        ),
    ] = ""
    ground: Annotated[str, Field(description="the law or rule that says so")] = ""
