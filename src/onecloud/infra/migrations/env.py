"""Runs migrations on the connection that `infra/migrate.py` hands over; `make migration` adds the metadata."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from onecloud.infra.db import UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column type by its short name, with its import."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from onecloud.infra.db import UtcDateTime")
        return "UtcDateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
