"""The profiles of real laws, as they are or for another election day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from domain.election.deadlines import Deadline
from domain.election.profile import ElectionProfile, FilingWindow
from flows.documents import load_document

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "examples" / "profiles"
NAMES: Final = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def law(name: str) -> ElectionProfile:
    """Return the profile of a law."""
    return load_document(FOLDER / f"{name}.yaml", ElectionProfile)


def on(name: str, day: str) -> ElectionProfile:
    """Return the same law for an election on another day."""
    return law(name).for_day(date.fromisoformat(day))


def called(name: str, day: str, closes: str, cutoff: str | None = None) -> ElectionProfile:
    """Return the law with one window for everybody, closing on the day that the host body set for this election."""
    profile = on(name, day)
    closing = Deadline.model_validate(
        {"published": closes, "cutoff_time": cutoff, "timezone": profile.election.timezone}
    )
    window = FilingWindow(name="everybody", closes=closing)
    return profile.revised(calendar=profile.calendar.revised(windows=(window,), organisations_close=closing))


def at(text: str) -> datetime:
    """Return a written moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def second(moment: datetime) -> datetime:
    """Return *moment* to the second."""
    return moment.replace(microsecond=0)
