"""`onecloud admin retention`: how long things are kept, and removing now, also beside a running server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from cyclopts import App, Parameter

from onecloud.kernel.errors import OneCloudError

if TYPE_CHECKING:
    from onecloud.retention.model import Removed
    from onecloud.retention.shapes import RetentionOut

app = App(name="retention", help="How long runs, logs, files and activity are kept: show, set, run.")

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2

Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]
Limit: TypeAlias = int | Literal["none"] | None


@app.command
def show(*, data: Data = None, json: AsJson = False) -> int:
    """Show how long things are kept, and what the last pass removed."""

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.retention import actions
        from onecloud.retention.shapes import retention_out

        async with open_ground(data) as ground, ground.database.reading() as db:
            _print(retention_out(await actions.show(db)), as_json=json)
        return OK

    return _finish(work())


@app.command(name="set")
def set_(
    *,
    run_days: Annotated[Limit, Parameter(help="Days after its end that a run is kept; none: no limit.")] = None,
    runs_per_chain: Annotated[Limit, Parameter(help="How many runs of each chain are kept; none: no limit.")] = None,
    activity_days: Annotated[Limit, Parameter(help="Days that recorded changes are kept; none: no limit.")] = None,
    activity_most: Annotated[Limit, Parameter(help="How many recorded changes are kept; none: no limit.")] = None,
    login_days: Annotated[Limit, Parameter(help="Days that attempts to sign in are kept; none: no limit.")] = None,
    login_most: Annotated[Limit, Parameter(help="How many attempts to sign in are kept; none: no limit.")] = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Change how long things are kept; what is not given stays as it is. The next pass goes by it."""
    given: dict[str, Limit] = {
        "run_days": run_days,
        "runs_per_chain": runs_per_chain,
        "activity_days": activity_days,
        "activity_most": activity_most,
        "login_days": login_days,
        "login_most": login_most,
    }
    changes = {name: None if value == "none" else value for name, value in given.items() if value is not None}
    if not changes:
        print("onecloud: say what to set, such as --run-days 30.", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.kernel.principal import Principal
        from onecloud.retention import actions
        from onecloud.retention.shapes import retention_out

        operator = Principal(user_id=0, email="", name="command line", is_admin=True, via="cli")
        async with open_ground(data) as ground, ground.database.transaction() as db:
            shown = await actions.change(db, operator, changes)
        _print(retention_out(shown), as_json=json)
        return OK

    return _finish(work())


@app.command
def run(
    *,
    dry_run: Annotated[bool, Parameter(help="Only count what would be removed.", negative="")] = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Remove now what is too old or too much; the server does so by itself once an hour.

    Exit status: 0 done, 1 refused because a server or another command is removing.
    """

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.infra.blobs import Blobs
        from onecloud.infra.durable import Journals
        from onecloud.retention.work import remove_now, try_out

        async with open_ground(data) as ground:
            blobs = Blobs(ground.settings.blobs_folder)
            if dry_run:
                removed = await try_out(ground, blobs)
            else:
                journals = Journals(ground.settings)
                try:
                    removed = await remove_now(ground, blobs, journals.forget, "command line")
                finally:
                    journals.close()
        _print_removed(removed, dry_run=dry_run, as_json=json)
        return OK

    return _finish(work())


def _print(shown: RetentionOut, *, as_json: bool) -> None:
    if as_json:
        print(shown.model_dump_json())
        return
    for name, value in shown.settings:
        default = getattr(shown.defaults, name)
        note = "" if value == default else f"  (default {_limit(default)})"
        print(f"{name.replace('_', ' '):16}{_limit(value)}{note}")
    last = shown.last_pass
    if last is None:
        print("There was no pass yet.")
        return
    took = "" if last.took_seconds is None else f", took {last.took_seconds:.1f} s"
    began = f"{last.started_at:%Y-%m-%d %H:%M} UTC"
    print(f"Last pass: {last.state}, began {began} by the {last.by}{took}. {last.why}".rstrip())
    print(_sentence(last.removed.model_dump(), "Removed"))


def _limit(value: int | None) -> str:
    return "no limit" if value is None else str(value)


def _print_removed(removed: Removed, *, dry_run: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from onecloud.kernel.jsonvalue import dump

    counts: dict[str, int] = asdict(removed)
    if as_json:
        print(dump({"dry_run": dry_run, "removed": {**counts}}))
    else:
        print(_sentence(counts, "Would remove" if dry_run else "Removed"))


def _sentence(counts: dict[str, int], verb: str) -> str:
    return (
        f"{verb} {counts['runs']} runs with {counts['results']} results and {counts['files']} files "
        f"({counts['bytes'] / 1_000_000:.1f} MB), {counts['activity']} recorded changes, {counts['logins']} attempts "
        f"to sign in. {counts['kept_runs']} old runs stay because other runs need them."
    )


def _finish(work: Coroutine[None, None, int]) -> int:
    try:
        return asyncio.run(work)
    except OneCloudError as error:
        print(f"onecloud: {error.message}", file=sys.stderr)
        for problem in error.problems[1:]:
            print(problem.sentence(), file=sys.stderr)
        return REFUSED
