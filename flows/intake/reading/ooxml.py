"""The parts of Office Open XML archives (ECMA-376, part 2): elements, and what points to what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Literal, cast
from xml.etree.ElementTree import Element, iterparse
from zipfile import ZipFile


def local(tag: str) -> str:
    """Return the name of an element without its namespace: strict and transitional workbooks differ in these alone."""
    return tag.rpartition("}")[2]


def parsed(packed: IO[bytes], *events: Literal["start", "end"]) -> Iterator[tuple[str, Element]]:
    """Yield what *packed* holds, element by element.

    Entities cannot be blown up (expat bounds them since 2.4.0), and it is read in a process with limits of its own.
    """
    return cast("Iterator[tuple[str, Element]]", iterparse(packed, events=events or ("end",)))  # noqa: S314


def elements(archive: ZipFile, member: str, kind: str) -> Iterator[Element]:
    """Yield the elements called *kind* in *member*."""
    with archive.open(member) as packed:
        for _, element in parsed(packed):
            if local(element.tag) == kind:
                yield element


def id_of(element: Element, name: str = "id") -> str:
    """Return the relation that *element* names; empty for none."""
    return next((value for key, value in element.items() if key.startswith("{") and local(key) == name), "")


def relations(archive: ZipFile, member: str) -> dict[str, tuple[str, str]]:
    """Return what *member* points to by id: the last word of the relation's kind, and the member it is."""
    path = PurePosixPath(member)
    beside = str(path.parent / "_rels" / f"{path.name}.rels") if member else "_rels/.rels"
    if beside not in archive.namelist():
        return {}
    return {
        element.get("Id", ""): (
            element.get("Type", "").rpartition("/")[2],
            _resolved(path.parent if member else PurePosixPath(), element.get("Target", "")),
        )
        for element in elements(archive, beside, "Relationship")
        if element.get("TargetMode") != "External"
    }


def _resolved(folder: PurePosixPath, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    parts: list[str] = list(folder.parts)
    for part in PurePosixPath(target).parts:
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return "/".join(parts)


def target(related: dict[str, tuple[str, str]], kind: str) -> str:
    """Return the first member that is *related* in this way; empty for none."""
    return next((member for said, member in related.values() if said == kind), "")


def part_called(archive: ZipFile, kind: str, member: str, *, default: str) -> str:
    """Return what *member* (empty: the archive) points to as its *kind*."""
    return target(relations(archive, member), kind) or default
