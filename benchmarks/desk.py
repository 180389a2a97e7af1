"""How long the desk's pages take with many cases, and how long an officer needs for 300 clear ones.

    python -m benchmarks.desk --applications 12000 --cases 300 --busy 2

A scripted officer at a desk of its own process: it opens every case with its photograph and identity page, decides by
key, and signs every fifty with one gesture. Thinking takes no time here: this is the time that pages take. The targets
are 300 ms for 95 of 100 pages, and ten minutes for the 300 cases, on two busy cores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.stages import AS_OF, take_in, vet
from support.visitor import Visitor

from flows.desk.enrolling import links_by_command
from flows.desk.serving import DeskChild
from flows.election.database import upgraded
from flows.election.loading import init_election
from flows.rehearsal import write_package
from flows.runtime.server.lifetime import free_port
from flows.settings import change_settings, settings

OFFICER = "OFF-DEMO-2"
ELECTION = "VALDARA-2027"
PILE = 50


def prepared(home: Path, applications: int) -> None:
    """Load, take in and vet an invented election, once."""
    change_settings({"home": home, "as_of": AS_OF.isoformat(), "desk_port": free_port()})
    if (home / "accreditation.db").exists():
        upgraded()
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    package = home / "rehearsal"
    write_package(package, applications=applications, seed=2027, processes=1)
    init_election(package, now=AS_OF)
    take_in(package / "nominations")
    vet()


@contextmanager
def busy(processes: int) -> Generator[None]:
    """Keep so many cores busy."""
    burning = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(processes)]
    for process in burning:
        process.start()
    try:
        yield
    finally:
        for process in burning:
            process.kill()


def _burn() -> None:
    while True:
        pass


class Clock:
    """How long each kind of page took, and how much of it the desk's process computed."""

    def __init__(self, client: httpx.Client, desk: int) -> None:
        self.client = client
        self.desk = Path("/proc") / str(desk) / "task"
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.worked: defaultdict[str, list[float]] = defaultdict(list)

    def computed(self) -> float:
        """Return the seconds that the desk's threads have computed; 0 where the system does not say."""
        return sum(int(path.read_text().split()[0]) for path in self.desk.glob("*/schedstat")) / 1e9

    def get(self, kind: str, path: str) -> str:
        """Open a page and keep its time."""
        return self.timed(kind, lambda: self.client.get(path)).text

    def timed(self, kind: str, work: Callable[[], httpx.Response]) -> httpx.Response:
        """Do *work*, keep its time, and return what came of it."""
        before, started = self.computed(), time.perf_counter()
        answer = work()
        self.times[kind].append(time.perf_counter() - started)
        self.worked[kind].append(self.computed() - before)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise SystemExit(f"{kind}: {answer.status_code} {answer.text[:300]}")
        return answer

    def lines(self) -> Iterator[str]:
        """Return the table."""
        yield f"{'page':<16}{'count':>7}{'median ms':>11}{'p95 ms':>9}{'max ms':>9}{'computed ms':>13}"
        for kind, times in self.times.items():
            ordered = sorted(1000 * seconds for seconds in times)
            computed = 1000 * statistics.median(self.worked[kind])
            p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
            median, longest = statistics.median(ordered), ordered[-1]
            yield f"{kind:<16}{len(times):>7}{median:>11.0f}{p95:>9.0f}{longest:>9.0f}{computed:>13.0f}"


def decided(visitor: Visitor, clock: Clock, cases: int) -> None:
    """Decide *cases* from the queue, each looked at, fifty to a signature."""
    page = clock.get("queue", "/queue?lane=decide")
    where = re.findall(r'href="(/case/[^"]+)"', page)[0].replace("&amp;", "&")
    for number in range(1, cases + 1):
        page = clock.get("case", where)
        for file in dict.fromkeys(re.findall(r'src="(/case/[^"]+)"', page)):
            clock.get("file", file)
        known = re.findall(r'name="cases" value="([^"]+)"', page)[0]
        ruling = {"cases": [known], "outcome": "approve", "facts": "Seen.", "from": "?lane=decide"}
        told = clock.timed("decide", partial(visitor.post, "/pile", ruling))
        where = told.json()["go"]
        if number % PILE == 0 or number == cases or where == "/pile":
            clock.get("pile", "/pile")
            act = {"what": "decide", "number": str((number - 1) % PILE + 1)}
            wanted = clock.timed("draft", partial(visitor.post, "/sign/draft", act)).json()["sign"]
            signed = {"draft": wanted["draft"], "answer": visitor.device.sign(wanted["options"])}
            clock.timed("sign", partial(visitor.post, "/sign", signed))
            page = clock.get("queue", "/queue?lane=decide")
            found = re.findall(r'href="(/case/[^"]+)"', page)
            if not found:
                return
            where = found[0].replace("&amp;", "&")


def other_pages(clock: Clock) -> None:
    """Open what officers open besides, each several times."""
    for _ in range(20):
        clock.get("queue, page 5", "/queue?lane=decide&page=5")
        clock.get("queue, region", "/queue?lane=decide&region=VD-05")
        clock.get("queue, finding", "/queue?lane=decide&rule=same_document")
        clock.get("organisations", "/organisations")
        clock.get("letters", "/letters")


def main() -> None:
    """Measure."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--applications", type=int, default=12_000)
    reading.add_argument("--cases", type=int, default=300)
    reading.add_argument("--busy", type=int, default=2)
    reading.add_argument("--home", type=Path, default=Path("var/benchmarks/desk"))
    asked = reading.parse_args()
    prepared(asked.home.absolute(), asked.applications)
    desk = DeskChild(settings())
    try:
        desk.wait_until_answering()
        with httpx.Client(base_url=desk.address.origin, timeout=60) as client, busy(asked.busy):
            visitor = Visitor(client, desk.address.origin)
            ((_, link),) = links_by_command(desk.address, ELECTION, [OFFICER])
            visitor.enrol(link)
            visitor.sign_in()
            clock = Clock(client, desk.pid)
            other_pages(clock)
            started = time.perf_counter()
            decided(visitor, clock, asked.cases)
            seconds = time.perf_counter() - started
    finally:
        desk.stop()
    print("\n".join(clock.lines()))
    each = seconds / asked.cases
    print(f"{asked.cases} cases in {seconds:.0f} s of page time, {each:.2f} s a case; {asked.busy} cores kept busy")


if __name__ == "__main__":
    main()
