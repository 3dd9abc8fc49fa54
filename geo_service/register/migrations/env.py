"""Runs the migrations on the connection that `geo_service.register.event_store` hands over."""

from alembic import context

# Where the module is only imported, to read its docstring, nothing is configured.
if hasattr(context, "config"):
    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()
