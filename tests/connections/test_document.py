"""The workspace document: what it says, and that no secret may stand in it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from onecloud.connections.document import WorkspaceDocument, read
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import Json


def reading(value: Json, environ: Mapping[str, str] | None = None, *lines: str) -> WorkspaceDocument:
    waiting = iter(lines)
    return read(value, environ or {}, lambda: next(waiting, None))


def problems(value: Json, environ: Mapping[str, str] | None = None, *lines: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        reading(value, environ, *lines)
    assert caught.value.code == "workspace.document"
    return [problem.sentence() for problem in caught.value.problems]


def test_the_least_document_is_a_name() -> None:
    document = reading({"onecloud": 1, "name": "Finance"})
    assert (document.name, document.environments, document.variables, document.connections) == ("Finance", [], [], [])


def test_secrets_come_from_the_environment_and_from_lines_in_the_order_of_the_document() -> None:
    document = reading(
        {
            "onecloud": 1,
            "name": "Finance",
            "external_id": 201,
            "variables": [
                {"key": "pw", "encrypted": True, "default": "${STDIN}", "values": {"PROD": "${ENV:PROD_PW}"}},
                {"key": "host", "default": "${ENV:HOST_NAME}"},
                {"key": "limit", "default": 10},
            ],
            "connections": [
                {
                    "name": "wh",
                    "connector": "sql",
                    "properties": {"port": 5432, "host": "${ENV:HOST_NAME}", "tags": ["a", True]},
                    "secrets": {"password": "${STDIN}", "tunnel": {"key": "${ENV:PROD_PW}", "gone": None}},
                }
            ],
        },
        {"PROD_PW": "deep", "HOST_NAME": "db"},
        "first",
        "second",
    )
    assert document.external_id == "201"
    assert [(v.key, v.default, v.values) for v in document.variables] == [
        ("pw", "first", {"PROD": "deep"}),
        ("host", "db", {}),
        ("limit", "10", {}),
    ]
    (wh,) = document.connections
    assert wh.properties == {"port": 5432, "host": "db", "tags": ["a", True]}
    assert wh.secrets == {"password": "second", "tunnel": {"key": "deep", "gone": None}}


def test_a_secret_that_stands_readable_is_refused_without_being_repeated() -> None:
    told = problems(
        {
            "onecloud": 1,
            "name": "x",
            "variables": [{"key": "pw", "encrypted": True, "default": "hunter2", "values": {"DEV": "x${ENV:A}hunter"}}],
            "connections": [{"name": "c", "connector": "sql", "secrets": {"password": "hunter2", "pin": 1234}}],
        }
    )
    assert [sentence.split(":")[0] for sentence in told] == [
        "variables[0].default",
        "variables[0].values.DEV",
        "connections[0].secrets.password",
        "connections[0].secrets.pin",
    ]
    assert "hunter" not in " ".join(told)
    assert "1234" not in " ".join(told)


def test_what_was_not_given_is_named() -> None:
    variables: Json = [{"key": "a", "encrypted": True, "default": "${ENV:NO_SUCH}", "values": {"DEV": "${STDIN}"}}]
    assert problems({"onecloud": 1, "name": "x", "variables": variables}) == [
        "variables[0].default: the variable NO_SUCH is not set. Give it and apply again.",
        "variables[0].values.DEV: standard input has no further line. Give it and apply again.",
    ]


def test_an_empty_text_that_was_given_counts_as_given() -> None:
    variables: Json = [{"key": "a", "encrypted": True, "default": "${ENV:EMPTY}"}]
    document = reading({"onecloud": 1, "name": "x", "variables": variables}, {"EMPTY": ""})
    assert document.variables[0].default == ""


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("text", "document"),
        ({"name": "x"}, "onecloud"),
        ({"onecloud": 2, "name": "x"}, "onecloud"),
        ({"onecloud": 1}, "name"),
        ({"onecloud": 1, "name": "x", "environmets": []}, "environmets"),
        ({"onecloud": 1, "name": "x", "environments": [{"name": ["DEV"]}]}, "environments[0].name"),
        ({"onecloud": 1, "name": "x", "environments": [{"name": "A"}, {"name": "A"}]}, "environments[1].name"),
        ({"onecloud": 1, "name": "x", "variables": [{"key": "a"}, {"key": "a"}]}, "variables[1].key"),
        ({"onecloud": 1, "name": "x", "variables": [{"key": "a", "default": True}]}, "variables[0].default"),
    ],
)
def test_a_fault_is_named_by_its_place(value: Json, where: str) -> None:
    assert [sentence.split(":")[0] for sentence in problems(value)] == [where]
