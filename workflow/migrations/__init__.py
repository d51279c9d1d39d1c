"""Alembic's scripts: what each version of the schema changed, for SQLite and PostgreSQL."""
