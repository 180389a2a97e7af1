"""How long personal data is kept, and when it must be erased."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.election.profile.calendar import Period
from domain.election.profile.evidence import Rules


class Retention(Rules):
    """When everybody's personal data is erased; a single person's can be erased before, when the case is closed."""

    after: Annotated[
        Period | None, Field(description="how long after election day and the end of accreditations it is kept")
    ] = None
    ground: Annotated[str, Field(description="the law or rule that says so")] = ""
