"""One invented letter of every kind and variant: for checking templates, and for looking at them before sending."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from notifications.letters import Letter
from notifications.letters.samples.unusual import UNUSUAL
from notifications.letters.samples.usual import USUAL

SAMPLES: Final[Mapping[str, Letter]] = MappingProxyType(dict(USUAL) | dict(UNUSUAL))
"""Letters by the name of their sample: the kind, and what is special about it."""
