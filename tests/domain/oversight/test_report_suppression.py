"""What is withheld stays unknown: an attack on the published tables by integer programming, written apart from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from support.builders import an_application, an_office

from domain.application.status import Status
from domain.election.profile import Publication, PublicField
from domain.oversight.cases import Dimension, Grouping, Outcome, ReportCase
from domain.oversight.report.figures import group_waits, office_loads, without_small
from domain.oversight.report.groups import (
    POLICIES,
    REFUSED_UNDER,
    PolicyReach,
    Published,
    published,
    shown_by_register,
)
from domain.oversight.report.suppression import SMALLEST, WIDTH, Cell, Counts, Sum, feasible, withheld
from flows.rehearsal import valdara
from flows.rehearsal.decided import Pace, decided_election

GROUPING = Grouping(valdara().zone, {"north": frozenset({"XAA", "XAD", "XAG"}), "south": frozenset({"XDA", "XDO"})})
OUTCOMES = [outcome.value for outcome in Outcome]
Tables = Mapping[str, Mapping[str, Mapping[str, int | None]]]


class Attack:
    """Somebody with all tables, the register, and an integer solver: what could each withheld count be?"""

    def __init__(self, tables: Tables, register: Mapping[tuple[str, str, str], int], *, least: int) -> None:
        self.least = least
        self.known = {
            (table, group, column): register.get((table, group, column), count)
            for table, groups in tables.items()
            for group, cells in groups.items()
            for column, count in cells.items()
        }
        self.places: dict[tuple[str, str, str], int] = {}
        self.rows: list[tuple[dict[int, float], float]] = []
        for table, groups in tables.items():
            if table not in {"days", "refusals_by_reason", POLICIES}:
                for group in groups:
                    self.adds_up((table, group, "received"), [(table, group, outcome) for outcome in OUTCOMES])
        for table in ("organisation_type", "organisation", "role", "week"):
            for column in [*OUTCOMES, "received"]:
                self.adds_up(("all", "all", column), [(table, group, column) for group in tables[table]])
        for outcome in ("refused", "refused_by_policy", "refused_as_late"):
            leads = [(REASONS, code, outcome) for code, cells in tables.get(REASONS, {}).items() if outcome in cells]
            if leads:
                self.adds_up(("all", "all", outcome), leads)
        self.adds_up(("all", "all", "received"), [("days", day, "arrived") for day in tables["days"]])
        self.adds_up(("all", "all", "decided"), [("days", day, "decided") for day in tables["days"]])
        mondays = {day: monday_of(day) for day in tables["days"]}
        for week in tables["week"]:
            own = [day for day, monday in mondays.items() if (monday if monday in tables["week"] else "others") == week]
            self.adds_up(("week", week, "received"), [("days", day, "arrived") for day in own])

    def adds_up(self, total: tuple[str, str, str], parts: list[tuple[str, str, str]]) -> None:
        row: dict[int, float] = {}
        right = 0.0
        for cell, sign in [*((part, 1.0) for part in parts), (total, -1.0)]:
            if self.known[cell] is None:
                row[self.places.setdefault(cell, len(self.places))] = sign
            else:
                right -= sign * float(self.known[cell] or 0)
        self.rows.append((row, right))

    def belongs(self, types: Mapping[str, str]) -> None:
        """Add which organisation is of which type: the sum of a type's listed organisations is at most the type's."""
        for kind in set(types.values()):
            for column in [*OUTCOMES, "received"]:
                rest = ("rest", kind, column)
                self.known[rest] = None
                own = [("organisation", code, column) for code, of in types.items() if of == kind]
                self.adds_up(("organisation_type", kind, column), [*own, rest])
        for column in [*OUTCOMES, "received"]:
            rests = [("rest", kind, column) for kind in set(types.values())]
            self.adds_up(("organisation", "others", column), rests)

    def range_of(self, cell: tuple[str, str, str]) -> tuple[int, int]:
        matrix = np.zeros((len(self.rows), len(self.places)))
        for number, (row, _) in enumerate(self.rows):
            for place, sign in row.items():
                matrix[number, place] = sign
        right = [value for _, value in self.rows]
        ends = []
        least = [self.least * (cell[0] != "rest") for cell in self.places]
        for sign in (1, -1):
            aim = np.zeros(len(self.places))
            aim[self.places[cell]] = sign
            solved = milp(
                aim, constraints=LinearConstraint(matrix, right, right), integrality=np.ones(len(aim)),
                bounds=Bounds(least, 5000), options={"mip_rel_gap": 0},
            )  # fmt: skip
            assert solved.x is not None, solved.message
            ends.append(round(solved.x[self.places[cell]]))
        return ends[0], ends[1]


def monday_of(day: str) -> str:
    known = date.fromisoformat(day)
    return f"{known - timedelta(days=known.weekday())}"


REASONS = "refusals_by_reason"


def an_election(applications: int, seed: int) -> tuple[ReportCase, ...]:
    return decided_election(applications, seed, profile=valdara(), pace=Pace(refused=0.04))


@pytest.mark.parametrize(
    ("applications", "seed", "least"), [(1500, 3, 1), pytest.param(150, 4, 0, marks=pytest.mark.full)]
)
def test_nobody_computes_a_withheld_count_from_the_published_tables(applications: int, seed: int, least: int) -> None:
    """Of many cases also not by whoever knows that no zero is withheld; of few nothing would be left to publish."""
    cases = an_election(applications, seed)
    bans = [
        PolicyReach(f"BAN-{state}:1", {REFUSED_UNDER: refused_of(cases, state)})
        for state in sorted({state for case in cases for state in case.origin.nationalities})
    ]
    known_by = shown_by_register(Publication(fields=(PublicField.TOTALS_BY_NATIONALITY,)))
    tables: Tables = published(cases, GROUPING, policies=bans, register=known_by).rows
    register = {
        (table, group, "accredited"): sum(
            case.outcome is Outcome.ACCREDITED and group in GROUPING.groups(case, dimension) for case in cases
        )
        for dimension in Dimension
        for table, groups in [(dimension.value, tables.get(dimension.value, {}))]
        if table in {"organisation_type", "organisation", "role", "nationality"}
        for group in groups
        if group != "others"
    }
    register = {cell: count for cell, count in register.items() if cell[0] != "nationality" or count >= SMALLEST}
    attack = Attack(tables, register, least=least)
    for state in set(tables["nationality"]) - {"others"}:  # the text of a ban says whom it is about
        attack.adds_up((POLICIES, f"BAN-{state}:1", REFUSED_UNDER), [("nationality", state, "refused")])
    types = {case.origin.organisation: case.origin.kind.value for case in cases}
    if set(types.values()) <= set(tables["organisation_type"]) and "others" in tables["organisation"]:
        attack.belongs({code: kind for code, kind in types.items() if code in tables["organisation"]})
    secret = [cell for cell, count in attack.known.items() if count is None and cell[0] != "rest"]
    assert secret
    small = [cell for cell in secret if cell[2] in OUTCOMES and 0 < true(cases, cell) < SMALLEST]
    quiet = [cell for cell in secret if cell[2] == "arrived" and 0 < true(cases, cell) < SMALLEST]
    assert small
    assert bool(quiet) == (applications == 150)
    for cell in [*small[:30], *quiet]:
        low, high = attack.range_of(cell)
        assert low <= true(cases, cell) <= high
        assert high - low >= WIDTH, cell


@pytest.mark.parametrize("seed", [1, pytest.param(3, marks=pytest.mark.full)])
def test_no_quiet_day_is_what_the_other_days_leave_of_its_week(seed: int) -> None:
    tables = published(an_election(300, seed), GROUPING).rows
    for monday, week in tables["week"].items():
        arrived = [cells["arrived"] for day, cells in tables["days"].items() if monday_of(day) == monday]
        assert week["received"] is None or arrived.count(None) != 1


def as_of(cases: tuple[ReportCase, ...], moment: datetime) -> tuple[ReportCase, ...]:
    """Return the cases as they stood: what came later is not there, and what was decided later is open."""
    return tuple(
        case
        if case.decided_at is None or case.decided_at <= moment
        else replace(case, outcome=Outcome.OPEN, decided_at=None, lead=None)
        for case in cases
        if case.origin.received_at <= moment
    )


@pytest.mark.parametrize(
    ("shares", "tried"), [((0.5, 0.6), 3), pytest.param((0.5, 0.6, 0.62, 0.999), 15, marks=pytest.mark.full)]
)
def test_two_reports_subtracted_give_no_small_count_back(shares: tuple[float, ...], tried: int) -> None:
    """Somebody keeps every report: no difference of a group is from one to four, and none can be solved for."""
    every = an_election(400, 3)
    ends = sorted(case.decided_at for case in every if case.decided_at)
    told: dict[Cell, tuple[tuple[int, bool], ...]] = {}
    kept: list[Published] = []
    leaks = 0
    for share in shares:
        cases = as_of(every, ends[int(len(ends) * share)])
        alone = published(cases, GROUPING)
        leaks += sum(len(small_steps(before, alone)) for before in kept)
        made = published(cases, GROUPING, earlier=told)
        assert not [step for before in kept for step in small_steps(before, made)]
        assert not [
            cell
            for before in kept
            for cell, now in made.counts.items()
            if now[0] and now[1] and before.counts.get(cell) == (now[0], False)
            if (cell.table, cell.column) not in BY_REGISTER
        ]
        close = [
            cell
            for cell, (count, is_told) in made.counts.items()
            if count and not is_told and cell.table not in {"all", "days", REASONS} and "others" not in cell
            if any(before_told and 0 < abs(count - known) < SMALLEST for known, before_told in told.get(cell, ()))
        ]
        attack = Attack(made.rows, register_of(cases, made.rows), least=1)
        for cell in close[:tried]:
            low, high = attack.range_of(cell)
            assert high - low >= WIDTH, cell
        assert published(cases, GROUPING, earlier=beside(told, made)).rows == made.rows
        told, kept = beside(told, made), [*kept, made]
    assert leaks


BY_REGISTER = {(table, "accredited") for table in ("organisation_type", "organisation", "role", "all")} | {
    ("all", "received")
}
"""What the register tells, or the report of everybody, whatever the difference."""


def small_steps(before: Published, after: Published) -> list[Cell]:
    """Return the counts of groups that both tell, and that differ by one to four."""
    return [
        cell
        for cell, (count, is_told) in after.counts.items()
        if is_told and cell.table != "all" and (cell.table, cell.column) not in BY_REGISTER
        if before.counts.get(cell, (0, False))[1] and 0 < abs(count - before.counts[cell][0]) < SMALLEST and count
    ]


def beside(
    told: Mapping[Cell, tuple[tuple[int, bool], ...]], made: Published
) -> dict[Cell, tuple[tuple[int, bool], ...]]:
    return {**told, **{cell: (*told.get(cell, ()), now) for cell, now in made.counts.items()}}


def register_of(cases: tuple[ReportCase, ...], tables: Tables) -> dict[tuple[str, str, str], int]:
    """Return what the public register tells: who is accredited by type, organisation and role."""
    return {
        (table, group, "accredited"): sum(
            case.outcome is Outcome.ACCREDITED and group in GROUPING.groups(case, Dimension(table)) for case in cases
        )
        for table in ("organisation_type", "organisation", "role")
        for group in tables.get(table, {})
        if group != "others"
    }


def refused_of(cases: tuple[ReportCase, ...], state: str) -> frozenset[UUID]:
    of_state = [case for case in cases if state in case.origin.nationalities]
    return frozenset(case.origin.id for case in of_state if case.outcome is Outcome.REFUSED)


def true(cases: tuple[ReportCase, ...], cell: tuple[str, str, str]) -> int:
    """Return what a withheld count really is; -1 for pools and decisions of a day, which are not looked up."""
    table, group, column = cell
    if column == "arrived":
        return sum(f"{GROUPING.day(case.origin.received_at)}" == group for case in cases)
    if table in {"all", "days", REASONS, POLICIES} or group == "others":
        return -1
    return sum(case.outcome == column and group in GROUPING.groups(case, Dimension(table)) for case in cases)


def test_no_published_count_of_a_group_is_from_one_to_four_and_no_group_has_fewer_than_ten_files() -> None:
    tables = published(an_election(700, 8), GROUPING).rows
    shown = [
        (table, group, column, count)
        for table, groups in tables.items()
        for group, cells in groups.items()
        for column, count in cells.items()
        if table != "all" and count is not None
    ]
    assert not [one for one in shown if 0 < one[3] < SMALLEST and one[2] != "accredited"]
    assert not [one for one in shown if one[2] == "received" and one[3] < 10]


@st.composite
def tables(draw: st.DrawFn) -> Counts:
    rows, columns = draw(st.integers(2, 5)), draw(st.integers(2, 4))
    counts = st.one_of(st.integers(0, 6), st.integers(5, 60))
    values = {Cell("t", f"r{r}", f"c{c}"): draw(counts) for r in range(rows) for c in range(columns)}
    sums: list[Sum] = []
    for r in range(rows):
        parts = tuple(Cell("t", f"r{r}", f"c{c}") for c in range(columns))
        sums.append(Sum(Cell("t", f"r{r}", "all"), parts))
    sums += [
        Sum(Cell("t", "all", f"c{c}"), tuple(Cell("t", f"r{r}", f"c{c}") for r in range(rows))) for c in range(columns)
    ]
    values |= {each.total: sum(values[part] for part in each.parts) for each in sums}
    return Counts(values, sums)


@settings(deadline=None, max_examples=40)
@given(tables())
def test_any_table_of_two_ways_withholds_enough(counts: Counts) -> None:
    hidden = withheld(counts)
    small = [cell for cell, count in counts.values.items() if 0 < count < SMALLEST]
    assert set(small) <= hidden
    nothing_left = all(count == 0 for cell, count in counts.values.items() if cell not in hidden)
    ranges = feasible(counts, hidden)
    for cell in small:
        low, high = ranges[cell]
        assert low <= counts.values[cell] <= high
        assert high - low >= WIDTH or nothing_left


def test_the_people_of_a_small_office_are_not_what_the_others_leave() -> None:
    offices = [an_office(f"OF-0{number}") for number in range(1, 5)]
    numbers = {"OF-01": 3, "OF-02": 40, "OF-03": 9, "OF-04": 20}
    placed = [an_application(Status.CREDENTIALED, office=office) for office in numbers for _ in range(numbers[office])]
    assert [load.people for load in office_loads(offices, placed, {})] == [None, 40, None, 20]


def test_that_a_group_has_waits_tells_nothing_of_what_its_table_withholds() -> None:
    cases = an_election(700, 8)
    last = max(case.decided_at for case in cases if case.decided_at)
    shown = published(cases, GROUPING).table("nationality")
    told = {wait.group for wait in group_waits(cases, GROUPING, Dimension.NATIONALITY, shown, now=last)}
    granted = {group for group, cells in shown.items() if (cells["accredited"] or 0) >= 10}
    assert granted <= told <= {group for group, cells in shown.items() if cells["accredited"] is not None}
    assert told


def test_no_figure_of_an_election_is_small_or_gives_a_small_one_back() -> None:
    shown = {"appeals": 7, "appeals_granted": 6, "appeals_dismissed": 0, "remanded": 0, "revoked": 2, "received": 41}
    told = without_small(shown | {"under_appeal": 1, "withdrawn": 6, "withdrawn_now": 8})
    hidden = {name for name, count in told.items() if count is None}
    assert hidden == {"revoked", "under_appeal", "appeals", "withdrawn_now"}
    assert (told["received"], told["remanded"], told["withdrawn"]) == (41, 0, 6)
