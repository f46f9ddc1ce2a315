"""The tables of sealed files and batches, whatever store they lie in, and what is wrong with it.

Law: what is said of them names no content.
"""

TABLES = {
    "kept_files": "id, organisation, application, purpose, key, head, content, size, lines, made, ends",
    "kept_batches": "id, organisation, application, caller, file, endpoint, key, head, state, total, made, deadline,"
    " ends, cancelled, finished, completed, failed, output, errors, token",
    "kept_items": "batch, number, good, answer, size",
}
"""What is carried from one store to another."""


class KeptUnusable(ValueError):
    """What is kept cannot be read or written. Says what to do, never what is in it."""


class KeptAway(KeptUnusable):
    """The database that has it does not answer now."""


class TakenOver(KeptUnusable):
    """Another process runs the batch now: nothing more of it is written, or sent, here."""
