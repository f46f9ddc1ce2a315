"""Names of persons: behind a pseudonym by default, shown to whoever says why, once the trail has it.

Law: a pseudonym is a keyed hash, the same on every page and replica; nobody turns it back without the docket or the
settings that have the name. A reason is a reference, because it stands in the trail for good.
"""

import unicodedata
from collections.abc import Callable

from ecluse.domain.snapshot import Instant
from ecluse.edge.docket import Docket, DocketUnusable, Kind, Step
from ecluse.edge.erasure import check_references

Keyed = Callable[[bytes], bytes]
NOBODY_S = ("key:", "token:")
"""How the docket names a caller that is known by a key or a token: a name of nobody."""
PREFIX = "person_"


def pseudonym_of(name: str, keyed: Keyed) -> str:
    """Return what stands for a name; case, spaces and the way that accents are encoded do not tell two."""
    one = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return f"{PREFIX}{keyed(b'name/' + one.encode()).hex()[:12]}"


class Names:
    """Says names as a reader may see them: their own, those that are nobody's, and all of them when `shown`."""

    def __init__(self, keyed: Keyed, *, shown: bool = False, own: str = "") -> None:
        self._keyed = keyed
        self._shown = shown
        self._own = own

    def __call__(self, name: str, person: str = "") -> str:
        """Return the name, or its pseudonym. `person` is the mark of who it is, where somebody signed in."""
        mine = bool(person) and person == self._own
        if not name or self._shown or mine or name.startswith(NOBODY_S):
            return name
        return pseudonym_of(name, self._keyed)


def ask_names(docket: Docket, *, name: str, role: str, why: str, page: str, now: Instant, person: str = "") -> Step:
    """Note who wants names shown, where and why. They may be shown once the trail has it.

    Raises DocketUnusable, also for a reason that is no reference.
    """
    try:
        check_references(why)
    except ValueError as error:
        raise DocketUnusable(f"why: {error}") from error
    return docket.shown(Step(kind=Kind.LOOK, name=name, role=role, person=person, ground=why, page=page), now)
