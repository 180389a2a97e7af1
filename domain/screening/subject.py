"""Who is compared with whom: applicants, and the people a reference list names."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import Field, field_validator

from domain.screening.birth import BirthDate, birth_date
from domain.screening.names.forms import NameForm, name_form
from domain.values import Frozen, Sha256, masked

Words = Annotated[tuple[str, ...], Field(repr=False)]


class Subject(Frozen):
    """A person as far as screening may know one: an id, and what can be compared.

    ``names`` starts with the name in use; the others are former names, aliases and other scripts. Dates are ISO
    8601 and may be partial. ``places`` are postal codes. Nothing else about a person takes part in a comparison.
    """

    subject_id: str = Field(min_length=1)
    names: Words = Field(min_length=1)
    birth_dates: Words = ()
    countries: Words = ()
    documents: Words = ()
    contacts: Words = ()
    places: Words = ()

    @field_validator("names", "birth_dates", "countries", "documents", "contacts", "places")
    @classmethod
    def _without_blanks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stripped for text in given if (stripped := text.strip())))

    @cached_property
    def forms(self) -> tuple[NameForm, ...]:
        """The comparable forms of all names; those without a letter or digit are left out."""
        return tuple(form for form in map(name_form, self.names) if form.joined)

    @cached_property
    def births(self) -> tuple[BirthDate, ...]:
        """The dates of birth that can be read."""
        return tuple(born for born in map(birth_date, self.birth_dates) if born is not None)

    @cached_property
    def document_keys(self) -> frozenset[str]:
        """Document numbers without the signs that are typed or left out at will."""
        return frozenset(key for number in self.documents if (key := re.sub(r"[^0-9A-Z]", "", number.upper())))

    @cached_property
    def contact_keys(self) -> frozenset[str]:
        """E-mail addresses and telephone numbers without differences of case."""
        return frozenset(contact.casefold() for contact in self.contacts)

    @cached_property
    def content_hash(self) -> Sha256:
        """The SHA-256 of everything that is compared; it changes when any of it does, not when its order does."""
        compared = [self.names, self.birth_dates, self.countries, self.documents, self.contacts, self.places]
        settled = [*self._identity(), *(sorted(texts) for texts in compared)]
        return hashlib.sha256(json.dumps(settled, separators=(",", ":")).encode()).hexdigest()

    def _identity(self) -> tuple[str, ...]:
        return ("", self.subject_id)

    def __str__(self) -> str:
        return f"{self.subject_id} {masked(self.names[0])}"


class ListEntry(Subject):
    """A person whom a reference list names; ``subject_id`` is the entry's own id within the list."""

    list_id: str = Field(min_length=1)
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the entry among all lists."""
        return self.list_id, self.subject_id

    def _identity(self) -> tuple[str, ...]:
        return self.key


class ReferenceList(Frozen):
    """What must be known about a list before anybody is compared with it.

    ``version_hash`` is the SHA-256 of the bytes it was read from; a list is never changed, only replaced.
    """

    list_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    owner: str = Field(min_length=1)
    legal_basis: str = Field(min_length=1)
    version_hash: Sha256
    valid_from: date | None = None
    valid_until: date | None = None

    def is_valid(self, *, on: date) -> bool:
        """Return whether the list may be used on that day; both limits belong to the period."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )
