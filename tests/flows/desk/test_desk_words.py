"""The desk's words: complete in every language, and every phrase that a page asks for is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from domain.application.events import Event
from domain.application.status import Status
from domain.decisions.casework import Answer
from domain.decisions.competence import Priority
from domain.decisions.rulings import Outcome
from domain.letters.envelope import LetterKind, LetterState
from domain.organisations.organisation import OrganisationActKind, OrganisationKind, OrganisationStatus
from domain.statements.officer_acts import StaffAct, Step
from domain.statements.officers import OfficerRole
from flows.desk import words
from flows.desk.visit import HERE

SECTIONS: dict[str, type[StrEnum]] = {
    "outcome": Outcome, "status": Status, "standing": OrganisationStatus, "organisation_kind": OrganisationKind,
    "organisation_act": OrganisationActKind, "staff_act": StaffAct, "step": Step, "priority": Priority,
    "letter": LetterKind, "letter_state": LetterState, "clearance": Answer, "officer_role": OfficerRole,
}  # fmt: skip


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", words.shipped())
def test_every_language_says_everything_with_the_same_values_in_it(language: str) -> None:
    english, said = words.phrases("en").said, words.phrases(language).said
    assert said.keys() == english.keys()
    assert {key: placeholders(text) for key, text in said.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert all(text.strip() for text in said.values())
    if language != "en":
        same = [key for key in said if said[key] == english[key] and re.search(r"[a-z]{4}", said[key])]
        assert len(same) < 25, same  # what is left in English is code, or the same word


def test_every_phrase_that_a_page_asks_for_is_there() -> None:
    sources = [*(HERE / "templates").glob("*.html"), *HERE.glob("*.py"), *(HERE / "pages").glob("*.py")]
    asked = {
        key for path in sources for key in re.findall(r"""say\(\s*['"]([a-z_]+\.[a-z_]+)['"]\s*[,)]""", _text(path))
    }
    assert len(asked) > 150
    assert asked <= words.phrases("en").said.keys()


def _text(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.mark.parametrize(("section", "codes"), SECTIONS.items())
def test_every_code_has_its_word(section: str, codes: Iterable[StrEnum]) -> None:
    said = words.phrases("en").said
    named = {code: f"{section}.{code.value.replace(' ', '_')}" for code in codes}
    assert {code for code, name in named.items() if name not in said} == set()


def test_every_event_has_its_word() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(get_args(Event)[0])}
    assert {kind for kind in kinds if f"event.{kind}" not in words.phrases("en").said} == set()


@pytest.mark.parametrize(
    ("wanted", "accepted", "among", "spoken"),
    [
        ("", "fr-FR,fr;q=0.9", ("ar", "fr"), "fr"),
        ("ar", "fr", ("ar", "fr"), "ar"),
        ("xx", "de", ("ar", "fr"), "ar"),
        ("ru", "", ("en",), "en"),
    ],
)
def test_the_officers_choice_comes_before_the_browsers_and_only_the_profiles_languages_are_spoken(
    wanted: str, accepted: str, among: tuple[str, ...], spoken: str
) -> None:
    assert words.chosen(wanted, accepted, among) == spoken


def test_arabic_runs_from_right_to_left() -> None:
    assert {language for language in words.shipped() if words.phrases(language).direction == "rtl"} == {"ar"}
