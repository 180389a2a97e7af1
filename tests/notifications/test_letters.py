from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.correspondence import Envelope, LetterKind
from domain.errors import BadInputError
from domain.reasons import ReasonCode
from domain.roles import Role
from notifications import letters as written
from notifications.rendering import render
from notifications.words import languages

HEAD = written.Letterhead(
    election_code="VALDARA-2027",
    election_title="General election of Valdara, 31 March 2027",
    host_body="Central Election Commission of Valdara",
    signatory="Secretary General of the Commission",
    contact_email="observers@commission.example",
    contact_phone="+999 20 555 0100",
    timezone="Etc/GMT-2",
)
NOW = datetime(2027, 3, 20, 9, 30, tzinfo=UTC)
LATER = datetime(2027, 3, 22, 16, 0, tzinfo=UTC)
END = datetime(2027, 4, 14, 21, 59, tzinfo=UTC)
OFFICE = written.CompetentOffice(name="Office of the Northern Coast", acting_for="Office of the Islands")
SERVING = written.CompetentOffice(
    name="Office of the Northern Coast",
    acting_for="Office of the Islands",
    address="4 Harbour Street, Port Selm",
    email="north@commission.example",
    phone="+999 20 555 0111",
    hours="08:00 to 20:00 every day",
)
COMMON = {"head": HEAD, "written_at": NOW, "office": OFFICE}
CASE = COMMON | {
    "greeting_name": "Ms Ilse Brandt",
    "case_number": "ABCD-EFGH-IJKL",
    "applicant_name": "Zoë Ångström-Nguyễn",
    "organisation_name": "Observers' League <Élan & Ñandú>",
}
MISSING = written.DeficiencyLine(code=ReasonCode.D01, ground="Observation Rules, art. 4(2)", where="mandate_letter")
EXPIRY = written.DeficiencyLine(
    code=ReasonCode.D03,
    ground="Observation Rules, art. 5",
    where="document_expiry",
    facts="The document must be valid until 30 April 2027.",
    what_to_do="Send the data page of a document that is valid until then.",
)
LATE_FILE = written.ReasonLine(
    code=ReasonCode.R02,
    ground="Observation Rules, art. 9",
    facts="A notice was sent on 12 March 2027; no reply had arrived by 14 March 2027, 18:00.",
)
OWN_REASON = written.ReasonLine(
    code=ReasonCode.R04, ground="Election Act, art. 71", sentence="Nationals of Valdara may not observe as foreigners"
)
REMEDY = written.RemedyNotice(
    available=True,
    text="Complaint to the Election Appeals Panel, in writing, by post or e-mail.",
    ground="Election Act, art. 90",
    due=LATER,
    form_url="https://commission.example/complaint",
)
NO_REMEDY = written.RemedyNotice(available=False, text="The law gives no remedy.", ground="Election Act, art. 12(5)")
NOTICE = written.NoticeLine(
    code="N1", version=2, text="Ferries run only by day; travel needs a permit.", accepted_at=NOW
)

EXAMPLES: dict[str, written.Letter] = {
    "receipt": written.ReceiptLetter(
        **CASE,
        received_at=NOW,
        decision_due=LATER,
        checklist=(
            written.ChecklistLine(what="Copy of the identity page", arrived=True),
            written.ChecklistLine(what="Mandate letter", arrived=False),
        ),
    ),
    "receipt-late": written.ReceiptLetter(**CASE, received_at=LATER, missed_deadline=NOW),
    "deficiency": written.DeficiencyLetter(**CASE, deficiencies=(MISSING, EXPIRY), due=LATER, corrections_attached=True),
    "deficiency-reminder": written.DeficiencyLetter(**CASE, deficiencies=(MISSING,), due=LATER, reminder=True),
    "referral": written.ReferralLetter(
        **COMMON,
        case_number="ABCD-EFGH-IJKL",
        organisation_code="ORG-7",
        findings=(written.FindingLine(rule="namesake_on_list"), written.FindingLine(rule="conflict_declared", code=ReasonCode.D08)),
        due=LATER,
    ),
    "approval": written.ApprovalLetter(
        **CASE, role=Role.LONG_TERM_OBSERVER, decided_at=NOW, valid_from=NOW, valid_until=END,
        collection="Headquarters, ground floor, from 27 March 2027",
    ),
    "deferral": written.DeferralLetter(
        **CASE, awaited="The list of mission members signed anew", awaited_from="the organisation", until=LATER
    ),
    "refusal": written.RefusalLetter(
        **CASE, reasons=(LATE_FILE, OWN_REASON), decided_at=NOW, decided_by="Accreditation Committee", remedy=REMEDY
    ),
    "refusal-without-remedy": written.RefusalLetter(
        **CASE, reasons=(LATE_FILE,), decided_at=NOW, decided_by="Accreditation Committee", remedy=NO_REMEDY
    ),
    "placement": written.PlacementLetter(
        **CASE, role=Role.SHORT_TERM_OBSERVER, region="The Islands", serving=SERVING, partner_name="Kofi Örn",
        notices=(NOTICE,), objection_until=LATER,
    ),
    "placement-at-large": written.PlacementLetter(**CASE, role=Role.EXPERT),
    "credential": written.CredentialLetter(
        **CASE, role=Role.INTERPRETER, valid_from=NOW, valid_until=END, check_url="https://commission.example/check"
    ),
    "roster": written.RosterLetter(
        **COMMON, version=3, drawn_up_at=NOW, people=1204, added=4, changed=1, removed=2,
        regions=(written.RegionCount(region="The Islands", people=204), written.RegionCount(region="Coast", people=1000)),
    ),
}  # fmt: skip


def an_envelope(letter: written.Letter, **changes: object) -> Envelope:
    facts: dict[str, object] = {
        "key": f"{letter.kind}:1:1",
        "kind": letter.kind,
        "to": "ilse@league.example",
        "application_id": UUID(int=7),
        "contents": written.contents_of(letter),
    }
    return Envelope.model_validate(facts | changes)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_letter_reads_as_approved(name: str, language: str, approved: Callable[[str, str], None]) -> None:
    rendered = render(EXAMPLES[name], language)

    approved(f"{language}/{name}.txt", f"Subject: {rendered.subject}\n\n{rendered.text}")


def test_every_kind_of_letter_has_a_model_and_an_example() -> None:
    assert set(written.LETTERS) == set(LetterKind)
    assert {letter.kind for letter in EXAMPLES.values()} == set(LetterKind)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_letter_comes_back_from_its_envelope(name: str) -> None:
    letter = EXAMPLES[name]
    stored = Envelope.model_validate_json(an_envelope(letter).model_dump_json())

    assert written.letter_of(stored) == letter


def test_contents_of_another_kind_are_refused_without_repeating_them() -> None:
    envelope = an_envelope(EXAMPLES["refusal"], kind=LetterKind.RECEIPT)

    with pytest.raises(BadInputError, match="received_at") as refused:
        written.letter_of(envelope)
    assert "Ångström" not in str(refused.value)


@pytest.mark.parametrize("name", EXAMPLES)
def test_html_says_what_the_text_says(name: str) -> None:
    rendered = render(EXAMPLES[name], "en")

    assert "<Élan" not in rendered.html
    if "Ñandú" in rendered.text:
        assert "&lt;Élan &amp; Ñandú&gt;" in rendered.html
    assert "ABCD-EFGH-IJKL" in rendered.html or name == "roster"


def test_a_letter_shows_nothing_of_itself_when_printed() -> None:
    assert repr(EXAMPLES["refusal"]) == str(EXAMPLES["refusal"]) == "<refusal letter>"
    assert "Brandt" not in repr(render(EXAMPLES["refusal"], "en"))


HOSTILE = [
    "Eve\r\nBcc: everybody@league.example",
    "\u202egnp.exe\u202c",
    "{{ letter.head }} {% raw %}",
    "👩🏽‍⚖️🇺🇳" * 60,
    "<script>alert(1)</script>",
    "x" * 5000,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_harmless_line(name: str) -> None:
    letter = EXAMPLES["receipt"].revised(applicant_name=name, greeting_name=name, case_number=name)

    rendered = render(letter, "en")

    assert "\n" not in rendered.subject
    assert len(rendered.subject) <= 160
    assert not any(line.startswith("Bcc:") for line in rendered.text.splitlines())
    assert "<script" not in rendered.html
    assert "\u202e" not in rendered.text + rendered.html


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=80).filter(lambda text: text.strip()))
def test_any_name_renders_and_leaves_the_subject_on_one_line(name: str) -> None:
    try:
        letter = EXAMPLES["placement"].revised(partner_name=name)
    except ValueError:
        return

    assert len(render(letter, "en").subject.splitlines()) == 1


def test_a_jurisdiction_replaces_one_phrase_and_one_template(tmp_path: Path) -> None:
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "legal.toml").write_text('remedy_none = "Art. 12(5): no remedy."\n', "utf-8")
    (tmp_path / "receipt.body").write_text(
        "{% extends base %}{% block body %}{{ letter.case_number }}{% endblock %}", "utf-8"
    )

    refusal = render(EXAMPLES["refusal-without-remedy"], "en", overrides=tmp_path)
    receipt = render(EXAMPLES["receipt"], "en", overrides=tmp_path)

    assert "Art. 12(5): no remedy." in refusal.text
    assert "The application is refused" in refusal.html
    assert "What has arrived" not in receipt.text


@pytest.mark.parametrize(
    ("snippet", "problem"),
    [
        ("{{ letter.passport_number }}", "no attribute 'passport_number'"),
        ("{{ letter.__class__.__mro__ }}", "unsafe"),
        ("{{ letter.head.election_title + 1 }}", "TypeError"),
        ("{% if %}", "TemplateSyntaxError"),
    ],
)
def test_a_mistaken_placeholder_is_reported_without_contents(tmp_path: Path, snippet: str, problem: str) -> None:
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "receipt.toml").write_text(f"opening = '''{snippet}'''", "utf-8")

    with pytest.raises(BadInputError, match=problem) as refused:
        render(EXAMPLES["receipt"], "en", overrides=tmp_path)
    assert "Brandt" not in str(refused.value)


def test_a_phrase_that_no_letter_uses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "receipt.toml").write_text('openning = "Hello"', "utf-8")

    with pytest.raises(BadInputError, match="openning"):
        render(EXAMPLES["receipt"], "en", overrides=tmp_path)


def test_a_language_without_words_falls_back_to_english() -> None:
    assert render(EXAMPLES["receipt"], "xx").language == "en"
