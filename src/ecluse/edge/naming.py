"""Names of persons: behind a pseudonym by default, shown to whoever says why, once the trail has it.

Law: a pseudonym is a keyed hash, the same on every page and replica; nobody turns it back without the docket or the
settings that have the name. A reason is a reference, because it stands in the trail for good.
"""

import unicodedata
from collections.abc import Callable
from pathlib import Path

from ecluse.domain.contest import same_person
from ecluse.domain.snapshot import Instant
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.docket import Docket, Kind, Step
from ecluse.edge.erasure import check_references
from ecluse.edge.keys import state as where
from ecluse.edge.keys.own import Secrets

Keyed = Callable[[bytes], bytes]
NOBODY_S = ("key:", "token:")
"""How the docket names a caller that is known by a key or a token: a name of nobody."""
PREFIX = "person_"
HIDDEN = "hidden"
"""Stands for a name where no key gives pseudonyms yet."""


def pseudonym_of(name: str, keyed: Keyed) -> str:
    """Return what stands for a name; case, spaces and the way that accents are encoded do not tell two."""
    one = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return f"{PREFIX}{keyed(b'name/' + one.encode()).hex()[:12]}"


class Names:
    """Says names as a reader may see them: their own, those that are nobody's, and all of them when `shown`."""

    def __init__(self, keyed: Keyed | None, *, shown: bool = False, mark: str = "", mine: str = "") -> None:
        """`mark` and `mine` are the reader's own mark and name. Without a key a name is hidden altogether."""
        self.shown = shown
        self._keyed = keyed
        self._mark = mark
        self._mine = mine

    def __call__(self, name: str, person: str = "") -> str:
        """Return the name, or its pseudonym. `person` is the mark of who it is, where somebody signed in."""
        mine = (bool(person) and person == self._mark) or same_person(name, self._mine)
        if not name or self.shown or mine or name.startswith(NOBODY_S):
            return name
        return HIDDEN if self._keyed is None else pseudonym_of(name, self._keyed)


def names_of(state: Path, *, shown: bool = False, mark: str = "", mine: str = "") -> Names:
    """Return how names are said over a state directory; nothing is made there. Raises SecretsUnusable."""
    keyed = Secrets.open(state).index_of if where.secrets(state).exists() else None
    return Names(keyed, shown=shown, mark=mark, mine=mine)


def ask_names(docket: Docket, *, name: str, role: str, why: str, page: str, now: Instant, person: str = "") -> Step:
    """Note who wants names shown, where and why. They may be shown once the trail has it.

    Raises DocketUnusable, also for a reason that is no reference.
    """
    try:
        check_references(why)
    except ValueError as error:
        raise DocketUnusable(
            f"why: {error}", "motif : écrivez une référence de dossier, par exemple CASE-7, et rien d'autre"
        ) from error
    return docket.shown(Step(kind=Kind.LOOK, name=name, role=role, person=person, ground=why, page=page), now)
