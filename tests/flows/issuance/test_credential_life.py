"""A credential after its issue: replaced, set aside, taken back by two, ended; the ledger accounts for every number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from support.builders import ELECTION, WEIGHED
from support.signing import signed
from support.stages import AS_OF, Stages, deliver, due, everything
from typer.testing import CliRunner

from db.store import open_reader, open_store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application
from domain.application.events import ApplicationWithdrawn
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.credentials.ring import KeyFolderError, Minting
from domain.credentials.states import Cause, LedgerState
from domain.credentials.trust_list import KeyState
from domain.credentials.verdict import Code, Verdict
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import BadInputError
from domain.letters.envelope import LetterKind
from domain.statements.officers import OfficerRefusedError
from domain.statements.statement import StatementRefusedError
from flows.cli.app import app
from flows.context import database
from flows.decisions.case_file import case_file
from flows.decisions.rulings import Result, decide_applications
from flows.intake.withdrawal import withdraw
from flows.issuance.correction import correct
from flows.issuance.life import end_what_is_over, reissue, serial_ledger, signed_by
from flows.issuance.publication.verification import verify_token
from flows.issuance.signing import keys
from flows.oversight.overview import audit
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.badge.reader import read_token

FIRST, SECOND = "OFF-DEMO-1", "OFF-DEMO-3"
UNTIL = AS_OF + timedelta(days=3)
SUSPEND = Ruling(
    outcome=Outcome.SUSPEND, reasons=(ReasonCode.V02,), until=UNTIL, facts=f"A report is looked into. {WEIGHED}"
)
REVOKE = Ruling(outcome=Outcome.REVOKE, reasons=(ReasonCode.V03,), until=UNTIL, facts=f"Two reports agree. {WEIGHED}")
CONFIRM, LIFT = Ruling(outcome=Outcome.CONFIRM), Ruling(outcome=Outcome.LIFT)


@pytest.fixture(autouse=True)
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


def holder(place: int = 0) -> Application:
    return case_file(due(Status.CREDENTIALED)[place]).application


def token(serial: str | None) -> str:
    with open_reader(database()) as store:
        badge = store.credentials.badge_of(str(serial))
    found = read_token(file_store().get(str(badge)))
    assert found is not None
    return found


def verdict(serial: str | None, now: datetime = AS_OF) -> Verdict:
    return verify_token(token(serial), ELECTION, now=now)


def rule(ruling: Ruling, officer: str, *ids: UUID, now: datetime = AS_OF) -> list[Result]:
    return decide_applications(ids, ruling, ActingOfficer(officer, ELECTION, now))


def replace(*ids: UUID, cause: Cause = Cause.LOSS, officer: str = FIRST, now: datetime = AS_OF) -> list[Result]:
    return reissue(ids, cause, ActingOfficer(officer, ELECTION, now))


def letters(known: UUID) -> Counter[str]:
    return Counter(kind for kind, _, _ in case_file(known).letters)


def state(serial: str | None) -> str | None:
    with open_reader(database()) as store:
        return store.credentials.state_of(ELECTION, str(serial))


def cut_off(*_: object) -> None:
    raise ConnectionAbortedError


def test_a_lost_badge_is_void_at_once_and_another_serial_index_and_badge_replace_it() -> None:
    before = holder()
    with open_reader(database()) as store:
        counted = store.counts.credentials(ELECTION)
        lists = store.letters.keys_of(ELECTION, LetterKind.ROSTER)
    (done,) = replace(before.id)
    after = case_file(before.id).application
    assert done.applied, done.sentence
    assert (after.status, after.valid_until) == (Status.CREDENTIALED, before.valid_until)
    assert (verdict(before.serial).code, verdict(after.serial).code) == (Code.LOST, Code.VALID)
    with open_reader(database()) as store:
        old, new = (store.credentials.line(ELECTION, str(one.serial)) for one in (before, after))
        envelopes = [letter.envelope for letter in store.outbox.of_application(before.id)]
        renewed = store.letters.keys_of(ELECTION, LetterKind.ROSTER) - lists
    assert not before.office or any(key.startswith(f"roster:{before.office}:") for key in renewed), (
        "with the new serial"
    )
    assert (old.cause, new.replaces, old.status_index == new.status_index) == (Cause.LOSS, before.serial, False)
    changes = [envelope for envelope in envelopes if envelope.kind == "credential_change"]
    assert len(changes) == (2 if before.office else 1)
    for letter in changes:
        assert bool(letter.contents["void_serial"]) != bool(letter.contents["applicant_name"])
        assert letter.contents["lost"]
    assert (old.shown_state, old.explanation) == ("replaced", "Replaced: reported lost.")
    with open_reader(database()) as store:
        assert store.counts.credentials(ELECTION) == counted | {"replaced": 1}
    told = CliRunner().invoke(app, ["history", str(before.case_number)]).stdout
    assert "Replaced: reported lost." in told
    assert letters(before.id)["credential"] == 2
    assert audit(ELECTION).is_whole
    assert serial_ledger(ELECTION).is_whole


def test_an_interrupted_replacement_is_taken_up_under_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    before = holder()
    with monkeypatch.context() as patch:
        patch.setattr("flows.issuance.life.BadgeMaker.print", cut_off)
        with pytest.raises(ConnectionAbortedError):
            replace(before.id)
    left = [line for line in serial_ledger(ELECTION).lines if line.state is LedgerState.RESERVED]
    assert [line.replaces for line in left] == [before.serial]
    assert "interrupted" in left[0].explanation
    assert verdict(before.serial).is_valid
    replace(before.id, now=AS_OF + timedelta(hours=1))
    assert holder(due(Status.CREDENTIALED).index(before.id)).serial == left[0].serial
    assert serial_ledger(ELECTION).is_whole


def test_a_replacement_takes_a_case_officer_a_proof_for_it_and_a_credential_in_use() -> None:
    one, other = holder(0), holder(1)
    for_one = signed(FIRST, lambda by: reissue([one.id], Cause.LOSS, by))
    before = everything()
    with pytest.raises(StatementRefusedError):
        reissue([other.id], Cause.LOSS, for_one)
    with pytest.raises(OfficerRefusedError):
        replace(one.id, officer=SECOND)
    with pytest.raises(BadInputError):
        replace(one.id, cause=Cause.END)
    assert everything() == before
    results = replace(UUID(int=1), one.id)
    assert [result.applied for result in results] == [False, True]


def test_a_corrected_name_gives_a_new_credential_that_says_it_and_voids_the_old_one() -> None:
    one = holder()
    old = verdict(one.serial).claims
    changes = {"surname": "CORRECTED", "native_name": "Тест Виправлений"}
    proof = signed(FIRST, lambda by: correct(one.id, changes, by))
    with pytest.raises(StatementRefusedError):
        correct(one.id, changes | {"surname": "OTHER"}, proof)
    done = correct(one.id, changes, proof)
    after = case_file(one.id).application
    assert done.applied, done.sentence
    assert (after.status, after.person_version) == (Status.CREDENTIALED, one.person_version + 1)
    new = verdict(after.serial).claims
    assert old
    assert new
    assert ("CORRECTED" in old.name, "CORRECTED" in new.name) == (False, True)
    assert verdict(one.serial).code is Code.REPLACED
    with open_reader(database()) as store:
        assert store.credentials.line(ELECTION, str(one.serial)).cause is Cause.CORRECTION
    with pytest.raises(BadInputError, match="changes nothing"):
        correct(one.id, changes, ActingOfficer(FIRST, ELECTION, AS_OF))
    assert serial_ledger(ELECTION).is_whole
    assert audit(ELECTION).is_whole


def test_a_suspension_shows_until_it_is_lifted_and_the_same_serial_is_good_again() -> None:
    one = holder()
    assert rule(SUSPEND, FIRST, one.id)[0].applied
    assert verdict(one.serial).code is Code.SUSPENDED
    assert (case_file(one.id).application.due_at, letters(one.id)["measure"]) == (UNTIL, 1)
    assert not replace(one.id)[0].applied
    assert rule(LIFT, FIRST, one.id)[0].applied
    assert verdict(one.serial).is_valid
    assert serial_ledger(ELECTION).is_whole


def test_a_suspension_ends_by_itself_at_its_date_and_leaves_a_proposed_revocation_open() -> None:
    one = holder()
    rule(SUSPEND, FIRST, one.id)
    rule(REVOKE, FIRST, one.id)
    assert end_what_is_over(ELECTION, now=UNTIL - timedelta(seconds=1))["lifted"] == 0
    assert end_what_is_over(ELECTION, now=UNTIL) == {"expired": 0, "lifted": 1, "voided": 0}
    assert end_what_is_over(ELECTION, now=UNTIL)["lifted"] == 0
    assert audit(ELECTION).is_whole
    file = case_file(one.id)
    assert (file.application.status, file.application.due_at) == (Status.CREDENTIALED, None)
    assert file.application.proposal is not None
    assert file.history[-1].actor == Actor.engine("expiry")
    assert letters(one.id)["measure"] == 3
    assert verdict(one.serial, UNTIL).is_valid
    assert serial_ledger(ELECTION).is_whole


def test_a_revocation_takes_two_officers_and_the_time_to_reply() -> None:
    one = holder()
    assert rule(REVOKE, FIRST, one.id)[0].applied
    assert verdict(one.serial).is_valid
    assert "nobody is revoked who was not told" in rule(CONFIRM, SECOND, one.id)[0].sentence
    deliver()
    assert "may reply until" in rule(CONFIRM, SECOND, one.id)[0].sentence
    later = UNTIL + timedelta(minutes=1)
    assert rule(CONFIRM, SECOND, one.id, now=later)[0].applied
    assert (case_file(one.id).application.status, verdict(one.serial, later).code) == (Status.REVOKED, Code.REVOKED)
    with open_reader(database()) as store:
        measures = [x.envelope.contents for x in store.outbox.of_application(one.id) if x.envelope.kind == "measure"]
    assert sorted(str(letter["measure"]) for letter in measures) == ["notice", "revocation"]
    assert all("Two reports agree." in str(letter["reasons"]) for letter in measures)
    assert serial_ledger(ELECTION).is_whole


def test_who_proposed_a_revocation_cannot_confirm_it() -> None:
    one = holder()
    rule(REVOKE, FIRST, one.id)
    with pytest.raises(OfficerRefusedError):
        rule(CONFIRM, FIRST, one.id, now=UNTIL + timedelta(days=1))


def test_everybody_past_the_end_expires_once_with_a_letter() -> None:
    suspended = holder()
    rule(SUSPEND, FIRST, suspended.id)
    everybody = len(due(Status.CREDENTIALED)) + 1
    assert end_what_is_over(ELECTION, now=AS_OF)["expired"] == 0
    end = max(one.valid_until for one in (holder(n) for n in range(3)) if one.valid_until) + timedelta(seconds=1)
    assert end_what_is_over(ELECTION, now=end) == {"expired": everybody, "lifted": 0, "voided": 0}
    assert end_what_is_over(ELECTION, now=end) == {"expired": 0, "lifted": 0, "voided": 0}
    assert (state(suspended.serial), letters(suspended.id)["expiry"]) == ("expired", 1)
    assert verdict(suspended.serial, end).code is Code.EXPIRED
    found = serial_ledger(ELECTION)
    assert found.is_whole
    assert {line.state for line in found.lines} == {LedgerState.EXPIRED}


def test_the_ledger_names_a_credential_whose_holder_withdrew_and_the_next_run_voids_it() -> None:
    one = holder()
    with open_store(database()) as store:
        event = ApplicationWithdrawn(application_id=one.id, at=AS_OF, actor=Actor.engine("test"))
        store.applications.record(store.applications.get(one.id), event)
    assert [line.serial for line in serial_ledger(ELECTION).contradictions] == [one.serial]
    assert end_what_is_over(ELECTION, now=AS_OF) == {"expired": 0, "lifted": 0, "voided": 1}
    assert (verdict(one.serial).code, serial_ledger(ELECTION).is_whole) == (Code.WITHDRAWN, True)


def test_a_withdrawal_taken_down_by_an_officer_voids_the_credential_and_tells_person_and_office() -> None:
    one = holder()
    withdraw(one.id, "applicant", ArrivalWay.PHONE, ActingOfficer(FIRST, ELECTION, AS_OF))
    assert (state(one.serial), letters(one.id)["withdrawal"]) == ("revoked", 1)
    assert verdict(one.serial).code is Code.WITHDRAWN
    assert letters(one.id)["credential_change"] == (1 if one.office else 0)
    assert serial_ledger(ELECTION).is_whole


def test_who_gives_up_after_a_revocation_for_cause_is_not_called_withdrawn() -> None:
    one = holder()
    with open_store(database()) as store:
        store.credentials.move([str(one.serial)], LedgerState.REVOKED, cause=Cause.DECISION, at=AS_OF)
    withdraw(one.id, "applicant", ArrivalWay.PHONE, ActingOfficer(FIRST, ELECTION, AS_OF))
    assert verdict(one.serial).code is Code.REVOKED
    assert letters(one.id)["credential_change"] == 0


def test_a_number_that_stands_nowhere_is_named() -> None:
    with open_store(database()) as store:
        number = store.elections.next_serials(ELECTION, 1)
    found = serial_ledger(ELECTION)
    assert (found.missing, found.is_whole) == ((number,), False)


def test_after_a_compromise_everything_the_key_signed_fails_and_is_replaced_under_a_new_key() -> None:
    ring = keys.load_ring(settings().keys_folder)
    old = ring.active("badge", now=AS_OF)
    everybody = due(Status.CREDENTIALED)
    assert set(signed_by(ELECTION, old.key_id.hex())) == set(everybody)
    keys.retire(settings().keys_folder, old.key_id, state=KeyState.COMPROMISED, now=AS_OF)
    assert verdict(holder().serial).code is Code.KEY_STATE
    with pytest.raises(KeyFolderError, match="badge key"):
        replace(*everybody, cause=Cause.KEY_COMPROMISED)
    later = AS_OF + timedelta(minutes=5)
    minting = Minting(purpose="badge", not_before=later, not_after=later + timedelta(days=90))
    keys.mint_key(settings().keys_folder, minting, passphrase=None, demo=True)
    results = replace(*everybody, cause=Cause.KEY_COMPROMISED, now=later)
    assert [result.applied for result in results] == [True] * len(everybody)
    assert signed_by(ELECTION, old.key_id.hex()) == []
    assert {verdict(holder(n).serial, later).code for n in range(5)} == {Code.VALID}
    assert serial_ledger(ELECTION).is_whole


def test_the_commands_carry_the_drill_and_a_measure_through() -> None:
    at = ["--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]
    old = keys.load_ring(settings().keys_folder).active("badge", now=AS_OF).key_id.hex()
    one, other = str(holder(0).serial), str(holder(1).serial)
    told = run(
        "credential",
        "suspend",
        other,
        "--officer",
        FIRST,
        "--until",
        f"{UNTIL:%Y-%m-%d}",
        "--facts",
        f"A report. {WEIGHED}",
        *at,
    )
    assert (told, state(other)) == (0, "suspended")
    assert run("credential", "lift", other, "--officer", FIRST, *at) == 0
    revoking = ("credential", "revoke", other, "--officer", FIRST, "--reason", "V03", *at)
    assert run(*revoking) == 1  # nothing is stated that it rests on
    assert run(*revoking, "--facts", f"Two reports agree. {WEIGHED}") == 0
    assert run("credential", "revoke", other, "--officer", SECOND, "--confirm", *at) == 1
    assert run("keys", "retire", old, "--compromised", *at) == 0
    assert run("keys", "new", "--issuer", "TEST", "--purpose", "badge", *at) == 0
    assert run("credential", "reissue", "--signed-by", old, "--officer", FIRST, *at) == 0
    assert (state(one), signed_by(ELECTION, old)) == ("revoked", [])
    assert run("credential", "expire", *at) == 0
    assert run("credential", "ledger") == 0


def run(*line: str) -> int:
    return CliRunner().invoke(app, list(line)).exit_code
