"""The rules as they were at an hour: a slip put one of them in another mode, until somebody put it back.

Law: a slip is a change of the settings, as a person makes it; the rules themselves stay as they ship.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from demo.worlds.play import Slip
from demo.worlds.wire import stamp
from ecluse.domain.snapshot import Instant
from ecluse.domain.verdict import Mode
from ecluse.edge.config import Settings
from ecluse.edge.snapshots import Grounds


class Slips:
    """What snapshots are made from, hour by hour."""

    def __init__(self, slips: Sequence[Slip], base: Grounds) -> None:
        self._slips = slips
        self._base = base
        self._made: dict[tuple[int, ...], Grounds] = {}
        self._in_force: tuple[int, ...] = ()

    def at(self, now: Instant) -> Grounds:
        """Return the grounds of a moment."""
        slipped = self._of(now)
        if slipped not in self._made:
            self._made[slipped] = self._with(slipped)
        return self._made[slipped]

    def turned(self, now: Instant) -> bool:
        """Say whether the settings changed since this was asked last."""
        before, self._in_force = self._in_force, self._of(now)
        return before != self._in_force

    def _of(self, now: Instant) -> tuple[int, ...]:
        return tuple(at for at, one in enumerate(self._slips) if stamp(one.begins) <= now < stamp(one.ends))

    def _with(self, slipped: tuple[int, ...]) -> Grounds:
        settings = self._base.settings
        for at in slipped:
            settings = _slipped(settings, self._slips[at])
        return replace(self._base, settings=settings, applications=settings.applications)


def _slipped(settings: Settings, slip: Slip) -> Settings:
    organisations = [
        msgspec.structs.replace(one, modes={**one.modes, slip.rule: Mode(slip.mode)})
        if one.id == slip.organisation
        else one
        for one in settings.organisations
    ]
    return msgspec.structs.replace(settings, organisations=organisations)
