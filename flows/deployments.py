"""The deployments that ``accredit up`` serves; ``prefect.yaml`` is written from this list by ``make docs``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import Field

from domain.errors import BadInputError
from domain.values import Frozen

TAG: Final = "accreditation"
WORK_POOL: Final = "accreditation"


class Deployed(Frozen):
    """One deployment: a flow by module path, never by file (a file would be loaded as a second copy of itself)."""

    name: str
    entrypoint: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")
    group: Literal["daily", "officers", "background"]
    """Whose work it is, a tag by which the page of deployments is filtered: people's day, officers', or nobody's."""

    every_seconds: int | None = None
    """Runs on a schedule where given."""
    at_once: int | None = 1
    """How many runs may be under way; a stage that is asked for twice waits. None for any number."""

    parameters: Mapping[str, Any] = {}
    """What the form shows at first, where that is not the function's own default."""

    on_event: str | None = None
    """An automation runs it upon this event, whose payload names election and moment."""

    @property
    def trigger(self) -> dict[str, Any] | None:
        """The automation of :attr:`on_event`, in the words of prefect.yaml."""
        if self.on_event is None:
            return None
        return {
            "type": "event",
            "name": f"Start {self.name} upon {self.on_event}",
            "expect": [self.on_event],
            "match": {"prefect.resource.id": "accreditation.election.*"},
            "parameters": {name: f"{{{{ event.payload.{name} }}}}" for name in ("election", "as_of")},
        }

    @property
    def tags(self) -> list[str]:
        """The tags of the deployment and of its runs."""
        return [TAG, self.group]

    @property
    def collision(self) -> str:
        """What happens to one run too many: a scheduled one has nothing to add, what an officer asked for waits."""
        return "CANCEL_NEW" if self.every_seconds else "ENQUEUE"

    @property
    def declared(self) -> dict[str, Any]:
        """What prefect.yaml says of it."""
        entry: dict[str, Any] = {"name": self.name, "entrypoint": self.entrypoint}
        if self.parameters:
            entry["parameters"] = dict(self.parameters)
        entry |= {"tags": self.tags, "work_pool": {"name": WORK_POOL}}
        if self.at_once:
            entry["concurrency_limit"] = {"limit": self.at_once, "collision_strategy": self.collision}
        if self.every_seconds:
            entry["schedules"] = [{"interval": self.every_seconds, "active": True}]
        if self.trigger:
            entry["triggers"] = [self.trigger]
        return entry

    def flow(self) -> Any:
        """Return the flow object, imported now."""
        module, _, attribute = self.entrypoint.rpartition(".")
        try:
            return getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            remedy = "Deployments name flows as package.module.flow."
            raise BadInputError(self.name, f"there is no flow {self.entrypoint}.", remedy=remedy) from error

    def takes(self, parameter: str) -> bool:
        """Whether the flow has *parameter*."""
        return parameter in inspect.signature(self.flow().fn).parameters


DEPLOYMENTS: Final[tuple[Deployed, ...]] = (
    Deployed(name="intake", group="daily", entrypoint="flows.intake.flow.intake", parameters={"dry_run": True}),
    Deployed(name="vetting", group="daily", entrypoint="flows.vetting.flow.vetting"),
    Deployed(name="decide", group="officers", entrypoint="flows.decisions.flow.decide", at_once=None),
    Deployed(name="clocks", group="background", entrypoint="flows.decisions.clocks.clocks", every_seconds=900),
    Deployed(
        name="escalation",
        group="officers",
        entrypoint="flows.decisions.flow.escalation",
        on_event="accreditation.clocks.ran-out",
    ),
    Deployed(name="assignment", group="daily", entrypoint="flows.assignment.flow.assignment"),
    Deployed(name="issuance", group="daily", entrypoint="flows.issuance.flow.issuance"),
    Deployed(name="validity", group="background", entrypoint="flows.issuance.validity.validity", every_seconds=3600),
    Deployed(name="delivery", group="daily", entrypoint="flows.delivery.flow.delivery", every_seconds=300),
    Deployed(
        name="collection", group="background", entrypoint="flows.intake.collection.flow.collection", every_seconds=300
    ),
    Deployed(
        name="reminders", group="background", entrypoint="flows.oversight.reminders.reminders", every_seconds=3600
    ),
    Deployed(name="bounces", group="background", entrypoint="flows.delivery.bounces.bounces", every_seconds=900),
    Deployed(name="check", group="background", entrypoint="flows.oversight.contradictions.check", every_seconds=21_600),
    Deployed(name="case", group="officers", entrypoint="flows.decisions.flow.case", at_once=None),
    Deployed(name="accreditation", group="daily", entrypoint="flows.accreditation.accreditation"),
)


def as_arguments(deployments: Iterable[Deployed]) -> list[str]:
    """Return *deployments* as arguments of a process."""
    return [deployed.model_dump_json() for deployed in deployments]


def from_arguments(arguments: Iterable[str]) -> list[Deployed]:
    """Return what :func:`as_arguments` was given."""
    return [Deployed.model_validate_json(argument) for argument in arguments]
