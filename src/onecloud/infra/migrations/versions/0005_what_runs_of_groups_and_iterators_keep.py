"""what runs of groups and iterators keep"""

import sqlalchemy as sa
from alembic import op
from onecloud.infra.db import UtcDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dynamic_value',
    sa.Column('chain_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('chain_id', 'name', name=op.f('pk_dynamic_value'))
    )
    op.create_table('run_ended',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('chain_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_ended'))
    )
    op.add_column('chain_run', sa.Column('dynamic', sa.JSON(), nullable=True))
    op.add_column('chain_run', sa.Column('outputs', sa.JSON(), nullable=True))
    op.add_column('chain_run', sa.Column('outputs_sealed', sa.Text(), nullable=True))
    op.add_column('chain_run', sa.Column('parent_run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('chain_run', sa.Column('parent_unit', sa.String(length=200), nullable=True))
    op.add_column('chain_run', sa.Column('rerun_of', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('chain_run', sa.Column('seed', sa.JSON(), nullable=True))
    op.create_index('ix_chain_run_environment_id_id', 'chain_run', ['environment_id', 'id'], unique=False)
    op.create_index('ix_chain_run_parent_run_id_parent_unit', 'chain_run', ['parent_run_id', 'parent_unit'], unique=True)
    with op.batch_alter_table('node_result') as batch:
        batch.add_column(sa.Column('outer', sa.Integer(), nullable=False, server_default='-1'))
        batch.add_column(sa.Column('item', sa.Integer(), nullable=False, server_default='-1'))
        batch.add_column(sa.Column('iteration', sa.String(length=200), nullable=True))
        batch.add_column(sa.Column('waits', sa.JSON(), nullable=True))
        batch.add_column(sa.Column('reused_from', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch.drop_constraint(op.f('uq_node_result_run_id_key_attempt'), type_='unique')
        batch.create_unique_constraint(
            op.f('uq_node_result_run_id_key_outer_item_attempt'), ['run_id', 'key', 'outer', 'item', 'attempt']
        )
    op.add_column('node_run', sa.Column('message', sa.Text(), nullable=False, server_default=''))
    op.add_column('run_event', sa.Column('payload', sa.JSON(), nullable=True))
