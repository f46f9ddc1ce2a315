"""The trail on PostgreSQL, for several replicas. Needs `asyncpg`: `pip install "ecluse[postgres]"`."""
