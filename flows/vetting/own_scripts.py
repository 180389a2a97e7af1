"""Names in scripts that no badge can show: said with the case before it is issued, and counted when it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from notifications.badge.scripts import unshown_script

RULE = "own_script_not_printable"
_LEFT_OFF = "with a name left off badges in "
_ADVICE = (
    "Badges show them by the passport name alone: no installed font has these letters. "
    "Tell their organisations, or ask whether the name may stand in another script."
)


def own_script_findings(nomination: Nomination) -> tuple[Finding, ...]:
    """Note that the badge will not show the name in its own script, and which script that is."""
    script = unshown_script(nomination.native_name)
    if not script:
        return ()
    note = Finding(rule=RULE, code=ReasonCode.D06, severity=Severity.NOTE, fields=("native_name",), about=script)
    return (note,)


def left_off(people: Iterable[Nomination]) -> dict[str, int]:
    """Return how many of *people* have a name that badges leave off, by its script, in words for a report."""
    scripts = Counter(script for person in people if (script := unshown_script(person.native_name)))
    return {_LEFT_OFF + script: count for script, count in sorted(scripts.items())}


def about_names(counts: Mapping[str, int]) -> list[str]:
    """Return what a report says to names that are left off, by script and number; nothing where there are none."""
    names = [
        f"{count:,} in {key.removeprefix(_LEFT_OFF)}" for key, count in counts.items() if key.startswith(_LEFT_OFF)
    ]
    return [f"## Names that badges cannot show\n\n{', '.join(names)}. {_ADVICE}"] if names else []
