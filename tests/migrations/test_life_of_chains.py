"""The migration to drafts with revisions keeps every chain and version, and tells which drafts wait for a publish."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from onecloud.infra.migrate import FOLDER, sync_engine, upgrade
from onecloud.infra.settings import Settings

MOMENT = "2026-01-31 12:00:00"


def migrate_to_before(settings: Settings, name: str) -> None:
    """Bring the database to the state before the migration of that name."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    before = next(script.down_revision for script in scripts if script.path.endswith(f"_{name}.py"))
    assert isinstance(before, str)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = sync_engine(settings)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, before)
        connection.commit()
    engine.dispose()


def rows(settings: Settings, statement: str, *values: dict[str, Any]) -> list[Any]:
    engine = sync_engine(settings)
    with engine.begin() as connection:
        done = connection.execute(sqlalchemy.text(statement), list(values) or None)
        found = list(done) if done.returns_rows else []
    engine.dispose()
    return found


def test_chains_of_before_keep_their_content(settings: Settings) -> None:
    migrate_to_before(settings, "the_life_of_chains")
    rows(settings, f"INSERT INTO company VALUES (1, 'x', '{MOMENT}')")
    rows(
        settings,
        "INSERT INTO workspace (id, company_id, external_id, name, description, created_at, updated_at) "
        f"VALUES (1, 1, '', 'W', '', '{MOMENT}', '{MOMENT}')",
    )
    rows(
        settings,
        "INSERT INTO environment (id, workspace_id, name, description, position, color, chains_count, created_at, "
        f"updated_at) VALUES (1, 1, 'DEV', '', 0, '#000000', 3, '{MOMENT}', '{MOMENT}')",
    )
    for number, (name, draft, published) in enumerate([("same", "{}", 1), ("edited", "[]", 2), ("new", "{}", None)], 1):
        rows(
            settings,
            "INSERT INTO chain (id, environment_id, name, description, disabled, allow_concurrent_runs, draft, "
            "draft_updated_at, published_version_id, created_at, updated_at) VALUES (:id, 1, :name, '', false, false, "
            f":draft, '{MOMENT}', :published, '{MOMENT}', '{MOMENT}')",
            {"id": number, "name": name, "draft": draft, "published": published},
        )
    for number in (1, 2):
        rows(
            settings,
            "INSERT INTO chain_version (id, chain_id, number, definition, comment, published_at) "
            f"VALUES (:id, :id, 1, '{{}}', '', '{MOMENT}')",
            {"id": number},
        )

    upgrade(settings)

    found = rows(settings, "SELECT name, draft_differs, draft_revision, tags, deleted_at FROM chain ORDER BY id")
    assert [(r[0], bool(r[1]), *r[2:]) for r in found] == [
        ("same", False, 1, "", None),
        ("edited", True, 1, "", None),
        ("new", True, 1, "", None),
    ]
    assert len(rows(settings, "SELECT id FROM chain_version")) == 2
    # A deleted chain gives its name back, and two live ones may not share one.
    rows(settings, f"UPDATE chain SET deleted_at = '{MOMENT}' WHERE id = 1")
    rows(settings, "UPDATE chain SET name = 'same' WHERE id = 2")
