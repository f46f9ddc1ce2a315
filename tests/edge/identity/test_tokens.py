"""Tokens of an identity provider: what counts, and everything that does not."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.identity import Tokens, is_token, tokens_of
from ecluse.edge.identity.jwks import STALE, Jwks
from ecluse.edge.identity.tokens import Issuer
from ecluse.edge.identity_settings import Algorithm, IdentitySettings, IssuerSettings
from ecluse.edge.outward import Outward
from tests.edge.identity.signing import ISSUER, NOW, by_hand, by_key, curve, public, rsa, token

STATED = IssuerSettings(
    name="town",
    issuer=ISSUER,
    audience="ecluse",
    jwks="https://login.example.fr/keys",
    applications={"letters": "mail"},
)


class Provider:
    """What the provider answers, and the time it is."""

    def __init__(self, body: bytes | None) -> None:
        self.body = body
        self.time = 0.0

    async def fetch(self) -> bytes:
        if self.body is None:
            raise OSError("away")
        return self.body


def keys(provider: Provider) -> Jwks:
    made = Jwks(provider.fetch, lambda: provider.time)
    asyncio.run(made.look())
    return made


def reads(made: Jwks, stated: IssuerSettings = STATED) -> Tokens:
    return Tokens({ISSUER: Issuer(stated=stated, keys=made)}, lambda text: bytes(31) + text[-3:-2])


def ask(presented: str, now: int = NOW, body: bytes | None = None, stated: IssuerSettings = STATED) -> tuple[str, str]:
    made = keys(Provider(body or public(rsa(), curve())))
    return reads(made, stated).authenticate(presented, Instant(now * 1000))


@pytest.mark.parametrize(
    "presented", [token(), by_key(), token(curve(), "ES256"), token(aud="ecluse"), token(nbf=NOW, iat=NOW)]
)
def test_a_token_stands_for_the_application_that_the_settings_give_to_its_claim(presented: str) -> None:
    application, who = ask(presented)
    assert application == "mail"
    assert who.startswith("token_town_")
    assert "person" not in who


BAD: dict[str, Callable[[], str]] = {
    "no algorithm": lambda: by_hand("none"),
    "a signature that is none": lambda: by_hand("RS256"),
    "the public key as a shared secret": lambda: by_hand("HS256", rsa().as_pem(private=False)),
    "an algorithm that is not in the list": lambda: token(alg="PS256"),
    "an algorithm that does not fit its key": lambda: token(header={"kid": "e"}),
    "another's key under a known name": lambda: token(rsa("other"), header={"kid": "a"}),
    "an unknown name": lambda: token(rsa("other")),
    "no name": lambda: token(header={"kid": None}),
    "a name that is a path": lambda: token(header={"kid": "../../../dev/null"}),
    "a name that is SQL": lambda: token(header={"kid": "a' OR '1'='1"}),
    "its own key inside": lambda: token(
        rsa("other"), header={"kid": "other", "jwk": rsa("other").as_dict(private=False)}
    ),
    "an address of its own": lambda: token(rsa("other"), header={"jku": "https://evil.example/keys"}),
    "an extension": lambda: by_key(crit=["exp"], exp=1),
    "another type": lambda: token(header={"typ": "logout+jwt"}),
    "an end that has passed": lambda: token(exp=NOW - 30),
    "no end": lambda: token(exp=None),
    "an end in words": lambda: token(exp="tomorrow"),
    "a beginning to come": lambda: token(nbf=NOW + 31),
    "made in the future": lambda: token(iat=NOW + 31),
    "another audience": lambda: token(aud="another"),
    "a longer audience": lambda: token(aud="ecluse-other"),
    "no audience": lambda: token(aud=None),
    "another issuer": lambda: token(iss="https://login.example.org"),
    "an issuer with a slash more": lambda: token(iss=ISSUER + "/"),
    "nobody": lambda: token(sub=""),
    "no subject": lambda: token(sub=None),
    "a client that is not in the table": lambda: token(azp="unknown"),
    "the application's own id": lambda: token(azp="mail"),
    "a client that is a list": lambda: token(azp=["letters"]),
    "no client": lambda: token(azp=None),
}


@pytest.mark.parametrize("what", BAD)
def test_refuses_a_token_with_the_body_of_a_bad_key(what: str) -> None:
    with pytest.raises(CallerError) as caught:
        ask(BAD[what]())
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize(("exp", "counts"), [(NOW - 29, True), (NOW - 30, False)])
def test_two_clocks_differ_by_no_more_than_the_skew(exp: int, *, counts: bool) -> None:
    if counts:
        assert ask(token(exp=exp))[0] == "mail"
    else:
        with pytest.raises(CallerError):
            ask(token(exp=exp))


def test_one_changed_byte_anywhere_refuses() -> None:
    good = token()
    made = reads(keys(Provider(public(rsa()))))
    for at in range(len("Bearer "), len(good) - 1, 29):  # the last character has bits that mean nothing
        if good[at] == ".":
            continue
        spoilt = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        with pytest.raises(CallerError):
            made.authenticate(spoilt, Instant(NOW * 1000))


@pytest.mark.parametrize(
    "text", [None, "", "Bearer", "Bearer a.b.c", "Basic eyJh.b.c", "Bearer eyJa.b", "Bearer eyJ" + "a" * 9000 + ".b.c"]
)
def test_what_has_not_the_form_of_a_token_is_left_to_the_keys(text: str | None) -> None:
    assert not is_token(text)


def _set(**changed: Any) -> bytes:
    return json.dumps({"keys": [rsa().as_dict(private=False) | changed]}).encode()


@pytest.mark.parametrize(
    "body",
    [
        _set(use="enc"),
        _set(alg="PS256"),
        _set(kid=None),
        _set(d=rsa().as_dict(private=True)["d"]),
        _set(kty="EC"),
        _set(n="AQAB"),
        json.dumps({"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}).encode(),
        json.dumps({"keys": [rsa().as_dict(private=False), rsa("b").as_dict(private=False) | {"kid": "a"}]}).encode(),
    ],
    ids=["encrypts", "another algorithm", "no name", "private", "another kind", "small", "shared", "twice"],
)
def test_a_key_of_a_set_that_is_not_one_public_signing_key_refuses(body: bytes) -> None:
    with pytest.raises(CallerError):
        ask(token(), body=body)


@pytest.mark.parametrize("body", [None, b"", b"<html>", b'{"keys": 1}', b"[]"])
def test_without_a_set_that_can_be_read_nobody_is_believed_and_it_refuses(body: bytes | None) -> None:
    made = Jwks(Provider(body).fetch)
    asyncio.run(made.look())
    with pytest.raises(GatewayError) as caught:
        reads(made).authenticate(token(), Instant(NOW * 1000))
    assert caught.value.code == "identity_unavailable"


def test_a_provider_that_is_away_is_believed_for_an_hour_and_then_refuses() -> None:
    provider = Provider(public(rsa()))
    made = keys(provider)
    provider.body, provider.time = None, STALE
    asyncio.run(made.look())
    assert made.find("a", Algorithm.RS256) is not None
    provider.time = STALE + 1
    with pytest.raises(GatewayError):
        made.find("a", Algorithm.RS256)


def test_a_key_that_was_taken_out_refuses_and_a_new_one_counts() -> None:
    provider = Provider(public(rsa()))
    made = keys(provider)
    provider.body = public(rsa("b"))
    asyncio.run(made.look())
    tokens = reads(made)
    assert tokens.authenticate(token(rsa("b")), Instant(NOW * 1000))[0] == "mail"
    with pytest.raises(CallerError):
        tokens.authenticate(token(), Instant(NOW * 1000))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"applications": {"letters": "nowhere"}}, "nowhere"),
        ({"applications": {}}, "not empty"),
        ({"audience": ""}, "not empty"),
        ({"jwks": "http://login.example.fr/keys"}, "https://"),
        ({"jwks": "file:///etc/passwd"}, "https://"),
    ],
)
def test_refuses_settings_that_would_believe_the_wrong_one(changed: dict[str, Any], says: str) -> None:
    async def play() -> None:
        outward = Outward(EgressSettings())
        try:
            stated = msgspec.structs.replace(STATED, **changed)
            with pytest.raises(SettingsError, match=says):
                tokens_of(IdentitySettings(issuers=[stated]), ["mail"], outward, lambda text: text)
            with pytest.raises(SettingsError, match="twice"):
                tokens_of(IdentitySettings(issuers=[STATED, STATED]), ["mail"], outward, lambda text: text)
        finally:
            await outward.close()

    asyncio.run(play())


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512", ""])
def test_settings_refuse_an_algorithm_that_is_not_in_the_closed_list(algorithm: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(STATED) | {"algorithms": [algorithm]}, IssuerSettings)
