"""`onecloud chain run`: find a chain through API v1, start it, watch its nodes, and end as the run ended."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live
from rich.table import Table

from onecloud.cli.client import ApiClient, open_client
from onecloud.kernel.errors import NotFound
from onecloud.kernel.jsonvalue import Json, JsonObject, as_list, as_object, dump

# Exit status by the run's state; 1 and 2 are taken by refusals and wrong usage.
STATUS: Final[Mapping[str, int]] = {"all_succeeded": 0, "warned": 3, "errored": 4, "stopped": 5, "paused": 6}
LOOK: Final[Mapping[str, str]] = {
    "succeeded": "green",
    "all_succeeded": "green",
    "warned": "yellow",
    "paused": "yellow",
    "errored": "red",
    "stopped": "red",
    "skipped": "dim",
}
SHORT_PAUSE_S: Final = 0.25
LONG_PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """A chain with the ids that the API wants."""

    environment_id: str
    chain_id: str
    name: str
    shown: str


def run(
    chain: str,
    /,
    *,
    server: Annotated[str | None, Parameter(help="Address of the server; default ONECLOUD_SERVER.")] = None,
    workspace: Annotated[str | None, Parameter(help="Name of the workspace.")] = None,
    environment: Annotated[str | None, Parameter(help="Name of the environment.")] = None,
    input: Annotated[  # noqa: A002 - the name of the option
        list[str] | None, Parameter(help="Value of a runtime input, as name=value; may be repeated.", negative="")
    ] = None,
    wait: Annotated[bool, Parameter(help="Watch the run to its end.")] = True,
    json: Annotated[bool, Parameter(help="Print the run as JSON.", negative="")] = False,
) -> int:
    """Start a chain on a server and wait for its end. The access token comes from ONECLOUD_ACCESS_TOKEN.

    Exit status: 0 all succeeded, 3 warned, 4 errored, 5 stopped, 6 paused (a person must resume it),
    1 refused, 2 wrong usage.

    Parameters
    ----------
    chain
        Id or name of the chain. A name that several environments have needs --environment.
    """
    values = _inputs(input or [])
    if values is None:
        print("onecloud: write each --input as name=value.", file=sys.stderr)
        return 2
    with open_client(server) as client:
        return run_chain(client, chain, workspace, environment, values, wait=wait, as_json=json)


def run_chain(
    client: ApiClient,
    chain: str,
    workspace: str | None,
    environment: str | None,
    inputs: JsonObject,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    """Start the chain and, with `wait`, follow it; gives the exit status.

    Raises: NotFound, also when a name is not clear; what the server refuses.
    """
    place = find(client, chain, workspace, environment)
    started = as_object(
        client.post(
            f"/v1/execute/environment/{place.environment_id}/chain/{place.chain_id}/start", {"runtimeVariables": inputs}
        )
    )
    run_id = str(started["id"])
    if not wait:
        print(dump(started) if as_json else run_id)
        return 0
    print(f"onecloud: run {run_id} of {place.shown}", file=sys.stderr)
    try:
        ended = watch(client, run_id)
    except KeyboardInterrupt:
        print(f"onecloud: the run {run_id} goes on; the server stops it only when asked to.", file=sys.stderr)
        return 130
    state = str(ended["state"])
    if as_json:
        print(dump(ended))
    else:
        text = str(ended.get("resultText") or "")
        print(f"run {run_id}: {state}" + (f" - {text}" if text else ""))
    return STATUS.get(state, 1)


def find(client: ApiClient, chain: str, workspace: str | None, environment: str | None) -> Place:
    """The chain of that id or name among the environments that fit.

    Raises: NotFound when there is none, or more than one.
    """
    found: list[Place] = []
    for shown, environment_id in _environments(client, workspace, environment):
        for item in as_list(client.get(f"/v1/metadata/environment/{environment_id}/chain")):
            one = as_object(item)
            if chain in (str(one["id"]), one["name"]):
                found.append(Place(environment_id, str(one["id"]), str(one["name"]), f"{shown} / {one['name']}"))
    if re.fullmatch(r"\d+", chain) and any(place.chain_id == chain for place in found):
        found = [place for place in found if place.chain_id == chain]  # a chain may be named like another's id
    if not found:
        raise NotFound("chain.not_found", f"No chain with the name or id `{chain}` is there; check --environment.")
    if len(found) > 1:
        places = ", ".join(place.shown for place in found)
        raise NotFound("chain.not_clear", f"`{chain}` is in several places ({places}); add --workspace, --environment.")
    return found[0]


def _environments(client: ApiClient, workspace: str | None, environment: str | None) -> Iterator[tuple[str, str]]:
    """Shown name and id of every environment that fits."""
    for item in as_list(client.get("/v1/metadata/workspace")):
        one = as_object(item)
        if workspace not in (None, one["name"]):
            continue
        for inner in as_list(client.get(f"/v1/metadata/workspace/{one['id']}/environment")):
            place = as_object(inner)
            if environment in (None, place["name"]):
                yield f"{one['name']} / {place['name']}", str(place["id"])


def watch(client: ApiClient, run_id: str) -> dict[str, Json]:
    """Follow the run until it ended or is paused, showing its nodes; the run with its nodes as the API has it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return _follow(client, run_id, _Lines().show)
    with Live(console=console, refresh_per_second=8) as live:
        return _follow(client, run_id, lambda run: live.update(table(run)))


def _follow(client: ApiClient, run_id: str, show: Callable[[Mapping[str, Json]], None]) -> dict[str, Json]:
    pause = SHORT_PAUSE_S
    while True:
        run = as_object(client.get(f"/v1/execute/chain_run/{run_id}/nodes", patient=True))
        show(run)
        if run["state"] in STATUS:
            return run
        client.pause(pause)
        pause = min(pause * 1.3, LONG_PAUSE_S)  # stays far under the server's limit of requests


def nodes_of(run: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The nodes of a run."""
    return [as_object(node) for node in as_list(run.get("nodes") or [])]


def table(run: Mapping[str, Json]) -> Table:
    """The nodes of a run with their states."""
    shown = Table("node", "state", box=None, pad_edge=False)
    for node in nodes_of(run):
        state = str(node["state"])
        shown.add_row(str(node["name"]), f"[{LOOK.get(state, 'cyan')}]{state}[/]")
    return shown


class _Lines:
    """Shows a line for every change of a node; for logs and pipes."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def show(self, run: Mapping[str, Json]) -> None:
        for node in nodes_of(run):
            node_id, state = str(node["id"]), str(node["state"])
            if self._last.get(node_id, "sleeping") != state:
                print(f"{node['name']}: {state}", file=sys.stderr, flush=True)
            self._last[node_id] = state


def _inputs(pairs: list[str]) -> dict[str, Json] | None:
    """The inputs of `name=value` texts; the server brings them to their types. None when one has no `=`."""
    if not all("=" in pair and not pair.startswith("=") for pair in pairs):
        return None
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
