from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.correspondence import LetterState
from domain.delivery import Patience, prospect
from domain.errors import AccreditationError, UnavailableError

NOW = datetime(2027, 3, 20, 9, 30, tzinfo=UTC)


@given(st.text(max_size=40), st.integers(1, 35))
def test_waits_double_up_to_the_longest_and_are_never_cut_below_half(key: str, attempts: int) -> None:
    found = prospect(UnavailableError(), key=key, attempts=attempts, now=NOW)

    longest = min(2 * 2 ** (attempts - 1), 240)
    assert found.state is LetterState.DEFERRED
    assert found.next_at is not None
    assert timedelta(minutes=longest / 2) <= found.next_at - NOW <= timedelta(minutes=longest)
    assert found == prospect(UnavailableError(), key=key, attempts=attempts, now=NOW)


def test_letters_held_back_together_come_back_apart() -> None:
    times = {prospect(UnavailableError(), key=f"receipt:{each}", attempts=3, now=NOW).next_at for each in range(100)}

    assert len(times) == 100


def test_a_refusal_for_good_or_the_end_of_patience_fails_the_letter() -> None:
    assert prospect(AccreditationError(), key="k", attempts=1, now=NOW).state is LetterState.FAILED
    assert prospect(UnavailableError(), key="k", attempts=36, now=NOW).next_at is None


def test_the_usual_patience_bears_a_long_weekend_and_no_more_than_five_days() -> None:
    at = NOW
    for attempts in range(1, Patience().attempts):
        at = prospect(UnavailableError(), key="k", attempts=attempts, now=at).next_at or at

    assert timedelta(days=3) < at - NOW < timedelta(days=5)
