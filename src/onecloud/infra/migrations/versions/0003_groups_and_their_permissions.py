"""groups and their permissions"""

import sqlalchemy as sa
from alembic import op
from onecloud.infra.db import UtcDateTime, database_time

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('permission',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('object_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('environment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('chain_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['chain_id'], ['chain.id'], name=op.f('fk_permission_chain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['environment_id'], ['environment.id'], name=op.f('fk_permission_environment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_permission_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_permission')),
    sa.UniqueConstraint('object_type', 'object_id', 'level', name=op.f('uq_permission_object_type_object_id_level'))
    )
    op.create_index(op.f('ix_permission_chain_id'), 'permission', ['chain_id'], unique=False)
    op.create_index(op.f('ix_permission_environment_id'), 'permission', ['environment_id'], unique=False)
    op.create_index(op.f('ix_permission_workspace_id'), 'permission', ['workspace_id'], unique=False)
    op.create_table('user_group_permission',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('permission_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['user_group.id'], name=op.f('fk_user_group_permission_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['permission_id'], ['permission.id'], name=op.f('fk_user_group_permission_permission_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_group_permission')),
    sa.UniqueConstraint('group_id', 'permission_id', name=op.f('uq_user_group_permission_group_id_permission_id'))
    )
    op.create_index(op.f('ix_user_group_permission_permission_id_group_id'), 'user_group_permission', ['permission_id', 'group_id'], unique=False)
    op.add_column('user_group', sa.Column('description', sa.Text(), server_default='', nullable=False))
    op.add_column('user_group', sa.Column('api_access', sa.Boolean(), server_default=sa.false(), nullable=False))
    _built_in_groups()


def _built_in_groups() -> None:
    """Admin and Default are there from now on, with everybody in Default."""
    group = sa.table('user_group', sa.column('id'), sa.column('name'), sa.column('description'), sa.column('is_default'),
        sa.column('is_admin'), sa.column('api_access'), sa.column('created_at'))
    person = sa.table('user_account', sa.column('id'))
    member = sa.table('user_group_user', sa.column('group_id'), sa.column('user_id'), sa.column('created_at'))
    op.execute(group.update().where(group.c.name == 'Admins').values(name='Admin'))
    for name, is_admin in (('Admin', sa.true()), ('Default', sa.false())):
        made = sa.select(sa.literal(name), sa.literal(''), sa.true(), is_admin, is_admin, database_time())
        made = made.where(~sa.exists().where(group.c.name == name))
        op.execute(group.insert().from_select(
            ['name', 'description', 'is_default', 'is_admin', 'api_access', 'created_at'], made))
    op.execute(group.update().where(group.c.name == 'Admin').values(api_access=sa.true()))
    everybody = sa.select(group.c.id, person.c.id, database_time()).join_from(group, person, sa.true()).where(group.c.name == 'Default')
    everybody = everybody.where(~sa.exists().where(member.c.group_id == group.c.id, member.c.user_id == person.c.id))
    op.execute(member.insert().from_select(['group_id', 'user_id', 'created_at'], everybody))
