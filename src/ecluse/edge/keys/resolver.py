"""Credentials of providers: named in the settings, read when they are needed.

Law: settings name a secret (`env:NAME`, `file:PATH`) and never hold one. A file is read anew when it changes, so that a
rotated credential needs no restart. What cannot be read, is empty or has a control character is refused, and the
refusal names the reference, never the value.
"""

import os
import re
from pathlib import Path

from ecluse.domain.errors import GatewayError
from ecluse.edge.keys.secret import Secret

REFERENCE = re.compile(r"(env|file):(\S(?:.*\S)?)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PRINTABLE = re.compile(r"[\x21-\x7e]{1,8192}")
"""What can stand in a header's value."""


class SecretUnavailable(GatewayError):
    """A credential cannot be had. `reference` says which; callers only see `internal_error`."""

    def __init__(self, reference: str, why: str) -> None:
        """Keep which secret, for the person who runs the gateway."""
        super().__init__("internal_error")
        self.reference = reference
        self.why = why


class SecretResolver:
    """Reads secrets by reference."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[tuple[int, int, int], Secret]] = {}

    def resolve(self, reference: str) -> Secret:
        """Return the secret that `env:NAME` or `file:PATH` names, as it is now. Raises SecretUnavailable."""
        parts = REFERENCE.fullmatch(reference)
        if parts is None:
            raise SecretUnavailable("(malformed)", "a credential is named `env:NAME` or `file:PATH`")
        if parts[1] == "env":
            return _checked(reference, _variable(reference, parts[2]))
        return self._file(reference, Path(parts[2]))

    def _file(self, reference: str, path: Path) -> Secret:
        try:
            status = path.stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            known = self._files.get(reference)
            if known is not None and known[0] == stamp:
                return known[1]
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            self._files.pop(reference, None)
            raise SecretUnavailable(reference, f"the file cannot be read: {type(error).__name__}") from None
        secret = _checked(reference, text.removesuffix("\n").removesuffix("\r"))
        self._files[reference] = (stamp, secret)
        return secret


def _variable(reference: str, name: str) -> str:
    value = os.environ.get(name) if NAME.fullmatch(name) else None
    if value is None:
        raise SecretUnavailable(reference, "the environment has no such variable")
    return value


def _checked(reference: str, text: str) -> Secret:
    if not PRINTABLE.fullmatch(text):
        raise SecretUnavailable(reference, "it is empty, too long, or has a space or a control character")
    return Secret(text)
