"""Several machines: the chain ends as on one, whatever breaks in the middle, and nobody has to mend it."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from cluster.bed import PATIENCE, ROOT, WORKING, Bed, Need, newer_program
from cluster.hosts import wait_for
from e2e.installation import FinalState

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]

SECONDS_TO_FIND = 150.0
"""Within which a lost run is found: 75 s after its last sign of life, with as much again for a busy machine."""
ONE_THIRD, HALF, MOST = 1 / 3, 1 / 2, 4 / 5


@pytest.fixture
def fresh(bed: Bed) -> Bed:
    bed.fresh()
    return bed


def begin(bed: Bed) -> None:
    bed.begin("accreditation", files=[str(bed["desk"].folder / "srv/shared/nominations")])


def finish(bed: Bed, expected: FinalState) -> None:
    """Wait for the end, and demand that it is that of one machine: nothing lost, nothing doubled."""
    wait_for(lambda: bed.has_ended("accreditation"), "the end of the chain", PATIENCE)
    found = bed.state()
    assert found.intake == expected.intake
    assert found.applications == expected.applications
    assert found.histories == expected.histories
    assert found.credentials == expected.credentials
    assert found.letters == expected.letters


def end_of(expected: FinalState) -> int:
    """Return how far the end is, as :func:`progress` counts it."""
    letters = Counter(expected.letters.values())
    events = sum(map(len, expected.histories.values()))
    return len(expected.intake) * 2 + events + len(expected.credentials) + letters["sent"]


def kill_a_dask_worker(bed: Bed) -> None:
    bed["two"].services["dask"].kill()


def kill_the_worker(bed: Bed) -> None:
    """Take the worker that has the run from the world until another has its work."""
    worker = bed.at_work()
    worker.held = True
    worker.kill()
    wait_for(lambda: _states(bed)["CRASHED"], "the lost run to be found", SECONDS_TO_FIND)
    wait_for(lambda: len(bed.runs("accreditation")) > 1, "its work to be taken over", PATIENCE)
    worker.held = False


def kill_the_server(bed: Bed) -> None:
    bed["prefect"].services["prefect"].kill()
    wait_for(bed.answers, "Prefect's server to come back", PATIENCE)


def restart_the_database(bed: Bed) -> None:
    bed["database"].services["postgres"].kill()
    wait_for(lambda: bed.reached() >= 0, "PostgreSQL to come back", PATIENCE)


def cut_a_host_off(bed: Bed) -> None:
    """Cut off the host that has the run until another has its work; then both are there."""
    host = bed.at_work().host
    if "scheduler" in host.services:
        pytest.skip("The run is on the host of Dask's scheduler; the test of that would be another one.")
    host.cut()
    try:
        wait_for(lambda: len(bed.runs("accreditation")) > 1, "its work to be taken over", PATIENCE)
    finally:
        host.join()


def _states(bed: Bed) -> Counter[str]:
    return Counter(str(run["state_type"]) for run in bed.runs("accreditation"))


def test_the_chain_ends_as_on_one_machine_although_worker_dask_server_and_database_are_killed_in_turn(
    fresh: Bed, expected: FinalState
) -> None:
    begin(fresh)
    end = end_of(expected)
    for share, broken in (
        (0.2, kill_a_dask_worker),
        (0.4, kill_the_worker),
        (0.6, kill_the_server),
        (0.8, restart_the_database),
    ):
        fresh.await_progress(int(end * share), broken.__name__)
        broken(fresh)
    finish(fresh, expected)
    wait_for(lambda: "lost runs" not in fresh.doctor(), "the doctor to be content", PATIENCE)


@pytest.mark.full
@pytest.mark.parametrize("share", [ONE_THIRD, MOST])
@pytest.mark.parametrize(
    "broken", [kill_a_dask_worker, kill_the_worker, kill_the_server, restart_the_database, cut_a_host_off]
)
def test_whatever_breaks_the_chain_ends_as_on_one_machine(
    fresh: Bed, expected: FinalState, broken: Callable[[Bed], None], share: float
) -> None:
    begin(fresh)
    fresh.await_progress(int(end_of(expected) * share), "the moment")
    broken(fresh)
    finish(fresh, expected)


def test_a_server_that_lacks_its_watch_is_told_and_set_up_again(bed: Bed) -> None:
    watches = [found for found in bed.ask("POST", "/automations/filter", {}) if "beating" in found["name"]]
    assert len(watches) == 1
    bed.ask("DELETE", f"/automations/{watches[0]['id']}")
    assert "lacks the watch over dead runs" in " ".join(bed.doctor().split())
    bed["desk"].run("accredit prefect setup")
    assert "lacks" not in bed.doctor()


def test_workers_that_are_killed_come_back_by_themselves(bed: Bed) -> None:
    before = bed.workers()
    for name in WORKING:
        bed[name].services["worker"].kill()
    wait_for(lambda: len(bed.workers() - before) == len(WORKING), "the workers to come back", PATIENCE)


def test_a_machine_whose_clock_is_90_s_off_takes_no_work_and_the_doctor_says_so(
    bed: Bed, need: Need, tmp_path: Path
) -> None:
    need(shutil.which("cc"), "a C compiler", "Install gcc: a clock that is off is a small library in C.")
    library = tmp_path / "skew.so"
    source = Path(__file__).with_name("skew.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-DSHIFT=-90", "-o", library, source], check=True)
    two = bed["two"]
    refused = two.run(f"LD_PRELOAD={library} accredit prefect worker", code=3)
    assert re.search(r"clock of this machine is \d\d s off", " ".join(refused.split()))
    told = " ".join(two.run(f"LD_PRELOAD={library} accredit doctor --bad", code=None).split())
    assert "s off the database server" in told


ON_A_WORKING_MACHINE = ("worker", "dask", "signer")


@pytest.mark.full
def test_machines_are_upgraded_one_after_another_while_the_chain_runs(
    fresh: Bed, expected: FinalState, tmp_path: Path
) -> None:
    newer = newer_program(tmp_path / "newer")
    one, two = (fresh[name] for name in WORKING)
    begin(fresh)
    fresh.await_progress(end_of(expected) // 3, "the moment")
    try:
        one.turn_off(*ON_A_WORKING_MACHINE)
        two.turn_off("dask")  # what it would do from now on is another version's work
        one.variables["PYTHONPATH"] = str(newer)
        one.run("accredit db upgrade")
        one.turn_on(*ON_A_WORKING_MACHINE, program=newer)
        finish(fresh, expected)
        two.services["worker"].kill()
        wait_for(lambda: "program is older than" in two.services["worker"].log.read_text(), "its refusal", PATIENCE)
        two.turn_off(*ON_A_WORKING_MACHINE)
        two.turn_on(*ON_A_WORKING_MACHINE, program=newer)
        wait_for(lambda: len(fresh.workers()) == len(WORKING), "both workers", PATIENCE)
    finally:
        for host in (one, two):
            host.turn_off(*ON_A_WORKING_MACHINE)
        fresh.fresh()
        for host in (one, two):
            host.turn_on(*ON_A_WORKING_MACHINE, program=ROOT)


@pytest.mark.full
def test_a_full_disk_of_one_machine_holds_up_its_chunks_and_loses_none(fresh: Bed, expected: FinalState) -> None:
    filling = fresh["two"].folder / "srv/tmp/filling"
    with contextlib.suppress(OSError), filling.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    begin(fresh)
    fresh.await_progress(end_of(expected) // 3, "the moment")
    filling.unlink()
    finish(fresh, expected)
