"""Sending staff of the central pool to offices: who goes where, from which day until which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from domain.assignment.teams.matching import best_pairs
from domain.election.geography import PoolMember
from domain.values import Frozen, LanguageCode, OfficeCode, OfficerCode

WHOLE_TIME, SPEAKS = 2, 1
"""Merits of sending somebody: there for the whole time, and a language of the office's regions."""


class Need(Frozen):
    """Staff that an office needs in addition to its own, and when."""

    office: OfficeCode
    staff: int
    begins: date
    ends: date
    languages: tuple[LanguageCode, ...] = ()


class Sending(Frozen):
    """One place at an office, and who of the pool fills it; nobody where the pool is exhausted."""

    office: OfficeCode
    member: OfficerCode | None
    begins: date
    ends: date
    whole_time: bool = False
    speaks: bool = False


def sendings(needs: Iterable[Need], pool: Sequence[PoolMember]) -> tuple[Sending, ...]:
    """Return as many sendings as possible, and among those the best in sum; nobody is sent to two offices."""
    places = [need for need in sorted(needs, key=lambda need: need.office) for _ in range(need.staff)]
    members = sorted(pool, key=lambda member: member.code)
    edges = [
        (row, len(places) + column, 1 + merit)
        for row, need in enumerate(places)
        for column, member in enumerate(members)
        if (merit := _merit(need, member)) is not None
    ]
    pairs = {min(pair): max(pair) for pair in best_pairs(len(places) + len(members), edges)}
    found = [
        _sent(need, members[pairs[row] - len(places)] if row in pairs else None) for row, need in enumerate(places)
    ]
    return tuple(sorted(found, key=lambda sending: (sending.office, sending.member is None, sending.member or "")))


def _days(need: Need, member: PoolMember) -> tuple[date, date]:
    return max(need.begins, member.available_from or need.begins), min(need.ends, member.available_until or need.ends)


def _merit(need: Need, member: PoolMember) -> int | None:
    begins, ends = _days(need, member)
    if begins > ends:
        return None
    speaks = bool(set(need.languages) & set(member.languages))
    return WHOLE_TIME * ((begins, ends) == (need.begins, need.ends)) + SPEAKS * speaks


def _sent(need: Need, member: PoolMember | None) -> Sending:
    if member is None:
        return Sending(office=need.office, member=None, begins=need.begins, ends=need.ends)
    begins, ends = _days(need, member)
    return Sending(
        office=need.office, member=member.code, begins=begins, ends=ends,
        whole_time=(begins, ends) == (need.begins, need.ends),
        speaks=bool(set(need.languages) & set(member.languages)),
    )  # fmt: skip
