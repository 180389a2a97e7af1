from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInputError
from domain.letters.envelope import Envelope, LetterKind
from notifications import letters as written
from notifications.letters.rendering import Rendered, render
from notifications.letters.samples import SAMPLES
from notifications.letters.words import SHIPPED, languages


def an_envelope(letter: written.Letter, **changes: object) -> Envelope:
    facts: dict[str, object] = {
        "key": f"{letter.kind}:1:1",
        "kind": letter.kind,
        "to": "ilse@league.example",
        "application_id": UUID(int=7),
        "contents": written.contents_of(letter),
    }
    return Envelope.model_validate(facts | changes)


@cache
def a_rendered(name: str, language: str) -> Rendered:
    return render(SAMPLES[name], language, code="QWER-TYUI-OPAS-DFGH")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", SAMPLES)
def test_every_letter_reads_as_approved(name: str, language: str, approved: Callable[[str, str], None]) -> None:
    rendered = a_rendered(name, language)

    approved(f"{language}/{name}.txt", f"Subject: {rendered.subject}\n\n{rendered.text}")


def test_every_kind_of_letter_has_a_model_and_a_sample() -> None:
    assert set(written.LETTERS) == set(LetterKind)
    assert {letter.kind for letter in SAMPLES.values()} == set(LetterKind)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_letter_comes_back_from_its_envelope(name: str) -> None:
    letter = SAMPLES[name]
    stored = Envelope.model_validate_json(an_envelope(letter).model_dump_json())

    assert written.letter_of(stored) == letter


def test_contents_of_another_kind_are_refused_without_repeating_them() -> None:
    envelope = an_envelope(SAMPLES["refusal"], kind=LetterKind.RECEIPT)

    with pytest.raises(BadInputError, match="received_at") as refused:
        written.letter_of(envelope)
    assert "Ångström" not in str(refused.value)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", SAMPLES)
def test_html_says_what_the_text_says(name: str, language: str) -> None:
    rendered = a_rendered(name, language)
    shown = unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", rendered.html, flags=re.DOTALL))

    only_in_text = set(re.findall(r"\w+", rendered.text)) - set(re.findall(r"\w+", shown))
    in_one_piece = re.sub(r"\s", "", shown)  # Chinese is broken anywhere

    assert {words for words in only_in_text if words not in in_one_piece} <= {"x"}
    assert "<Élan" not in rendered.html


def test_a_letter_shows_nothing_of_itself_when_printed() -> None:
    assert repr(SAMPLES["refusal"]) == str(SAMPLES["refusal"]) == "<refusal letter>"
    assert "Brandt" not in repr(render(SAMPLES["refusal"], "en"))


HOSTILE = [
    "Eve\r\nBcc: everybody@league.example",
    "\u202egnp.exe\u202c",
    "{{ letter.head }} {% raw %}",
    "👩🏽‍⚖️🇺🇳" * 60,
    "<script>alert(1)</script>",
    "x" * 5000,
    "https://phishing.example/login",
    "Сentral Eleсtion Commission",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_harmless_line(name: str) -> None:
    letter = SAMPLES["receipt"].revised(applicant_name=name, greeting_name=name, case_number=name)

    rendered = render(letter, "en")

    assert "\n" not in rendered.subject
    assert len(rendered.subject) <= 160
    assert not any(line.startswith("Bcc:") for line in rendered.text.splitlines())
    assert "<script" not in rendered.html
    assert re.findall(r'href="([^"]*)"', rendered.html) == ["mailto:observers@commission.example"]
    assert "\u202e" not in rendered.text + rendered.html


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=80).filter(lambda text: text.strip()))
def test_any_name_renders_and_leaves_the_subject_on_one_line(name: str) -> None:
    try:
        letter = SAMPLES["placement"].revised(partner_name=name)
    except ValueError:
        return

    assert len(render(letter, "en").subject.splitlines()) == 1


def test_a_jurisdiction_replaces_one_phrase_and_one_template(tmp_path: Path) -> None:
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "legal.toml").write_text('remedy_none = "Art. 12(5): no remedy."\n', "utf-8")
    (tmp_path / "receipt.body").write_text(
        "{% extends base %}{% block body %}{{ letter.case_number }}{% endblock %}", "utf-8"
    )

    refusal = render(SAMPLES["refusal-without-remedy"], "en", overrides=tmp_path)
    receipt = render(SAMPLES["receipt"], "en", overrides=tmp_path)

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
        render(SAMPLES["receipt"], "en", overrides=tmp_path)
    assert "Brandt" not in str(refused.value)


def test_a_phrase_that_no_letter_uses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words" / "en").mkdir(parents=True)
    (tmp_path / "words" / "en" / "receipt.toml").write_text('openning = "Hello"', "utf-8")

    with pytest.raises(BadInputError, match="openning"):
        render(SAMPLES["receipt"], "en", overrides=tmp_path)


def test_a_language_without_words_falls_back_to_english() -> None:
    assert render(SAMPLES["receipt"], "xx").language == "en"


_PLACEHOLDERS = re.compile(r"(?:letter|notice|remedy)\.[\w.]+|say\(\"\w+\"\)")


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("language", languages())
def test_every_shipped_language_has_every_phrase_with_the_same_facts(kind: LetterKind, language: str) -> None:
    own, english = shipped(kind, language), shipped(kind, "en")

    assert own.keys() == english.keys()
    assert {key: set(_PLACEHOLDERS.findall(own[key])) for key in own} == {
        key: set(_PLACEHOLDERS.findall(english[key])) for key in english
    }


def shipped(kind: LetterKind, language: str) -> dict[str, str]:
    """Return the phrases as shipped, without what a language would borrow from English."""
    phrases: dict[str, str] = {}
    for name in ("common", "legal", "reasons", kind.value):
        for key, value in tomllib.loads((SHIPPED / "words" / language / f"{name}.toml").read_text("utf-8")).items():
            table = value.items() if hasattr(value, "items") else [("", value)]
            phrases |= {f"{name}.{key}.{each}": phrase for each, phrase in table}
    return phrases
