"""Samples of the letters outside the usual way, and of those to organisations, offices and officers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from notifications.letters import (
    AppealOutcomeLetter,
    AppealReceiptLetter,
    AskedLine,
    ClearanceLetter,
    CollectionLetter,
    CorrectionsLetter,
    CredentialChangeLetter,
    DigestLetter,
    DoubleNominationLetter,
    EscalationLetter,
    ExpiryLetter,
    FileLine,
    FileReceiptLetter,
    Letter,
    Measure,
    MeasureLetter,
    OfficeChangeLetter,
    OpenCase,
    OrganisationLetter,
    PolicyLetter,
    WithdrawalLetter,
)
from notifications.letters.samples.common import (
    BREACH,
    END,
    LATER,
    NO_REMEDY,
    NOT_INVITED,
    NOW,
    PAPERS,
    REMEDY,
    SERVING,
    case,
    common,
)


def _measure(measure: Measure, **facts: object) -> Letter:
    usual: dict[str, object] = {"reasons": (BREACH,), "decided_at": NOW, "decided_by": "Accreditation Committee"}
    return case(MeasureLetter, measure=measure, **(usual | facts))


def _outcome(outcome: str, **facts: object) -> Letter:
    return case(
        AppealOutcomeLetter,
        outcome=outcome,
        decided_at=NOW,
        decided_by="Election Appeals Panel",
        explanation="The reply of 13 March 2027 had arrived in time but had been filed under another case.",
        ground="Election Act, art. 92",
        **facts,
    )


def _change(change: str, **facts: object) -> Letter:
    return common(
        OfficeChangeLetter,
        subject_office="Office of the Islands",
        change=change,
        effective_from=LATER,
        competent=SERVING,
        open_cases=12,
        **facts,
    )


UNUSUAL: Final[Mapping[str, Letter]] = MappingProxyType(
    {
        "corrections": common(
            CorrectionsLetter,
            greeting_name="Ms Ilse Brandt",
            organisation_name="Observers' League",
            deficient=12,
            returned=3,
            due=LATER,
        ),
        "corrections-returned": common(
            CorrectionsLetter, organisation_name="Observers' League", deficient=0, returned=1
        ),
        "organisation": common(
            OrganisationLetter,
            organisation_name="Observers' League <Élan & Ñandú>",
            outcome="admitted",
            scope="Whole territory and posts abroad",
            opens=NOW,
            closes=LATER,
        ),
        "organisation-waiting": common(
            OrganisationLetter, organisation_name="Observers' League", outcome="waiting", reasons=(PAPERS,)
        ),
        "organisation-not-admitted": common(
            OrganisationLetter,
            organisation_name="Observers' League",
            outcome="not_admitted",
            reasons=(NOT_INVITED,),
            remedy=REMEDY,
        ),
        "organisation-suspended": common(
            OrganisationLetter, organisation_name="Observers' League", outcome="suspended", reasons=(PAPERS,)
        ),
        "organisation-withdrawn": common(
            OrganisationLetter, organisation_name="Observers' League", outcome="withdrawn"
        ),
        "double-nomination": case(DoubleNominationLetter, choose_by=LATER),
        "withdrawal": case(WithdrawalLetter, withdrawn_at=NOW, by="organisation", replaced=True),
        "withdrawal-by-the-person": case(WithdrawalLetter, withdrawn_at=NOW, by="applicant"),
        "collection": case(
            CollectionLetter,
            place="Headquarters, ground floor",
            hours="09:00 to 18:00",
            collect_from=LATER,
            proxy_allowed=True,
        ),
        "credential-change": common(
            CredentialChangeLetter,
            greeting_name="Ms Ilse Brandt",
            case_number="ABCD-EFGH-IJKL",
            applicant_name="Zoë Ångström-Nguyễn",
            changed_at=NOW,
            replaced=True,
        ),
        "credential-change-to-office": common(
            CredentialChangeLetter,
            case_number="ABCD-EFGH-IJKL",
            void_serial="VA-00042",
            changed_at=NOW,
            replaced=False,
        ),
        "credential-change-suspended": common(
            CredentialChangeLetter,
            case_number="ABCD-EFGH-IJKL",
            void_serial="VA-00042",
            changed_at=NOW,
            change="suspended",
        ),
        "measure-warning": _measure(Measure.WARNING, remedy=NO_REMEDY, reply_until=LATER),
        "measure-suspension": _measure(Measure.SUSPENSION, remedy=REMEDY, suspended_until=LATER, reply_until=LATER),
        "measure-lifted": _measure(Measure.LIFTED, reasons=()),
        "measure-notice": _measure(Measure.NOTICE, reply_until=LATER),
        "measure-revocation": _measure(
            Measure.REVOCATION, remedy=REMEDY, proportionality="The breach was repeated after a warning."
        ),
        "appeal-receipt": case(
            AppealReceiptLetter, received_at=NOW, reviewed_by="Election Appeals Panel", decision_due=LATER
        ),
        "appeal-granted": _outcome("granted"),
        "appeal-dismissed": _outcome("dismissed", remedy=NO_REMEDY),
        "appeal-remanded": _outcome("remanded", remand_due=LATER),
        "expiry": case(
            ExpiryLetter,
            ended_at=END,
            kept=("Name, organisation and decision in the register",),
            erased=("Photograph", "Copy of the identity document"),
            erased_at=END,
            export_url="https://commission.example/record",
        ),
        "office-opens": _change("opens"),
        "office-closes": _change("closes"),
        "office-acting": _change("acting", effective_until=END),
        "file-receipt": common(
            FileReceiptLetter,
            greeting_name="Ms Ilse Brandt",
            organisation_name="Observers' League",
            received_at=NOW,
            files=(
                FileLine(name="Nominations <March>.xlsx", recorded=117, corrected=2, held=1, returned=3),
                FileLine(
                    name="second list.csv", problem="missing: role.", remedy="Name the column over the roles: role."
                ),
            ),
        ),
        "policy": common(
            PolicyLetter,
            policy="Number of observers at one polling station",
            text="At most two observers of one organisation may be in one polling station at the same time.",
            authority="Central Election Commission of Valdara",
            ground="Election Act, art. 75",
            version="2",
            in_force_from=LATER,
            open_cases=31,
        ),
        "digest": common(
            DigestLetter,
            in_review=42,
            second_officer=3,
            incomplete=120,
            late=2,
            undelivered=1,
            next_due=(OpenCase(case_number="ABCD-EFGH-IJKL", due=LATER),),
        ),
        "clearance": common(
            ClearanceLetter,
            case_number="ABCD-EFGH-IJKL",
            authority="Registry of citizens",
            ground="Observers Act of Valdara, art. 9 (4)",
            person=(
                AskedLine(field="name", value="AVA MARIT LINDENGARD"),
                AskedLine(field="birth_date", value="1985-05-17"),
                AskedLine(field="citizenships", value="XAA"),
            ),
            due=LATER,
        ),
        "escalation": common(EscalationLetter, case_number="ABCD-EFGH-IJKL", clock="proposal", share=80, due=LATER),
        "escalation-late": common(EscalationLetter, case_number="ABCD-EFGH-IJKL", clock="decision", share=100, due=NOW),
    }
)
