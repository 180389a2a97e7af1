from __future__ import annotations

import errno
import pickle
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AccreditationError, UnavailableError
from flows.deployments import UNFINISHED
from flows.runtime.chunks import final_state
from flows.runtime.outcomes import ChunkFailure, ChunkOutcome, StageFailedError, StageOutcome, error_code, plan_chunks
from flows.runtime.reports import report_text
from flows.runtime.shield import UnexpectedError, shielded


@given(st.lists(st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))), st.integers(1, 500))
def test_chunks_hold_every_application_once_whatever_the_order(ids: list[UUID], size: int) -> None:
    chunks = plan_chunks(ids, size)
    assert [key for chunk in chunks for key in chunk.ids] == sorted(set(ids))
    assert all(0 < len(chunk.ids) <= size for chunk in chunks)
    assert chunks == plan_chunks(reversed(ids), size)


COUNTS = st.dictionaries(st.sampled_from(["approved", "in review", "unchanged"]), st.integers(0, 500))


@given(st.lists(st.tuples(st.booleans(), COUNTS), max_size=20))
def test_a_stage_adds_up_and_loses_no_failed_chunk(plan: list[tuple[bool, dict[str, int]]]) -> None:
    parts: list[ChunkOutcome | ChunkFailure] = [
        ChunkOutcome(stage="vetting", chunk=number, counts=counts, seconds=1.0)
        if well
        else ChunkFailure(chunk=number, applications=3, code="unavailable")
        for number, (well, counts) in enumerate(plan, start=1)
    ]
    outcome = StageOutcome.of("vetting", parts, applications=60, seconds=2.0)
    assert outcome.chunks == len(plan)
    assert sum(outcome.counts.values()) == sum(sum(counts.values()) for well, counts in plan if well)
    assert outcome.untouched == 3 * sum(not well for well, _ in plan)
    assert outcome.succeeded == all(well for well, _ in plan)
    state = final_state(outcome)
    assert state.is_completed() == outcome.succeeded
    assert state.message == outcome.sentence


def test_applications_that_failed_are_reported_without_failing_the_stage() -> None:
    outcome = StageOutcome(stage="issuance", applications=2, chunks=1, counts={"issued": 1}, failed={UUID(int=7): "x"})
    state = final_state(outcome, name="Issued")
    assert (state.is_completed(), state.name) == (True, "With failures")
    report = report_text(outcome, election="VALDARA-2027", rows=[{"file": "ORG-01/1", "rows_read": 2, "why": "a|b"}])
    assert all(line in report for line in ("| issued | 1 |", "| x | 1 |", f"| {UUID(int=7)} | x |"))
    assert "| file | rows read | why |\n| --- | --- | --- |\n| ORG-01/1 | 2 | a\\|b |" in report


def test_letters_are_counted_as_letters() -> None:
    report = report_text(StageOutcome(stage="delivery", things="letters", counts={"sent": 2}), election="VALDARA-2027")
    assert "applications" not in report.casefold()


def test_a_failed_stage_can_be_read_from_its_error_in_another_process() -> None:
    outcome = StageOutcome(stage="intake", failures=(ChunkFailure(chunk=1, applications=9, code="unavailable"),))
    again = pickle.loads(pickle.dumps(StageFailedError(outcome)))  # noqa: S301 -- our own bytes
    assert again.outcome == outcome
    assert again.retryable


def test_the_shield_drops_the_words_of_foreign_errors_and_passes_ours() -> None:
    with pytest.raises(UnexpectedError) as caught, shielded():
        int("Maria Musterfrau")
    assert "Maria" not in str(caught.value)
    assert "ValueError at tests/flows/runtime/test_engine_outcomes.py" in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(UnavailableError, match="later"), shielded():
        raise UnavailableError("later")


def test_a_full_disk_is_told_as_something_that_passes() -> None:
    with pytest.raises(UnavailableError, match="is full") as caught, shielded():
        raise OSError(errno.ENOSPC, "No space left", "/home/maria-musterfrau.pdf")
    assert caught.value.retryable
    assert "maria" not in str(caught.value)


@pytest.mark.parametrize(("may_pass", "name"), [(True, UNFINISHED), (False, "Failed")])
def test_a_stage_is_unfinished_where_trying_again_may_help(*, may_pass: bool, name: str) -> None:
    failure = ChunkFailure(chunk=1, applications=9, code="unavailable", may_pass=may_pass)
    assert final_state(StageOutcome(stage="intake", failures=(failure,))).name == name


class RegionFullError(AccreditationError):
    """A refusal."""


@pytest.mark.parametrize(
    ("error", "code"), [(RegionFullError(), "region_full"), (UnexpectedError("KeyError", "x"), "KeyError")]
)
def test_an_error_has_a_stable_code(error: Exception, code: str) -> None:
    assert error_code(error) == code
