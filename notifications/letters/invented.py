"""What samples of letters are made of: one invented election, case, remedy and set of reasons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from domain.application.reasons import ReasonCode
from domain.messages import Message
from notifications.letters.lines import (
    CompetentOffice,
    DeficiencyLine,
    Letterhead,
    NoticeLine,
    ReasonLine,
    RemedyNotice,
)

HEAD: Final = Letterhead(
    election_code="VALDARA-2027",
    election_title="General election of Valdara, 31 March 2027",
    host_body="Central Election Commission of Valdara",
    signatory="Secretary General of the Commission",
    contact_email="observers@commission.example",
    contact_phone="+999 20 555 0100",
    timezone="Etc/GMT-2",
)
NOW: Final = datetime(2027, 3, 20, 9, 30, tzinfo=UTC)
LATER: Final = datetime(2027, 3, 22, 16, 0, tzinfo=UTC)
END: Final = datetime(2027, 4, 14, 21, 59, tzinfo=UTC)
OFFICE: Final = CompetentOffice(name="Office of the Northern Coast", acting_for="Office of the Islands")
SERVING: Final = CompetentOffice(
    name="Office of the Northern Coast",
    acting_for="Office of the Islands",
    address="4 Harbour Street, Port Selm",
    email="north@commission.example",
    phone="+999 20 555 0111",
    hours="08:00 to 20:00 every day",
)
COMMON: Final[dict[str, object]] = {"head": HEAD, "written_at": NOW, "office": OFFICE}
CASE: Final[dict[str, object]] = COMMON | {
    "greeting_name": "Ms Ilse Brandt",
    "case_number": "ABCD-EFGH-IJKL",
    "applicant_name": "Zoë Ångström-Nguyễn",
    "organisation_name": "Observers' League <Élan & Ñandú>",
}
MISSING: Final = DeficiencyLine(
    code=ReasonCode.D01, ground="Observation Rules, art. 4(2)", where="identity_page, photo"
)
EXPIRY: Final = DeficiencyLine(
    code=ReasonCode.D03,
    ground="Observation Rules, art. 5",
    where="document_expiry",
    facts="The document must be valid until 30 April 2027.",
    what_to_do=Message.of("document_expires_early", valid_until="2027-04-30"),
)
LATE_FILE: Final = ReasonLine(
    code=ReasonCode.R02,
    ground="Observation Rules, art. 9",
    facts="A notice was sent on 12 March 2027; no reply had arrived by 14 March 2027, 18:00.",
)
OWN_REASON: Final = ReasonLine(
    code=ReasonCode.R04, ground="Election Act, art. 71", sentence="Nationals of Valdara may not observe as foreigners"
)
REMEDY: Final = RemedyNotice(
    available=True,
    text="Complaint to the Election Appeals Panel, in writing, by post or e-mail.",
    ground="Election Act, art. 90",
    due=LATER,
    form_url="https://commission.example/complaint",
)
REMEDY_FROM_RECEIPT: Final = REMEDY.revised(due=None, from_receipt=(2, "days"))
NO_REMEDY: Final = RemedyNotice(available=False, text="The law gives no remedy.", ground="Election Act, art. 12(5)")
NOTICE: Final = NoticeLine(
    code="N1", version=2, text="Ferries run only by day; travel needs a permit.", accepted_at=NOW
)


PAPERS: Final = ReasonLine(code=ReasonCode.D07, ground="Observation Rules, art. 3", facts="The statute is missing.")
NOT_INVITED: Final = ReasonLine(code=ReasonCode.R03, ground="Observation Rules, art. 2")
BREACH: Final = ReasonLine(
    code=ReasonCode.V03,
    ground="Observation Rules, art. 20",
    facts="Two reports of 31 March 2027 say that voters were told how to vote.",
)
