"""A case: an application with the person it is about."""

from __future__ import annotations

from dataclasses import dataclass

from domain.application.application import Application
from domain.application.nomination import Nomination


@dataclass(frozen=True, slots=True)
class Case:
    """An application with the person it is about."""

    application: Application
    nomination: Nomination
