"""Sets the demo's stage in a data folder: an administrator, a workspace, its variables, a connection and the chain.

Doing it again changes nothing but the address of the web service.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from onecloud.infra.http import Ground

HERE: Final = Path(__file__).parent
DATA_FILE: Final = "wildlife-strikes.csv"
WORKSPACE_FILE: Final = HERE / "workspace.yaml"
CHAIN_FILE: Final = HERE / "wildlife-strikes.yaml"
CHAIN: Final = "Wildlife strikes report"
WORKSPACE: Final = "Wildlife strikes"
ENVIRONMENTS: Final = ("DEV", "PROD")
EMAIL: Final = "demo@onecloud.example"
DATABASE: Final = "warehouse.db"


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What the demo makes up once for a data folder."""

    password: str
    notify_token: str


def kept_secrets(data: Path) -> Secrets:
    """The folder's secrets, made up at the first start; the file is readable by its owner alone."""
    file = data / "demo-secrets"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        # The password policy wants a digit and a special character.
        file.write_text(f"{secrets.token_urlsafe(12)}-7\n{secrets.token_urlsafe(24)}\n", encoding="ascii")
    password, notify_token = file.read_text(encoding="ascii").split()
    return Secrets(password, notify_token)


async def set_stage(data: Path, made: Secrets, notify_url: str) -> None:
    """Bring the data folder into the state that the demo starts from."""
    from onecloud.cli.ground import open_ground

    async with open_ground(data) as ground:
        files = ground.settings.files_folder
        files.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / DATA_FILE, files / DATA_FILE)
        async with ground.database.transaction() as db:
            await _administrator(db, made.password)
            await _workspace(db, ground, made, notify_url)


async def _administrator(db: AsyncSession, password: str) -> None:
    from onecloud.access import actions as access
    from onecloud.kernel.errors import NotFound

    try:
        await access.user_by_email(db, EMAIL)
    except NotFound:
        await access.create_admin(db, EMAIL, password, "Demo", "Administrator")


async def _workspace(db: AsyncSession, ground: Ground, made: Secrets, notify_url: str) -> None:
    """What `onecloud workspace apply` and `onecloud chain apply --publish` do with the demo's two files."""
    from onecloud.chains import actions as chains
    from onecloud.chains.yamltext import read as read_yaml
    from onecloud.connections.apply import apply
    from onecloud.connections.document import read

    given = {"DEMO_NOTIFY_URL": notify_url, "DEMO_NOTIFY_TOKEN": made.notify_token}
    document = read(read_yaml(WORKSPACE_FILE.read_text(encoding="utf-8")).value, given, lambda: None)
    applied = await apply(db, ground.keys, None, document)
    text = CHAIN_FILE.read_text(encoding="utf-8")
    for environment in applied.environments:
        comment = "The demo's first version"
        await chains.apply(db, ground.keys, None, environment.id, text, publish=True, comment=comment)


async def allow_new_access(data: Path) -> None:
    """End the API access of an earlier demo in this folder, so that it can be enabled again."""
    from onecloud.access import actions as access
    from onecloud.cli.ground import open_ground
    from onecloud.tokens import actions as tokens

    async with open_ground(data) as ground, ground.database.transaction() as db:
        user = await access.user_by_email(db, EMAIL)
        caller = await access.principal_of(db, user.id, "cli")
        if caller is not None:
            await tokens.revoke(db, caller)
