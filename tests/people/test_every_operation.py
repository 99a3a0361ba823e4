"""Every operation of the API with every level on every object: who may do what, over HTTP with real tokens."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from onecloud.access import actions as access
from onecloud.access.model import GroupFields, User
from onecloud.access.permissions import Verdict, decide, level_on, line_of
from onecloud.infra.settings import Settings
from onecloud.kernel.permission import GIVEN, Grants, Level, Place
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from onecloud.variables import actions as variables
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields
from tests.access.world import person
from tests.people.operations import ADMINS, NEEDS, SESSION, Needs
from tests.runs.conftest import house as house  # noqa: PLC0414 - a fixture of another room
from tests.runs.house import House
from tests.whole import Whole, whole_app

CHAIN = """
onecloud: 1
name: {name}
allow_concurrent_runs: true
start: make
nodes:
  make: {{command: files.create, inputs: {{name: report.txt, text: x}}}}
schedules:
  - {{name: nightly, zone: UTC, every: day, at: "03:30"}}
"""
PARENT = "{onecloud: 1, name: Parent, start: run, nodes: {run: {command: event.run_chain, inputs: {chain: One}}}}"
TEMPLATE = """
onecloud: 1
template: Kept
chain: {start: a, nodes: {a: {command: files.create, inputs: {text: x}}}}
"""


@pytest.fixture
def database_url() -> str:
    """SQLite only: what differs between the databases is tested where it is stored."""
    return ""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """No rate limit: this test asks more in a second than a person in a day."""
    return Settings(data=tmp_path / "data", rate_limit_burst=10**6, rate_limit_daily=10**9)


@dataclass(slots=True)
class Furnished:
    """The application with one of everything, and Bob, whose one group is given levels."""

    whole: Whole
    bob: User
    token: str
    group_id: int
    places: Mapping[str, Place]
    elsewhere: Place
    names: dict[str, str]
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def give(self, grants: Grants) -> None:
        """Make these Bob's permissions."""
        async with self.whole.house.ground.database.transaction() as db:
            await access.set_permissions(db, None, self.group_id, grants)

    async def call(self, operation: str, needs: Needs | None = None) -> httpx2.Response:
        """Bob's request, with every placeholder filled."""
        method, path = operation.split(" ")
        query, names = "", self.names
        if needs is not None:
            query = needs.query + (f"f{next(self.numbers)}.csv" if needs.query.endswith("=") else "")
            if needs.fresh:
                names = names | {needs.fresh: await self.made(needs.fresh)}
        return await self.whole.client.request(
            method,
            path.format(**names) + query,
            json=filled(needs.body, names) if needs else None,
            content=needs.content if needs else None,
            headers={"Authorization": f"Bearer {self.token}", **(needs.headers if needs else {})},
        )

    async def made(self, what: str) -> str:
        """A new thing, such as one for a call that uses it up; its id."""
        number = next(self.numbers)
        match what:
            case "resource_id":
                path = f"/api/v2/workspaces/{self.names['workspace_id']}/resources?name=r{number}.csv"
                made = await self.whole.client.post(
                    path, content=b"a,b\n", headers={"Authorization": f"Bearer {self.whole.token}"}
                )
            case "template_id":
                body = {"text": TEMPLATE.replace("Kept", f"Kept {number}")}
                made = await self.whole.call("POST", "/api/v2/templates", body)
            case "folder_id":
                made = await self.whole.call("POST", "/api/v2/template-folders", {"name": f"Folder {number}"})
            case "trigger_id":
                body = {"name": f"hook {number}", "source": {"kind": "webhook", "signed": True}}
                made = await self.whole.call("POST", f"/api/v2/chains/{self.names['chain_id']}/triggers", body)
            case _:
                raise AssertionError(f"say here how to make a {what}")
        assert made.status_code == 201, made.text
        body = made.json()
        return body.get(what.removesuffix("_id"), body)["id"]


def filled(body: Any, names: Mapping[str, str]) -> Any:
    """A body whose texts are filled that are nothing but a placeholder."""
    if isinstance(body, Mapping):
        held = cast("Mapping[str, Any]", body)
        return {key: filled(value, names) for key, value in held.items()}
    if isinstance(body, str) and body.startswith("{"):
        return names[body.strip("{}")]
    return body


@pytest.fixture
async def furnished(house: House) -> AsyncIterator[Furnished]:
    """The application with a chain that has run, a file, and a second workspace that is elsewhere."""
    async with whole_app(house) as whole:
        ground = house.ground
        chain_id, other_chain = await house.chain(CHAIN.format(name="One")), await house.chain(CHAIN.format(name="Two"))
        run_id = await house.start(chain_id)
        await house.wait(run_id)
        result = (await house.result(run_id))["make"][0]
        async with ground.database.transaction() as db:
            environment = await workspaces.get_environment(db, house.environment_id)
            beside = await workspaces.create_environment(db, None, environment.workspace_id, EnvironmentFields("PROD"))
            away = await workspaces.create_workspace(db, None, WorkspaceFields("Elsewhere"))
            await workspaces.create_environment(db, None, away.id, EnvironmentFields("DEV"))
            bob = await person(db, "bob@example.com")
            group = await access.create_group(db, None, GroupFields("Team", api_access=True))
            await access.add_member(db, None, group.id, bob.id)
            caller = await access.principal_of(db, bob.id, "session")
            assert caller is not None
            issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), caller)
        chain = Place(environment.workspace_id, environment.id, chain_id)
        made = Furnished(
            whole=whole,
            bob=bob,
            token=issued.pair.access.reveal(),
            group_id=group.id,
            places={place.kind: place for place in line_of(chain)}
            | {
                "sibling": Place(environment.workspace_id, environment.id, other_chain),
                "beside": Place(environment.workspace_id, beside.id),
            },
            elsewhere=Place(away.id),
            names={
                "workspace_id": str(environment.workspace_id),
                "environment_id": str(environment.id),
                "chain_id": str(chain_id),
                "chain_run_id": str(run_id),
                "run_id": str(run_id),
                "key": "make",
                "result_id": str(result.id),
                "output_name": "file",
                "beside_id": str(beside.id),
                "number": "1",
                "name": "nightly",
            },
        )
        for what in ("resource_id", "trigger_id", "template_id", "folder_id"):
            made.names[what] = await made.made(what)
        path = f"/api/v2/templates/{made.names['template_id']}/publish"
        assert (await whole.call("POST", path, {})).status_code == 200
        yield made


def setups(places: Mapping[str, Place], elsewhere: Place) -> list[dict[Place, Level]]:
    """Nothing, and each level on each object: the three in a line, those beside, and a workspace elsewhere."""
    nothing: dict[Place, Level] = {}
    return [nothing] + [{place: level} for place in (*places.values(), elsewhere) for level in GIVEN]


def verdict_of(grants: Grants, needs: Needs, places: Mapping[str, Place]) -> tuple[Verdict, str]:
    """What is to become of a call, and the code of its refusal."""
    if needs.kind == "anywhere":
        holds = needs.level is Level.SEE or any(level >= needs.level for level in grants.values())
        verdict, refusal = (Verdict.ALLOWED, "") if holds else (Verdict.DENIED, needs.hidden)
    else:
        verdict = decide(grants, False, needs.level, places[needs.kind])
        refusal = {Verdict.ALLOWED: "", Verdict.HIDDEN: needs.hidden, Verdict.DENIED: "permission.needed"}[verdict]
    if verdict is Verdict.ALLOWED and needs.then is not None:
        return verdict_of(grants, needs.then, places)
    return verdict, refusal


async def test_each_operation_is_allowed_hidden_or_denied_as_the_decision_says(furnished: Furnished) -> None:
    await furnished.whole.house.chain(PARENT)
    wrong: list[str] = []
    counted = dict.fromkeys(Verdict, 0)
    for grants in setups(furnished.places, furnished.elsewhere):
        await furnished.give(grants)
        for operation, needs in NEEDS.items():
            verdict, refusal = verdict_of(grants, needs, furnished.places)
            answer = await furnished.call(operation, needs)
            code = told(answer)
            matches = {
                Verdict.ALLOWED: answer.status_code not in (401, 403, 500) and code not in hidden_codes(needs),
                Verdict.HIDDEN: (answer.status_code, code) == (404, refusal),
                Verdict.DENIED: (answer.status_code, code) == (403, refusal),
            }
            counted[verdict] += 1
            if not matches[verdict]:
                given = ", ".join(f"{level.word} on {place.kind} {place.object_id}" for place, level in grants.items())
                wrong.append(f"{operation} with [{given}] is {answer.status_code} {code}, not {verdict.value}")
    assert not wrong, "\n".join(wrong)
    assert all(count > 20 for count in counted.values()), counted


def hidden_codes(needs: Needs | None) -> set[str]:
    """The codes of what is hidden, of a call and of what it takes besides."""
    return set() if needs is None else {needs.hidden, *hidden_codes(needs.then)}


def told(answer: httpx2.Response) -> str:
    """The code of a refusal; empty for another answer."""
    if not answer.headers.get("content-type", "").endswith("json") or answer.status_code < 400:
        return ""
    body = answer.json()
    return str(body.get("code") or body.get("error"))


async def test_who_may_do_everything_in_every_workspace_is_no_administrator(furnished: Furnished) -> None:
    await furnished.give(dict.fromkeys((furnished.places["workspace"], furnished.elsewhere), Level.ADMIN))
    names = furnished.names
    names |= dict.fromkeys(("userId", "userGroupId", "user_id", "group_id", "delivery_id", "summary_id"), "1")
    for operation in sorted(ADMINS):
        answer = await furnished.call(operation)
        assert (answer.status_code, told(answer)) == (403, "admin.required"), operation
    for operation in sorted(SESSION):
        answer = await furnished.call(operation)
        assert (answer.status_code, told(answer)) == (403, "session.required"), operation


async def test_a_promotion_tells_nothing_of_an_environment_that_is_hidden(furnished: Furnished) -> None:
    await furnished.give({furnished.places["workspace"]: Level.ADMIN})
    async with furnished.whole.house.ground.database.reading() as db:
        (away,) = await workspaces.list_environments(db, furnished.elsewhere.workspace_id)
    for operation in ("promote", "promote/plan", "copy"):
        path = f"/api/v2/chains/{furnished.names['chain_id']}/{operation}"
        body = {"environment_id": str(away.id), "name": "One"}
        answer = await furnished.whole.call("POST", path, body, furnished.token)
        there_is_none = await furnished.whole.call("POST", path, body | {"environment_id": "999"}, furnished.token)
        assert (answer.status_code, told(answer)) == (404, "environment.not_found"), operation
        assert answer.json()["detail"].replace(str(away.id), "999") == there_is_none.json()["detail"]


async def test_without_api_access_the_token_is_dead_by_the_next_request(furnished: Furnished) -> None:
    await furnished.give({furnished.places["workspace"]: Level.READ})
    assert (await furnished.call("GET /api/v2/chains/{chain_id}")).status_code == 200
    async with furnished.whole.house.ground.database.transaction() as db:
        await access.change_group(db, None, furnished.group_id, GroupFields("Team"))
    for operation in ("GET /api/v2/chains/{chain_id}", "GET /api/v1/metadata/workspace", "GET /api/v2/api-access"):
        assert (await furnished.call(operation)).status_code == 401, operation


async def test_lists_hold_what_may_be_seen(furnished: Furnished) -> None:
    place, sibling = furnished.places["chain"], furnished.places["sibling"]
    v1_chains = f"GET /api/v1/metadata/environment/{place.environment_id}/chain"
    v2_chains = f"GET /api/v2/environments/{place.environment_id}/chains"
    for grants in setups(furnished.places, furnished.elsewhere):
        await furnished.give(grants)

        def holds(seen: Place, least: Level, given: Grants = grants) -> bool:
            level = level_on(given, False, seen)
            return level is not None and level >= least

        there = [one for one in (furnished.places["workspace"], furnished.elsewhere) if holds(one, Level.SEE)]
        wanted = [str(one.workspace_id) for one in there]
        listed = (await furnished.call("GET /api/v2/workspaces")).json()["items"]
        assert [item["id"] for item in listed] == wanted
        v1 = (await furnished.call("GET /api/v1/metadata/workspace")).json()["data"]
        assert [item["id"] for item in v1] == wanted
        chains = [str(one.chain_id) for one in (place, sibling) if holds(one, Level.READ)]
        found = (await furnished.call("GET /api/v1/metadata/chains/search")).json()["data"]
        assert [item["id"] for item in found] == chains
        if holds(furnished.places["environment"], Level.SEE):
            page = (await furnished.call(v2_chains)).json()
            assert [item["id"] for item in page["items"]] == chains
            assert [item["id"] for item in (await furnished.call(v1_chains)).json()["data"]] == chains
            first = (await furnished.call(v2_chains + "?limit=1")).json()
            assert [item["id"] for item in first["items"]] == chains[:1]
            assert (first["next_cursor"] is not None) == (len(chains) > 1), "the cursor counts what is shown"
            seen = next(item for item in listed if item["id"] == str(place.workspace_id))
            dev = next(item for item in seen["environments"] if item["id"] == str(place.environment_id))
            assert dev["chains_count"] == len(chains)


async def test_shapes_tell_what_may_be_done(furnished: Furnished) -> None:
    await furnished.give({furnished.places["chain"]: Level.EXECUTE})
    (seen,) = (await furnished.call("GET /api/v2/workspaces")).json()["items"]
    assert (seen["permissions"], [item["permissions"] for item in seen["environments"]]) == ([], [[]])
    chain = (await furnished.call("GET /api/v2/chains/{chain_id}")).json()
    (item,) = (await furnished.call("GET /api/v2/environments/{environment_id}/chains")).json()["items"]
    assert chain["permissions"] == item["permissions"] == ["read", "execute"]
    await furnished.give({furnished.places["environment"]: Level.WRITE})
    (seen,) = (await furnished.call("GET /api/v2/workspaces")).json()["items"]
    assert [item["permissions"] for item in seen["environments"]] == [["read", "execute", "write"]]


async def test_variables_are_for_who_may_read_the_place(furnished: Furnished) -> None:
    ground = furnished.whole.house.ground
    workspace = furnished.places["workspace"].workspace_id
    async with ground.database.transaction() as db:
        await variables.put_variable(db, ground.keys, None, workspace, VariableFields("base", default="https://x"))
        await variables.put_variable(
            db, ground.keys, None, workspace, VariableFields("password", default="hunter2", encrypted=True)
        )
    paths = (
        "/api/v1/metadata/workspace/{workspace_id}",
        "/api/v1/metadata/workspace/{workspace_id}/environment/{environment_id}",
    )
    await furnished.give({furnished.places["chain"]: Level.ADMIN})
    for path in paths:
        assert (await furnished.call(f"GET {path}")).json()["data"]["variables"] == []
    await furnished.give({furnished.places["workspace"]: Level.ADMIN})
    for path in paths:
        answer = await furnished.call(f"GET {path}")
        assert [(v["key"], v["value"]) for v in answer.json()["data"]["variables"]] == [
            ("base", "https://x"),
            ("password", None),
        ]
        assert "hunter2" not in answer.text
