"""Settings of the admin API.

Law: off unless a port is stated, on this machine alone unless a host is; who is believed besides our own tokens, and
which role a claim's value gives, is written here.
"""

from typing import Annotated

import msgspec

from ecluse.edge.identity_settings import Algorithm
from ecluse.edge.roles import Role


class AdminIssuer(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One identity provider. `roles` says which role each value of `role_claim` gives.

    `name_claim` is the person, as the docket keeps it: two persons never share one value.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}$")]
    issuer: str
    audience: str
    jwks: str
    roles: dict[str, Role]
    role_claim: str = "roles"
    name_claim: str = "sub"
    algorithms: Annotated[list[Algorithm], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: [Algorithm.RS256, Algorithm.ES256]
    )
    skew_seconds: Annotated[int, msgspec.Meta(ge=0, le=120)] = 30


class AdminSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where the admin API listens, and the identity providers whose tokens it takes beside its own."""

    host: str = "127.0.0.1"
    port: int | None = None
    issuers: list[AdminIssuer] = []
