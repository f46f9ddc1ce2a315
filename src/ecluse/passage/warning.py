"""What a caller is told of rules that only warn: the request passes, and would not if they were enforced.

Law: a rule in `observe` is for whoever reads the trail, one in `warn` for the caller too. Printable ASCII alone stands
in a header, so the sentence is the English one.
"""

from collections.abc import Iterable

from ecluse.domain.verdict import Mode, Reason

LONGEST = 600
"""Characters of the header at most."""


def warning(observed: Iterable[Reason]) -> list[tuple[str, str]]:
    """Return the header that warns, none when no rule does."""
    told = [f"{one.rule}: {one.en}" for one in observed if one.mode is Mode.WARN and one.exception is None]
    plain = "".join(sign for sign in " | ".join(dict.fromkeys(told)) if " " <= sign <= "~")
    return [("x-ecluse-warning", plain[:LONGEST])] if plain else []
