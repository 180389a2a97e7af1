"""Regional assignment: time and memory from 1,000 observers up, against a simplex solver on the same model.

    python -m benchmarks.assignment --largest 2000            a quick look
    python -m benchmarks.assignment --largest 50000 --picture cost.svg

Every size runs in a process of its own, so that its peak memory is its own. The comparison needs highspy (dependency
group "dev"); without it the rest is printed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.assignment_report import Figures, cost_picture, sheets
from benchmarks.report import Sheet
from domain.assignment.checker.check import check
from domain.assignment.explanation import Explainer
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.plan import Plan
from domain.assignment.planner.arrays import lay_out
from domain.assignment.planner.certificate import condense, potentials
from domain.assignment.planner.extraction import losses, placed_by
from domain.assignment.planner.fairness import FairnessGoal, rebalanced
from domain.assignment.planner.network import build, solve_flow
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level, Replanning
from domain.assignment.problem import Problem
from domain.assignment.teams.pairing import pair

SIZES = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
REGIONS = 200
AGAINST_PEERS = 20_000
"""Observers up to whom a simplex solver finishes in reasonable time."""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = perf_counter()
    result = work()
    return perf_counter() - start, result


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_plan(observers: int, regions: int) -> Figures:
    """Build, solve, draw the lottery and certify one plan; then check it independently."""
    problem = invented_problem(Size(observers, regions), seed=1)
    before = peak_megabytes()
    started = process_time()
    seconds, plan = timed(lambda: solve(problem))
    processor = process_time() - started
    peak = peak_megabytes()
    check_seconds, violations = timed(lambda: check(problem, plan))
    return {
        "observers": observers,
        "seconds": seconds,
        "processor_seconds": processor,
        "megabytes": peak,
        "problem_megabytes": before,
        "check_seconds": check_seconds,
        "violations": len(violations),
        "unplaced": len(plan.unplaced),
        "first": first_choices(problem, plan),
    }


def first_choices(problem: Problem, plan: Plan) -> float:
    first = sum(plan.placements[observer.id] == observer.preferences[0] for observer in problem.observers)
    return first / max(1, len(problem.observers))


def measure_peer(observers: int, regions: int) -> Figures:
    """Give the very arcs of our network to a simplex solver and compare cost and time, step by step."""
    highspy: Any = import_module("highspy")
    problem = invented_problem(Size(observers, regions), seed=1)
    layout_seconds, tables = timed(lambda: lay_out(problem))
    build_seconds, network = timed(lambda: build(tables))
    flow_seconds, flow = timed(lambda: solve_flow(network.arcs, network.supply))
    placed = placed_by(tables, network, flow)
    proof_seconds, proved = timed(lambda: potentials(condense(tables, placed)))
    arcs, nodes = network.arcs, len(network.supply)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("solver", "simplex")
    pass_seconds, _ = timed(lambda: pass_model(solver, arcs, network.supply, nodes))
    run_seconds, _ = timed(solver.run)
    theirs = np.rint(np.array(solver.getSolution().col_value)).astype(np.int64)
    return {
        "observers": observers,
        "arcs": len(arcs.tail),
        "layout": layout_seconds,
        "build": build_seconds,
        "flow": flow_seconds,
        "proof": proof_seconds,
        "proved": proved is not None,
        "simplex": run_seconds,
        "simplex_model": pass_seconds,
        "equal": int((theirs * arcs.cost).sum()) == int((flow * arcs.cost).sum()),
    }


def pass_model(solver: Any, arcs: Any, supply: Any, nodes: int) -> None:
    """Enter flow conservation by columns: +1 at the tail, -1 at the head."""
    highspy: Any = import_module("highspy")
    count = len(arcs.tail)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count, nodes
    lp.col_cost_ = arcs.cost.astype(float)
    lp.col_lower_, lp.col_upper_ = np.zeros(count), arcs.capacity.astype(float)
    lp.row_lower_ = lp.row_upper_ = supply.astype(float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * count + 1, 2, dtype=np.int32)
    lp.a_matrix_.index_ = np.column_stack([arcs.tail, arcs.head]).ravel().astype(np.int32)
    lp.a_matrix_.value_ = np.tile([1.0, -1.0], count)
    solver.passModel(lp)


def measure_steps(observers: int, regions: int) -> Figures:
    """Churn of 3 % withdrawn and 3 % late, teams, explanations and fairness."""
    problem = invented_problem(Size(observers, regions), seed=1)
    plan = solve(problem)
    started = process_time()
    teams_seconds, teaming = timed(lambda: pair(problem, plan))
    teams_processor = process_time() - started
    table_seconds, explainer = timed(lambda: Explainer.of(problem, plan))
    unhappy = [observer for observer in problem.observers if plan.placements[observer.id] != observer.preferences[0]][
        :200
    ]
    ask_seconds, answers = timed(lambda: [explainer.why(observer.id, observer.preferences[0]) for observer in unhappy])
    fair_seconds, fair = timed(lambda: rebalanced(problem, FairnessGoal(rounds=2)))
    return {
        "churn": [churn(observers, regions, seats) for seats in (1.08, 0.95)],
        "teams": len(teaming.teams),
        "unpaired": len(teaming.unpaired),
        "repaired": len(teaming.moved),
        "teams_seconds": teams_seconds,
        "teams_processor": teams_processor,
        "table_seconds": table_seconds,
        "ask_milliseconds": 1000 * ask_seconds / max(1, len(answers)),
        "fair_seconds": fair_seconds,
        "gini": [rebalancing.gini for rebalancing in fair.rounds],
        "fair_points": [rebalancing.points for rebalancing in fair.rounds],
    }


def churn(observers: int, regions: int, seats: float) -> Figures:
    """Return whom each way to re-plan moves when 3 % withdraw and as many like them come late.

    A cold re-solve knows nothing of the old plan: neither its regions nor its lottery seed. Two kinds are measured:
    with a fresh seed (the mean of three), and with ties left to the solver, as planners without a lottery do.
    """
    late = round(0.03 * observers)
    everybody = invented_problem(Size(observers + late, regions, seats * observers / (observers + late)), seed=1)
    problem = everybody.revised(observers=everybody.observers[:-late])
    plan = solve(problem)
    told = [observer.revised(previous=plan.placements[observer.id]) for observer in problem.observers[late:]]
    changed = problem.revised(observers=(*told, *everybody.observers[-late:]))

    def posed(replanning: Replanning, seed: str = problem.policy.seed) -> Problem:
        return changed.revised(policy=problem.policy.revised(replanning=replanning, seed=seed))

    def again(replanning: Replanning, seed: str = problem.policy.seed) -> Plan:
        return solve(posed(replanning, seed))

    few, none = again(Replanning.FEWEST_CHANGES), again(Replanning.NO_MOVES)
    fresh = [again(Replanning.FROM_SCRATCH, f"fresh seed {number}") for number in range(3)]
    tables = lay_out(posed(Replanning.FROM_SCRATCH))
    network = build(tables)
    untied = losses(tables, placed_by(tables, network, solve_flow(network.arcs, network.supply)))
    return {
        "seats": seats,
        "few": few.moves,
        # The last level of the order in force is changes: a certificate that holds proves that no plan, as good at all
        # levels before, moves fewer. The checker shares no code with the planner.
        "fewest_proven": few.order[-1] is Level.CHANGES and not check(posed(Replanning.FEWEST_CHANGES), few),
        "none": none.moves,
        "same_seed": again(Replanning.FROM_SCRATCH).moves,
        "fresh": sum(drawn.moves for drawn in fresh) / len(fresh),
        "untied": untied[Level.CHANGES],
        "points": [few.loss(Level.POINTS), none.loss(Level.POINTS)],
        "equal": {drawn.loss(Level.POINTS) for drawn in (few, *fresh)} == {untied[Level.POINTS]},
    }


MEASURES: dict[str, Callable[[int, int], Figures]] = {
    "plan": measure_plan,
    "peer": measure_peer,
    "steps": measure_steps,
}


def apart(measure: str, observers: int, regions: int) -> Figures | None:
    """Measure in a process of its own; nothing if that is not possible here."""
    words = [sys.executable, "-m", "benchmarks.assignment", "--measure", measure, str(observers), str(regions)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        print(f"{measure} {observers}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def found(largest: int, picture: Path | None) -> list[Sheet]:
    """Measure all sizes up to *largest* and return what was found; the picture is drawn if asked for."""
    sizes = [size for size in SIZES if size <= largest] or [largest]
    plans = [row for size in sizes if (row := apart("plan", size, REGIONS))]
    peers = [row for size in sizes if size <= AGAINST_PEERS and (row := apart("peer", size, REGIONS))]
    steps = apart("steps", min(max(sizes), AGAINST_PEERS), REGIONS)
    if picture:
        picture.write_text(cost_picture(plans, peers, regions=REGIONS), encoding="utf-8")
    return sheets(plans, peers, steps, regions=REGIONS)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--largest", type=int, default=20_000)
    words.add_argument("--picture", type=Path)
    words.add_argument("--measure", nargs=3, metavar=("WHAT", "OBSERVERS", "REGIONS"), help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.measure:
        what, observers, regions = given.measure
        print(json.dumps(MEASURES[what](int(observers), int(regions))))
    else:
        for sheet in found(given.largest, given.picture):
            sheet.show()


if __name__ == "__main__":
    main()
