"""A small world of workspaces, environments and chains, and people in groups, for tests of permissions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.actions.accounts import add_admin, add_person
from onecloud.access.model import GroupFields, Profile, User
from onecloud.chains import store as chains
from onecloud.chains.model import Definition, Node
from onecloud.infra.http import Ground
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields


@dataclass(frozen=True, slots=True)
class World:
    """Two workspaces with two environments each, with two chains each."""

    workspaces: tuple[Place, ...]
    environments: tuple[Place, ...]
    chains: tuple[Place, ...]

    @property
    def everything(self) -> tuple[Place, ...]:
        """Every object there is."""
        return self.workspaces + self.environments + self.chains


async def make_world(ground: Ground) -> World:
    """Write the world, as the operator does."""
    there: list[Place] = []
    inside: list[Place] = []
    chained: list[Place] = []
    async with ground.database.transaction() as db:
        for name in ("Finance", "Sales"):
            workspace = await workspaces.create_workspace(db, None, WorkspaceFields(name))
            there.append(Place(workspace.id))
            for stage in ("DEV", "PROD"):
                environment = await workspaces.create_environment(db, None, workspace.id, EnvironmentFields(stage))
                inside.append(Place(workspace.id, environment.id))
                for title in ("Close", "Report"):
                    chain_id = await chains.add_chain(
                        db, environment.id, Definition(title, "a", (Node("a", "http.request"),))
                    )
                    await workspaces.chain_added(db, environment.id)
                    assert chain_id is not None
                    chained.append(Place(workspace.id, environment.id, chain_id))
    return World(tuple(there), tuple(inside), tuple(chained))


async def person(db: AsyncSession, email: str, *, admin: bool = False) -> User:
    """Somebody with a ready hash: making one is slow on purpose, and no test here signs in by password."""
    profile = Profile(email, Secret(""))
    if admin:
        return await add_admin(db, profile, "no hash", None)
    return await access.get_user(db, await add_person(db, profile, "no hash", None))


async def group_with(db: AsyncSession, name: str, grants: dict[Place, Level], *members: User) -> int:
    """A group with these permissions and members."""
    group = await access.create_group(db, None, GroupFields(name))
    for member in members:
        await access.add_member(db, None, group.id, member.id)
    await access.set_permissions(db, None, group.id, grants)
    return group.id


async def principal(db: AsyncSession, user: User) -> Principal:
    """The person as the one who acts, as a request finds them."""
    found = await access.principal_of(db, user.id, "session")
    assert found is not None
    return found
