from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AccreditationError, UnavailableError
from domain.letters.delivery import Pace, Pacer, Patience, Reconciliation, dealt, prospect
from domain.letters.envelope import LetterState

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


PACES = st.builds(
    Pace,
    per_second=st.floats(0.2, 50),
    burst=st.integers(1, 20),
    domain_per_minute=st.none() | st.integers(1, 30),
)


@given(PACES, st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), min_size=1, max_size=120))
def test_no_stretch_of_time_sees_more_letters_than_the_pace_allows(
    pace: Pace, letters: list[tuple[str, float]]
) -> None:
    pacer, at = Pacer(pace), 0.0
    went: list[tuple[float, str]] = []
    for domain, idle in letters:
        at += idle
        at += pacer.wait(domain, at)
        pacer.took(domain, at)
        went.append((at, domain))

    for first, (begin, domain) in enumerate(went):
        own = [time for time, other in went[first:] if other == domain and time < begin + 60 - 1e-6]
        assert pace.domain_per_minute is None or len(own) <= pace.domain_per_minute
        for count, (end, _) in enumerate(went[first:], start=1):
            assert count <= pace.burst + pace.per_second * (end - begin) + 1e-6


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_dealing_keeps_every_letter_and_the_order_within_a_domain(domains: list[str]) -> None:
    order = dealt(domains)

    assert sorted(order) == list(range(len(domains)))
    for domain in set(domains):
        places = [place for place in order if domains[place] == domain]
        assert places == sorted(places)


@given(st.dictionaries(st.sampled_from([state.value for state in LetterState]), st.integers(0, 9)))
def test_the_account_balances_over_every_state_there_is(states: dict[str, int]) -> None:
    assert Reconciliation.of(sum(states.values()), states).is_balanced
    assert not Reconciliation.of(sum(states.values()), states | {"sent": states.get("sent", 0) + 1}).is_balanced
