"""Regional assignment: time and memory from 1,000 observers up, against a simplex solver on the same model.

    python benchmarks/assignment.py                  1,000 to 20,000 x 200, churn, teams, explanations
    python benchmarks/assignment.py --largest 50000 --picture cost.svg

Every size runs in a process of its own, so that its peak memory is its own. The comparison needs highspy, the
picture matplotlib (both in the dependency group "bench"); without them the rest is printed.
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
from rich.console import Console
from rich.table import Table

from domain.assignment import Explainer, Level, Plan, Policy, Problem, Replanning, check, pair, solve
from domain.assignment.certify import condense, potentials
from domain.assignment.extract import losses, placed_by
from domain.assignment.fairness import FairnessGoal, rebalanced
from domain.assignment.invented import Size, invented_problem
from domain.assignment.network import build, solve_flow
from domain.assignment.tables import lay_out

SIZES = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
REGIONS = 200
Figures = dict[str, Any]


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
    first = sum(plan.placements[one.id] == one.preferences[0] for one in problem.observers)
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
    plans, untied = replanned(observers, regions)
    started = process_time()
    teams_seconds, teaming = timed(lambda: pair(problem, plan))
    teams_processor = process_time() - started
    table_seconds, explainer = timed(lambda: Explainer.of(problem, plan))
    unhappy = [one for one in problem.observers if plan.placements[one.id] != one.preferences[0]][:200]
    ask_seconds, answers = timed(lambda: [explainer.why(one.id, one.preferences[0]) for one in unhappy])
    fair_seconds, fair = timed(lambda: rebalanced(problem, FairnessGoal(rounds=2)))
    return {
        "moves": [*(one.moves for one in plans), untied],
        "points": [one.loss(Level.POINTS) for one in plans],
        "teams": len(teaming.teams),
        "unpaired": len(teaming.unpaired),
        "repaired": len(teaming.moved),
        "teams_seconds": teams_seconds,
        "teams_processor": teams_processor,
        "table_seconds": table_seconds,
        "ask_milliseconds": 1000 * ask_seconds / max(1, len(answers)),
        "fair_seconds": fair_seconds,
        "gini": [one.gini for one in fair.rounds],
        "fair_points": [one.points for one in fair.rounds],
    }


def before_and_after(observers: int, regions: int) -> tuple[Problem, Callable[[Plan, Policy], Problem]]:
    """Return a problem, and how to change it: 3 % withdraw, as many like them come late."""
    late = round(0.03 * observers)
    everybody = invented_problem(Size(observers + late, regions, 1.08 * observers / (observers + late)), seed=1)
    problem = everybody.revised(observers=everybody.observers[:-late])

    def changed(plan: Plan, policy: Policy) -> Problem:
        told = [one.revised(previous=plan.placements[one.id]) for one in problem.observers[late:]]
        return problem.revised(observers=(*told, *everybody.observers[-late:]), policy=policy)

    return problem, changed


def replanned(observers: int, regions: int) -> tuple[list[Plan], int]:
    """Return the new plan with fewest changes, without moves, from scratch, and from scratch with another seed.

    Also the people moved by a solve from scratch that leaves ties to the solver, as planners without a lottery do.
    """
    problem, changed = before_and_after(observers, regions)
    plan, policy = solve(problem), problem.policy
    policies = [policy.revised(replanning=kind) for kind in Replanning]
    policies.append(policy.revised(replanning=Replanning.FROM_SCRATCH, seed="another seed"))
    tables = lay_out(changed(plan, policies[-1]))
    network = build(tables)
    untied = placed_by(tables, network, solve_flow(network.arcs, network.supply))
    return [solve(changed(plan, one)) for one in policies], losses(tables, untied)[Level.CHANGES]


MEASURES: dict[str, Callable[[int, int], Figures]] = {
    "plan": measure_plan,
    "peer": measure_peer,
    "steps": measure_steps,
}


def apart(measure: str, observers: int, regions: int) -> Figures | None:
    """Measure in a process of its own; nothing if that is not possible here."""
    words = [sys.executable, str(Path(__file__)), "--measure", measure, str(observers), str(regions)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        Console(stderr=True).print(f"{measure} {observers}: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def plans_table(rows: list[Figures]) -> Table:
    longest = max(row["seconds"] for row in rows)
    table = Table(title=f"build + solve + lottery + certificate, x {REGIONS} regions")
    for column in ("observers", "seconds", "cpu s", "peak MB", "check s", "faults", "first choice", "cost"):
        table.add_column(column, justify="left" if column.startswith("cost") else "right")
    for row in rows:
        table.add_row(
            f"{row['observers']:,}",
            f"{row['seconds']:.2f}",
            f"{row['processor_seconds']:.2f}",
            f"{row['megabytes']:.0f}",
            f"{row['check_seconds']:.2f}",
            str(row["violations"]),
            f"{row['first']:.0%}",
            "█" * max(1, round(20 * row["seconds"] / longest)),
        )
    return table


def peers_table(rows: list[Figures]) -> Table:
    table = Table(title="the same network given to a simplex solver (HiGHS, 1 thread)")
    for column in (
        "observers",
        "arcs",
        "ours: flow s",
        "with layout, build, proof s",
        "simplex s",
        "solve x",
        "whole x",
        "equal",
    ):
        table.add_column(column, justify="right")
    for row in rows:
        whole = row["layout"] + row["build"] + row["flow"] + row["proof"]
        theirs = row["layout"] + row["build"] + row["simplex_model"] + row["simplex"]
        table.add_row(
            f"{row['observers']:,}",
            f"{row['arcs']:,}",
            f"{row['flow']:.2f}",
            f"{whole:.2f}",
            f"{row['simplex']:.2f}",
            f"{row['simplex'] / row['flow']:.1f}",
            f"{theirs / whole:.1f}",
            "yes" if row["equal"] and row["proved"] else "NO",
        )
    return table


def steps_table(row: Figures) -> Table:
    few, none, cold, drawn, untied = row["moves"]
    table = Table(title="what follows the plan", show_header=False)
    table.add_row("3 % late, 3 % withdrawn: moved with fewest changes / no moves", f"{few} / {none}")
    table.add_row("  from scratch: same lottery / another / ties left to the solver", f"{cold} / {drawn} / {untied}")
    table.add_row(
        "  fewest changes as a share of these", " / ".join(f"{few / max(1, one):.2f}" for one in (cold, drawn, untied))
    )
    table.add_row("  points, in the same order", " / ".join(str(one) for one in row["points"]))
    table.add_row("teams, unpaired, moved by the repair", f"{row['teams']}, {row['unpaired']}, {row['repaired']}")
    table.add_row("teams, seconds, cpu seconds", f"{row['teams_seconds']:.2f}, {row['teams_processor']:.2f}")
    table.add_row("why: table s, question ms", f"{row['table_seconds']:.2f}, {row['ask_milliseconds']:.1f}")
    table.add_row("fairness: Gini by round", " -> ".join(f"{one:.3f}" for one in row["gini"]))
    table.add_row("  points by round", " -> ".join(str(one) for one in row["fair_points"]))
    return table


def draw(rows: list[Figures], picture: Path) -> None:
    """Save cost against size as SVG or PNG."""
    figure = import_module("matplotlib.figure").Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([row["observers"] for row in rows], [row["seconds"] for row in rows], marker="o")
    axes.set(xlabel="observers", ylabel="seconds", title=f"Plan with certificate, {REGIONS} regions", ylim=(0, None))
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(picture)


def report(largest: int, picture: Path | None) -> None:
    console = Console()
    sizes = [size for size in SIZES if size <= largest]
    rows = [row for size in sizes if (row := apart("plan", size, REGIONS))]
    console.print(plans_table(rows))
    peers = [row for size in sizes if size <= 20_000 and (row := apart("peer", size, REGIONS))]
    if peers:
        console.print(peers_table(peers))
    if steps := apart("steps", min(largest, 20_000), REGIONS):
        console.print(steps_table(steps))
    if picture:
        draw(rows, picture)


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
        report(given.largest, given.picture)


if __name__ == "__main__":
    main()
