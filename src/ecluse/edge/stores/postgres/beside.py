"""What stands beside a trail on PostgreSQL, over one opened database."""

from ecluse.edge.keys.own import Secrets
from ecluse.edge.stores.postgres.opened import Opened
from ecluse.edge.stores.postgres.steps import PostgresSteps
from ecluse.edge.stores.postgres.tokens import PostgresTokens


class Beside:
    """The steps of the docket and of drafts, and the tokens of the admin API, of one log."""

    def __init__(self, url: str, schema: str, own: Secrets, *, keep: bool = False) -> None:
        self._opened = Opened(url, schema, own.origin, keep=keep)
        self.steps = PostgresSteps(self._opened, "docket")
        self.drafts = PostgresSteps(self._opened, "drafts")
        self.tokens = PostgresTokens(self._opened)

    def close(self) -> None:
        """Let go of the database."""
        self._opened.close()
