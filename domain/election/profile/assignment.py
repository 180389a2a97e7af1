"""How people are placed: what counts most, who may not go where, what holds at one site, who may stay together."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from domain.election.deadlines import Deadline
from domain.values import Frozen

SoftLevel = Literal["coverage", "language", "placed", "surge", "points"]
"""A level that a profile may put before or behind the others; changes to the plan in force come after all of them."""

USUAL_ORDER: Final[tuple[SoftLevel, ...]] = ("coverage", "language", "placed", "surge", "points")


class SiteRules(Frozen):
    """How many people of one organisation may be at one site at once; a rule for the site, not for the credential."""

    observers: Annotated[int, Field(ge=1, description="most observers of an organisation")] = 2
    interpreters: Annotated[int, Field(ge=0, description="most interpreters of an organisation")] = 1
    ground: Annotated[str, Field(min_length=3, description="law, procedure or policy it rests on")]


class StayingTogether(Frozen):
    """Delegations whose people asked to stay together; only wishes pay for it, never coverage, languages or places."""

    largest: Annotated[int, Field(ge=2, description="members of the largest delegation that is kept together")] = 8
    regions_tried: Annotated[int, Field(ge=1, description="regions tried for a delegation")] = 3
    plans_made: Annotated[int, Field(ge=0, description="plans made in all, which bounds the time")] = 60


class Fairness(Frozen):
    """Evening out how organisations fare: points of those that fared worse count more, from round to round."""

    fall: Annotated[float, Field(gt=0, le=1, description="share by which inequality (Gini) should fall")] = 0.25
    most_loss: Annotated[float, Field(ge=0, le=1, description="share by which the points of all may rise")] = 0.01
    rounds: Annotated[int, Field(ge=1, le=20, description="plans made at most, besides the plain one")] = 4


class AssignmentRules(Frozen):
    """The rules of a deployment plan other than the geography."""

    order: Annotated[
        tuple[SoftLevel, ...], Field(description="what a plan is judged by, the most important first; each once")
    ] = USUAL_ORDER
    own_state_posts: Annotated[
        bool, Field(description="people may go to a post abroad in a state that is theirs or that sent them")
    ] = False
    site_limits: Annotated[SiteRules | None, Field(description="unset: sites have no limit")] = None
    interpreters_in_teams: Annotated[
        bool, Field(description="an interpreter may be one of the two of a team, not only go with one as a third")
    ] = False
    staying_together: Annotated[
        StayingTogether | None, Field(description="unset: only delegations that an officer names")
    ] = None
    fairness: Annotated[
        Fairness | None, Field(description="applied to every plan; unset: only where an officer asks for it")
    ] = None
    places_kept_from: Annotated[
        Deadline | None, Field(description="from this day on nobody who was told a place is moved; unset: no day")
    ] = None

    @model_validator(mode="after")
    def _orders_every_level(self) -> Self:
        if sorted(self.order) != sorted(USUAL_ORDER):
            raise ValueError(f"assignment.order names each of {', '.join(USUAL_ORDER)} once")
        return self
