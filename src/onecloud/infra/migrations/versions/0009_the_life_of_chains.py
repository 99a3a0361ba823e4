"""the life of chains: revisions of drafts, tags, who switched, and deleted chains that keep their row"""

import sqlalchemy as sa
from alembic import op
from onecloud.infra.db import UtcDateTime

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('chain', sa.Column('draft_saved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('chain', sa.Column('draft_revision', sa.Integer(), nullable=False, server_default='1'))
    op.add_column('chain', sa.Column('draft_differs', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('chain', sa.Column('tags', sa.Text(), nullable=False, server_default=''))
    op.add_column('chain', sa.Column('switched_at', UtcDateTime(), nullable=True))
    op.add_column('chain', sa.Column('switched_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('chain', sa.Column('deleted_at', UtcDateTime(), nullable=True))
    op.add_column('chain', sa.Column('deleted_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.execute(
        "UPDATE chain SET draft_differs = coalesce(draft <> "
        "(SELECT v.definition FROM chain_version v WHERE v.id = chain.published_version_id), "
        f"{'1' if op.get_bind().dialect.name == 'sqlite' else 'true'})"
    )
    # SQLite cannot drop a constraint: the table is made anew, with everything in it.
    with op.batch_alter_table('chain') as batch:
        batch.drop_constraint(op.f('uq_chain_environment_id_name'), type_='unique')
    op.create_index('ix_chain_name_of_live', 'chain', ['environment_id', 'name'], unique=True, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
