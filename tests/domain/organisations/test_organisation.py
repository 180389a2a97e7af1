from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from pydantic import ValidationError
from support.builders import an_organisation

from domain.organisations.organisation import STANDINGS, Organisation, OrganisationStatus, StandingRefusedError

TODAY = date(2027, 2, 1)


def in_standing(standing: OrganisationStatus) -> Organisation:
    return an_organisation(admitted=False).revised(standing=standing, admitted_on=date(2027, 1, 20))


@pytest.mark.parametrize(("standing", "wanted"), product(OrganisationStatus, OrganisationStatus))
def test_an_organisation_moves_as_the_table_says_and_no_other_way(
    standing: OrganisationStatus, wanted: OrganisationStatus
) -> None:
    organisation = in_standing(standing)
    if wanted not in STANDINGS[standing]:
        with pytest.raises(
            StandingRefusedError, match=f"ORG-01 is {standing}; it cannot become {wanted}".replace("_", " ")
        ):
            organisation.moved(wanted, on=TODAY)
        return
    moved = organisation.moved(wanted, on=TODAY)
    assert moved.standing is wanted
    assert moved.may_nominate == (wanted is OrganisationStatus.ADMITTED)
    assert moved.admitted_on == (TODAY if wanted is OrganisationStatus.ADMITTED else date(2027, 1, 20))


def test_only_an_admitted_organisation_nominates_and_it_says_since_when() -> None:
    assert [standing for standing in OrganisationStatus if in_standing(standing).may_nominate] == [
        OrganisationStatus.ADMITTED
    ]
    with pytest.raises(ValidationError, match="the day of its admission"):
        an_organisation(admitted=False).revised(standing=OrganisationStatus.ADMITTED)


def test_a_focal_point_is_not_readable_in_logs() -> None:
    assert "Desk" not in f"{an_organisation()!r} {an_organisation().focal_point}"
