"""What if a holder converts: the stakes recomputed, everybody else diluted.

Law: arithmetic on the record and on stated terms. The new shares are exact because they are supposed; the others keep
their bounds and sources, and shrink.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ecluse.domain.misstated import Misstated
from ecluse.domain.party import Confidence, Entity, EntityId, Source, Stake, StakeKind
from ecluse.passage.decide.mistakes import meant
from ecluse.prove.holding import ALL, SHARES

_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9}
_MONEY = r"(?P<{0}>\d+(?:\.\d+)?) ?(?P<{0}_unit>[KMG]?)(?P<{0}_currency>[A-Z]{{3}})"
_FORM = re.compile(
    r"^(?P<holder>[a-z0-9_.-]+) converts "
    + _MONEY.format("amount")
    + r" in (?P<held>[a-z0-9_.-]+) at "
    + _MONEY.format("value")
    + r" (?P<money>post-money|pre-money)$"
)
FORM = "HOLDER converts 15 MEUR in ENTITY at 20 GEUR post-money"


class NoSuchSupposition(Misstated):
    """What was supposed cannot be read or computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A holder turns money into new shares. `share` is the percent of the company that they are afterwards."""

    holder: EntityId
    held: EntityId
    share: float
    stated: str


def read_supposition(text: str, entities: Mapping[EntityId, Entity]) -> Conversion:
    """Read `microsoft converts 15 MEUR in mistral_ai at 20 GEUR post-money`. Raises NoSuchSupposition."""
    found = _FORM.match(" ".join(text.split()))
    if found is None:
        raise NoSuchSupposition(
            f"write: {FORM} (or pre-money; units K, M, G)", f"écrivez : {FORM} (ou pre-money ; unités K, M, G)"
        )
    holder, held = EntityId(found["holder"]), EntityId(found["held"])
    for name in (holder, held):
        if name not in entities:
            known = ", ".join(sorted(entities))
            raise NoSuchSupposition(
                f"no entity {name!r} in the registry{meant(name, entities)}; it has: {known}",
                f"aucune entité {name!r} au référentiel{meant(name, entities, fr=True)} ; il a : {known}",
            )
    if holder == held:
        raise NoSuchSupposition(
            "a company does not convert into itself", "une entreprise ne convertit pas en elle-même"
        )
    if found["amount_currency"] != found["value_currency"]:
        raise NoSuchSupposition("write both amounts in one currency", "écrivez les deux montants dans une même monnaie")
    amount = float(found["amount"]) * _UNITS[found["amount_unit"]]
    value = float(found["value"]) * _UNITS[found["value_unit"]]
    whole = value if found["money"] == "post-money" else value + amount
    if not 0 < amount < whole:
        raise NoSuchSupposition(
            "the amount is above nothing and below the value of the company after it",
            "le montant est supérieur à zéro et inférieur à la valeur de l'entreprise après lui",
        )
    return Conversion(holder=holder, held=held, share=ALL * amount / whole, stated=" ".join(text.split()))


def suppose(stakes: Sequence[Stake], conversion: Conversion, today: date) -> tuple[Stake, ...]:
    """Return the stakes after the conversion: the convertible is gone, the shares are there, the others diluted."""
    kept = 1 - conversion.share / ALL
    source = Source(title=f"supposed: {conversion.stated}", url="", as_of=today, confidence=Confidence.HIGH)
    changed: list[Stake] = []
    kinds = {stake.kind for stake in stakes if stake.held == conversion.held} & set(SHARES) or {StakeKind.EQUITY}
    before: dict[StakeKind, Stake] = {}
    for stake in stakes:
        mine = stake.holder == conversion.holder
        if stake.held != conversion.held or stake.kind not in {*SHARES, StakeKind.CONVERTIBLE}:
            changed.append(stake)
        elif mine and stake.kind in SHARES:
            before[stake.kind] = stake
        elif not (mine and stake.kind is StakeKind.CONVERTIBLE):
            changed.append(replace(stake, low=stake.low * kept, high=stake.high * kept))
    for kind in sorted(kinds):
        had = before.get(kind)
        low, high = (had.low * kept, had.high * kept) if had else (0.0, 0.0)
        changed.append(
            Stake(
                holder=conversion.holder,
                held=conversion.held,
                kind=kind,
                low=min(ALL, low + conversion.share),
                high=min(ALL, high + conversion.share),
                source=source,
            )
        )
    return tuple(changed)
