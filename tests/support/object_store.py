"""An object store that speaks S3, on loopback: moto's, in this process, with one bucket."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from unittest.mock import patch

import boto3  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]
from moto.server import ThreadedMotoServer

BUCKET = "accredit"


@contextmanager
def object_store() -> Generator[dict[str, str]]:
    """Serve one; gives the variables by which a client finds it, which hold here too until it ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }  # fmt: skip
    try:
        with patch.dict(os.environ, variables):
            boto3.client("s3").create_bucket(Bucket=BUCKET)  # pyright: ignore[reportUnknownMemberType]
            yield variables
    finally:
        server.stop()
