"""Migrations on both databases: an empty one comes to the head, and the head is what the tables say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from onecloud.infra.db import Base
from onecloud.infra.migrate import FOLDER, newest_revision, stored_revision, sync_engine, upgrade
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Conflict
from tests.conftest import load_tables


def test_the_migrations_lead_to_the_tables_that_the_program_uses(settings: Settings) -> None:
    load_tables()
    upgrade(settings)
    engine = sync_engine(settings)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_one_with_the_highest_number(settings: Settings) -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [newest_revision()]
    engine = sync_engine(settings)
    settings.data.mkdir(parents=True)
    with engine.connect() as connection:
        assert stored_revision(connection) is None
    upgrade(settings)
    with engine.connect() as connection:
        assert stored_revision(connection) == newest_revision()
    engine.dispose()


def test_servers_that_start_at_once_migrate_one_after_another(settings: Settings) -> None:
    settings.data.mkdir(parents=True)
    with ThreadPoolExecutor(4) as servers:
        for done in [servers.submit(upgrade, settings) for _ in range(4)]:
            done.result()
    engine = sync_engine(settings)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar() == 1
    engine.dispose()


def test_a_database_of_a_newer_program_is_refused_with_a_sentence(settings: Settings) -> None:
    upgrade(settings)
    engine = sync_engine(settings)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Conflict, match="used by a newer version"):
        upgrade(settings)
