"""``accredit find``: whoever is at the terminal finds a case, and reads nobody's name."""

from __future__ import annotations

import json

from support.builders import ELECTION
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.status import Status
from domain.errors import UnknownThingError
from flows.cli.app import app
from flows.context import database


def test_a_case_is_found_by_name_and_document_also_with_a_slip_and_nobody_is_named(stages: Stages) -> None:
    with stages.copy("vetted"):
        known = due(Status.IN_REVIEW)[0]
        with open_reader(database()) as store:
            case, person = store.applications.get(known), store.people.current([known])[known]
        slip = person.document_number[:-2] + person.document_number[-1] + person.document_number[-2]
        for words in (person.surname, person.document_number, slip, person.email.upper()):
            found = CliRunner().invoke(app, ["find", words, "--json", "--election", ELECTION])
            assert case.case_number in [row["case"] for row in json.loads(found.output)], words
        shown = CliRunner().invoke(app, ["find"], input=f"{person.document_number}\n")
        assert case.case_number in shown.output
        assert person.surname not in shown.output
        nobody = CliRunner().invoke(app, ["find", "Nobody Whatsoever Ofthatname"])
        assert isinstance(nobody.exception, UnknownThingError)
        steps = [
            CliRunner().invoke(app, [*words, "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
            for words in (["remind"], ["overdue"])
        ]
        assert all("Next: " in step.output for step in steps)
