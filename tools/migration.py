"""Write the migration from the newest one to the tables as they are now: `make migration ARGS="what changed"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from onecloud.infra.db import Base
from onecloud.infra.migrate import FOLDER, sync_engine, upgrade
from onecloud.infra.settings import Settings
from tests.conftest import load_tables


def main(message: str) -> None:
    """Migrate a fresh SQLite database to the head, compare it with the tables, and write down the difference."""
    load_tables()
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    newest = int(ScriptDirectory.from_config(config).get_current_head() or 0)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        upgrade(settings)
        engine = sync_engine(settings)
        with engine.connect() as connection:
            config.attributes.update(connection=connection, metadata=Base.metadata)
            command.revision(config, message=message, rev_id=f"{newest + 1:04}", autogenerate=True)
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "change")
