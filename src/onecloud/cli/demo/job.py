"""The main job, done through the API as any client would do it; each step checks what came of it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from onecloud.cli.demo.api import Api, StepFailed
from onecloud.cli.demo.receiver import Receiver
from onecloud.cli.demo.stage import CHAIN, DATABASE, ENVIRONMENTS, WORKSPACE

_ENDED: Final = {"all_succeeded", "warned", "errored", "stopped"}
_MOST_S: Final = 120


def headline(text: str) -> None:
    """The name of a step."""
    print(f"\n── {text} " + "─" * max(0, 96 - len(text)), flush=True)


def require(holds: bool, sentence: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Tick a fact off.

    Raises: StepFailed when it does not hold.
    """
    if not holds:
        raise StepFailed(sentence)
    print(f"   ✓ {sentence}", flush=True)


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The item of that name.

    Raises: StepFailed.
    """
    for item in items:
        if item["name"] == name:
            return item
    raise StepFailed(f"the answer lists no {name}")


def do_main_job(api: Api, files: Path, service: Receiver) -> Api:
    """Look around, run the chain where all goes well and where a branch is needed, and change the tokens."""
    headline("What is there: workspaces, environments, chains")
    workspace = named(api.get("/api/v1/metadata/workspace")["data"], WORKSPACE)
    variables = {variable["key"]: variable for variable in workspace["variables"]}
    require(variables["notify_token"]["value"] is None, "The encrypted variable is listed without its value")
    found = api.get(f"/api/v1/metadata/workspace/{workspace['id']}/environment")["data"]
    environments = {name: str(named(found, name)["id"]) for name in ENVIRONMENTS}
    chains = {
        name: str(named(api.get(f"/api/v1/metadata/environment/{number}/chain")["data"], CHAIN)["id"])
        for name, number in environments.items()
    }
    run_where_all_goes_well(api, environments["DEV"], chains["DEV"], files, service)
    run_where_a_branch_is_needed(api, environments["PROD"], chains["PROD"], files)
    change_tokens(api)
    return api


def started(api: Api, environment: str, chain: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Start a run, watch it to its end and show its nodes; gives the run with its nodes."""
    path = f"/api/v1/execute/environment/{environment}/chain/{chain}/start"
    run = api.post(path, {"runtimeVariables": variables})["data"]
    began, seen = time.monotonic(), ""
    while run["state"] not in _ENDED:
        if time.monotonic() - began > _MOST_S:
            raise StepFailed(f"run {run['id']} is still {run['state']} after {_MOST_S} s")
        time.sleep(0.5)  # a client may ask 100 times in 20 s, and there is more to ask than this
        run = api.peek(f"/api/v1/execute/chain_run/{run['id']}")["data"]
        if run["state"] != seen:
            seen = run["state"]
            print(f"   … run {run['id']} is {seen}", flush=True)
    ended = api.get(f"/api/v1/execute/chain_run/{run['id']}/nodes")["data"]
    for name, state in states_of(ended).items():
        print(f"     {state:<10} {name}", flush=True)
    return ended


def states_of(run: dict[str, Any]) -> dict[str, str]:
    """Each node's state by its name."""
    return {node["name"]: node["state"] for node in run["nodes"]}


def run_where_all_goes_well(api: Api, environment: str, chain: str, files: Path, service: Receiver) -> None:
    """DEV: the web service listens."""
    headline("Run the chain in DEV, from 1998 on")
    run = started(api, environment, chain, {"since_year": 1998})
    states = states_of(run)
    require(run["state"] == "all_succeeded", "The run succeeded")
    require(states["Leave a note instead"] == "skipped", "The branch for failure was not needed, and skipped")
    require(len(service.messages) == 1, "The web service was told once, with its token")
    told = service.messages[0]
    print(f"     {told['costliest']['state']} had the costliest strikes of {told['states']} states", flush=True)
    with closing(sqlite3.connect(f"file:{files / DATABASE}?mode=ro", uri=True)) as database:
        rows, strikes = database.execute("SELECT count(*), sum(strikes) FROM strikes_by_state").fetchone()
    require(rows == told["states"], f"The database table has {rows} rows: {int(strikes):,} strikes")
    require(sheet_rows(files / "reports" / "DEV" / "strikes-by-state.xlsx") == rows + 1, "So has the Excel report")


def run_where_a_branch_is_needed(api: Api, environment: str, chain: str, files: Path) -> None:
    """PROD: other values for the same variables, and nobody listens."""
    headline("Run the same chain in PROD, where the web service does not answer")
    run = started(api, environment, chain, {})
    states = states_of(run)
    require(states["Tell the web service"] == "errored", "The web service could not be told")
    require(states["Deliver the note"] == "succeeded", "The branch for failure ran")
    require((files / "reports" / "PROD" / "not-told.txt").exists(), "It left a note")
    require(run["state"] == "warned", "A failure that was dealt with makes the run end with a warning")


def change_tokens(api: Api) -> None:
    """Refresh, and show that what was spent is dead."""
    headline("Refresh the token: each refresh token works once")
    old_access, old_refresh = api.access_token, api.refresh_token
    pair = api.spend(old_refresh)
    api.access_token, api.refresh_token = str(pair["access_token"]), str(pair["refresh_token"])
    require(api.access_token != old_access and api.refresh_token != old_refresh, "Both tokens are new")
    api.get("/api/v1/metadata/workspace", note="with the new access token")
    refused = api.get("/api/v1/metadata/workspace", token=old_access, expect=401, note="with the old access token")
    require("error" in refused, "The old access token is dead")
    headline("Somebody uses the old refresh token again")
    refused = api.spend(old_refresh, expect=400, note="with the old refresh token")
    require(refused["error"] == "invalid_grant", "It is refused")
    api.get("/api/v1/metadata/workspace", expect=401, note="with the new access token")
    require(True, "And because one of the two users must be a thief, the new pair is dead as well")


def sheet_rows(workbook: Path) -> int:
    """How many rows the workbook's first sheet has."""
    from openpyxl import load_workbook

    book = load_workbook(workbook, read_only=True)
    try:
        return sum(1 for _ in book.worksheets[0].iter_rows())
    finally:
        book.close()
