"""Samples of the letters of the usual way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from notifications.letters import (
    ApprovalLetter,
    ChecklistLine,
    CredentialLetter,
    DeferralLetter,
    DeficiencyLetter,
    FindingLine,
    Letter,
    PlacementLetter,
    PledgeCopy,
    ReceiptLetter,
    ReferralLetter,
    RefusalLetter,
    RegionCount,
    ReminderLetter,
    RosterLetter,
    SummaryLetter,
)
from notifications.letters.samples.common import (
    END,
    EXPIRY,
    LATE_FILE,
    LATER,
    MISSING,
    NO_REMEDY,
    NOTICE,
    NOW,
    OWN_REASON,
    REMEDY,
    SERVING,
    case,
    common,
)

USUAL: Final[Mapping[str, Letter]] = MappingProxyType(
    {
        "receipt": case(
            ReceiptLetter,
            received_at=NOW,
            decision_due=LATER,
            checklist=(
                ChecklistLine(what="identity_page", arrived=True),
                ChecklistLine(what="request_letter", arrived=False),
            ),
        ),
        "receipt-late": case(ReceiptLetter, received_at=LATER, missed_deadline=NOW),
        "deficiency": case(DeficiencyLetter, deficiencies=(MISSING, EXPIRY), due=LATER, corrections_attached=True),
        "deficiency-reminder": case(DeficiencyLetter, deficiencies=(MISSING,), due=LATER, reminder=True),
        "referral": common(
            ReferralLetter,
            case_number="ABCD-EFGH-IJKL",
            organisation_code="ORG-7",
            findings=(FindingLine(rule="namesake_on_list"), FindingLine(rule="conflict_declared", code=ReasonCode.D08)),
            due=LATER,
        ),
        "referral-appeal": common(
            ReferralLetter,
            case_number="ABCD-EFGH-IJKL",
            organisation_code="ORG-7",
            occasion="remanded",
            due=LATER,
        ),
        "referral-bounced": common(
            ReferralLetter,
            case_number="ABCD-EFGH-IJKL",
            organisation_code="ORG-7",
            occasion="bounced",
            returned="refusal",
            due=LATER,
        ),
        "approval": case(
            ApprovalLetter,
            role=Role.LONG_TERM_OBSERVER,
            decided_at=NOW,
            valid_from=NOW,
            valid_until=END,
            pledge=PledgeCopy(
                version="2027-1",
                accepted_on=date(2027, 2, 1),
                text=("I observe impartially and do not interfere.", "I carry my badge and my identity document."),
            ),
            collect_from=LATER,
            collection="Monday to Saturday, 09:00 to 17:00",
        ),
        "deferral": case(
            DeferralLetter,
            awaited="The list of mission members signed anew",
            awaited_from="the organisation",
            until=LATER,
        ),
        "refusal": case(
            RefusalLetter,
            reasons=(LATE_FILE, OWN_REASON),
            decided_at=NOW,
            decided_by="Accreditation Committee",
            remedy=REMEDY,
        ),
        "refusal-without-remedy": case(
            RefusalLetter,
            reasons=(LATE_FILE,),
            decided_at=NOW,
            decided_by="Accreditation Committee",
            remedy=NO_REMEDY,
        ),
        "placement": case(
            PlacementLetter,
            role=Role.SHORT_TERM_OBSERVER,
            region="The Islands",
            serving=SERVING,
            partner_name="Kofi Örn",
            site="IS-104",
            notices=(NOTICE,),
            objection_until=LATER,
        ),
        "placement-at-large": case(PlacementLetter, role=Role.EXPERT),
        "credential": case(
            CredentialLetter,
            role=Role.INTERPRETER,
            valid_from=NOW,
            valid_until=END,
            check_url="https://commission.example/check",
        ),
        "summary": common(
            SummaryLetter,
            office=SERVING,
            version=2,
            drawn_up_at=NOW,
            region="The Islands",
            people=204,
            teams=98,
            sites=51,
            first_day=NOW.date(),
            last_day=END.date(),
        ),
        "roster": common(
            RosterLetter,
            version=3,
            drawn_up_at=NOW,
            people=1204,
            added=4,
            changed=1,
            removed=2,
            regions=(RegionCount(region="The Islands", people=204), RegionCount(region="Coast", people=1000)),
        ),
        "reminder-briefing": case(
            ReminderLetter,
            topic="briefing",
            what="Briefing for observers",
            begins=LATER,
            place="Hall 2, Commission building, 1 Square of the Vote",
        ),
        "reminder-stay": case(
            ReminderLetter,
            topic="stay",
            arrival=date(2027, 3, 26),
            departure=date(2027, 4, 3),
            region="Upper Valley",
            serving=SERVING,
        ),
    }
)
