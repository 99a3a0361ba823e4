"""The settings of the retention over HTTP."""

from __future__ import annotations

from sqlalchemy import text

from tests.retention.conftest import Past
from tests.runs.house import House
from tests.whole import whole_app

PATH = "/api/v2/admin/retention"
DEFAULTS = {
    "run_days": 90,
    "runs_per_chain": None,
    "activity_days": 90,
    "activity_most": None,
    "login_days": 90,
    "login_most": None,
}


async def test_an_administrator_reads_and_changes_the_settings_and_sees_the_last_pass(house: House) -> None:
    async with whole_app(house) as whole:
        first = (await whole.call("GET", PATH)).json()
        assert first["settings"] == first["defaults"] == DEFAULTS
        assert (first["last_pass"], first["changed_at"]) == (None, None)
        answer = await whole.call("PATCH", PATH, {"run_days": 30, "login_days": None})
        assert answer.status_code == 200, answer.text
        assert answer.json()["settings"] == {**DEFAULTS, "run_days": 30, "login_days": None}
        assert answer.json()["changed_by_name"] == house.caller.name
        assert (await whole.call("PATCH", PATH, {})).json()["settings"]["run_days"] == 30
        past = Past(house.ground, house.blobs)
        await past.run(1, 31)
        await past.run(2, 0)
        await past.remove()
        last = (await whole.call("GET", PATH)).json()["last_pass"]
        assert (last["state"], last["by"], last["removed"]["runs"], last["removed"]["files"]) == (
            "done",
            "command line",
            1,
            2,
        )
        assert last["took_seconds"] >= 0
        assert (await whole.call("GET", "/api/v2/runs/1")).json()["code"] == "run.not_found"
    async with house.ground.database.reading() as db:
        rows = (await db.execute(text("SELECT key, parameters FROM activity WHERE key LIKE 'retention%'"))).all()
    assert len(rows) == 1
    assert "30" in str(rows[0].parameters)


async def test_a_wrong_setting_is_named_and_nothing_is_changed(house: House) -> None:
    async with whole_app(house) as whole:
        answer = await whole.call("PATCH", PATH, {"run_days": 0, "activity_most": 5})
        assert answer.status_code == 422
        assert [problem["where"] for problem in answer.json()["problems"]] == ["run_days", "activity_most"]
        assert (await whole.call("PATCH", PATH, {"runs_days": 5})).status_code == 422
        assert (await whole.call("PATCH", PATH, {"run_days": "many"})).status_code == 422
        assert (await whole.call("GET", PATH)).json()["settings"] == DEFAULTS
