"""A permit to a plan: which permitted choices to try, in which order.

Law: a plan has nothing that the permit has not (INVARIANT 1). The order is the owner's written one and nothing else
(INVARIANT 8): health only leaves out what is believed down, and lets one passage in TRIALS begin with what may be up
again.
"""

from ecluse.domain.effects import Health
from ecluse.domain.verdict import Choice, Permit

TRIALS = 4


def rank(permit: Permit, health: Health, draw: int) -> tuple[Choice, ...]:
    """Return the choices to try, in order; none when everything permitted is down.

    A destination comes once, as is if that is permitted: what failed as is would fail masked too. One on trial keeps
    its place if `draw` says so, and else comes after the others.
    """
    written: dict[str, Choice] = {}
    for choice in permit.choices:
        kept = written.setdefault(choice.destination, choice)
        if kept.masked and not choice.masked:
            written[choice.destination] = choice
    alive = [choice for choice in written.values() if choice.destination not in health.down]
    if draw % TRIALS == 0:
        return tuple(alive)
    return tuple(sorted(alive, key=lambda choice: choice.destination in health.trial))
