"""How often the fairness figures find a planted bias, and how often they cry wolf: drawn elections of 1,500.

Nothing of the engine runs but its statistics: :mod:`flows.rehearsal.decided` draws who sent whom when (the rehearsal's
organisations, lists and days) and how each case was decided. 200 elections for each line.
"""

from __future__ import annotations

import argparse
from multiprocessing import Pool
from typing import Any, NamedTuple

from domain.oversight.cases import Grouping
from domain.oversight.fairness.contrasts import Verdict, contrasts
from flows.rehearsal import valdara
from flows.rehearsal.decided import Bias, Pace, decided_election


class Scene(NamedTuple):
    name: str
    pace: Pace
    bias: Bias | None = None


def planted(kind: str, by: str, people: int | None = 60) -> Bias:
    group = {"nationality": "XZZ", "organisation": "ORG-99"}[by]
    return Bias.model_validate({"kind": kind, "by": by, "group": group, "people": people, "odds": 4})


SCENES = (
    Scene("fair, 3.5 % refused", Pace()),
    Scene("refusal, nationality, 10 % refused", Pace(refused=0.1), planted("refusal", "nationality")),
    Scene("delay, nationality", Pace(), planted("delay", "nationality")),
    Scene("refusal, organisation, 10 % refused", Pace(refused=0.1), planted("refusal", "organisation")),
    Scene("refusal, nationality, 3.5 % refused", Pace(), planted("refusal", "nationality")),
    Scene("delay, organisation, in many lists", Pace(), planted("delay", "organisation")),
    Scene("refusal and delay, nationality, 3.5 % refused", Pace(), planted("both", "nationality")),
    Scene("refusal, nationality, 7 % refused", Pace(refused=0.07), planted("refusal", "nationality")),
    Scene("delay, organisation, in one list of 59", Pace(), Bias(kind="delay", by="organisation", group="ORG-05")),
    Scene("fair, 10 % refused", Pace(refused=0.1)),
    Scene("fair, but organisations differ in care (sd 0.6)", Pace(care_spread=0.6)),
)
HEADS = (
    "elections", "found: review", "found: public", "elections with a false difference", "with a false review",
    "false reviews each",
)  # fmt: skip


def looked_at(given: tuple[Scene, int]) -> tuple[bool, bool, bool, int]:
    scene, seed = given
    rules, bias = valdara(), scene.bias
    cases = decided_election(1500, seed, profile=rules, pace=scene.pace, bias=bias)
    last = max(case.decided_at for case in cases if case.decided_at)
    found = [one for one in contrasts(cases, Grouping(rules.zone, {}), now=last) if one.asks_for_review]
    own = [one for one in found if bias and (one.dimension.value, one.group) == (bias.by, bias.group)]
    others = [one for one in found if one not in own]
    public = [one.verdict is Verdict.DIFFERENCE for one in own], [one.verdict is Verdict.DIFFERENCE for one in others]
    return bool(own), any(public[0]), any(public[1]), len(others)


def line(scene: Scene, results: list[tuple[bool, bool, bool, int]]) -> tuple[str, ...]:
    number = len(results)

    def share(counts: Any) -> str:
        return f"{100 * sum(counts) / number:.1f} %"

    found = [share(one[0] for one in results), share(one[1] for one in results)] if scene.bias else ["", ""]
    wolf = [share(one[2] for one in results), share(bool(one[3]) for one in results)]
    return scene.name, *found, *wolf, f"{sum(one[3] for one in results) / number:.2f}"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--elections", type=int, default=200)
    words.add_argument("--scenes", type=int, default=len(SCENES), help="only so many of the lines, from the first")
    words.add_argument("--processes", type=int, default=2)
    given = words.parse_args()
    for row in (HEADS, ("---", *["---:"] * (len(HEADS) - 1))):
        print("| " + " | ".join(row) + " |", flush=True)
    with Pool(given.processes) as pool:
        for scene in SCENES[: given.scenes]:
            results = pool.map(looked_at, [(scene, seed) for seed in range(given.elections)])
            print("| " + " | ".join(line(scene, results)) + " |", flush=True)


if __name__ == "__main__":
    main()
