"""What the gateway says of its own troubles, on standard error.

Law: what broke and where, never with what: no message of an error, which could carry content (INVARIANT 6).
"""

import sys
import traceback

from ecluse.domain.errors import EcluseError


def report(error: BaseException) -> None:
    """Say what broke and where, never with what: no message, which could carry content."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
    name = error.code if isinstance(error, EcluseError) else type(error).__name__
    say(f"{name} at {where}")


def say(line: str) -> None:
    """Write one line to the log."""
    print(f"ecluse: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the log is stderr
