"""How sure a rule is and where it stands; and the account of what a profile says, leaves unset or leaves unproved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, ClassVar, Self, cast

from pydantic import BaseModel, Field, model_validator

from domain.values import Frozen

RulePath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)*$", description="calendar.cure_hours")]


class Mark(StrEnum):
    """How sure a value is."""

    OFFICIAL = "A"
    """official page or legal text, read at least where it is quoted"""
    SECONDARY = "B"
    """press or another secondary source"""
    INFERRED = "C"
    """older version of the text, or our reading: check it"""
    OWN = "P"
    """no law: the operator's or this project's own setting"""
    NOT_FOUND = "not_found"
    """looked for and not found; the rule stays unset"""


class RuleEvidence(Frozen):
    """What stands behind a rule and all that lies beneath it."""

    mark: Annotated[Mark, Field(description="how sure it is")]
    sources: Annotated[tuple[int, ...], Field(description="places in the profile's list of sources, from 1")] = ()
    note: Annotated[str, Field(description="what a reader should know before relying on it")] = ""

    @model_validator(mode="after")
    def _is_sourced(self) -> Self:
        if self.mark in {Mark.OFFICIAL, Mark.SECONDARY} and not self.sources:
            raise ValueError(f"mark {self.mark} names at least one source")
        return self


class Rules(Frozen):
    """A section of the profile: its optional rules that are None are the ones left unset."""

    instead_of: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Rules that need not be set where one of others is."""


def rule_at(section: object, path: str) -> object:
    """Return what stands at *path* of a profile; raises LookupError where the profile has no such place."""
    found = section
    for step in path.split("."):
        found = _below(found, step)
    return found


def _below(value: object, step: str) -> object:
    match value:
        case BaseModel() if step in type(value).model_fields:
            return getattr(value, step)
        case Mapping():
            return cast("Mapping[str, object]", value)[step]
        case tuple():
            parts = cast("tuple[object, ...]", value)
            return next(part for place, part in enumerate(parts) if _step(part, place) == step)
        case _:
            raise LookupError(step)


def _step(part: object, place: int) -> str:
    """Return what a part of a list is called in paths: its id, name or kind, else its place from 0."""
    for name in ("id", "name", "kind"):
        if known := getattr(part, name, None):
            return str(known)
    return str(place)


def unset(section: Rules, above: str = "") -> Iterator[str]:
    """Yield the paths of optional rules that *section* leaves unset, where no other rule stands for them."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Rules):
            yield from unset(value, f"{above}{name}.")
        elif all(getattr(section, other) is None for other in (name, *section.instead_of.get(name, ()))):
            yield above + name


def said(section: BaseModel, above: str = "") -> Iterator[str]:
    """Yield the paths of values that differ from what the profile language would take without them."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if value != field.get_default(call_default_factory=True):
            yield from _leaves(value, above + name)


def _leaves(value: object, path: str) -> Iterator[str]:
    match value:
        case BaseModel():
            yield from said(value, f"{path}.")
        case Mapping():
            for key, part in cast("Mapping[str, object]", value).items():
                yield from _leaves(part, f"{path}.{key}")
        case tuple() if any(isinstance(part, BaseModel) for part in cast("tuple[object, ...]", value)):
            for place, part in enumerate(cast("tuple[object, ...]", value)):
                yield from _leaves(part, f"{path}.{_step(part, place)}")
        case _:
            yield path


def without_evidence(paths: Iterable[str], evidence: Iterable[str]) -> Iterator[str]:
    """Yield those of *paths* that have no evidence, neither their own nor that of a section they belong to."""
    known = set(evidence)
    for path in paths:
        steps = path.split(".")
        if not any(".".join(steps[: place + 1]) in known for place in range(len(steps))):
            yield path


def check_evidence(profile: BaseModel, evidence: Mapping[str, RuleEvidence], sources: Sequence[str]) -> None:
    """Raise ValueError for evidence about no rule, for a source that is not listed, and for a found "not found"."""
    for path, behind in evidence.items():
        try:
            value = rule_at(profile, path)
        except (LookupError, StopIteration):
            raise ValueError(f"evidence.{path}: the profile has no such rule") from None
        if beyond := [place for place in behind.sources if not 1 <= place <= len(sources)]:
            raise ValueError(f"evidence.{path}: there is no source {beyond[0]}; sources are 1 to {len(sources)}")
        if behind.mark is Mark.NOT_FOUND and value not in (None, (), {}):
            raise ValueError(f"evidence.{path}: marked not_found, but the rule is set")
