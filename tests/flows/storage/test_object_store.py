"""Stored files in an object store that speaks S3, as several machines share one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import fsspec
import pytest
from support.object_store import BUCKET, object_store

from domain.errors import BadInputError, UnavailableError, UnknownThingError
from flows.runtime.server.lifetime import free_port
from flows.settings import change_settings
from flows.storage.files import FileStore, file_store
from flows.storage.personal_keys import make_personal_keys
from flows.upkeep import ground
from flows.upkeep.diagnosis import Standing

PHOTO = b"\xff\xd8\xff the portrait of Ava Marit Lindengard" * 50_000
FILE = UUID(int=7)


@pytest.fixture(scope="module", autouse=True)
def bucket() -> Iterator[None]:
    """Serve one bucket for all: a client, once made, stays with the address that it was made for."""
    with object_store():
        yield


@pytest.fixture
def shared(home: Path, tmp_path: Path) -> FileStore:
    """Return a store in a folder of its own in the bucket."""
    home.mkdir(mode=0o700)
    change_settings({"home": home, "files_url": f"s3://{BUCKET}/{tmp_path.name}"})
    make_personal_keys()
    return file_store()


def test_what_one_machine_keeps_another_reads_and_nobody_beside_the_engine(shared: FileStore) -> None:
    name = shared.put(PHOTO)
    assert shared.put(PHOTO) == name
    elsewhere = FileStore(fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False), shared.root)
    assert (elsewhere.get(name), elsewhere.is_whole(name)) == (PHOTO, True)
    kept = shared.filesystem.find(shared.root)
    assert len(kept) == 1
    assert b"Lindengard" not in shared.filesystem.cat_file(kept[0])


def test_what_another_machine_removed_is_gone_at_once_and_can_be_kept_anew(shared: FileStore) -> None:
    name = shared.put(PHOTO)
    shared.filesystem.find(shared.root)
    elsewhere = FileStore(fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False), shared.root)
    assert elsewhere.remove(name)
    with pytest.raises(UnknownThingError):
        shared.get(name)
    assert shared.put(PHOTO) == name
    assert elsewhere.get(name) == PHOTO


def test_parts_of_a_file_are_staged_replaced_and_removed(shared: FileStore) -> None:
    shared.stage(FILE, 1, b"first")
    shared.stage(FILE, 1, b"again")
    assert shared.staged(FILE, 1) == b"again"
    shared.unstage(FILE)
    shared.unstage(FILE)
    with pytest.raises(UnknownThingError):
        shared.staged(FILE, 1)


def test_a_store_that_does_not_answer_is_told_as_one(shared: FileStore) -> None:
    silent = fsspec.filesystem("s3", endpoint_url=f"http://127.0.0.1:{free_port()}", skip_instance_cache=True)
    gone = FileStore(silent, shared.root)
    with pytest.raises(UnavailableError, match="file store"):
        gone.put(PHOTO)
    with pytest.raises(UnavailableError, match="file store"):
        gone.get("0" * 64)


@pytest.mark.usefixtures("shared")
def test_the_doctor_asks_the_object_store() -> None:
    assert [found.standing for found in ground.object_store()] == [Standing.RIGHT]
    change_settings({"files_url": "nowhere://bucket/files"})
    assert [found.standing for found in ground.object_store()] == [Standing.WRONG]


def test_a_kind_of_store_that_nobody_knows_is_refused_with_the_setting(home: Path) -> None:
    change_settings({"home": home, "files_url": "nowhere://bucket/files"})
    with pytest.raises(BadInputError, match="ACCREDIT_FILES_URL"):
        file_store()
