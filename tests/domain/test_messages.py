"""Messages: a code with facts has its words in every language, and words of the form are complete."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

import domain
from domain.application.findings import Finding, Severity
from domain.application.nomination import COLUMNS
from domain.application.reasons import ReasonCode
from domain.identity.photo import FileProblem
from domain.intake.plausibility.rules import RULES as PLAUSIBLE
from domain.intake.remedies import Asked, advice_for, remedy_for
from domain.messages import OF_COLUMN, Message, ReadingNote, facts_of, placeholders, remedy_of
from domain.words import LANGUAGES, SORTS, words_in

ENGLISH = words_in("en")
ASKED = Asked(valid_until=date(2027, 4, 13), shortest_side=300, width=78)
RULES = (
    "field_missing", "field_unreadable", "day_impossible", "days_reversed", "document_missing",
    "document_expires_early", "email_unusable", *FileProblem, *(rule.name for rule in PLAUSIBLE if rule.columns),
    "name_missing", "birth_day_printed", "expiry_printed", "pledge_not_anew",
)  # fmt: skip
# Filled in English by the codes of a column's choices, in the other languages by their words.
ALIKE = {"codes": "choices"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_and_names_the_same_facts(language: str) -> None:
    words = words_in(language)
    for table in ("titles", "notes", "sheets", "corrections", "report", "problems", "remedies", "reading", "hints"):
        said, english = getattr(words, table), getattr(ENGLISH, table)
        assert said.keys() == english.keys(), table
        for key, sentence in said.items():
            named = {ALIKE.get(name, name) for name in placeholders(sentence)}
            assert named == {ALIKE.get(name, name) for name in placeholders(english[key])}, (table, key)
            assert sentence.strip()
            assert sentence.count("{}") == english[key].count("{}")
    assert {column: choices.keys() for column, choices in words.choices.items()} == {
        column: choices.keys() for column, choices in ENGLISH.choices.items()
    }
    assert tuple(words.titles) == tuple(COLUMNS)
    assert SORTS.keys() == words.titles.keys()
    assert len(words.months) in {0, 12}


def test_each_remedy_is_that_of_a_problem_and_each_word_for_a_choice_means_one() -> None:
    assert {remedy_of(code) for code in ENGLISH.problems} == set(ENGLISH.remedies)
    for words in map(words_in, LANGUAGES):
        for column, choices in words.other_choices.items():
            assert choices.keys() <= words.choices[column].keys()
        for columns in words.several_meanings.values():
            assert set(columns) <= set(COLUMNS)


def made_in_the_code(kind: str) -> Iterator[tuple[str, set[str]]]:
    """Yield code and names of facts of each message or note that the program makes in so many words."""
    root = Path(domain.__file__).parents[1]
    for path in (path for folder in ("domain", "notifications", "flows") for path in (root / folder).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            match call:
                case ast.Call(ast.Attribute(ast.Name(name), "of"), [ast.Constant(str(code))], keywords):
                    if name == kind and all(keyword.arg for keyword in keywords):
                        yield code, {str(keyword.arg) for keyword in keywords}
                case _:
                    pass


def test_the_program_gives_each_message_the_facts_that_its_words_name() -> None:
    made = list(made_in_the_code("Message"))
    assert len(made) > 30
    for code, facts in made:
        assert code in ENGLISH.problems
        assert facts == facts_of(code), code
    for code, facts in made_in_the_code("ReadingNote"):
        assert facts == {*placeholders(ENGLISH.reading[code])}, code
    with pytest.raises(ValidationError):
        ReadingNote.of("header_again", rows=3)
    with pytest.raises(ValidationError):
        Message.of("cell_too_long", length=501)
    with pytest.raises(ValidationError):
        Message.of("of_a_later_edition")


@pytest.mark.parametrize("rule", [*RULES, "of_a_later_edition"])
def test_whatever_is_wrong_with_a_field_has_words_in_every_language(rule: str) -> None:
    for column in (*COLUMNS, "elsewhere"):
        message = remedy_for(Finding(rule=rule, code=ReasonCode.D06, severity=Severity.CURE), column, ASKED)
        assert Message.model_validate_json(message.model_dump_json()) == message
        said = {language: (message.problem(language), message.remedy(language)) for language in LANGUAGES}
        assert len({remedy for _, remedy in said.values()}) == len(LANGUAGES)
        assert all("{" not in problem + remedy for problem, remedy in said.values())
        assert len({"300" in remedy for _, remedy in said.values()}) == 1, "every number is kept"


def test_a_message_reads_the_same_as_before_it_was_a_code() -> None:
    long = Message.of("cell_too_long", length=100_000, most=500).hinting("may_stand")
    assert str(long) == (
        "The cell holds 100,000 characters; a field has at most 500. Shorten it to what stands in the document, and "
        "send the row again. If you send the row back unchanged, it counts as right."
    )
    assert long.problem("ru") == "В ячейке 100,000 знаков; в поле их не больше 500."
    assert Message.of("role_unknown", column="role").remedy("en").startswith("Write one of: head_of_mission, core_team")
    assert Message.of("role_unknown", column="role").remedy("es").endswith(", Experto, Intérprete")
    conflict = Message.of("field_missing", column="conflict_declared")
    assert conflict.remedy() == "Write yes or no: is there anything to declare about conflicts of interest?"
    assert conflict.remedy("fr") == "Écrivez : oui ou non : y a-t-il un conflit d'intérêts à déclarer ?"
    assert Message.written("As it was.", "Do.").problem("ar") == "As it was."
    assert conflict.remedy("de") == conflict.remedy()
    assert {"note", "codes", "choices"} == OF_COLUMN


def test_a_letter_says_for_each_field_what_to_send_and_leaves_papers_and_pledges_to_its_own_words() -> None:
    small = Finding(rule="image_too_few_pixels", code=ReasonCode.D05, severity=Severity.CURE, fields=("photo",))
    told = advice_for(small, "photo", ASKED)
    assert told
    assert told.remedy() == "Send a larger picture, of at least 300 pixels on its shorter side."
    empty = small.revised(rule="field_missing", code=ReasonCode.D06)
    assert (told := advice_for(empty, "birth_date", ASKED))
    assert told.remedy().startswith("Write year-month-day")
    assert advice_for(empty, "pledge_accepted_on", ASKED) is None
    assert advice_for(small.revised(rule="document_missing", code=ReasonCode.D01), "photo", ASKED) is None
