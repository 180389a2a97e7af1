from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from domain.statements.officers import Officer, OfficerRole, Shift

NOW = datetime(2027, 3, 16, 9, tzinfo=UTC)


def test_in_an_election_that_follows_officers_step_off_from_the_same_people_and_are_on_no_shift() -> None:
    case, again = uuid4(), uuid4()
    first = Officer(code="POOL-01", roles=(OfficerRole.SURGE_OFFICER,))
    sent = first.revised(
        recused_cases=(case,), shifts=(Shift(office="OF-1", begins=NOW, ends=NOW + timedelta(days=9)),)
    )
    assert sent.serving_again({case: again}.__getitem__) == first.revised(recused_cases=(again,))
