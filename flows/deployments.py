"""The deployments that ``accredit up`` serves; ``prefect.yaml`` is written from this list by ``make docs``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import Field

from domain.errors import BadInputError
from domain.values import Frozen
from flows.settings import Settings

TAG: Final = "accreditation"
WORK_POOL: Final = "accreditation"
SMTP_LIMIT: Final = "smtp"
"""Prefect's limit that all deliveries share."""
WATCH: Final = "Runs that stopped beating are crashed"
"""Prefect's automation over runs whose process is gone."""

UNFINISHED: Final = "Unfinished"
"""The state of a run that failed for a reason that passes, such as a database that did not answer."""
BAD_INPUT: Final = "Bad input"
"""The state of a run whose form named something that cannot be used; its message says what to do."""
AGAIN: Final = "again-"
"""What the tag of a run that was started again begins with; its number follows."""
TRIES: Final = 3
"""So often a lost run is started again. One that is lost more often is left to people: the doctor names it."""


class Deployed(Frozen):
    """One deployment: a flow by module path, never by file (a file would be loaded as a second copy of itself)."""

    name: str
    entrypoint: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")
    group: Literal["daily", "officers", "background"]
    """Whose work it is, a tag by which the page of deployments is filtered: people's day, officers', or nobody's."""

    step: int | None = None
    """Its place in the order of work, a tag too: Prefect's page sorts by name alone."""

    every_seconds: int | None = None
    """Runs on a schedule where given."""
    needs: tuple[str, ...] = ()
    """Settings of which one must be set for the schedule to have anything to do: without it a run would be started
    again and again for nothing. Empty: it always has."""
    at_start: bool = False
    """Runs once when the office opens, too: what is late by then is said at once."""
    at_once: int | None = 1
    """How many runs may be under way; a stage that is asked for twice waits. None for any number."""

    parameters: Mapping[str, Any] = {}
    """What the form shows at first, where that is not the function's own default."""

    on_events: tuple[str, ...] = ()
    """An automation runs it upon any of these events."""
    of_runs: bool = False
    """Those are states of our other runs; else they are about an election, and name it and the moment."""

    def has_work(self, settled: Settings) -> bool:
        """Whether its schedule has anything to do under these settings."""
        return not self.needs or any(getattr(settled, name) for name in self.needs)

    @property
    def trigger(self) -> dict[str, Any] | None:
        """The automation of :attr:`on_events`, in the words of prefect.yaml."""
        if not self.on_events:
            return None
        trigger = {"type": "event", "name": f"Start {self.name} upon {self.on_events[0]}", "expect": [*self.on_events]}
        if self.of_runs:
            # Never its own: a run that cannot even begin would start itself for ever.
            others = {"prefect.resource.role": "deployment", "prefect.resource.name": f"!{self.name}"}
            return {**trigger, "match": {"prefect.resource.id": "prefect.flow-run.*"}, "match_related": others}
        filled = {name: f"{{{{ event.payload.{name} }}}}" for name in ("election", "as_of")}
        return {**trigger, "match": {"prefect.resource.id": "accreditation.election.*"}, "parameters": filled}

    @property
    def tags(self) -> list[str]:
        """The tags of the deployment and of its runs."""
        return [TAG, self.group, *([f"step {self.step}"] if self.step else [])]

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
    Deployed(name="intake", group="daily", step=1, entrypoint="flows.intake.flow.intake", parameters={"dry_run": True}),
    Deployed(name="vetting", group="daily", step=2, entrypoint="flows.vetting.flow.vetting"),
    Deployed(name="decide", group="officers", step=3, entrypoint="flows.decisions.flow.decide", at_once=None),
    Deployed(
        name="clocks", group="background", entrypoint="flows.decisions.clocks.clocks", every_seconds=300, at_start=True
    ),
    Deployed(
        name="escalation",
        group="officers",
        entrypoint="flows.decisions.flow.escalation",
        on_events=("accreditation.clocks.ran-out",),
    ),
    Deployed(name="assignment", group="daily", step=4, entrypoint="flows.assignment.flow.assignment"),
    Deployed(name="issuance", group="daily", step=5, entrypoint="flows.issuance.flow.issuance"),
    Deployed(name="validity", group="background", entrypoint="flows.issuance.validity.validity", every_seconds=3600),
    Deployed(name="delivery", group="daily", step=6, entrypoint="flows.delivery.flow.delivery", every_seconds=300),
    Deployed(
        name="webhooks",
        group="background",
        entrypoint="flows.delivery.webhooks.flow.webhooks",
        every_seconds=60,
        needs=("webhooks",),
    ),
    Deployed(
        name="collection",
        group="background",
        entrypoint="flows.intake.collection.flow.collection",
        every_seconds=300,
        needs=("drop_folder", "imap_host"),
    ),
    Deployed(
        name="reminders", group="background", entrypoint="flows.oversight.reminders.reminders", every_seconds=3600
    ),
    Deployed(
        name="retention", group="background", entrypoint="flows.oversight.retention.retention", every_seconds=86_400
    ),
    Deployed(
        name="bounces",
        group="background",
        entrypoint="flows.delivery.bounces.bounces",
        every_seconds=900,
        needs=("bounces_folder", "imap_bounces"),
    ),
    Deployed(name="check", group="background", entrypoint="flows.oversight.contradictions.check", every_seconds=21_600),
    Deployed(
        name="checkpoints",
        group="background",
        entrypoint="flows.issuance.publication.checkpoints.checkpoints",
        every_seconds=3600,
    ),
    Deployed(
        name="takeover",
        group="background",
        entrypoint="flows.upkeep.takeover.takeover",
        every_seconds=120,  # the event of a loss is lost itself where server and database are down together
        at_once=None,
        on_events=("prefect.flow-run.Crashed", f"prefect.flow-run.{UNFINISHED}"),
        of_runs=True,
    ),
    Deployed(name="doctor", group="background", entrypoint="flows.upkeep.flow.doctor", every_seconds=3600),
    Deployed(
        name="backup",
        group="background",
        entrypoint="flows.upkeep.flow.backup",
        every_seconds=3600,
        needs=("backup_to",),
    ),
    Deployed(name="report", group="background", entrypoint="flows.oversight.report.report", every_seconds=86_400),
    Deployed(name="case", group="officers", entrypoint="flows.decisions.flow.case", at_once=None),
    Deployed(name="accreditation", group="daily", entrypoint="flows.accreditation.accreditation"),
)


def as_arguments(deployments: Iterable[Deployed]) -> list[str]:
    """Return *deployments* as arguments of a process."""
    return [deployed.model_dump_json() for deployed in deployments]


def from_arguments(arguments: Iterable[str]) -> list[Deployed]:
    """Return what :func:`as_arguments` was given."""
    return [Deployed.model_validate_json(argument) for argument in arguments]
