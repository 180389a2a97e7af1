"""One invented letter of every kind and variant: for checking templates, and for looking at them before sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from domain.reasons import ReasonCode
from domain.roles import Role
from notifications.letters import (
    ApprovalLetter,
    ChecklistLine,
    CompetentOffice,
    CredentialLetter,
    DeferralLetter,
    DeficiencyLetter,
    DeficiencyLine,
    FindingLine,
    Letter,
    Letterhead,
    NoticeLine,
    PlacementLetter,
    ReasonLine,
    ReceiptLetter,
    ReferralLetter,
    RefusalLetter,
    RegionCount,
    RemedyNotice,
    RosterLetter,
)

_HEAD: Final = Letterhead(
    election_code="VALDARA-2027",
    election_title="General election of Valdara, 31 March 2027",
    host_body="Central Election Commission of Valdara",
    signatory="Secretary General of the Commission",
    contact_email="observers@commission.example",
    contact_phone="+999 20 555 0100",
    timezone="Etc/GMT-2",
)
_NOW: Final = datetime(2027, 3, 20, 9, 30, tzinfo=UTC)
_LATER: Final = datetime(2027, 3, 22, 16, 0, tzinfo=UTC)
_END: Final = datetime(2027, 4, 14, 21, 59, tzinfo=UTC)
_OFFICE: Final = CompetentOffice(name="Office of the Northern Coast", acting_for="Office of the Islands")
_SERVING: Final = CompetentOffice(
    name="Office of the Northern Coast",
    acting_for="Office of the Islands",
    address="4 Harbour Street, Port Selm",
    email="north@commission.example",
    phone="+999 20 555 0111",
    hours="08:00 to 20:00 every day",
)
_COMMON: Final[dict[str, object]] = {"head": _HEAD, "written_at": _NOW, "office": _OFFICE}
_CASE: Final[dict[str, object]] = _COMMON | {
    "greeting_name": "Ms Ilse Brandt",
    "case_number": "ABCD-EFGH-IJKL",
    "applicant_name": "Zoë Ångström-Nguyễn",
    "organisation_name": "Observers' League <Élan & Ñandú>",
}
_MISSING: Final = DeficiencyLine(code=ReasonCode.D01, ground="Observation Rules, art. 4(2)", where="mandate_letter")
_EXPIRY: Final = DeficiencyLine(
    code=ReasonCode.D03,
    ground="Observation Rules, art. 5",
    where="document_expiry",
    facts="The document must be valid until 30 April 2027.",
    what_to_do="Send the data page of a document that is valid until then.",
)
_LATE_FILE: Final = ReasonLine(
    code=ReasonCode.R02,
    ground="Observation Rules, art. 9",
    facts="A notice was sent on 12 March 2027; no reply had arrived by 14 March 2027, 18:00.",
)
_OWN_REASON: Final = ReasonLine(
    code=ReasonCode.R04, ground="Election Act, art. 71", sentence="Nationals of Valdara may not observe as foreigners"
)
_REMEDY: Final = RemedyNotice(
    available=True,
    text="Complaint to the Election Appeals Panel, in writing, by post or e-mail.",
    ground="Election Act, art. 90",
    due=_LATER,
    form_url="https://commission.example/complaint",
)
_NO_REMEDY: Final = RemedyNotice(available=False, text="The law gives no remedy.", ground="Election Act, art. 12(5)")
_NOTICE: Final = NoticeLine(
    code="N1", version=2, text="Ferries run only by day; travel needs a permit.", accepted_at=_NOW
)


def _common(model: type[Letter], **facts: object) -> Letter:
    return model.model_validate(_COMMON | facts)


def _case(model: type[Letter], **facts: object) -> Letter:
    return model.model_validate(_CASE | facts)


SAMPLES: Final[Mapping[str, Letter]] = MappingProxyType(
    {
        "receipt": _case(
            ReceiptLetter,
            received_at=_NOW,
            decision_due=_LATER,
            checklist=(
                ChecklistLine(what="Copy of the identity page", arrived=True),
                ChecklistLine(what="Mandate letter", arrived=False),
            ),
        ),
        "receipt-late": _case(ReceiptLetter, received_at=_LATER, missed_deadline=_NOW),
        "deficiency": _case(DeficiencyLetter, deficiencies=(_MISSING, _EXPIRY), due=_LATER, corrections_attached=True),
        "deficiency-reminder": _case(DeficiencyLetter, deficiencies=(_MISSING,), due=_LATER, reminder=True),
        "referral": _common(
            ReferralLetter,
            case_number="ABCD-EFGH-IJKL",
            organisation_code="ORG-7",
            findings=(FindingLine(rule="namesake_on_list"), FindingLine(rule="conflict_declared", code=ReasonCode.D08)),
            due=_LATER,
        ),
        "approval": _case(
            ApprovalLetter,
            role=Role.LONG_TERM_OBSERVER,
            decided_at=_NOW,
            valid_from=_NOW,
            valid_until=_END,
            collection="Headquarters, ground floor, from 27 March 2027",
        ),
        "deferral": _case(
            DeferralLetter,
            awaited="The list of mission members signed anew",
            awaited_from="the organisation",
            until=_LATER,
        ),
        "refusal": _case(
            RefusalLetter,
            reasons=(_LATE_FILE, _OWN_REASON),
            decided_at=_NOW,
            decided_by="Accreditation Committee",
            remedy=_REMEDY,
        ),
        "refusal-without-remedy": _case(
            RefusalLetter,
            reasons=(_LATE_FILE,),
            decided_at=_NOW,
            decided_by="Accreditation Committee",
            remedy=_NO_REMEDY,
        ),
        "placement": _case(
            PlacementLetter,
            role=Role.SHORT_TERM_OBSERVER,
            region="The Islands",
            serving=_SERVING,
            partner_name="Kofi Örn",
            notices=(_NOTICE,),
            objection_until=_LATER,
        ),
        "placement-at-large": _case(PlacementLetter, role=Role.EXPERT),
        "credential": _case(
            CredentialLetter,
            role=Role.INTERPRETER,
            valid_from=_NOW,
            valid_until=_END,
            check_url="https://commission.example/check",
        ),
        "roster": _common(
            RosterLetter,
            version=3,
            drawn_up_at=_NOW,
            people=1204,
            added=4,
            changed=1,
            removed=2,
            regions=(RegionCount(region="The Islands", people=204), RegionCount(region="Coast", people=1000)),
        ),
    }
)
