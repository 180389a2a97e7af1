"""Names in scripts that no badge can show: said before issue, counted when it happens, never passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import ELECTION
from support.stages import AS_OF, Stages, assign, due, vet

from db.store import open_reader, open_store
from domain.application.actors import Actor
from domain.application.events import NominationCorrected
from domain.application.findings import Severity
from domain.application.status import Status
from flows.context import database
from flows.issuance import flow as issuance
from flows.vetting.own_scripts import RULE, about_names, left_off
from notifications.badge.contents import Badge
from notifications.badge.scripts import unshown_script, writing_of

TIBETAN, SYRIAC = "བསྟན་འཛིན་སྒྲོལ་མ", "ܝܘܚܢܢ ܒܪ ܙܒܕܝ"


def test_an_officer_is_warned_before_issue_and_the_report_of_issuance_counts_by_script(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("taken in"):
        some = due(Status.IN_VETTING)
        with open_store(database()) as store:
            found = store.applications.get_many(some)
            people = store.people.current(some)
            for known, name in zip(some, [TIBETAN, SYRIAC, TIBETAN, "ဒေါ်အေးအေး"], strict=False):
                event = NominationCorrected(
                    application_id=known, at=AS_OF, actor=Actor.engine("intake"),
                    person_version=found[known].person_version + 1,
                )  # fmt: skip
                moved = store.applications.record(found[known], event)
                store.people.put(moved, people[known].revised(native_name=name), now=AS_OF)
        vetted = vet()
        with open_reader(database()) as store:
            noted = store.people.findings_on(some[:4])
        notes = [one for known in some[:4] for one in noted.get(known, []) if one.rule == RULE]
        assert [(note.severity, note.about) for note in notes] == [
            (Severity.NOTE, "Tibetan"), (Severity.NOTE, "Syriac"), (Severity.NOTE, "Tibetan"),
        ]  # fmt: skip
        assert vetted["with a name left off badges in Tibetan"] == 2
        with open_store(database()) as store:
            approved = [one for one in some[:4] if store.applications.get(one).status is Status.APPROVED]
        assign()
        counts, _ = issuance.issue([one for one in approved if one in due(Status.ASSIGNED)], ELECTION, now=AS_OF)
        assert counts["issued"] > 0
        with open_reader(database()) as store:
            issued = store.people.current([one for one in approved if one in due(Status.CREDENTIALED)])
        assert counts == {"issued": len(issued), **left_off(issued.values())}
        (report,) = about_names(vetted)
        assert "2 in Tibetan" in report


def test_nothing_is_said_where_every_name_is_shown() -> None:
    assert about_names({"issued": 7}) == []
    assert [unshown_script(name) for name in ("", "Ильва", "ილვა", "ဒေါ်အေးအေး", "𞤋𞤤𞤬𞤢")] == [""] * 5


@given(st.text(max_size=20))
def test_a_name_is_either_shown_or_said_to_be_left_off(name: str) -> None:
    badge = Badge.model_construct(passport_name="ILVA TORNEK", native_name=name, native_language=None)
    shown, said = badge.native_writing is not None, unshown_script(name)
    repeated = not name.split() or writing_of(name) is not None
    assert shown or said or repeated or not any(letter.isprintable() for part in name.split() for letter in part)
    assert not (shown and said)


@pytest.mark.parametrize(
    ("name", "script"),
    [
        (TIBETAN, "Tibetan"),
        (SYRIAC, "Syriac"),
        (f"Tenzin {TIBETAN}", "Tibetan"),
        ("123", "signs that are no letters"),
        ("ᠰᠠᠷ\u1878", "Mongolian (U+1878)"),
    ],
)
def test_the_script_is_named_in_words(name: str, script: str) -> None:
    assert unshown_script(name) == script
