"""Tables by group, as they may be published: small groups pooled, small counts withheld, sums safe from arithmetic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domain.election.profile import Publication, PublicField
from domain.oversight.cases import Dimension, Grouping, Outcome, ReportCase
from domain.oversight.fairness.contrasts import FEWEST
from domain.oversight.report.suppression import SMALLEST, Cell, Counts, Sum, withheld

OTHERS: Final = "others"
"""Groups of fewer than ten files, as one."""
RECEIVED: Final = "received"
COLUMNS: Final = tuple(outcome.value for outcome in Outcome)
ALL: Final = "all"
REASONS: Final = "refusals_by_reason"
DAYS: Final = "days"
ARRIVED, DECIDED = "arrived", "decided"
POLICIES: Final = "policies"
CITED, REFUSED_UNDER, OPEN_COVERED = "cited", "refused_under", "open_covered"
_OF_POLICY: Final = {CITED: tuple(Outcome), REFUSED_UNDER: tuple(Outcome), OPEN_COVERED: (Outcome.OPEN,)}
"""Which cases of a group a count of a policy could be."""

_ABOVE: Final = ((Dimension.KIND, Dimension.ORGANISATION), (Dimension.ORIGIN, Dimension.NATIONALITY))
"""Groups of the second lie within groups of the first, where they do."""
_OF_REGISTER: Final = frozenset({Dimension.KIND, Dimension.ORGANISATION, Dimension.ROLE})
"""By what accredited people can be counted in a public register, which has a line for each."""


def shown_by_register(publication: Publication) -> frozenset[Dimension]:
    """Return by what the register tells how many are accredited: in its lines, or in the figures of an internal one."""
    shows, is_public = publication.shows, publication.register_is != "internal"
    told = {
        Dimension.ORGANISATION: shows(PublicField.ORGANISATION_TOTALS),
        Dimension.KIND: shows(PublicField.ORGANISATION_TOTALS) or shows(PublicField.TOTALS_BY_CATEGORY),
        Dimension.NATIONALITY: shows(PublicField.TOTALS_BY_NATIONALITY)
        or (is_public and shows(PublicField.CITIZENSHIP)),
    }
    return frozenset(known for known, is_told in told.items() if is_told) | (
        _OF_REGISTER if is_public else frozenset[Dimension]()
    )


Told = Mapping[Cell, Collection[tuple[int, bool]]]
"""What a count was in earlier reports, and whether they told it."""


@dataclass(frozen=True, slots=True)
class Published:
    """Tables ready for the public: a count that is None is withheld."""

    rows: Mapping[str, Mapping[str, Mapping[str, int | None]]]
    """By table, group and column."""
    counts: Mapping[Cell, tuple[int, bool]] = field(default_factory=dict[Cell, tuple[int, bool]], repr=False)
    """Every count, and whether it is told: not for the public."""

    def table(self, name: str) -> Mapping[str, Mapping[str, int | None]]:
        """Return one table by group."""
        return self.rows.get(name, {})


@dataclass(frozen=True, slots=True)
class PolicyReach:
    """Which cases one version of a policy touched, by the columns of its line in the log of policies."""

    name: str
    cases: Mapping[str, frozenset[UUID]]


def published(
    cases: Sequence[ReportCase], grouping: Grouping, *, policies: Sequence[PolicyReach] = (),
    register: Collection[Dimension] = _OF_REGISTER, earlier: Told = MappingProxyType({}),
) -> Published:  # fmt: skip
    """Return every table by group, day, reason and policy, protected together: what one withholds no other gives back.

    Accredited people by what the *register* tells of them are taken as known (:func:`shown_by_register`), and so is
    what *earlier* reports told: nothing is told from which, with them, a change by one to four could be computed.
    """
    counts = _counts(cases, grouping, policies, register)
    counts = replace(counts, close=_close(counts, earlier), before=_still_withheld(counts, earlier))
    hidden = withheld(counts)
    rows: defaultdict[str, dict[str, dict[str, int | None]]] = defaultdict(dict)
    for cell, count in counts.values.items():
        if cell not in counts.never:
            rows[cell.table].setdefault(cell.group, {})[cell.column] = None if cell in hidden else count
    told = {cell: (count, cell not in hidden) for cell, count in counts.values.items() if cell not in counts.never}
    return Published(rows, told)


def _close(counts: Counts, earlier: Told) -> set[Cell]:
    """Return what differs by a small count from what was told; figures of the whole election are told each time."""
    return {
        cell
        for cell, count in counts.values.items()
        if count and cell.table != ALL
        if any(is_told and 0 < abs(count - known) < SMALLEST for known, is_told in earlier.get(cell, ()))
    }


def _still_withheld(counts: Counts, earlier: Told) -> set[Cell]:
    return {cell for cell, count in counts.values.items() if count and (count, False) in earlier.get(cell, ())}


def _counts(
    cases: Sequence[ReportCase], grouping: Grouping, policies: Sequence[PolicyReach], register: Collection[Dimension]
) -> Counts:
    members = {dimension: _members(cases, grouping, dimension) for dimension in Dimension}
    values: dict[Cell, int] = {}
    sums: list[Sum] = []
    never: list[Cell] = []
    for dimension, groups in members.items():
        values |= _table(dimension, groups)
        sums += _whole(dimension, groups)
    values |= _cells(ALL, ALL, cases)
    sums += [_row(ALL, ALL)]
    for outer, inner in _ABOVE:
        linked, unseen = _within(members[outer], members[inner], (outer, inner), values)
        sums += linked
        never += unseen
    for more, added in (_reasons(cases), _days(cases, grouping, members[Dimension.WEEK])):
        values |= more
        sums += added
    sums += _policies(policies, members, cases, values)
    sums = [known for known in sums if _holds(known, values)]
    whole = {cell for cell in values if cell.table == ALL}
    shown = {cell for cell in whole if cell.column in {RECEIVED, Outcome.ACCREDITED}}
    granted = (cell for cell in values if cell.table in register and cell.column == Outcome.ACCREDITED)
    shown |= {cell for cell in granted if cell.table in _OF_REGISTER or values[cell] >= SMALLEST}  # it pools the others
    return Counts(values, sums, shown, whole - shown, never)


def _members(cases: Iterable[ReportCase], grouping: Grouping, dimension: Dimension) -> dict[str, list[ReportCase]]:
    """Return who is in which group; those of fewer than ten files are one group, with the next smallest if need be."""
    found: defaultdict[str, list[ReportCase]] = defaultdict(list)
    for case in cases:
        for group in grouping.groups(case, dimension):
            found[group].append(case)
    by_size = sorted(found, key=lambda group: (len(found[group]), group))
    pool: dict[object, ReportCase] = {}
    while by_size and (len(found[by_size[0]]) < FEWEST or 0 < len(pool) < FEWEST):
        pool |= {case.origin.id: case for case in found.pop(by_size.pop(0))}
    kept = {group: found[group] for group in sorted(found)}
    return kept | ({OTHERS: list(pool.values())} if pool else {})


def _cells(table: str, group: str, cases: Sequence[ReportCase]) -> dict[Cell, int]:
    by = Counter(case.outcome.value for case in cases)
    return {Cell(table, group, column): by[column] for column in COLUMNS} | {Cell(table, group, RECEIVED): len(cases)}


def _table(dimension: Dimension, groups: Mapping[str, Sequence[ReportCase]]) -> dict[Cell, int]:
    return {
        cell: count for group, cases in groups.items() for cell, count in _cells(dimension.value, group, cases).items()
    }


def _row(table: str, group: str) -> Sum:
    return Sum(Cell(table, group, RECEIVED), tuple(Cell(table, group, column) for column in COLUMNS))


def _whole(dimension: Dimension, groups: Iterable[str]) -> list[Sum]:
    """Return that rows add up, and columns, as far as they do; what holds by chance counts as known too."""
    names, table = list(groups), dimension.value
    columns = [
        Sum(Cell(ALL, ALL, column), tuple(Cell(table, group, column) for group in names))
        for column in (*COLUMNS, RECEIVED)
    ]
    return [*(_row(table, group) for group in names), *(columns if names else [])]


def _within(
    outer: Mapping[str, Sequence[ReportCase]],
    inner: Mapping[str, Sequence[ReportCase]],
    dimensions: tuple[Dimension, Dimension],
    values: dict[Cell, int],
) -> tuple[list[Sum], list[Cell]]:
    """Return that a type is the sum of its organisations, with what the small ones among them add, which nobody shows.

    An organisation that lies in one type whole counts for it; the part of the pool that lies in the type is computed
    and becomes a count that is never published, and protected like a published one.
    """
    table, below = (dimension.value for dimension in dimensions)
    sums: list[Sum] = []
    unseen: list[Cell] = []
    for group, cases in outer.items():
        ids = {case.origin.id for case in cases}
        whole = [name for name, members in inner.items() if name != OTHERS and all(m.origin.id in ids for m in members)]
        counted = {member.origin.id for name in whole for member in inner[name]}
        rest = [case for case in cases if case.origin.id not in counted]
        hidden = f"rest of {table}"
        values |= _cells(hidden, group, rest)
        unseen += _cells(hidden, group, rest)
        for column in (*COLUMNS, RECEIVED):
            parts = (*(Cell(below, name, column) for name in whole), Cell(hidden, group, column))
            sums.append(Sum(Cell(table, group, column), parts))
        sums.append(_row(hidden, group))
    return sums, unseen


_REASONS_OF: Final = (Outcome.REFUSED, Outcome.REFUSED_BY_POLICY, Outcome.REFUSED_AS_LATE)


def _reasons(cases: Sequence[ReportCase]) -> tuple[dict[Cell, int], list[Sum]]:
    values: dict[Cell, int] = {}
    sums: list[Sum] = []
    for outcome in _REASONS_OF:
        leads = Counter(case.lead.value for case in cases if case.outcome is outcome and case.lead)
        cells = {Cell(REASONS, lead, outcome.value): count for lead, count in sorted(leads.items())}
        values |= cells
        if cells:
            sums.append(Sum(Cell(ALL, ALL, outcome.value), tuple(cells)))
    return values, sums


def _days(cases: Sequence[ReportCase], grouping: Grouping, weeks: Collection[str]) -> tuple[dict[Cell, int], list[Sum]]:
    """Return arrivals and decisions by day; weeks are the sums of their days' arrivals, as everybody knows."""
    arrived = Counter(f"{grouping.day(case.origin.received_at)}" for case in cases)
    decided = Counter(
        f"{grouping.day(case.decided_at)}" for case in cases if case.decided_at and case.outcome.is_decided
    )
    values = {Cell(DAYS, day, ARRIVED): arrived[day] for day in sorted(arrived | decided)}
    values |= {Cell(DAYS, day, DECIDED): decided[day] for day in sorted(arrived | decided)}
    values[Cell(ALL, ALL, DECIDED)] = sum(decided.values())
    came = tuple(cell for cell in values if cell.column == ARRIVED)
    went = tuple(cell for cell in values if cell.table == DAYS and cell.column == DECIDED)
    granted = tuple(Cell(ALL, ALL, outcome.value) for outcome in Outcome if outcome.is_decided)
    sums = [Sum(Cell(ALL, ALL, RECEIVED), came), Sum(Cell(ALL, ALL, DECIDED), went)]
    sums.append(Sum(Cell(ALL, ALL, DECIDED), granted))
    return values, [*sums, *_weeks(came, weeks)]


def _policies(
    policies: Sequence[PolicyReach], members: Mapping[Dimension, Mapping[str, Sequence[ReportCase]]],
    cases: Sequence[ReportCase], values: dict[Cell, int],
) -> list[Sum]:  # fmt: skip
    """Add what each policy did, and return what its text gives away: a ban's refusals are those of the banned group."""
    sums: list[Sum] = []
    for policy in policies:
        for column, meant in policy.cases.items():
            total = Cell(POLICIES, policy.name, column)
            values[total] = len(meant)
            for dimension, groups in members.items():
                sums += _as_groups(total, meant, dimension, groups, _OF_POLICY[column])
    by_lead: defaultdict[Cell, list[Cell]] = defaultdict(list)
    leads = {case.origin.id: Cell(REASONS, case.lead.value, case.outcome.value) for case in cases if case.lead}
    for policy in policies:
        for lead in {leads[known] for known in policy.cases.get(REFUSED_UNDER, ()) if known in leads}:
            by_lead[lead].append(Cell(POLICIES, policy.name, REFUSED_UNDER))
    return [*sums, *(Sum(lead, tuple(parts)) for lead, parts in by_lead.items() if lead in values)]


def _as_groups(
    total: Cell, meant: frozenset[UUID], dimension: Dimension, groups: Mapping[str, Sequence[ReportCase]],
    outcomes: Collection[Outcome],
) -> Iterator[Sum]:  # fmt: skip
    """Yield that the cases *meant* are those of some groups with one outcome, or all of theirs, where they are."""
    for column in (*(outcome.value for outcome in outcomes), RECEIVED):
        cells = {
            Cell(dimension.value, group, column): ids
            for group, theirs in groups.items()
            if (ids := frozenset(case.origin.id for case in theirs if column in {RECEIVED, case.outcome.value}))
            and ids <= meant
        }
        alone = [cell for cell, ids in cells.items() if ids == meant]
        yield from (Sum(total, (cell,)) for cell in alone)
        if not alone and cells and frozenset[UUID]().union(*cells.values()) == meant:
            yield Sum(total, tuple(cells))


def _weeks(came: Iterable[Cell], weeks: Collection[str]) -> list[Sum]:
    """Return that a week's arrivals are those of its days; those of the pooled weeks are of all days that are left."""
    found: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in came:
        day = date.fromisoformat(cell.group)
        monday = f"{day - timedelta(days=day.weekday())}"
        found[monday if monday in weeks else OTHERS].append(cell)
    return [Sum(Cell(Dimension.WEEK.value, week, RECEIVED), tuple(days)) for week, days in found.items()]


def _holds(known: Sum, values: Mapping[Cell, int]) -> bool:
    return sum(values[cell] for cell in known.parts) == values.get(known.total)
