"""Who may keep templates, and what is told of it. Everybody who is signed in may read them and make chains of them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.kernel.errors import Forbidden
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal


def to_keep(caller: Principal | None) -> None:
    """Let those pass who may make chains anywhere: templates belong to no workspace.

    Raises: Forbidden.
    """
    if caller is None or caller.is_admin or any(level >= Level.CREATE for level in caller.grants.values()):
        return
    raise Forbidden(
        "template.makers_only",
        "To keep templates takes the permission `create` somewhere. Ask an administrator to give it to one of your "
        "groups.",
    )


def called(caller: Principal | None) -> str:
    """The name of who acts, as versions remember it."""
    return "the command line" if caller is None else caller.name or caller.email


async def tell(db: AsyncSession, key: str, caller: Principal | None, template_id: int, name: str, **more: Json) -> None:
    """Record what happened to a template."""
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="ChainTemplate",
        trackable_id=str(template_id),
        parameters={"name": name, **more},
    )
