"""What of a law a profile covers: each sentence with the keys that say it, with the hand that keeps it, or neither."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from domain.election.profile.evidence import RulePath, rule_at
from domain.election.profile.keeping import Keeper, keeper_of, key_at
from domain.errors import BadInputError
from domain.values import Frozen


class Sentence(Frozen):
    """One thing that the law says, in other words."""

    says: Annotated[str, Field(min_length=3, description="what it says, in your own words")]
    keys: Annotated[tuple[RulePath, ...], Field(description="places of the profile that say it")] = ()
    by_hand: Annotated[str, Field(description="who keeps it, where no key says it")] = ""

    @property
    def is_covered(self) -> bool:
        """Whether a key says it or somebody keeps it."""
        return bool(self.keys or self.by_hand)


class Coverage(Frozen):
    """The sentences of one source, in its order."""

    sentences: Annotated[tuple[Sentence, ...], Field(min_length=1)]

    @property
    def not_covered(self) -> tuple[str, ...]:
        """What the law says and nobody has encoded."""
        return tuple(sentence.says for sentence in self.sentences if not sentence.is_covered)


def check_coverage(coverage: Coverage, profile: BaseModel) -> None:
    """Raise :class:`BadInputError` for a sentence that names a key which *profile* does not have, or leaves unset."""
    for sentence in coverage.sentences:
        for path in sentence.keys:
            if _value(profile, path) in (None, (), "", {}):
                raise BadInputError(
                    path, f"is not set in the profile, but is to cover: {sentence.says}",
                    remedy="Set it, or name another key.",
                )  # fmt: skip


def kept_by(sentence: Sentence, profile: BaseModel) -> str:
    """Return who keeps *sentence*: the engine where it keeps all of its keys, by hand, or nobody."""
    if not sentence.is_covered:
        return "not covered"
    by_engine = {keeper_of(key_at(profile, path)) in {Keeper.ENGINE, Keeper.ALWAYS} for path in sentence.keys}
    return "engine" if by_engine == {True} else "by hand" if True not in by_engine else "engine and by hand"


def _value(profile: BaseModel, path: str) -> object:
    try:
        return rule_at(profile, path)
    except (LookupError, StopIteration):
        return None
