"""For every command one run that works, and, where a run can take long, one to cancel."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from typing import Any

from onecloud.connector.testing import FakeContext
from tests.connectors.case import Case, Prepare
from tests.connectors.cases_tables import TABLES
from tests.connectors.server import Service

_HUGE = 1 << 36  # sparse: it takes no disk


def _write(ctx: FakeContext, name: str, text: str) -> None:
    path = ctx.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _file(**inputs: Any) -> Prepare:
    """A file `in/a.txt` in the folder, and these inputs."""

    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        _write(ctx, "in/a.txt", "one\ntwo\n")
        return inputs

    return prepare


def _huge(**inputs: Any) -> Prepare:
    """A file of 64 GB of zeros at `huge`, and these inputs."""

    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        with (ctx.files / "huge").open("wb") as file:
            file.truncate(_HUGE)
        return inputs

    return prepare


def _archive(size: int) -> Prepare:
    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        with (
            zipfile.ZipFile(ctx.files / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("zeros", "w") as file,
        ):
            for _number in range(size >> 20):
                file.write(bytes(1 << 20))
        return {"file": "a.zip"}

    return prepare


def _json_file(rows: int) -> Prepare:
    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        row = json.dumps({"id": 1, "name": "x" * 20, "amount": 1.5, "list": [1, 2, 3]})
        return {"data": ctx.add_file("rows.json", "[" + ",".join([row] * rows) + "]"), "filter": "id == `1`"}

    return prepare


def _csv_file(rows: int) -> Prepare:
    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        return {"file": ctx.add_file("rows.csv", "id,name\n" + "1,xxxxxxxxxxxxxxxxxxxx\n" * rows)}

    return prepare


def _delete(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
    _write(ctx, "in/a.txt", "x")
    return {"path": "in/*.txt"}


CASES: Mapping[str, Case] = {
    "files.checksum": Case(_file(file="in/a.txt"), _huge(file="huge")),
    "files.copy": Case(_file(file="in/*.txt"), _huge(file="huge")),
    "files.create": Case(_file(text="Period 2024-01")),
    "files.delete": Case(_delete, same_outputs=False),
    "files.find": Case(_file(folder="in")),
    "files.list_content": Case(_file(file="in/a.txt"), _huge(file="huge", preview_lines=0)),
    "files.move": Case(_file(path="in/a.txt", destination="out/"), repeatable=False),
    "files.stack": Case(_file(files=["in/a.txt", "in/a.txt"]), _huge(files=["huge"])),
    "files.unzip": Case(_archive(1 << 20), _archive(1 << 28)),
    "files.zip": Case(_file(files="in/*"), _huge(files="huge")),
    "http.request": Case(
        lambda _, service: {"url": f"{service.url}/echo", "method": "POST", "body_json": {"a": 1}},
        lambda _, service: {"url": f"{service.url}/hang"},
    ),
    "json.array_to_csv": Case(_json_file(10), _json_file(400_000)),
    "json.csv_to_json": Case(_csv_file(10), _csv_file(2_000_000)),
    "json.query": Case(lambda _ctx, _service: {"data": {"a": [1, 2]}, "query": "sum(a)"}),
    **TABLES,
}
