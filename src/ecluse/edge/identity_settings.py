"""Settings of who is believed about callers besides our own keys.

Law: nobody by default; which application a token stands for is written here, never taken from the token's own words.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from ecluse.edge.roles import Role


class Algorithm(StrEnum):
    """How a token may be signed: by a private key of its issuer, never by a secret that both sides hold."""

    RS256 = "RS256"
    PS256 = "PS256"
    ES256 = "ES256"
    ES384 = "ES384"


class IssuerSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One identity provider. `applications` says which application each value of `application_claim` stands for."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}$")]
    issuer: str
    audience: str
    jwks: str
    applications: dict[str, str]
    application_claim: str = "azp"
    algorithms: Annotated[list[Algorithm], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: [Algorithm.RS256, Algorithm.ES256]
    )
    skew_seconds: Annotated[int, msgspec.Meta(ge=0, le=120)] = 30


class ConsoleSignIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The identity provider by which persons enter the console. `roles` says which role a value of the claim gives.

    `authorize`, `token`, `jwks` and `leave` are asked of the issuer where they are not written.
    """

    issuer: str
    client_id: str
    roles: dict[str, Role]
    authorize: str | None = None
    token: str | None = None
    jwks: str | None = None
    leave: str | None = None
    client_secret: str | None = None
    role_claim: str = "roles"
    algorithms: Annotated[list[Algorithm], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: [Algorithm.RS256, Algorithm.ES256]
    )
    skew_seconds: Annotated[int, msgspec.Meta(ge=0, le=120)] = 30


class IdentitySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Identity providers whose tokens callers may present in place of an API key, and the one of the console."""

    issuers: list[IssuerSettings] = []
    console: ConsoleSignIn | None = None
