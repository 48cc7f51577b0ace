"""Run by Alembic for each migration, on the connection that chat/store/database.py hands over."""

from alembic import context

from chat.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
