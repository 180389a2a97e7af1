"""The whole chain with stored files in an object store, by commands of their own, as several machines share one."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.installation import AS_OF, Installation, final_state
from support.object_store import BUCKET, object_store

from flows.rehearsal import write_package


@pytest.mark.full
def test_with_files_in_an_object_store_the_chain_ends_as_with_a_folder(tmp_path: Path) -> None:
    package = tmp_path / "package"
    write_package(package, applications=24, seed=11, processes=1)
    for name in ("folder", "bucket"):
        (tmp_path / name).mkdir()
    with object_store() as client:
        folder, bucket = (
            Installation(tmp_path / name / "var", {"ACCREDIT_CHUNK_SIZE": "10", **variables})
            for name, variables in (
                ("folder", {}),
                ("bucket", {**client, "ACCREDIT_FILES_URL": f"s3://{BUCKET}/files"}),
            )
        )
        for installation in (folder, bucket):
            installation.accredit("init", package, "--as-of", AS_OF)
            installation.accredit("run", package / "nominations", "--as-of", AS_OF)
    assert final_state(bucket) == final_state(folder)
    assert not (bucket.home / "files").exists()
