"""The check of a profile says how much is unset and unproved where, and names every key where asked."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from flows.cli.app import app

PROFILE = str(Path(__file__).parents[3] / "examples" / "valdara" / "package" / "election.yaml")


def test_the_check_counts_keys_by_part_and_names_every_one_where_asked() -> None:
    brief = CliRunner().invoke(app, ["profile", "check", PROFILE]).output
    whole = CliRunner().invoke(app, ["profile", "check", PROFILE, "--all"]).output
    assert "run_off (3)" in brief
    assert "documents.photo.kind" not in brief
    assert "documents.photo.kind" in whole
    assert "Next: accredit init FOLDER" in brief
    assert len(brief) < len(whole) / 3
