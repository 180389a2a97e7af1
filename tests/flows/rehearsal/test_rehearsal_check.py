from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, take_in, vet

from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Outcome as Decided
from domain.decisions.rulings import Ruling, check_ruling
from domain.statements.officers import Officer, OfficerRole
from flows.election.loading import init_election
from flows.rehearsal import demonstration_outcome, read_truth, valdara, write_package
from flows.rehearsal.check import CheckedOutcome, DifferenceKind, differences
from flows.rehearsal.package import oddities
from flows.rehearsal.package.truth import CasePath, PlantedProblem, RowOutcome, TruthRow
from flows.rehearsal.run import check_against_truth

FILE = "nominations/ORG-01.csv"
EXPIRED = TruthRow(
    file=FILE, row=2, organisation="ORG-01", reference="0001", codes=(ReasonCode.D03,),
    problems=(PlantedProblem.EXPIRED_DOCUMENT,), path=CasePath.INCOMPLETE,
)  # fmt: skip
RETURNED = TruthRow(
    file=FILE, row=3, organisation="ORG-01", reference="", row_outcome=RowOutcome.RETURNED,
    problems=(PlantedProblem.MALFORMED,), path=CasePath.RETURNED,
)  # fmt: skip


def an_outcome(
    *,
    reference: str = "0001",
    row_outcome: str = "recorded",
    codes: tuple[str, ...] = ("D03",),
    path: str = "incomplete",
    file: str = "",
    row: int = 0,
) -> CheckedOutcome:
    return CheckedOutcome("ORG-01", reference, row_outcome, frozenset(codes), path, file, row)


@pytest.mark.parametrize(
    ("truth", "outcomes", "kind", "sentence"),
    [
        (EXPIRED, [], DifferenceKind.LOST,
         "ORG-01/0001: the engine does not know it (planted: expired_document)."),
        (EXPIRED, [an_outcome(), an_outcome(reference="0009")], DifferenceKind.INVENTED,
         "ORG-01/0009: the engine has it, the package does not."),
        (EXPIRED, [an_outcome(), an_outcome()], DifferenceKind.DOUBLED, "ORG-01/0001: the engine has it 2 times."),
        (EXPIRED, [an_outcome(row_outcome="held")], DifferenceKind.ROW_OUTCOME,
         "ORG-01/0001: should be recorded, was held (planted: expired_document)."),
        (EXPIRED, [an_outcome(codes=())], DifferenceKind.CODE_MISSED,
         "ORG-01/0001: D03 was not noted (planted: expired_document)."),
        (EXPIRED, [an_outcome(codes=("D03", "R04"))], DifferenceKind.CODE_UNFOUNDED,
         "ORG-01/0001: R04 was noted (planted: expired_document)."),
        (EXPIRED, [an_outcome(path="cleared")], DifferenceKind.PATH,
         "ORG-01/0001: should go incomplete, went cleared (planted: expired_document)."),
        (RETURNED, [], DifferenceKind.LOST, "ORG-01.csv row 3: the engine does not know it (planted: malformed)."),
    ],
)  # fmt: skip
def test_each_kind_of_difference_is_one_sentence(
    truth: TruthRow, outcomes: list[CheckedOutcome], kind: DifferenceKind, sentence: str
) -> None:
    found = differences([truth], outcomes)
    assert [(difference.kind, str(difference)) for difference in found] == [(kind, sentence)]


def test_what_agrees_makes_no_difference() -> None:
    returned = an_outcome(reference="", row_outcome="returned", codes=(), path="returned", file="ORG-01.csv", row=3)
    assert differences([EXPIRED, RETURNED], [returned, an_outcome()]) == []


@pytest.mark.parametrize("mended", [True, False])
def test_what_was_planted_to_be_mended_must_be_once_corrections_came(*, mended: bool) -> None:
    deficient = EXPIRED.revised(mends={"document_expiry": "2031-01-31"})
    returned = RETURNED.revised(mends={"reference": "0002", "surname": "A"})
    entry = an_outcome(reference="", row_outcome="returned", codes=(), path="returned", file="ORG-01.csv", row=3)
    recorded = an_outcome(reference="0002", codes=(), path="cleared")
    outcomes = [replace(an_outcome(), mended=mended), replace(entry, mended=mended), *([recorded] if mended else [])]
    found = differences([deficient, returned], outcomes, corrections_came=True)
    kinds = [] if mended else [DifferenceKind.NOT_MENDED, DifferenceKind.NOT_MENDED]
    assert [difference.kind for difference in found] == kinds
    assert differences([deficient, returned], [an_outcome(), entry]) == []


RULES = (
    "host_national", "under_age", "received_late", "same_document", "same_name_and_birth", "on_reference_list",
    "conflict_declared", "mrz_differs_from_form", "mrz_check_digit", "mrz_unrecognised", "never_heard_of",
)  # fmt: skip


def test_demonstration_officers_decide_the_same_case_the_same_way_and_use_every_outcome() -> None:
    cases = [(UUID(int=number), (rule,)) for rule in RULES for number in range(60)]
    decided = [demonstration_outcome(*case) for case in cases]
    assert decided == [demonstration_outcome(*case) for case in cases]
    outcomes = Counter(outcome for outcome, _ in decided)
    assert set(outcomes) == {Decided.APPROVE, Decided.REFUSE, Decided.DEFER, Decided.REQUEST_INFORMATION}


def test_what_demonstration_officers_decide_is_lawful_in_valdara() -> None:
    profile = valdara()
    officer = Officer(code="OFF-DEMO-1", roles=(OfficerRole.CASE_OFFICER,))
    now = profile.moment(profile.calendar.ends)
    for number in range(60):
        for rule in RULES:
            outcome, reasons = demonstration_outcome(UUID(int=number), (rule,))
            until = now.replace(year=now.year + 1) if outcome is Decided.DEFER else None
            check_ruling(Ruling(outcome=outcome, reasons=reasons, until=until), officer, profile, now=now)


def test_a_grave_finding_goes_before_a_light_one() -> None:
    for number in range(60):
        ruled = demonstration_outcome(UUID(int=number), ("mrz_check_digit", "host_national"))
        assert ruled == (Decided.REFUSE, (ReasonCode.R04,))


def test_what_people_really_send_is_planted_and_goes_its_way(
    sqlite_stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oddities, "_EACH_KIND_FROM", 24)
    package = tmp_path / "package"
    write_package(package, applications=24, seed=11, processes=1, oddities=True, renumbered=True)
    with sqlite_stages.empty():
        init_election(package, now=AS_OF)
        take_in(package / "nominations")
        vet()
        assert [str(one) for one in check_against_truth(ELECTION, package)] == []
        (package / "refused" / "locked.xlsx").write_text("role,surname,given_names\nexpert,Lind,Ava\n")
        assert [one.row for one in check_against_truth(ELECTION, package)] == ["refused/locked.xlsx"]
    planted = {problem for row in read_truth(package / "truth.jsonl") for problem in row.problems}
    assert {*oddities.KINDS, PlantedProblem.SORTED_COLUMN} <= planted


def test_drivers_and_media_come_on_top_in_columns_of_their_own_and_everybody_else_is_as_without_them(
    sqlite_stages: Stages, tmp_path: Path
) -> None:
    package, without = tmp_path / "package", tmp_path / "without"
    write_package(package, applications=24, seed=11, processes=1, kinds=True)
    write_package(without, applications=24, seed=11, processes=1)
    own = {"election.yaml", "truth.jsonl", "rehearsal.json", "nominations/received.csv"}
    for path in (path for path in without.rglob("*") if path.is_file() and str(path.relative_to(without)) not in own):
        assert (package / path.relative_to(without)).read_bytes() == path.read_bytes()
    with sqlite_stages.empty():
        init_election(package, now=AS_OF)
        take_in(package / "nominations")
        vet()
        assert [str(one) for one in check_against_truth(ELECTION, package)] == []
    there = {row.reference: row for row in read_truth(package / "truth.jsonl")}
    assert [there[f"K{number}"].path for number in (1, 2, 3)] == ["cleared", "cleared", "incomplete"]
