"""Officers of a test who sign: by the key files of the rehearsal, now or beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from db.election.elections import rules_sha256
from db.store import open_store
from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.statements.officer_acts import StaffAct, Step
from domain.statements.officers import Officer
from domain.statements.signatures import KeySignature
from domain.statements.statement import ActKind, Deed
from flows.context import database, right_now
from flows.decisions import officer_acts
from flows.statements.acceptance import ActingOfficer, accept, drafted, record
from flows.statements.keys import file_key, signing_key
from support.builders import ELECTION
from support.stages import AS_OF


def signed(
    officer: str, step: Callable[[ActingOfficer], object], *, election: str = ELECTION, now: datetime = AS_OF
) -> ActingOfficer:
    """Let *officer* sign exactly *step*; return who acts by that signature, and nothing else."""
    key = signing_key(officer)
    by = ActingOfficer(officer, election, now)
    draft = drafted(step, by, file_key(key).id)
    digest = record(draft, KeySignature(value=key.sign(draft.statement.document).hex()))
    return replace(by, signed=digest)


def by_two(act: StaffAct, officer: str, detail: str = "", **more: Any) -> str:
    """Let two administrators act about *officer*."""
    wanted = officer_acts.Act(act=act, officer=officer, detail=detail)
    officer_acts.propose(wanted, ActingOfficer("OFF-ADMIN-1", ELECTION, right_now()))
    return officer_acts.confirm(wanted, ActingOfficer("OFF-ADMIN-2", ELECTION, right_now()), **more)


def rewritten(*officers: Officer, profile: ElectionProfile | None = None, geography: Geography | None = None) -> None:
    """Let two administrators sign a package with these officers and rules; what is not given is as it is."""
    for step, by in ((Step.PROPOSED, "OFF-ADMIN-1"), (Step.CONFIRMED, "OFF-ADMIN-2")):
        with open_store(database()) as store:
            rules = profile or store.elections.profile(ELECTION)
            land = geography or store.elections.geography(ELECTION)
            listed = officers or tuple(store.officers.all_in(ELECTION))
            if step is Step.CONFIRMED:
                store.elections.put(rules, land, now=right_now())
            terms = {
                "step": step.value,
                "package_sha256": "a" * 64,
                "rules_sha256": rules_sha256(rules, land),
                "officers": [officer.model_dump(mode="json") for officer in listed],
                "changes": [],
                "rehearsal": True,
            }
            deed = Deed(kind=ActKind.RULES, terms=terms)
            accepted = accept(store, ActingOfficer(by, ELECTION, right_now()), deed)
            for one in accepted.authority.enrolled.values():
                store.officers.put(ELECTION, one)
