"""Signs tree heads with a key of the gateway's own (domain.ports.Signer)."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Ed25519Signer:
    """An Ed25519 key, from its 32-byte seed. `name` is the log's origin."""

    __slots__ = ("_key", "name")

    def __init__(self, name: str, seed: bytes) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.name}, ***)"

    def sign(self, message: bytes) -> bytes:
        """Return an Ed25519 signature (64 bytes, RFC 8032)."""
        return self._key.sign(message)

    def public(self) -> bytes:
        """Return the raw public key (32 bytes)."""
        return self._key.public_key().public_bytes_raw()
