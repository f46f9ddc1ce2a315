"""What is kept at a provider when the vault is away, and when the rules no longer permit it.

Each vault is a real one, of a served gateway: a folder in the quick test, a Valkey and a PostgreSQL in the long one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import openai
import pytest
from openai import OpenAI

from tests.edge.gateway import Gateway
from tests.edge.keeping import KEEPER, LETTER, NAME, NIR, PUBLIC, ask, keeping_gateway, stored
from tests.edge.shared.redis_server import redis_server
from tests.edge.stores.postgres_server import postgres_server


class Vault(Protocol):
    """A vault that can be taken away."""

    @property
    def url(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Folder:
    """A folder that is away while a file has its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aside = folder.with_name("aside")
        self.url = str(folder)

    def start(self) -> None:
        self.folder.unlink()
        self.aside.rename(self.folder)

    def stop(self) -> None:
        self.folder.rename(self.aside)
        self.folder.write_bytes(b"")


def requests(made: Gateway) -> int:
    return len(made.fleet[KEEPER].lines("request"))


def refused(code: str, call: Callable[[], object]) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as error:
        call()
    assert error.value.code == code
    return error.value


def without_its_vault_nothing_is_sent(made: Gateway, client: OpenAI, vault: Vault) -> None:
    """503, and nothing sent; a call that keeps nothing is answered."""
    kept = ask(client, LETTER, store=True)
    assert LETTER in client.responses.retrieve(kept.id).output_text
    conversation = client.conversations.create(items=[{"type": "message", "role": "user", "content": PUBLIC}])
    assert ask(client, PUBLIC, conversation=conversation.id).conversation.id == conversation.id
    vault.stop()
    try:
        sent = requests(made)
        for call in (
            lambda: ask(client, PUBLIC, store=True),
            lambda: ask(client, PUBLIC, previous_response_id=kept.id),
            lambda: client.responses.delete(kept.id),
            client.conversations.create,
            lambda: ask(client, PUBLIC, conversation=conversation.id),
            lambda: client.conversations.delete(conversation.id),
        ):
            assert refused("vault_unavailable", call).status_code == 503
        assert requests(made) == sent
        assert ask(client, PUBLIC).store is False
    finally:
        vault.start()
    assert len(client.conversations.items.list(conversation.id).data) == 3
    assert client.conversations.delete(conversation.id).deleted


def test_without_its_vault_nothing_is_sent_and_what_is_no_longer_permitted_can_still_be_deleted(
    tmp_path: Path,
) -> None:
    vault = Folder(tmp_path / "vault")
    with keeping_gateway(tmp_path, vault.url) as made:
        key = made.key("desk")
        with made.client(key) as client:
            without_its_vault_nothing_is_sent(made, client, vault)
            kept = ask(client, LETTER, store=True)
        # ---- the assessment and the contract ended: nothing goes there, and what lies there can still be deleted
        made.stop()
        made.extra = made.extra.replace('  { kind = "retention_assessment", reference = "KEEP-1" },\n', "")
        made.extra = made.extra.replace('contracts = ["keeper"]', "contracts = []", 1)
        made.start()
        with made.client(key) as client:
            sent = requests(made)
            for call in (
                lambda: client.responses.retrieve(kept.id),
                lambda: ask(client, PUBLIC, previous_response_id=kept.id),
            ):
                assert "base.no_permit" in str(refused("policy_denied", call).body)
            assert requests(made) == sent
            there = len(stored(made))
            client.responses.delete(kept.id)
            assert len(stored(made)) == there - 1


@pytest.mark.long
def test_without_an_assessment_what_is_kept_may_be_fetched_and_no_more_be_added_to(tmp_path: Path) -> None:
    with keeping_gateway(tmp_path) as made:
        key = made.key("desk")
        with made.client(key) as client:
            kept = ask(client, LETTER, store=True)
        made.stop()
        made.extra = made.extra.replace('  { kind = "retention_assessment", reference = "KEEP-1" },\n', "")
        made.start()
        with made.client(key) as client:
            told = refused("policy_denied", lambda: ask(client, PUBLIC, store=True, previous_response_id=kept.id))
            assert "base.kept_assessment" in str(told.body)  # of what lies there: the new turn is public
            assert LETTER in ask(client, PUBLIC, previous_response_id=kept.id).output_text
            assert LETTER in client.responses.retrieve(kept.id).output_text


@contextmanager
def valkey(folder: Path) -> Iterator[Vault]:
    folder.mkdir()
    with redis_server(folder) as server:
        yield server


@contextmanager
def postgres(folder: Path) -> Iterator[Vault]:
    assert not folder.exists()
    with postgres_server() as server:
        yield server


@pytest.mark.long
@pytest.mark.parametrize("serving", [valkey, postgres])
def test_a_served_gateway_keeps_its_way_back_in_a_server_that_replicas_share(
    serving: Callable[[Path], AbstractContextManager[Vault]], tmp_path: Path
) -> None:
    with (
        serving(tmp_path / "server") as vault,
        keeping_gateway(tmp_path, vault.url) as made,
        made.client(made.key("desk")) as client,
    ):
        without_its_vault_nothing_is_sent(made, client, vault)
        first = ask(client, LETTER, store=True)
        second = ask(client, f"Et Mme {NAME} ?", store=True, previous_response_id=first.id)
        assert LETTER in second.output_text
        sent = json.dumps([line["body"] for line in made.fleet[KEEPER].lines("request")], ensure_ascii=False)
        assert NIR not in sent
        assert "Lef" not in sent
        with made.client(made.key("sales")) as other, pytest.raises(openai.NotFoundError):
            other.responses.retrieve(first.id)
        client.responses.delete(first.id)
        refused("response_not_found", lambda: client.responses.retrieve(first.id))
        made.stop()
        made.start()  # what it takes to go on outlives the process
        assert LETTER in client.responses.retrieve(second.id).output_text
        assert NAME not in made.log
