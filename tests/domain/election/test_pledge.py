from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError
from support.builders import a_nomination

from domain.election.pledge import PledgeRules, PledgeText, acceptance_of, pledge_findings

FIRST = PledgeText(version="1", texts={"en": "I observe.", "fr": "J'observe."})
SECOND = PledgeText(version="2", texts={"en": "I observe and keep still."}, in_force_from=date(2027, 2, 10))
RULES = PledgeRules(versions=(FIRST, SECOND))
STRICT = RULES.model_validate(dict(RULES) | {"again_when_changed": True})
TODAY = date(2027, 3, 1)


def found(rules: PledgeRules, **fields: object) -> list[str]:
    return [finding.rule for finding in pledge_findings(a_nomination(**fields), rules, on=TODAY)]


def test_the_text_accepted_is_the_one_named_or_else_the_one_in_force_on_the_day_of_signing() -> None:
    early = acceptance_of(a_nomination(letter_language="fr"), RULES)
    late = acceptance_of(a_nomination(pledge_accepted_on=date(2027, 2, 10)), RULES)
    named = acceptance_of(a_nomination(pledge_accepted_on=date(2027, 2, 10), pledge_text="1"), RULES)
    assert early is not None
    assert late is not None
    assert named is not None
    assert [(one.version, one.language, one.text) for one in (early, late, named)] == [
        ("1", "fr", "J'observe."), ("2", "en", "I observe and keep still."), ("1", "en", "I observe."),
    ]  # fmt: skip
    assert len({one.sha256 for one in (early, late, named)}) == 3
    assert acceptance_of(a_nomination(pledge_accepted_on=None), RULES) is None


def test_a_changed_text_is_a_finding_only_where_the_profile_says_so_and_an_unknown_one_always() -> None:
    assert (found(RULES), found(STRICT)) == ([], ["pledge_text_changed"])
    assert found(STRICT, pledge_accepted_on=date(2027, 2, 20)) == []
    assert found(RULES, pledge_text="7") == ["pledge_text_unknown"]
    with pytest.raises(ValidationError, match="a change needs a new version"):
        PledgeRules(versions=(FIRST, FIRST))
