"""What happened as a CloudEvent (CloudEvents 1.0, JSON): ids and codes, and not who did it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, get_args
from uuid import UUID

from pydantic import Field

from domain.application.application import Application
from domain.application.events import Event
from domain.organisations.organisation import OrganisationActKind
from domain.values import ElectionCode, Frozen, Sha256, UtcTime

TYPE_BEGINS: Final = "accreditation.application."
PLAN_ADOPTED: Final = "plan_adopted"
DATA_ERASED: Final = "data_erased"
DATA_ENDED: Final = "data_ended"
OF_ORGANISATION: Final = "organisation_"
"""How the kind of an act about an organisation begins; the act follows."""
NOTICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        PLAN_ADOPTED: "accreditation.plan.adopted",
        DATA_ERASED: "accreditation.data.erased",
        DATA_ENDED: "accreditation.data.ended",
        **{OF_ORGANISATION + act.value: f"accreditation.organisation.{act.value}" for act in OrganisationActKind},
    }
)
"""Types of what happens to something else than an application, by kind."""
KINDS: Final[tuple[str, ...]] = tuple(
    sorted([*(kind.model_fields["kind"].default for kind in get_args(Event)), *NOTICES])
)
"""Every kind of event that a receiver may ask for."""
FIELDS: Final = (
    "held", "way", "in_place_of", "person_version", "late", "due_at", "region", "office", "plan_id", "serial",
    "valid_until", "replaces", "replaced_by", "cause", "clock", "back_to",
)  # fmt: skip
"""What is told of an event besides. Left out: who did it, the decision with its facts and notes, findings, consents."""


class CloudEvent(Frozen):
    """One event for others; the same event gives the same bytes each time."""

    id: str
    body: bytes


def cloud_event(after: Application, event: Event, link: Sha256, *, with_reasons: bool = False) -> CloudEvent:
    """Return *event*, which left the application as *after*; its id is made of *link*, its hash in the history.

    After a restore another event may bear the same number, and has another hash.
    """
    said = event.model_dump(mode="json")
    data = {
        "application": str(after.id), "case": after.case_number, "election": after.election,
        "organisation": after.organisation, "role": after.role.value, "status": after.status.value,
        "version": after.version,
    }  # fmt: skip
    wanted: Collection[str] = (*FIELDS, "reasons") if with_reasons else FIELDS
    data |= {name: said[name] for name in wanted if said.get(name) is not None}
    kind: str = said["kind"]
    envelope = _Envelope(
        id=f"evt_{link[:32]}", source=source_of(after.election), type=TYPE_BEGINS + kind, subject=str(after.id),
        time=event.at, sequence=str(after.version), data=data,
    )  # fmt: skip
    return CloudEvent(id=envelope.id, body=envelope.model_dump_json().encode())


class Notice(Frozen):
    """What happened to a plan, an organisation or people's data: kept beside the receiver until it was told."""

    kind: str
    subject: str
    sequence: int
    """Number of it within its subject."""
    at: UtcTime
    link: str
    """What names this very event, also after a restore: the hash of its row."""
    data: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Ids and codes."""


def notice_event(election: ElectionCode, notice: Notice, *, with_reasons: bool = False) -> CloudEvent:
    """Return *notice* as an event; the same notice gives the same bytes each time."""
    said = {name: value for name, value in notice.data.items() if with_reasons or name != "reasons"}
    envelope = _Envelope(
        id=f"evt_{sha256(f'{election}/{notice.kind}/{notice.link}'.encode()).hexdigest()[:32]}",
        source=source_of(election), type=NOTICES[notice.kind], subject=notice.subject, time=notice.at,
        sequence=str(notice.sequence), data={"election": election, **said},
    )  # fmt: skip
    return CloudEvent(id=envelope.id, body=envelope.model_dump_json().encode())


def trial_event(election: ElectionCode, trial: UUID, *, now: UtcTime) -> CloudEvent:
    """Return an event about nothing, by which a receiver is tried."""
    envelope = _Envelope(
        id=f"evt_test_{trial.hex}", source=source_of(election), type="accreditation.test", subject=str(trial),
        time=now, sequence="0", data={"election": election},
    )  # fmt: skip
    return CloudEvent(id=envelope.id, body=envelope.model_dump_json().encode())


def source_of(election: ElectionCode) -> str:
    """Return where events come from: together with the id it names an event."""
    return f"/elections/{election}"


class _Envelope(Frozen):
    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: UtcTime
    datacontenttype: str = "application/json"
    sequence: str
    """Number of the event within its subject (CloudEvents extension *sequence*)."""
    sequencetype: str = "Integer"
    data: dict[str, Any]
