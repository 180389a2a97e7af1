"""Classes of what is held about people, by which a law says how long it is kept, and the fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from pydantic_core import to_jsonable_python

from domain.application.nomination import DISCLOSURES, Nomination


class HeldClass(StrEnum):
    """A class of data; each may have a time and a ground of its own."""

    NAME = "name"
    IDENTITY = "identity"
    DOCUMENT = "document"
    PHOTO = "photo"
    CONTACT = "contact"
    STATEMENT = "statement"
    JOURNEY = "journey"
    FOCAL_POINT = "focal_point"
    LIST = "list"
    DEVICE = "device"
    ARRIVAL = "arrival"
    MAIL = "mail"


MEANS: Final[Mapping[HeldClass, str]] = MappingProxyType({
    HeldClass.NAME: "names of people",
    HeldClass.IDENTITY: "sex, birth, citizenships, and what screening compared",
    HeldClass.DOCUMENT: "travel documents and their scans",
    HeldClass.PHOTO: "photographs, their fingerprints, and badges",
    HeldClass.CONTACT: "people's e-mail addresses and telephones",
    HeldClass.STATEMENT: "statements on conflicts of interest and funding",
    HeldClass.JOURNEY: "stay, wishes and languages",
    HeldClass.FOCAL_POINT: "contact persons of organisations, and their liaison officers",
    HeldClass.LIST: "reference lists",
    HeldClass.DEVICE: "links with which officers enrolled devices",
    HeldClass.ARRIVAL: "files and messages as they came, and rows that went back",
    HeldClass.MAIL: "copies of letters outside the database",
})  # fmt: skip
FIELDS: Final[Mapping[HeldClass, tuple[str, ...]]] = MappingProxyType({
    HeldClass.NAME: ("reference", "surname", "given_names", "has_one_name", "native_name"),
    HeldClass.IDENTITY: ("sex", "birth_date", "birth_period", "nationalities"),
    HeldClass.DOCUMENT: (
        "document_kind", "document_number", "document_issuer", "document_expiry", "document_never_expires", "mrz",
        "identity_page",
    ),
    HeldClass.PHOTO: ("photo",),
    HeldClass.CONTACT: ("email", "phone"),
    HeldClass.STATEMENT: ("conflict_declared", *DISCLOSURES, "disclosure", "funded_by", "conflict_regions"),
    HeldClass.JOURNEY: (
        "languages", "letter_language", "arrival", "departure", "preferred_regions", "stay_together", "role_detail",
    ),
})  # fmt: skip
"""The fields of a nomination in each class. The role, what was accepted and what could not be read are codes."""


def without(body: Mapping[str, Any], held_class: HeldClass) -> dict[str, Any]:
    """Return what is said of a person without the fields of a class; remarks on them go too."""
    names = FIELDS.get(held_class, ())
    blank = {name: Nomination.model_fields[name].get_default(call_default_factory=True) for name in names}
    remarks = [remark for remark in body.get("remarks", []) if remark.get("field") not in names]
    plain: dict[str, Any] = to_jsonable_python(blank)
    return dict(body) | plain | ({"remarks": remarks} if "remarks" in body else {})
