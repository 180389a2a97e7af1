from __future__ import annotations

from pathlib import Path

from notifications.letters.checking import mistakes


def test_the_shipped_letters_have_no_mistakes() -> None:
    assert mistakes() == ()


def test_every_mistake_of_a_jurisdiction_is_named_at_once(tmp_path: Path) -> None:
    words = tmp_path / "words" / "en"
    words.mkdir(parents=True)
    (words / "receipt.toml").write_text('opening = "{{ letter.passport }}"', "utf-8")
    (words / "refusal.toml").write_text('subject = ""', "utf-8")
    (words / "measure.toml").write_text("title = [1]", "utf-8")
    (words / "refusel.toml").write_text('title = "Refused"', "utf-8")
    (tmp_path / "receipts.body").write_text("", "utf-8")

    found = " ".join(map(str, mistakes(tmp_path, tongues=["en"])))

    for part in ("passport", "no subject", "title is no text", "refusel.toml", "receipts.body"):
        assert part in found
