"""What is kept at a provider when the vault is away, and when the rules no longer permit it."""

from collections.abc import Callable, Iterator

import openai
import pytest

from tests.edge.gateway import Gateway
from tests.edge.keeping import KEEPER, LETTER, PUBLIC, ask, keeping_gateway, stored
from tests.edge.shared.redis_server import Server, redis_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


def requests(made: Gateway) -> int:
    return len(made.fleet[KEEPER].lines("request"))


def refused(code: str, call: Callable[[], object]) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as error:
        call()
    assert error.value.code == code
    return error.value


def test_without_its_vault_nothing_is_sent_and_what_is_no_longer_permitted_can_still_be_deleted(
    tmp_path_factory: pytest.TempPathFactory, server: Server
) -> None:
    with keeping_gateway(tmp_path_factory.mktemp("away"), server.url) as made:
        key = made.key("desk")
        with made.client(key) as client:
            # ---- the vault away: 503, nothing sent, nothing lost; a call that keeps nothing is answered
            kept = ask(client, LETTER, store=True)
            server.stop()
            sent = requests(made)
            for call in (
                lambda: ask(client, PUBLIC, store=True),
                lambda: ask(client, PUBLIC, previous_response_id=kept.id),
                lambda: client.responses.delete(kept.id),
            ):
                assert refused("vault_unavailable", call).status_code == 503
            assert requests(made) == sent
            assert ask(client, PUBLIC).store is False
            server.start()
            kept = ask(client, LETTER, store=True)  # a server without persistence has forgotten the one before
        # ---- the assessment taken off the record: it may be fetched, and no more be added to
        made.stop()
        made.extra = made.extra.replace('  { kind = "retention_assessment", reference = "KEEP-1" },\n', "")
        made.start()
        with made.client(key) as client:
            told = refused("policy_denied", lambda: ask(client, PUBLIC, store=True, previous_response_id=kept.id))
            assert "base.kept_assessment" in str(told.body)  # of what lies there: the new turn is public
            assert LETTER in ask(client, PUBLIC, previous_response_id=kept.id).output_text
            assert LETTER in client.responses.retrieve(kept.id).output_text
        # ---- the contract ended: nothing goes there any more, and what lies there can still be deleted
        made.stop()
        made.extra = made.extra.replace('contracts = ["keeper"]', "contracts = []")
        made.start()
        with made.client(key) as client:
            for call in (
                lambda: client.responses.retrieve(kept.id),
                lambda: ask(client, PUBLIC, previous_response_id=kept.id),
            ):
                assert "base.no_permit" in str(refused("policy_denied", call).body)
            there = len(stored(made))
            client.responses.delete(kept.id)
            assert len(stored(made)) == there - 1
