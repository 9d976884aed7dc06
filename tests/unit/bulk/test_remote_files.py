"""Documents in a bucket, against a local server of S3."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ebl.bulk import BulkOptions, Processes, verify
from ebl.bulk.inputs import find
from ebl.policy import IssuedBy

boto3 = pytest.importorskip("boto3")
pytest.importorskip("s3fs")
pytest.importorskip("flask")
moto_server = pytest.importorskip("moto.server")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        host, port = server.get_host_and_port()
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="bills")
        yield client
    server.stop()


def put(bucket: Any, key: str, content: bytes) -> None:
    bucket.put_object(Bucket="bills", Key=key, Body=content)


def read(path: str, out: Path) -> dict[str, Any]:
    inputs, parts = find(path, out, part_size=3)
    return {name: found for part in parts for name, found in inputs.items(part)}


def test_a_prefix_is_a_folder_listed_page_by_page(bucket: Any, tmp_path: Path) -> None:
    for n in range(7):
        put(bucket, f"folder/{n}.json", b'{"n": %d}' % n)
    put(bucket, "other/x.json", b"{}")
    assert read("s3://bills/folder/", tmp_path) == {f"s3://bills/folder/{n}.json": b'{"n": %d}' % n for n in range(7)}


def test_a_file_of_lines_and_an_archive_are_read_in_place(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "a.jsonl", b"{}\n[1]\n" * 4)
    assert [*read("s3://bills/a.jsonl", tmp_path).values()] == [b"{}", b"[1]"] * 4
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("a.json")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"{}"))
    put(bucket, "a.tar", made.getvalue())
    assert read("s3://bills/a.tar", tmp_path) == {"s3://bills/a.tar!/a.json": b"{}"}


def test_workers_read_a_bucket(bucket: Any, tmp_path: Path, wrapped: list[bytes]) -> None:
    put(bucket, "bills.jsonl", b"\n".join(wrapped))
    summary = verify(
        "s3://bills/bills.jsonl",
        tmp_path / "out",
        IssuedBy("carrier.example"),
        options=BulkOptions(part_size=6),
        engine=Processes(2),
    )
    assert summary.counts.documents == 12
