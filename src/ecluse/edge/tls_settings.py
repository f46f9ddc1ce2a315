"""Settings of how the gateway shows itself to a server of one's own, and by whose word it believes the server.

Law: files are named, never written here; what is not stated is TLS as everywhere else.
"""

import msgspec


class TlsSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """TLS towards one destination: PEM files of a client certificate, its key, and the only authority that counts.

    Without `key`, the certificate's file holds both. Without `authority`, servers are believed as `egress` says.
    """

    certificate: str | None = None
    key: str | None = None
    authority: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files named."""
        return tuple(name for name in (self.certificate, self.key, self.authority) if name is not None)
