"""The process that opens documents: it reads one after the other from its standard input, within limits of its own.

Law: it has no way out but its standard output; memory, files and time are bounded by the system, not by good will.
Run as `python -m ecluse.scan.child`. A message is its length in 8 bytes, then msgpack.
"""

import resource
import sys
from typing import BinaryIO

import msgspec

from ecluse.scan.found import Asked
from ecluse.scan.opening import Limits
from ecluse.scan.unfold import readers, unfold


def send(to: BinaryIO, message: object) -> None:
    """Write a message."""
    body = msgspec.msgpack.encode(message)
    to.write(len(body).to_bytes(8, "big") + body)
    to.flush()


def receive(from_: BinaryIO) -> bytes | None:
    """Read a message's body; None at the end."""
    head = from_.read(8)
    if len(head) < 8:  # noqa: PLR2004 - the length of a length
        return None
    size = int.from_bytes(head, "big")
    body = from_.read(size)
    return body if len(body) == size else None


def bound(limits: Limits) -> None:
    """Have the system hold this process to its limits."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, limits.unfolded),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Answer until the parent closes."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    stated = receive(source)
    if stated is None:
        return
    limits = msgspec.msgpack.decode(stated, type=Limits)
    known = readers()
    bound(limits)
    send(target, "ready")
    while (body := receive(source)) is not None:
        asked = msgspec.msgpack.decode(body, type=Asked)
        send(target, unfold(asked.name, asked.data, limits, known))


if __name__ == "__main__":
    main()
