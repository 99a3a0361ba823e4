"""The built-in groups are there from the first start on, also in a database that is older than they are."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from onecloud.infra.migrate import FOLDER, sync_engine, upgrade
from onecloud.infra.settings import Settings

MEMBERS = """
select g.name, g.is_default, g.is_admin, g.api_access, u.email
from user_group g left join user_group_user m on m.group_id = g.id left join user_account u on u.id = m.user_id
order by g.name, u.email
"""


def rows(connection: Connection) -> list[tuple[object, ...]]:
    """Every group with its members, one row each."""
    return [(row[0], bool(row[1]), bool(row[2]), bool(row[3]), row[4]) for row in connection.execute(text(MEMBERS))]


def test_a_new_database_has_the_groups_admin_and_default(settings: Settings) -> None:
    upgrade(settings)
    engine = sync_engine(settings)
    with engine.connect() as connection:
        assert rows(connection) == [("Admin", True, True, True, None), ("Default", True, False, False, None)]
    engine.dispose()


def test_the_groups_of_an_older_database_take_their_names_and_everybody(settings: Settings) -> None:
    settings.data.mkdir(parents=True)
    engine = sync_engine(settings)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for email in ("ada@example.com", "bob@example.com"):
            connection.execute(
                text(
                    "insert into user_account (email, first_name, last_name, disabled, failed_sign_ins, access_epoch, "
                    "sso_enabled, created_at) values (:email, '', '', false, 0, 0, false, '2026-01-01 00:00:00')"
                ),
                {"email": email},
            )
        connection.execute(
            text(
                "insert into user_group (name, is_default, is_admin, created_at) "
                "values ('Admins', true, true, '2026-01-01 00:00:00')"
            )
        )
        connection.execute(
            text(
                "insert into user_group_user (group_id, user_id, created_at) "
                "select g.id, u.id, '2026-01-01 00:00:00' from user_group g, user_account u "
                "where u.email = 'ada@example.com'"
            )
        )
        connection.commit()
    upgrade(settings)
    with engine.connect() as connection:
        assert rows(connection) == [
            ("Admin", True, True, True, "ada@example.com"),
            ("Default", True, False, False, "ada@example.com"),
            ("Default", True, False, False, "bob@example.com"),
        ]
    engine.dispose()
