"""A contradiction in words: which rule it breaks, about what, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.application.application import Application
from domain.values import Frozen

RULES: Final[Mapping[str, str]] = {
    "plan_and_case": "Everybody is where the plan in force puts them.",
    "one_open_office": "One open office, and only one, serves every region with people on each day.",
    "office_of_case": "Who is placed belongs to the office that serves the region today.",
    "on_one_list": "Who is placed stands on the list of that office, in that region, and on no other.",
    "list_of_open_office": "No closed office has people on its list.",
    "list_acknowledged": "Who was sent a list, a summary or badges has said that they arrived, or their time runs.",
    "shift_at_open_office": "Surge staff were told at which open office they work, and no closed office lists them.",
    "shift_of_pool": "Who works a shift is in the central pool, trained, and free on its days.",
    "act_in_shift": "Surge staff acted in their shifts only, for that office, and only as they are appointed to.",
    "letter_and_place": "The last letter on a placement names the region of the case and an office that serves it.",
    "letter_overtaken": "No letter waits that names a place or an office which is not so.",
    "letter_and_decision": "No letter of a decision waits where the decision does not stand.",
    "breach_told": "Who must hear of a theft has a letter that leaves or left, and its report was made in time.",
    "owned_clock": "Every running clock has an officer in service who may act on the case.",
    "told_before_refusal": "Nobody is refused for what was not asked for in time by a letter that arrived.",
    "told_before_revocation": "Nobody's accreditation is revoked without a notice that arrived and time to reply.",
    "graded_measures": "Every measure is weighed; no breach ends an accreditation without a milder step or a word why.",
    "answered_reply": "No measure passes over a reply of the person, and no reply waits longer than a review may take.",
    "two_officers": "Two different officers refused or revoked.",
    "appeal_by_others": "Nobody decides an organisation's appeal who took part in what it is about.",
    "organisation_and_acts": "An organisation stands where the acts about it lead.",
    "answered_finding": "Every finding that needs an officer was before one, or came later and time to look runs.",
    "region_is_open": "Nobody is placed in a region to which nobody is sent.",
    "consent_to_notice": "Who is placed where a notice is in force has accepted its version, or time to answer runs.",
    "case_and_serial": "The ledger says of a serial what its case says.",
    "badge_and_place": "The region on a badge is the region of the case.",
    "stock_at_office": "A printed badge that waits lies at the office of its holder.",
}
"""What must be so, by the name of the rule."""


class Contradiction(Frozen):
    """Two places that do not agree. Ids and codes only."""

    rule: str
    about: str
    """Case number, office, region or key of a letter."""
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.about}: {self.problem} {self.remedy}"


def of_case(case: Application, rule: str, problem: str, remedy: str) -> Contradiction:
    """Return the contradiction in *case*."""
    return Contradiction(rule=rule, about=case.case_number, problem=problem, remedy=remedy)
