"""``accredit assignment``: plan, explain and check regions from files alone, without a database."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from domain.assignment.checker.check import check as check_plan
from domain.assignment.explanation import WhyNot, WhyNotKind
from domain.assignment.explanation import why as why_not
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.plan import Plan, Teaming
from domain.assignment.planner.solver import solve as solve_problem
from domain.assignment.problem import Problem, reversed_days
from domain.assignment.teams.pairing import pair as pair_people
from domain.assignment.teams.sites import sited as give_sites
from domain.errors import BadInputError
from domain.numbers import number_of
from flows.cli.registry import command

Model = TypeVar("Model", bound=BaseModel)

_LARGEST: Final = 200_000_000
"""Bytes beyond which a file cannot be a problem or a plan."""

_MOST_FAULTS: Final = 5
"""Faults of a file that are named; the rest are counted."""

ProblemFile = Annotated[Path, typer.Argument(metavar="PROBLEM.json", help="Regions, offices, observers, policy.")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan made by `solve`.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@command("assignment invent", example="problem.json --observers 300 --regions 12")
def invent(
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM.json", help="File to write.")],
    observers: Annotated[int, typer.Option(min=0, max=100_000)] = 300,
    regions: Annotated[int, typer.Option(min=1, max=500)] = 12,
    capacity: Annotated[float, typer.Option(min=0.0, max=10.0, help="Seats per observer.")] = 1.08,
    seed: Annotated[int, typer.Option(min=0, help="The same seed invents the same problem.")] = 1,
) -> None:
    """Write an invented problem of any size, to try the other commands and to see the format."""
    _write(problem, invented_problem(Size(observers, regions, capacity), seed=seed))
    typer.echo(f"{problem}: {observers} observers, {regions} regions, invented.")


@command("assignment schema", example="problem > problem.schema.json")
def schema(
    kind: Annotated[Literal["problem", "plan", "answer", "teams"], typer.Argument(help="Which format.")],
) -> None:
    """Print the JSON Schema of a problem, of a plan, of what `why` answers or of teams, with what every field means."""
    models: dict[str, type[BaseModel]] = {"problem": Problem, "plan": Plan, "answer": WhyNot, "teams": Teaming}
    typer.echo(json.dumps(models[kind].model_json_schema(), indent=2))


@command("assignment solve", example="problem.json --plan plan.json")
def solve(
    problem: ProblemFile,
    plan: Annotated[Path, typer.Option("--plan", metavar="PLAN.json", help="File to write the plan to.")],
    as_json: AsJson = False,
) -> None:
    """Write the best plan, with its certificate; the same problem and seed always give the same plan.

    Exit code 0: a plan was written, even if people or seats are short; 2: the file cannot be used.
    """
    given = _problem(problem)
    made = solve_problem(given)
    asked = sum(observer.delegation is not None for observer in given.observers)
    _write(plan, made)
    if as_json:
        typer.echo(json.dumps({**_summary(made), "delegation_not_heeded": asked}, indent=2))
        return
    typer.echo("\n".join(_as_text(made)))
    if asked:
        typer.echo(f"Asked to stay with a delegation, which solve does not heed: {asked}. Pin these people.")


@command("assignment why", example="problem.json plan.json A000007 R003 --json")
def why(
    problem: ProblemFile,
    plan: PlanFile,
    person: Annotated[str, typer.Argument(help="The observer's id.")],
    region: Annotated[str, typer.Argument(help="The region asked about.")],
    as_json: AsJson = False,
) -> None:
    """Say why PERSON is not in REGION: a rule, a lottery number, or who would have to move and what would be lost.

    The chain names people by id and is meant for officers. Exit code 0: answered; 2: the question cannot be asked.
    """
    answer = why_not(_problem(problem), _read(plan, Plan), person, region)
    typer.echo(answer.model_dump_json(indent=2) if as_json else "\n".join(_explained(answer)))


@command("assignment check", example="problem.json plan.json --redraw")
def check(
    problem: ProblemFile,
    plan: PlanFile,
    redraw: Annotated[bool, typer.Option("--redraw", help="Also solve again: the lottery must repeat.")] = False,
    as_json: AsJson = False,
) -> None:
    """Verify rules, seats, places, losses, reasons and certificate of a plan, by code that the planner does not use.

    Exit code 0: nothing wrong; 1: something is; 2: a file cannot be used.
    """
    given, made = _problem(problem), _read(plan, Plan)
    faults = [(violation.fault, violation.subject) for violation in check_plan(given, made)]
    if redraw and not faults and solve_problem(given).placements != made.placements:
        faults.append(("lottery_not_repeated", made.seed))
    if as_json:
        typer.echo(
            json.dumps({"faults": [{"fault": fault, "subject": subject} for fault, subject in faults]}, indent=2)
        )
    else:
        typer.echo(
            "\n".join(f"{fault}: {subject}" for fault, subject in faults)
            or "Faults: none. The plan is lawful and optimal."
        )
    if faults:
        raise typer.Exit(1)


@command("assignment teams", example="problem.json plan.json --json")
def teams(problem: ProblemFile, plan: PlanFile, as_json: AsJson = False) -> None:
    """Pair the people of each region into teams of two of different nationality, moving odd people where that helps.

    With --json also who was moved for it, what that loses, and the sites of regions that list some.

    Exit code 0: paired; 2: a file cannot be used.
    """
    given, made = _problem(problem), _read(plan, Plan)
    if faults := check_plan(given, made):
        raise BadInputError(
            str(plan), f"has {number_of(len(faults), 'faults')}.", remedy="See `accredit assignment check`."
        )
    teaming = give_sites(given, pair_people(given, made))
    if as_json:
        typer.echo(teaming.model_dump_json(indent=2))
    else:
        typer.echo(
            f"{number_of(len(teaming.teams), 'teams')}, {len(teaming.unpaired)} unpaired, {len(teaming.moved)} moved."
        )
        typer.echo("\n".join(_teams_as_text(teaming)))


def _teams_as_text(teaming: Teaming) -> Iterator[str]:
    where = teaming.placements
    for team in teaming.teams:
        site = teaming.sites.get(team.members[0])
        yield f"{team.region}: {' + '.join(team.members)}" + (f" at {site}" if site else "")
    yield from (f"{where[one]}: {one} with {' + '.join(pair)}" for one, pair in teaming.accompanying.items())
    yield from (f"{where[one]}: {one} alone, {rule}" for one, rule in teaming.unpaired.items())
    yield from (f"{where[one]}: {one} at no site, {rule}" for one, rule in teaming.siteless.items())


def _summary(plan: Plan) -> dict[str, object]:
    placed = sum(region is not None for region in plan.placements.values())
    return {
        "placed": placed,
        "unplaced": dict(Counter(plan.unplaced.values())),
        "moves": plan.moves,
        "losses": {loss.level: loss.amount for loss in plan.losses},
        "seed": plan.seed,
        "problem": plan.problem,
    }


def _as_text(plan: Plan) -> Iterator[str]:
    placed = sum(region is not None for region in plan.placements.values())
    yield f"Placed: {placed} of {len(plan.placements)}, {plan.moves} moved. Lost, most important level first:"
    yield from (f"  {loss.level:<10} {loss.amount}" for loss in plan.losses)
    yield from (f"  unplaced   {count}: {reason}" for reason, count in sorted(Counter(plan.unplaced.values()).items()))


def _explained(answer: WhyNot) -> Iterator[str]:
    match answer.verdict:
        case WhyNotKind.PLACED_THERE:
            yield f"{answer.observer} is in {answer.region}."
        case WhyNotKind.NOT_ELIGIBLE:
            yield f"{answer.observer} may not serve in {answer.region}: {answer.rule}."
        case WhyNotKind.TIE:
            yield f"A plan with {answer.observer} in {answer.region} would be just as good: the lottery decided."
            yield f"  lottery number {answer.ticket}"
        case WhyNotKind.PRICE:
            yield f"{answer.observer} in {answer.region} would make the plan worse:"
            yield from (f"  {loss.level:<10} {loss.amount:+d}" for loss in answer.losses if loss.amount)
    if answer.chain:
        yield f"  {len(answer.chain)} would have to move:"
        yield from (
            f"    {move.observer}: {move.leaves or 'no region'} -> {move.enters or 'no region'}"
            for move in answer.chain
        )


def _problem(file: Path) -> Problem:
    """Return the problem that *file* holds; days in the wrong order are refused."""
    problem = _read(file, Problem)
    if wrong := reversed_days(problem):
        more = f" and {len(wrong) - _MOST_FAULTS} more" if len(wrong) > _MOST_FAULTS else ""
        named = ", ".join(wrong[:_MOST_FAULTS]) + more
        raise BadInputError(
            str(file), f"has regions that close before they open, or people who leave before they arrive: {named}.",
            remedy="Correct the days.",
        )  # fmt: skip
    return problem


def _read(file: Path, kind: type[Model]) -> Model:
    """Return the model that *file* holds; raises ``BadInputError`` naming what is wrong with it."""
    try:
        if file.stat().st_size > _LARGEST:
            raise BadInputError(str(file), "is larger than 200 MB.", remedy="Plan groups of regions separately.")
        return kind.model_validate_json(file.read_bytes().removeprefix(BOM_UTF8))
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadInputError(str(file), f"{reason}.", remedy="Name a file that you may read.") from error
    except ValidationError as error:
        raise BadInputError(
            str(file),
            f"cannot be read as a {kind.__name__.lower()}. {_named(error)}.",
            remedy=f"The format: accredit assignment schema {kind.__name__.lower()}",
        ) from error


def _named(error: ValidationError) -> str:
    """Return where the first faults are and what they are, without the values."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    named = [f"{_place(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}" for fault in faults[:_MOST_FAULTS]]
    more = [f"{len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else []
    return "; ".join(named + more)


def _place(path: tuple[str | int, ...]) -> str:
    """Return where in the file *path* leads, rows counted from 1."""
    return ", ".join(f"row {part + 1}" if isinstance(part, int) else part for part in path) or "file"


def _write(file: Path, model: BaseModel) -> None:
    """Write *model* beside *file* first, so that a failure leaves what was there."""
    draft = file.parent / f".{file.name}.part"
    try:
        draft.write_text(model.model_dump_json(indent=1) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise BadInputError(str(file), f"{reason}.", remedy="Name a file that you may write.") from error
