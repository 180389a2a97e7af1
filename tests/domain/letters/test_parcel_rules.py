from __future__ import annotations

from datetime import timedelta

import pytest
from support.builders import NOW, an_envelope

from domain.application.status import Status
from domain.letters.envelope import LetterKind, OnlyWhile
from domain.letters.parcels import OFFICERS, Apart, Destination, ParcelRules, destination_of, packed

RULES = ParcelRules(hours=4, most=2)
OURS, THEIRS = Destination("ORG-01", "issuance"), Destination("ORG-02", "decisions")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "destination"),
    [
        ({"kind": LetterKind.CREDENTIAL}, OURS),
        ({"kind": LetterKind.REFUSAL}, None),
        ({"kind": LetterKind.DEFERRAL}, Destination("ORG-01", "decisions")),
        ({"kind": LetterKind.DOUBLE_NOMINATION}, Destination("ORG-01", "vetting")),
        ({"kind": LetterKind.CREDENTIAL, "organisation": None}, None),
        ({"kind": LetterKind.REFERRAL, "contents": {"occasion": "checks"}}, Destination(OFFICERS, "vetting")),
        ({"kind": LetterKind.REFERRAL, "contents": {"occasion": "bounced"}}, None),
    ],
)
def test_what_comes_once_a_nominee_goes_together_and_all_else_by_itself(
    changes: dict[str, object], destination: Destination | None
) -> None:
    envelope = an_envelope("x:1").revised(**{"organisation": "ORG-01"} | changes)
    assert destination_of(envelope, RULES) == destination
    assert destination_of(envelope, RULES.revised(kinds=())) is None


def test_a_reminder_that_may_be_overtaken_goes_by_itself_and_its_copy_with_the_others() -> None:
    alone = an_envelope("reminder:1").revised(
        kind=LetterKind.REMINDER, organisation="ORG-01", copy_to="", only_while=OnlyWhile(statuses=(Status.ASSIGNED,))
    )
    assert destination_of(alone, RULES) is None
    assert destination_of(alone.revised(copy_to="ilse@league.example"), RULES) == Destination("ORG-01", "reminders")


def test_a_parcel_holds_the_oldest_first_and_no_more_badges_than_the_rules_say() -> None:
    badges = [Apart(f"credential:{number}", OURS, NOW - number * HOUR) for number in range(3)]
    pages = [Apart(f"approval:{number}", THEIRS, NOW) for number in range(3)]
    made = [
        (to, [letter.letter for letter in letters]) for to, letters in packed([*badges, *pages], {}, RULES, now=NOW)
    ]
    assert made == [
        (OURS, ["credential:2", "credential:1"]),
        (OURS, ["credential:0"]),
        (THEIRS, ["approval:0", "approval:1", "approval:2"]),
    ]


def test_the_next_parcel_of_a_stage_comes_hours_after_the_last() -> None:
    badge = [Apart("credential:1", OURS, NOW)]
    assert [*packed(badge, {OURS: NOW}, RULES, now=NOW + 4 * HOUR - timedelta(seconds=1))] == []
    assert len([*packed(badge, {OURS: NOW}, RULES, now=NOW + 4 * HOUR)]) == 1
    assert len([*packed(badge, {THEIRS: NOW}, RULES, now=NOW)]) == 1
