"""Bytes that one more application takes, by table: two elections of different size on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from support.databases import postgres_server

from flows.rehearsal import write_package

AS_OF = "2027-03-10T08:00"
SHOWN = 12
Sizes = Mapping[str, int]


def run(home: Path, package: Path, url: str) -> None:
    given = {"ACCREDIT_HOME": str(home), **({"ACCREDIT_DATABASE_URL": url} if url else {})}
    command = Path(sys.executable).with_name("accredit")
    for arguments in (["init", str(package)], ["run", str(package / "nominations")]):
        subprocess.run([command, *arguments, "--as-of", AS_OF], env={**os.environ, **given}, check=True)


def of_sqlite(home: Path) -> Sizes:
    """Return the bytes of each table with its indices."""
    with sqlite3.connect(home / "accreditation.db") as database:
        owners = dict(database.execute("SELECT name, tbl_name FROM sqlite_master"))
        found: dict[str, int] = {}
        for name, size in database.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"):
            found[owners.get(name, name)] = found.get(owners.get(name, name), 0) + size
    return found


def of_postgresql(url: str) -> Sizes:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM")
        return dict(connection.execute("SELECT relname, pg_total_relation_size(relid) FROM pg_statio_user_tables"))


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def slopes(more: int, small: Sizes, large: Sizes) -> dict[str, float]:
    """Return the bytes of each table that one of *more* further applications took, the most first."""
    found = {name: (size - small.get(name, 0)) / more for name, size in large.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def show(title: str, found: Mapping[str, float]) -> None:
    print(f"\n{title}: {sum(found.values()):,.0f} bytes an application")
    for name, size in list(found.items())[:SHOWN]:
        print(f"| `{name}` | {size:,.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, nargs=2, default=[60, 200])
    counts: list[int] = parser.parse_args().applications
    with tempfile.TemporaryDirectory(prefix="accredit-sizes-") as temporary, postgres_server() as server:
        place = Path(temporary)
        ours: list[Sizes] = []
        theirs: list[Sizes] = []
        beside: list[Sizes] = []
        for count in counts:
            package, home = place / f"package-{count}", place / f"sqlite-{count}"
            write_package(package, applications=count, seed=5, processes=1)
            run(home, package, "")
            run(place / f"postgresql-{count}", package, url := server.empty())
            ours.append(of_sqlite(home))
            theirs.append(of_postgresql(url))
            keys = (home / "personal-keys.db").stat().st_size
            beside.append({"files": folder_size(home / "files"), "letters": folder_size(home / "mail"), "keys": keys})
        more = counts[1] - counts[0]
        show("SQLite", slopes(more, *ours))
        show("PostgreSQL", slopes(more, *theirs))
        show("beside the database", slopes(more, *beside))


if __name__ == "__main__":
    main()
