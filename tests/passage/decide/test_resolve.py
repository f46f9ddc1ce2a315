"""A name to destinations: exact, alias, auto; a name that nobody serves is 404, a capability that nobody has is 400."""

from dataclasses import replace

import pytest

from ecluse.domain.destination import DestinationId, ModelId
from ecluse.domain.errors import CallerError
from ecluse.domain.request import Capability
from ecluse.domain.snapshot import Alias
from ecluse.passage.decide import resolve
from tests.passage.decide.world import destinations, snapshot

CHAT = frozenset({Capability.CHAT})
VECTORS = frozenset({Capability.EMBEDDINGS})
ALIASES = {
    "good": Alias(name="good", models=(ModelId("mistral-small-4"), ModelId("gpt-oss-120b"), ModelId("not-served"))),
    "vectors": Alias(name="vectors", models=(ModelId("mistral-embed"),)),
    "mixed": Alias(name="mixed", models=(ModelId("mistral-embed"), ModelId("mistral-large-3"))),
}
WORLD = snapshot(aliases=ALIASES)


def code(model: str, needs: frozenset[Capability]) -> str:
    with pytest.raises(CallerError) as raised:
        resolve(WORLD, model, needs)
    return raised.value.code


def test_an_exact_model_has_its_destinations_in_the_written_order() -> None:
    served = tuple(id_ for id_, one in WORLD.destinations.items() if one.model == "gpt-oss-120b")
    assert len(served) >= len(("ionos", "ovhcloud", "scaleway"))
    assert resolve(WORLD, "gpt-oss-120b", CHAT) == served


def test_an_alias_keeps_the_order_of_its_models() -> None:
    models = [destinations()[id_].model for id_ in resolve(WORLD, "good", CHAT)]
    assert list(dict.fromkeys(models)) == ["mistral-small-4", "gpt-oss-120b"]
    assert models == sorted(models, key=["mistral-small-4", "gpt-oss-120b"].index)


def test_auto_is_all_that_can_do_the_work() -> None:
    able = resolve(WORLD, "auto", frozenset({Capability.CHAT, Capability.VISION}))
    assert set(able) == {id_ for id_, d in destinations().items() if Capability.VISION in d.capabilities}
    assert len(able) == len(set(able)) > 2


def test_an_unknown_name_refuses_as_not_found() -> None:
    assert code("gpt-9", CHAT) == "model_not_found"
    assert code("http://evil.example/v1", CHAT) == "model_not_found"


def test_a_missing_capability_refuses_as_such() -> None:
    assert code("smollm2-135m", frozenset({Capability.CHAT, Capability.VISION})) == "no_capable_destination"


def test_only_what_is_missing_is_named() -> None:
    with pytest.raises(CallerError) as raised:
        resolve(WORLD, "smollm2-135m", frozenset({Capability.CHAT, Capability.VISION, Capability.AUDIO}))
    assert raised.value.detail == "audio, vision"
    one, two = (DestinationId(name) for name in ("one", "two"))
    able = {one: Capability.VISION, two: Capability.AUDIO}
    like = next(iter(WORLD.destinations.values()))
    both = {id_: replace(like, id=id_, model=ModelId("m"), capabilities=CHAT | {skill}) for id_, skill in able.items()}
    with pytest.raises(CallerError) as raised:
        resolve(replace(WORLD, destinations=both), "m", frozenset({Capability.VISION, Capability.AUDIO}))
    assert raised.value.detail == "audio, vision", "each can do one of them, none can do both"


def test_embeddings_have_the_one_model_of_a_list_that_embeds() -> None:
    alone = resolve(WORLD, "mistral-embed", VECTORS)
    assert alone == resolve(WORLD, "vectors", VECTORS) == resolve(WORLD, "mixed", VECTORS)


def test_embeddings_of_several_models_refuse() -> None:
    other = replace(destinations()[DestinationId("mistral/eu/mistral-embed")], model=ModelId("other-embed"))
    two = replace(
        WORLD, destinations={**WORLD.destinations, DestinationId("other"): replace(other, id=DestinationId("other"))}
    )
    with pytest.raises(CallerError, match="name one"):
        resolve(two, "auto", VECTORS)
