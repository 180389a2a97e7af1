"""One invented letter of every kind and variant: for checking templates, and for looking at them before sending."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from notifications.letters import LETTERS
from notifications.letters.invented import CASE, COMMON
from notifications.letters.lines import CaseLetter, Letter


def _sample(model: type[Letter], facts: Mapping[str, object]) -> Letter:
    return model.model_validate({**(CASE if issubclass(model, CaseLetter) else COMMON), **facts})


SAMPLES: Final[Mapping[str, Letter]] = MappingProxyType(
    {name: _sample(model, facts) for model in LETTERS.values() for name, facts in model.samples.items()}
)
"""Letters by the name of their sample: the kind, and what is special about it."""
