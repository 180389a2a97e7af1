"""Who sends how many people in which file, and when: batches by sponsor, and a cliff at the deadline."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final, Literal

from domain.election.profile import ElectionProfile
from domain.organisations.organisation import OrganisationKind
from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.resources import read

_CURVE: Final = ((-60, 0.0), (-51, 0.05), (-37, 0.15), (-12, 0.48), (-11, 0.78), (-10, 0.81), (-6, 0.86), (-4, 1.0))
"""Days from election day, and the share of all rows that is there by then.

The curve of one real election in 2019 (practice.md section 2), its end drawn to Valdara's closing on E-5.
"""

_LARGEST_FILE_AFTER: Final = 0.48
"""The share that is there before the largest file comes; that file is the curve's jump."""

_OFFICE_OPENS_AT, _OFFICE_HOURS = 8, 9.5
_LATE_SHARE: Final = 0.01
_PARTS_OF_THE_LARGEST: Final = (0.1, 0.78, 0.12)
_PARTS_OF_A_LARGE_ONE: Final = (0.7, 0.3)


@dataclass(frozen=True, slots=True)
class NominatingOrganisation:
    """An invented organisation: its code, and what ``land.yaml`` says of it."""

    code: str
    name: str
    kind: OrganisationKind
    country: str
    weight: float
    admitted: bool = True
    together: bool = False
    """Its people ask to stay together."""

    @property
    def domain(self) -> str:
        """The mail domain of the organisation and its people."""
        return f"{self.code.lower()}.mission.example"


@dataclass(frozen=True, slots=True)
class NominationBatch:
    """One nominations file."""

    sponsor: NominatingOrganisation
    part: int
    size: int
    received_at: datetime
    is_late: bool = False
    kind: Literal["csv", "xlsx"] = "csv"

    @property
    def stem(self) -> str:
        """The file's name without its ending: the organisation's code, from the second part on with a number."""
        return self.sponsor.code if self.part == 1 else f"{self.sponsor.code}-{self.part}"

    @property
    def file(self) -> str:
        """The path below the package."""
        return str(PurePosixPath("nominations", f"{self.stem}.{self.kind}"))


def in_time(
    batches: Iterable[NominationBatch],
) -> tuple[dict[str, NominatingOrganisation], datetime | None]:
    """Return the admitted organisations whose files came in time, by code, and when the last of these files came."""
    found = [batch for batch in batches if batch.sponsor.admitted and not batch.is_late]
    sponsors_by_code = {batch.sponsor.code: batch.sponsor for batch in found}
    return sponsors_by_code, max((batch.received_at for batch in found), default=None)


def sponsors(applications: int) -> list[NominatingOrganisation]:
    """Return the organisations that nominate in a rehearsal of this size; the last may still wait for admission."""
    listed = read("land.yaml")["organisations"][: max(1, applications // 8)]
    admitted = [_sponsor(number, said) for number, said in enumerate(listed, start=1)]
    if applications < 20:  # noqa: PLR2004 -- a handful of rows has no room for a held one
        return admitted
    invited = _sponsor(len(admitted) + 1, read("land.yaml")["invited"])
    return [*admitted, replace(invited, admitted=False)]


def batches(applications: int, seed: int, profile: ElectionProfile) -> list[NominationBatch]:
    """Return every file of the rehearsal in order of arrival; the sizes add up to *applications*."""
    everybody = sponsors(applications)
    late = _late_sizes(applications, len(everybody))
    sizes = shared_out(applications - sum(late), [sponsor.weight for sponsor in everybody], at_least=1)
    parts = [part for place, size in enumerate(sizes) for part in _parts(everybody[place], place, size)]
    in_time = _in_time(parts, seed, profile)
    ordered = [*in_time, *_late(late, everybody, in_time, profile)]
    return [replace(batch, kind="xlsx" if place % 4 == 2 else "csv") for place, batch in enumerate(ordered)]  # noqa: PLR2004


def shared_out(total: int, weights: Sequence[float], *, at_least: int = 0) -> list[int]:
    """Return *total* divided in proportion to *weights*, by largest remainders (Hamilton's method)."""
    spare = total - at_least * len(weights)
    exact = [spare * weight / sum(weights) for weight in weights]
    parts = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: spare - sum(parts)]:
        parts[place] += 1
    return [at_least + part for part in parts]


def _sponsor(number: int, said: dict[str, str]) -> NominatingOrganisation:
    kind, together = OrganisationKind(said["kind"]), bool(said.get("together"))
    return NominatingOrganisation(
        f"ORG-{number:02d}", said["name"], kind, said["country"], float(said["weight"]), together=together
    )


def _late_sizes(applications: int, organisations: int) -> list[int]:
    """Return the sizes of the files that come too late: none in a small rehearsal."""
    rows = round(_LATE_SHARE * applications)
    if rows == 0 or organisations < 3:  # noqa: PLR2004 -- two organisations besides the largest
        return []
    return [rows] if rows < 4 else [rows - rows // 3, rows // 3]  # noqa: PLR2004 -- enough for two files


def _parts(sponsor: NominatingOrganisation, place: int, size: int) -> Iterator[tuple[NominatingOrganisation, int, int]]:
    """Yield organisation, part and size for each file it sends; only the two largest send several."""
    shares: tuple[float, ...] = (1.0,)
    if size >= 20:  # noqa: PLR2004 -- nobody splits a short list
        shares = {0: _PARTS_OF_THE_LARGEST, 1: _PARTS_OF_A_LARGE_ONE, 2: _PARTS_OF_A_LARGE_ONE}.get(place, shares)
    for part, rows in enumerate(shared_out(size, shares), start=1):
        yield sponsor, part, rows


def _in_time(
    parts: list[tuple[NominatingOrganisation, int, int]], seed: int, profile: ElectionProfile
) -> list[NominationBatch]:
    total = sum(size for _, _, size in parts)
    there, arrived = 0, list[NominationBatch]()
    for sponsor, part, size in _in_order(parts, seed):
        offset = _day_of((there + size / 2) / total)
        arrived.append(NominationBatch(sponsor, part, size, _office_hour(offset, profile)))
        there += size
    return sorted(arrived, key=lambda batch: batch.received_at)


def _in_order(
    parts: list[tuple[NominatingOrganisation, int, int]], seed: int
) -> list[tuple[NominatingOrganisation, int, int]]:
    """Return the files in order: by chance, each organisation's own in sequence, the largest where the curve jumps."""
    chance = stream(seed, "arrival")
    largest = max(parts, key=lambda entry: entry[2])
    keys = {entry: (chance.random() + entry[1] - 1) / max(1, _count(parts, entry[0])) for entry in parts}
    others = sorted((entry for entry in parts if entry is not largest), key=keys.__getitem__)
    wanted, there, place = _LARGEST_FILE_AFTER * sum(size for _, _, size in parts), 0, 0
    while place < len(others) and there < wanted:
        there += others[place][2]
        place += 1
    return [*others[:place], largest, *others[place:]]


def _count(parts: list[tuple[NominatingOrganisation, int, int]], sponsor: NominatingOrganisation) -> int:
    return sum(1 for other, _, _ in parts if other is sponsor)


def _day_of(share: float) -> float:
    """Return the day, with its fraction, on which *share* of all rows is there."""
    for (day, low), (next_day, high) in pairwise(_CURVE):
        if share <= high:
            return day + (next_day - day) * (share - low) / (high - low)
    return _CURVE[-1][0]


def _office_hour(offset: float, profile: ElectionProfile) -> datetime:
    """Return the moment: the day of *offset*, and its fraction spread over the office hours."""
    day = min(math.floor(offset), _CURVE[-1][0] - 1)
    hour = timedelta(hours=_OFFICE_OPENS_AT + _OFFICE_HOURS * min(offset - day, 1))
    midnight = datetime.combine(profile.election.day, datetime.min.time(), tzinfo=profile.zone)
    return midnight + timedelta(days=day) + timedelta(seconds=round(hour.total_seconds()))


def _late(
    sizes: list[int], everybody: list[NominatingOrganisation], sent: list[NominationBatch], profile: ElectionProfile
) -> Iterator[NominationBatch]:
    """Yield the files that came after closing, the evening of the same day."""
    close = profile.calendar.persons_close
    if close is None:
        return
    for place, size in enumerate(sizes):
        sponsor = everybody[1 + place]
        part = 1 + max(batch.part for batch in sent if batch.sponsor is sponsor)
        at = profile.moment(close).astimezone(profile.zone) + timedelta(minutes=47 + 95 * place)
        yield NominationBatch(sponsor, part, size, at.replace(microsecond=0), is_late=True)
