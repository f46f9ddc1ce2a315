"""Entering by panva's oidc-provider, a certified OpenID provider that runs here as a child of the test."""

import asyncio
import html
import queue
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import msgspec
import pytest

from ecluse.domain.errors import CallerError
from ecluse.edge.clock import SystemClock
from ecluse.edge.config import EgressSettings
from ecluse.edge.identity import Tokens
from ecluse.edge.identity.jwks import Jwks
from ecluse.edge.identity.signing_in import Entered, NotEntered, SigningIn
from ecluse.edge.identity.signing_out import NotSignedOut, SignedOut
from ecluse.edge.identity.tokens import Issuer, fetching
from ecluse.edge.identity_settings import ConsoleSignIn, IdentitySettings
from ecluse.edge.outward import Outward
from ecluse.edge.roles import Role
from tests.edge.gateway import free_port

VERSION = "8.8.1"
BACK = "http://127.0.0.1:9/login/back"
pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Real:
    """The provider and what the console knows of it."""

    stated: ConsoleSignIn
    told: "queue.Queue[str]"
    """The sign-outs that it tells from behind."""


@contextmanager
def listening() -> Iterator[tuple[str, "queue.Queue[str]"]]:
    """Listen where the provider tells a console of a sign-out; return the address and what came."""
    came: queue.Queue[str] = queue.Queue()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            came.put(parse_qs(body)["logout_token"][0])
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/login/ended", came
        server.shutdown()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with listening() as (ended, told):
        yield from providing(tmp_path_factory, ended, told)


def providing(tmp_path_factory: pytest.TempPathFactory, ended: str, told: "queue.Queue[str]") -> Iterator[Real]:
    folder = tmp_path_factory.mktemp("provider")
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("SKIPPED OUT LOUD: node and npm are not here, so no real OpenID provider")
    asked = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"oidc-provider@{VERSION}"]
    if subprocess.run(asked, cwd=folder, capture_output=True, timeout=180, check=False).returncode:
        pytest.skip("SKIPPED OUT LOUD: oidc-provider cannot be installed here, so no real OpenID provider")
    script = shutil.copy(Path(__file__).with_name("real_provider.mjs"), folder / "provider.mjs")
    (folder / "secret").write_text("a+secret/with=signs", encoding="ascii")
    port = free_port()
    process = subprocess.Popen(
        [node, script, str(port), BACK, ended], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield Real(
            ConsoleSignIn(
                issuer=f"http://127.0.0.1:{port}",
                client_id="console",
                client_secret=f"file:{folder / 'secret'}",
                roles={"ecluse-dpo": Role.DPO},
            ),
            told=told,
        )
    finally:
        process.kill()
        process.communicate()


def person(
    address: str, browser: httpx2.Client | None = None, *, until: str = BACK, fills: bool = True
) -> dict[str, str]:
    """Do what a person's browser does at the provider, until it is sent back; return the query it brings."""
    if browser is None:
        with httpx2.Client(trust_env=False, timeout=20) as fresh:
            return person(address, fresh, until=until)
    answer = browser.get(address)
    for _ in range(12):
        if answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if target.startswith(until):
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            answer = browser.get(target)
            continue
        action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert action is not None, answer.text
        asks = 'name="login"' in answer.text
        assert fills or not asks, "the provider asks who one is"
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
        form |= {"login": "person-7", "password": "x"} if asks else {}
        form |= {"logout": "yes"} if 'name="logout"' in answer.text else {}
        answer = browser.post(urljoin(str(answer.url), html.unescape(action[1])), data=form)
    raise AssertionError("the provider never sent the browser back")


def end(signing_in: SigningIn, back: dict[str, str], mark: str) -> Entered:
    return asyncio.run(
        signing_in.end(state=back.get("state", ""), code=back.get("code", ""), mark=mark, issuer=back.get("iss"))
    )


def test_a_person_enters_with_the_role_that_a_real_provider_states(real: Real) -> None:
    signing_in = SigningIn(real.stated, EgressSettings(), SystemClock(), BACK)
    address, mark = asyncio.run(signing_in.begin("/rules"))
    back = person(address)
    assert back["iss"] == real.stated.issuer
    entered = end(signing_in, back, mark)
    assert (entered.roles, entered.after) == (frozenset({Role.DPO}), "/rules")


def test_a_person_signs_out_of_a_real_provider_and_comes_back_to_the_entrance(real: Real) -> None:
    signing_in = SigningIn(real.stated, EgressSettings(), SystemClock(), BACK)
    address, mark = asyncio.run(signing_in.begin("/rules"))
    with httpx2.Client(trust_env=False, timeout=20) as browser:
        entered = end(signing_in, person(address, browser), mark)
        address, _ = asyncio.run(signing_in.begin("/rules"))
        assert "code" in person(address, browser, fills=False), "still signed in there: it does not ask who one is"
        leaving = signing_in.leaving(entered.proof, "http://127.0.0.1:9/login")
        assert leaving is not None
        assert person(leaving, browser, until="http://127.0.0.1:9/login") == {}
        told = real.told.get(timeout=20)
        out = asyncio.run(signing_in.out.read(told))
        assert out == SignedOut(subject=entered.subject, session=entered.session)
        assert entered.session
        with pytest.raises(NotSignedOut, match="counted before"):
            asyncio.run(signing_in.out.read(told))
        with pytest.raises(NotSignedOut, match="does not count"):
            asyncio.run(signing_in.out.read(entered.proof))
        address, _ = asyncio.run(signing_in.begin("/rules"))
        with pytest.raises(AssertionError, match="asks who one is"):
            person(address, browser, fills=False)


def test_a_real_provider_refuses_a_code_without_its_verifier(real: Real) -> None:
    signing_in = SigningIn(real.stated, EgressSettings(), SystemClock(), BACK)
    address, _ = asyncio.run(signing_in.begin("/"))
    stolen = person(address)["code"]
    address, mark = asyncio.run(signing_in.begin("/"))
    with pytest.raises(NotEntered, match="could not be asked"):
        end(signing_in, person(address) | {"code": stolen}, mark)


def test_a_real_providers_token_refuses_where_another_issuer_is_expected(real: Real) -> None:
    paths = {"authorize": "/auth", "token": "/token", "jwks": "/jwks"}
    stated = {name: real.stated.issuer + path for name, path in paths.items()}
    other = msgspec.structs.replace(real.stated, issuer="https://login.example.fr", **stated)
    signing_in = SigningIn(other, EgressSettings(), SystemClock(), BACK)
    address, mark = asyncio.run(signing_in.begin("/"))
    back = person(address)
    back.pop("iss")
    with pytest.raises(NotEntered, match="does not count"):
        end(signing_in, back, mark)


@pytest.mark.parametrize(
    ("change", "counts"),
    [({}, True), ({"audience": "another"}, False), ({"applications": {"console": "mail"}}, False)],
    ids=["as it is", "for another audience", "of another program"],
)
def test_a_program_calls_with_a_real_providers_token_and_is_refused_where_it_is_not_meant(
    real: Real, change: dict[str, Any], *, counts: bool
) -> None:
    asked = {"grant_type": "client_credentials"}
    with httpx2.Client(trust_env=False, timeout=20, auth=("letters", "secret")) as program:
        token = program.post(f"{real.stated.issuer}/token", data=asked).json()["access_token"]
    jwks = f"{real.stated.issuer}/jwks"
    stated = {"name": "town", "issuer": real.stated.issuer, "audience": "ecluse", "jwks": jwks}
    stated |= {"applications": {"letters": "mail"}, "application_claim": "client_id"} | change

    async def enter() -> str:
        outward = Outward(EgressSettings())
        try:
            settings = msgspec.convert({"issuers": [stated]}, IdentitySettings)
            keys = Jwks(fetching(outward, jwks))
            await keys.look()
            reads = Tokens(
                {settings.issuers[0].issuer: Issuer(stated=settings.issuers[0], keys=keys)}, lambda t: t[:16]
            )
            return reads.authenticate(f"Bearer {token}", SystemClock().now())[0]
        finally:
            await outward.close()

    if counts:
        assert asyncio.run(enter()) == "mail"
    else:
        with pytest.raises(CallerError):
            asyncio.run(enter())
