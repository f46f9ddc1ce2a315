"""Google's credentials by google-auth: a service account that signs its own tokens.

Law: `google:PATH` names the key file of a service account; its tokens are signed here, last an hour, and no call to
Google is needed for one. Any other reference is a token that something beside the gateway renews, sent as a bearer.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from google.auth.exceptions import GoogleAuthError
from google.oauth2.service_account import Credentials

from ecluse.domain.destination import Destination
from ecluse.edge.keys import SecretResolver, SecretUnavailable
from ecluse.edge.signing.signer import Present

PREFIX = "google:"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class GoogleSigner:
    """Presents a service account's tokens."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int], Credentials]] = {}

    def ready(self, destination: Destination, secrets: SecretResolver) -> Present | None:  # noqa: ARG002 - a signer's words
        """Look at the destination's credential; None when it is a plain secret. Raises SecretUnavailable."""
        reference = destination.credential
        if reference is None or not reference.startswith(PREFIX):
            return None
        held = self._held(reference)
        try:
            if not held.valid:
                held.refresh(None)  # type: ignore[no-untyped-call] # google-auth says no types
        except (GoogleAuthError, ValueError) as error:
            raise SecretUnavailable(reference, f"no token can be signed: {type(error).__name__}") from None
        header = ("authorization", f"Bearer {held.token}")
        return lambda _call: (header,)

    def _held(self, reference: str) -> Credentials:
        """Return the credentials of a file, read anew when it changes."""
        path = Path(reference.removeprefix(PREFIX))
        try:
            status = path.stat()
            stamp = (status.st_ino, status.st_mtime_ns)
            known = self._known.get(reference)
            if known is not None and known[0] == stamp:
                return known[1]
            stated = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SecretUnavailable(reference, f"the file cannot be read: {type(error).__name__}") from None
        held = _credentials(reference, stated)
        self._known[reference] = (stamp, held)
        return held


def _credentials(reference: str, stated: object) -> Credentials:
    if not isinstance(stated, Mapping) or stated.get("type") != "service_account":
        raise SecretUnavailable(reference, "it is no key file of a service account")
    try:
        made: Credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call] # the same
            stated, scopes=[SCOPE], always_use_jwt_access=True
        )
    except (GoogleAuthError, ValueError) as error:
        raise SecretUnavailable(reference, f"the key cannot be used: {type(error).__name__}") from None
    return made


SIGNER = GoogleSigner()
