"""An entry as a line for other tools: JSON lines, or syslog (RFC 5424).

Law: the entry's canonical bytes stand in the line as they are, so that a line still hashes to its leaf. The line of a
checkpoint closes an export: with it and the public key, the whole export verifies without us.
"""

import json

from ecluse.domain.trail import Entry, EntryKind

AUDIT = 13
"""Syslog's facility for a log audit (RFC 5424, table 1)."""
NOTICE, INFORMATIONAL = 5, 6
FIRST, MIDDLE, LAST = '{"index":', ',"entry":', "}"


def json_line(index: int, data: bytes) -> str:
    """Write an entry as one line of JSON, with the entry's bytes unchanged inside."""
    return f"{FIRST}{index}{MIDDLE}{data.decode()}{LAST}\n"


def checkpoint_line(note: str) -> str:
    """Write a checkpoint as one line of JSON."""
    return json.dumps({"checkpoint": note}, ensure_ascii=False, separators=(",", ":")) + "\n"


def syslog_line(index: int, entry: Entry, data: bytes) -> str:
    """Write an entry as one line of RFC 5424: a refusal is a notice, the rest informational."""
    severity = NOTICE if entry.kind is EntryKind.REFUSAL else INFORMATIONAL
    return f"<{AUDIT * 8 + severity}>1 {entry.at} - ecluse - {entry.kind.value} - {json_line(index, data)}"
