"""Who enters with a token of an identity provider, and everything that refuses."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.admin.persons import Person, Persons, persons_of
from ecluse.edge.admin_settings import AdminIssuer, AdminSettings
from ecluse.edge.admin_tokens import AdminTokens
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.identity.jwks import Jwks
from ecluse.edge.identity.tokens import Issuer
from ecluse.edge.identity_settings import IssuerSettings
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.outward import Outward
from ecluse.edge.roles import Act, Role
from ecluse.edge.stores.token_file import FileTokens
from tests.edge.identity.signing import ISSUER, NOW, by_hand, public, rsa, token

AT = Instant(NOW * 1000)
STATED = AdminIssuer(
    name="town",
    issuer=ISSUER,
    audience="ecluse",
    jwks="https://login.example.fr/keys",
    roles={"data-protection": Role.DPO, "it": Role.PLATFORM},
)


def enter(folder: Path, header: str, stated: AdminIssuer = STATED) -> Person:
    async def play() -> Person:
        async def fetch() -> bytes:
            return public(rsa())

        keys = Jwks(fetch)
        await keys.look()
        read = IssuerSettings(
            name=stated.name, issuer=stated.issuer, audience=stated.audience, jwks=stated.jwks, applications={}
        )
        own = Secrets.open(folder)
        tokens = AdminTokens(FileTokens(where.admin(folder)), own)
        return await Persons(tokens, [(stated, Issuer(stated=read, keys=keys))], own.index_of).enter(header, AT)

    return asyncio.run(play())


def test_a_signed_token_gives_the_roles_of_its_claim_and_a_mark_without_the_name(tmp_path: Path) -> None:
    found = enter(tmp_path, token(roles=["it", "data-protection", "unknown"]))
    assert (found.name, found.roles) == ("person-7", frozenset({Role.DPO, Role.PLATFORM}))
    assert found.mark.startswith("token_town_")
    assert "person" not in found.mark
    assert found.acting(Act.DECIDE) is Role.DPO
    with pytest.raises(CallerError, match="role_required"):
        found.acting(Act.ADMINISTER)


def test_another_claim_may_name_the_person(tmp_path: Path) -> None:
    stated = AdminIssuer(
        name="town", issuer=ISSUER, audience="ecluse", jwks=STATED.jwks, roles=STATED.roles, name_claim="email"
    )
    assert enter(tmp_path, token(roles="it", email="a@example.fr"), stated).name == "a@example.fr"
    with pytest.raises(CallerError, match="invalid_admin_token"):
        enter(tmp_path, token(roles="it"), stated)


@pytest.mark.parametrize(
    "claims",
    [
        {}, {"roles": []}, {"roles": "admin"}, {"roles": 3}, {"roles": {"it": 1}}, {"roles": "it", "exp": NOW - 60},
        {"roles": "it", "aud": "another"}, {"roles": "it", "iss": "https://other.example"},
        {"roles": "it", "sub": "\n"},
    ],
)  # fmt: skip
def test_a_token_that_gives_no_role_or_does_not_count_is_refused(tmp_path: Path, claims: dict[str, Any]) -> None:
    with pytest.raises(CallerError, match="invalid_admin_token"):
        enter(tmp_path, token(**claims))


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_signature_that_is_none_is_refused(tmp_path: Path, alg: str) -> None:
    with pytest.raises(CallerError, match="invalid_admin_token"):
        enter(tmp_path, by_hand(alg, public(rsa()) if alg == "HS256" else None))


@pytest.mark.parametrize(
    ("issuers", "why"),
    [
        ([STATED, STATED], "twice"),
        ([AdminIssuer(name="a", issuer="i", audience="", jwks=STATED.jwks, roles=STATED.roles)], "not empty"),
        ([AdminIssuer(name="a", issuer="i", audience="e", jwks=STATED.jwks, roles={})], "not empty"),
        ([AdminIssuer(name="a", issuer="i", audience="e", jwks="http://far.example/k", roles=STATED.roles)], "https"),
    ],
)
def test_settings_that_cannot_be_refuse_the_start(tmp_path: Path, issuers: list[AdminIssuer], why: str) -> None:
    own = Secrets.open(tmp_path)

    async def play() -> None:
        outward = Outward(EgressSettings())
        try:
            persons_of(
                AdminSettings(issuers=issuers),
                AdminTokens(FileTokens(where.admin(tmp_path)), own),
                outward,
                own.index_of,
            )
        finally:
            await outward.close()

    with pytest.raises(SettingsError, match=why):
        asyncio.run(play())
