"""What a server's log says of its services, with lines that Prefect 3.8.8 wrote."""

from __future__ import annotations

from pathlib import Path

from flows.runtime.server.failing_services import SECONDS_UNTIL_SAID_AGAIN, FailingServices

SCHEDULER = "13:10:16.486 | ERROR   | docket.dependencies - ↩ [     5ms] schedule_deployments(){schedule_deployments}\n"
TRIGGERS = "13:11:00.001 | ERROR   | prefect.server.events.services.triggers - Error evaluating triggers\n"
NOISE = "Traceback (most recent call last):\n13:25:30.340 | ERROR   | Flow run 'delivery None' - Failed\n"


def test_a_service_that_fails_twice_is_told_once_an_hour_with_what_it_means(tmp_path: Path) -> None:
    log, now = tmp_path / "server.log", [1000.0]
    log.write_text(2 * SCHEDULER)
    services = FailingServices(log, clock=lambda: now[0])
    assert services.news() == [], "what was there before is not news"

    def said(text: str) -> list[str]:
        with log.open("a") as file:
            file.write(text)
        return services.news()

    assert said(SCHEDULER + NOISE) == [], "once may be a busy database"
    (told,) = said(SCHEDULER)
    assert "schedule_deployments" in told
    assert "no letter is sent, no clock minded" in told
    assert str(log) in told
    assert said(SCHEDULER) == []
    assert said(TRIGGERS[:30]) == []
    assert said(TRIGGERS[30:]) == []
    assert ["late cases" in line for line in said(TRIGGERS)] == [True]
    now[0] += SECONDS_UNTIL_SAID_AGAIN
    assert said(SCHEDULER) == []
    assert len(said(SCHEDULER)) == 1
