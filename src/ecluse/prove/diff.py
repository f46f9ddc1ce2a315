"""Which questions change verdict between two sets of rules, or between two states of the facts.

Law: exhaustive over the space of both, with a smallest witness in each direction that both engines confirm, or none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.caller import CallerKind
from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.domain.verdict import Action
from ecluse.prove.confirm import Engine, EngineDisagrees, said
from ecluse.prove.residual import applies
from ecluse.prove.space import KINDS, Ids, Space, Thing
from ecluse.prove.verdicts import Witness, alike_actions, count, enforced, verdicts, witness

OPENED, CLOSED = "opened", "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The questions of one action that go one way. `where` has the number of them by destination or place."""

    way: str
    action: Action
    questions: int
    where: Mapping[str, int]
    example: Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that changes, of `questions` that were compared."""

    questions: int
    changes: tuple[Change, ...]


def compare(old: Engine, new: Engine, *, kinds: Sequence[CallerKind] = KINDS) -> Difference:
    """Compare two engines for callers of some kinds, over the destinations and places that both have.

    Raises NotProvable, and EngineDisagrees when a witness is not confirmed by both.
    """
    before, after = (enforced(engine.rulebook.rules.values()) for engine in (old, new))
    destinations = _pairs(_by_name(old.destinations), _by_name(new.destinations))
    places = _pairs(dict(old.places), dict(new.places))
    changes: list[Change] = []
    questions = 0
    for action, alike in alike_actions([*before, *after]).items():
        asked = [rule for rule in (*before, *after) if applies(rule, action)]
        space = Space(asked, _columns(destinations), _columns(places), kinds)
        half = len(places if action is Action.HOLD else destinations)
        questions += len(alike) * space.questions(action) // 2
        was = verdicts(space, before, action).permitted[:, :half]
        now = verdicts(space, after, action).permitted[:, half:]
        for way, where in ((OPENED, space.without(now, was)), (CLOSED, space.without(was, now))):
            changes += [each for each_action in alike for each in _change(space, each_action, way, where, old, new)]
    return Difference(questions=questions, changes=tuple(changes))


def _change(space: Space, action: Action, way: str, where: Ids, old: Engine, new: Engine) -> Iterator[Change]:
    example = witness(space, where, action)
    if example is None:
        return
    opened = way == OPENED
    if old.permits(example) is opened or new.permits(example) is not opened:
        raise EngineDisagrees(f"{way}: {said(example)} is not confirmed")
    counted: dict[str, int] = {}
    for column in range(where.shape[1]):
        thing = space.things[action][column]
        if where[:, column].any():
            each = count(space, where[:, column : column + 1], [thing]) // len(thing.names)
            counted |= dict.fromkeys(thing.names, each)
    yield Change(way=way, action=action, questions=sum(counted.values()), where=counted, example=example)


def _by_name(destinations: Mapping[DestinationId, Destination]) -> dict[str, Destination | Place]:
    return {str(id_): one for id_, one in destinations.items()}


def _pairs(old: Mapping[str, Destination | Place], new: Mapping[str, Destination | Place]) -> list[tuple[Thing, Thing]]:
    """Group what both have by what rules can ask of it, before and after."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name in old:
        if name in new:
            groups.setdefault((_seen(old[name]), _seen(new[name])), []).append(name)
    return [(_thing(old[names[0]], names), _thing(new[names[0]], names)) for names in groups.values()]


def _seen(one: Destination | Place) -> tuple[object, ...]:
    provider = one.provider if isinstance(one, Destination) else None
    return provider, one.established, one.non_eu_share_max


def _thing(one: Destination | Place, names: Sequence[str]) -> Thing:
    return Thing(
        names=tuple(names),
        provider=one.provider if isinstance(one, Destination) else None,
        established=one.established,
        share=one.non_eu_share_max,
    )


def _columns(pairs: Sequence[tuple[Thing, Thing]]) -> list[Thing]:
    return [pair[0] for pair in pairs] + [pair[1] for pair in pairs]
