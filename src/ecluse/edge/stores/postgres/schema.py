"""The trail's tables on PostgreSQL, and how they come to their version.

Law: a migration is one transaction under a lock that replicas share; tables of a later version are refused, never
changed back.
"""

import re

from asyncpg import Connection

from ecluse.edge.stores.errors import TrailDamaged, TrailUnreadable

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
LOCK = 0x45434C55
"""`ECLU`: the advisory lock under which tables are made."""

MIGRATIONS = (
    """
    CREATE TABLE log (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        origin text NOT NULL,
        token bigint NOT NULL DEFAULT 0,
        holder text,
        until timestamptz NOT NULL DEFAULT '-infinity',
        fault text
    );
    CREATE TABLE replicas (
        id text PRIMARY KEY,
        number bigint NOT NULL DEFAULT 0,
        head bytea NOT NULL,
        sequenced bigint NOT NULL DEFAULT 0,
        sequenced_head bytea NOT NULL,
        seen timestamptz NOT NULL DEFAULT clock_timestamp(),
        closed boolean NOT NULL DEFAULT false
    );
    CREATE TABLE batches (
        seq bigserial PRIMARY KEY,
        replica text NOT NULL,
        number bigint NOT NULL,
        previous bytea NOT NULL,
        head bytea NOT NULL,
        signature bytea NOT NULL,
        UNIQUE (replica, number)
    );
    CREATE TABLE staging (
        seq bigserial PRIMARY KEY,
        batch bigint NOT NULL,
        id bytea NOT NULL UNIQUE,
        passage text NOT NULL,
        kind text NOT NULL,
        entry bytea NOT NULL,
        leaf bytea NOT NULL
    );
    CREATE INDEX staging_batch ON staging (batch);
    CREATE INDEX staging_passage ON staging (passage);
    CREATE TABLE entries (
        idx bigint PRIMARY KEY,
        id bytea NOT NULL UNIQUE,
        passage text NOT NULL,
        kind text NOT NULL,
        entry bytea NOT NULL,
        leaf bytea NOT NULL
    );
    CREATE INDEX entries_passage ON entries (passage);
    CREATE TABLE openings (id bytea PRIMARY KEY, salt bytea NOT NULL);
    CREATE TABLE checkpoints (size bigint PRIMARY KEY, note text NOT NULL);
    CREATE TABLE nodes (level integer, idx bigint, hash bytea NOT NULL, PRIMARY KEY (level, idx));
    CREATE TABLE unsettled (
        seq bigserial PRIMARY KEY,
        passage text NOT NULL,
        destination text NOT NULL,
        replica text NOT NULL
    );
    CREATE INDEX unsettled_passage ON unsettled (passage);
    """,
    """
    CREATE TABLE keys (
        id text PRIMARY KEY,
        application text NOT NULL,
        hash bytea NOT NULL UNIQUE,
        created text NOT NULL,
        expires text,
        revoked boolean NOT NULL DEFAULT false
    );
    """,
    """
    ALTER TABLE keys ADD COLUMN scopes text NOT NULL DEFAULT 'all', ADD COLUMN used text;
    """,
    """
    CREATE TABLE docket (
        seq bigserial PRIMARY KEY,
        step bytea NOT NULL,
        signature bytea NOT NULL,
        trailed boolean NOT NULL DEFAULT false
    );
    CREATE TABLE admin_tokens (
        id text PRIMARY KEY,
        name text NOT NULL,
        role text NOT NULL,
        hash bytea NOT NULL UNIQUE,
        created text NOT NULL,
        expires text,
        revoked boolean NOT NULL DEFAULT false
    );
    """,
    """
    CREATE TABLE drafts (
        seq bigserial PRIMARY KEY,
        step bytea NOT NULL,
        signature bytea NOT NULL,
        trailed boolean NOT NULL DEFAULT false
    );
    """,
    """
    CREATE TABLE kept_files (
        id text PRIMARY KEY,
        organisation text NOT NULL,
        application text NOT NULL,
        purpose text NOT NULL,
        key bytea NOT NULL,
        head bytea NOT NULL,
        content bytea NOT NULL,
        size bigint NOT NULL,
        lines bigint NOT NULL,
        made bigint NOT NULL,
        ends bigint NOT NULL
    );
    CREATE TABLE kept_batches (
        id text PRIMARY KEY,
        organisation text NOT NULL,
        application text NOT NULL,
        caller text NOT NULL,
        file text NOT NULL,
        endpoint text NOT NULL,
        key bytea NOT NULL,
        head bytea NOT NULL,
        state text NOT NULL,
        total bigint NOT NULL,
        made bigint NOT NULL,
        deadline bigint NOT NULL,
        ends bigint NOT NULL,
        cancelled bigint,
        finished bigint,
        completed bigint NOT NULL DEFAULT 0,
        failed bigint NOT NULL DEFAULT 0,
        output text,
        errors text,
        holder text,
        token bigint NOT NULL DEFAULT 0,
        until bigint NOT NULL DEFAULT 0
    );
    CREATE TABLE kept_items (
        batch text NOT NULL,
        number bigint NOT NULL,
        good bigint,
        answer bytea,
        size bigint NOT NULL DEFAULT 0,
        mark text NOT NULL DEFAULT '',
        PRIMARY KEY (batch, number)
    );
    """,
    """
    CREATE TABLE capture_keys (
        entry text PRIMARY KEY,
        organisation text NOT NULL,
        created bigint NOT NULL,
        expires bigint NOT NULL,
        wrapped bytea NOT NULL
    );
    CREATE TABLE capture_contents (entry text PRIMARY KEY, sealed bytea NOT NULL);
    CREATE TABLE capture_asks (
        id text PRIMARY KEY,
        action text NOT NULL,
        subject text NOT NULL,
        actor text NOT NULL,
        why text NOT NULL,
        organisation text NOT NULL,
        told bigint NOT NULL
    );
    """,
)
"""`log` is one row: whose log it is, who sequences it, until when and under which fencing token, what was found wrong.
`staging` holds what is durable and has no index yet, in signed and chained `batches` of each of the `replicas`.
`keys` and `admin_tokens` hold keyed hashes, never a key or a token; `docket` and `drafts` hold signed
steps, in order; `kept_files`, `kept_batches` and `kept_items` hold what callers sent and were answered, sealed;
so do `capture_contents`, each under a key of its own that lies wrapped in `capture_keys`."""


async def migrate(db: Connection, schema: str, origin: str) -> None:
    """Make or renew the tables of a log. Raises TrailUnreadable, or TrailDamaged for the log of another origin."""
    if not NAME.fullmatch(schema):
        raise TrailUnreadable(f"store.schema {schema!r}: lower-case letters, digits and underscores")
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await db.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        await db.execute(f"SET LOCAL search_path TO {schema}")
        await db.execute("CREATE TABLE IF NOT EXISTS version (number integer NOT NULL)")
        version = await db.fetchval("SELECT coalesce(max(number), 0) FROM version")
        if version > len(MIGRATIONS):
            raise TrailUnreadable(f"the tables in {schema} are of a later version of Ecluse (schema {version})")
        for number, statements in enumerate(MIGRATIONS[version:], version + 1):
            await db.execute(statements)
            await db.execute("INSERT INTO version VALUES ($1)", number)
        await db.execute("INSERT INTO log (origin) VALUES ($1) ON CONFLICT DO NOTHING", origin)
        found = await db.fetchval("SELECT origin FROM log")
    if found != origin:
        raise TrailDamaged(
            f"the trail in {schema} is the log of {found}, and this gateway signs as {origin}: replicas of one log "
            "share one `secrets` file; copy it into each state directory, or name another store.schema"
        )
