"""Alembic's environment for the ledger. Its connection comes from `dacompliance.ledger.migrate`; none is made here."""

from alembic import context

from dacompliance.errors import LedgerError
from dacompliance.ledger.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise LedgerError('migrations: they are not run by alembic itself. Run "dacompliance ledger upgrade".')

context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=True,
)
context.run_migrations()
