"""What corrections workbooks say: every problem and remedy in every language that forms are in."""

from __future__ import annotations

from datetime import date

import pytest

from domain.application.findings import Finding, Severity
from domain.application.nomination import COLUMNS
from domain.application.reasons import ReasonCode
from domain.identity.photo import FileProblem
from domain.intake.form_words import LANGUAGES
from domain.intake.nominations_file import RowProblem
from domain.intake.remedies import Asked, advice_for, remedy_for
from domain.intake.row_sentences import MARK_AS_RIGHT, all_in_language
from domain.intake.rows import read_row

RULES = (
    "field_missing", "field_unreadable", "day_impossible", "days_reversed", "document_missing",
    "document_expires_early", "email_unusable", *FileProblem,
)  # fmt: skip
BAD_ROWS: tuple[dict[str, str], ...] = (
    {"role": "=1"}, {"role": "x" * 501}, {"role": "king"}, {"role": "expert"}, {"role": "expert", "surname": "A"},
)  # fmt: skip


def said() -> set[str]:
    asked = Asked(valid_until=date(2500, 5, 3), shortest_side=500, width=500)
    found = {
        words
        for rule in RULES
        for column in COLUMNS
        for words in remedy_for(Finding(rule=rule, code=ReasonCode.D06, severity=Severity.CURE), column, asked)
    }
    for cells in BAD_ROWS:
        read = read_row(2, cells, extra_cells=3 if cells == BAD_ROWS[0] else 0)
        assert isinstance(read, RowProblem)
        found |= {read.problem, read.remedy, f"{read.remedy} {MARK_AS_RIGHT}"}
    return found


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_nothing_stays_in_english_and_every_number_is_kept(language: str) -> None:
    for sentence in said():
        told = all_in_language(sentence, language)
        assert told not in {"", sentence}
        assert "{" not in told
        assert ("500" in told) == ("500" in sentence)
    assert all_in_language("A sentence of a later edition.", language) == "A sentence of a later edition."


def test_a_letter_says_for_each_field_what_to_send_and_leaves_papers_and_pledges_to_its_own_words() -> None:
    asked = Asked(valid_until=date(2027, 4, 13), shortest_side=300, width=78)
    small = Finding(rule="image_too_few_pixels", code=ReasonCode.D05, severity=Severity.CURE, fields=("photo",))
    assert advice_for(small, "photo", asked) == "Send a larger picture, of at least 300 pixels on its shorter side."
    empty = small.revised(rule="field_missing", code=ReasonCode.D06)
    assert advice_for(empty, "birth_date", asked).startswith("Write year-month-day")
    assert advice_for(empty, "pledge_accepted_on", asked) == ""
    assert advice_for(small.revised(rule="document_missing", code=ReasonCode.D01), "photo", asked) == ""
