"""Exposure told to a reader, in English and in French: each claim with the path and the source that it rests on.

Law: `none on record` is said as what it is, never as `no`; a number that nobody published is said to be unknown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ecluse.domain.party import Confidence, EntityId, Source, Stake, StakeKind
from ecluse.prove.exposure import Compulsion, Exposure, Finding, Path, Reach, Role, Status
from ecluse.prove.figures import said_number
from ecluse.prove.holding import SINGLE, TOGETHER, Graph, Interval, Result, ShareTest

_REACH: Mapping[Reach, tuple[str, str]] = {
    Reach.CONTROL: (
        "seat, controlling holder or sub-processor under the law of a third country",
        "siège, détenteur qui contrôle ou sous-traitant soumis au droit d'un pays tiers",
    ),
    Reach.SHARES: (
        "third entities beyond SecNumCloud's shares (19.6)",
        "entités tierces au-delà des parts de SecNumCloud (19.6)",
    ),
    Reach.TECHNOLOGY: (
        "technology of a supplier from outside, without access to data: a dependency",
        "technologie d'un fournisseur extérieur, sans accès aux données : une dépendance",
    ),
    Reach.SUBSIDIARIES: (
        "reach through subsidiaries in a third country",
        "atteinte par des filiales dans un pays tiers",
    ),
}
_STATUS: Mapping[Status, tuple[str, str]] = {
    Status.ESTABLISHED: ("established", "établi"),
    Status.POSSIBLE: ("possible: the record leaves room for it", "possible : les faits enregistrés ne l'excluent pas"),
    Status.NONE_ON_RECORD: ("none on record, which proves nothing", "rien d'enregistré, ce qui ne prouve rien"),
    Status.EXCLUDED: (
        "excluded by a qualification that is valid on the day",
        "exclu par une qualification valide ce jour",
    ),
    Status.UNKNOWN: (
        "unknown: not asked of every provider alike, so decided of none",
        "inconnu : la question n'est pas posée à tous les prestataires, donc tranchée pour aucun",
    ),
}
_RESULT: Mapping[Result, tuple[str, str]] = {
    Result.PASS: ("pass", "réussi"),
    Result.FAIL: ("fail", "échec"),
    Result.UNKNOWN: ("unknown", "inconnu"),
}
_ROLE: Mapping[Role, tuple[str, str]] = {
    Role.SUBJECT: ("asked about", "objet de la question"),
    Role.OPERATES: ("operates the service", "exploite le service"),
    Role.HOSTS: ("hosts the machines", "héberge les machines"),
}
_STEP: Mapping[StakeKind, tuple[str, str]] = {
    StakeKind.EQUITY: ("{holder} holds {share} of {held}", "{holder} détient {share} de {held}"),
    StakeKind.VOTES: ("{holder} has {share} of the votes of {held}", "{holder} a {share} des votes de {held}"),
    StakeKind.CONVERTIBLE: (
        "{holder} can convert into {share} of {held}",
        "{holder} peut convertir en {share} de {held}",
    ),
    StakeKind.TECHNOLOGY_LICENCE: (
        "{held} runs technology of {holder}",
        "{held} emploie la technologie de {holder}",
    ),
    StakeKind.BOARD: ("{holder} has a right over the board of {held}", "{holder} a un droit sur le conseil de {held}"),
    StakeKind.SUB_PROCESSOR: ("{holder} is a sub-processor of {held}", "{holder} est sous-traitant de {held}"),
}
_SURE: Mapping[Confidence, str] = {
    Confidence.HIGH: "fiabilité haute",
    Confidence.MEDIUM: "fiabilité moyenne",
    Confidence.LOW: "fiabilité faible",
    Confidence.UNVERIFIED: "non vérifié",
}
NOT_ASKED = (
    "Vetoes and rights on boards (19.6.b) are known only where a source told of one; floats count as the worst case.",
    "Vetos et droits de nomination (19.6.b) ne sont connus que par une source ; un flottant est compté au pire.",
)


def told_exposure(exposure: Exposure, graph: Graph, language: str) -> dict[str, Any]:
    """Return the exposure as one document, its sentences in `en` or `fr`."""
    fr = language == "fr"
    return {
        "parties": [
            {"entity": p.entity, "name": graph.entities[p.entity].name, "role": _ROLE[p.role][fr], "proof": p.proof}
            for p in exposure.parties
        ],
        "classes": [_class(finding, graph, fr=fr) for finding in exposure.findings],
        "compelled_by": [_compulsion(c, graph, fr=fr) for c in exposure.compelled_by],
        "shares": [_test(test, graph, fr=fr) for test in exposure.tests],
        "not_asked": NOT_ASKED[fr],
    }


def _class(finding: Finding, graph: Graph, *, fr: bool) -> dict[str, Any]:
    return {
        "class": finding.reach.value,
        "is": _REACH[finding.reach][fr],
        "status": finding.status.value,
        "says": _STATUS[finding.status][fr],
        "paths": [said_path(path, graph, fr=fr) for path in finding.paths],
    }


def _compulsion(compulsion: Compulsion, graph: Graph, *, fr: bool) -> dict[str, Any]:
    return {
        "country": compulsion.country,
        "third_country": not compulsion.inside,
        "certain": compulsion.certain,
        "paths": [said_path(path, graph, fr=fr) for path in compulsion.paths],
        "texts": [
            {
                "id": text.regime.id,
                "text": text.regime.text,
                "status": _standing(text.overdue, text.regime.review_by is not None, fr=fr),
                "review_by": text.regime.review_by.isoformat() if text.regime.review_by else None,
                "source": text.regime.source.title,
                "as_of": text.regime.source.as_of.isoformat(),
            }
            for text in compulsion.texts
        ],
    }


def _standing(overdue: bool, reviewed: bool, *, fr: bool) -> str:  # noqa: FBT001 - two facts of one text
    if overdue:
        return "revue dépassée : réputé en vigueur" if fr else "review past: counts as in force"
    if reviewed:
        return "en vigueur d'ici sa revue" if fr else "in force until its review"
    return "en vigueur" if fr else "in force"


def _test(test: ShareTest, graph: Graph, *, fr: bool) -> dict[str, Any]:
    held = {"capital": test.capital} | ({"votes": test.votes} if test.votes else {})
    return {
        "entity": test.entity,
        "name": graph.entities[test.entity].name,
        "seat": test.seat.value,
        "result": test.result.value,
        "says": _RESULT[test.result][fr],
        "proof": test.proof,
        "bounds": {"single": SINGLE, "together": TOGETHER},
        **{name: {"single": _bounds(part.single), "together": _bounds(part.together)} for name, part in held.items()},
    }


def _bounds(interval: Interval) -> list[float]:
    return [round(interval.low, 4), round(interval.high, 4)]


def said_path(path: Path, graph: Graph, *, fr: bool) -> str:
    """Say one path, step by step, each with source, date and confidence."""
    steps = [said_stake(stake, graph, fr=fr) for stake in path.stakes]
    end = graph.entities[path.end]
    if path.rest is not None:
        share = f"{said_number(path.rest, fr=fr)} %"
        steps.append(
            f"personne n'a publié qui détient {share} de {end.name}"
            if fr
            else f"nobody published who holds {share} of {end.name}"
        )
    elif path.country is None:
        steps.append(f"le siège de {end.name} n'est pas établi" if fr else f"the seat of {end.name} is not established")
    else:
        seat = f"{end.name} a son siège : {path.country}" if fr else f"{end.name} has its seat in {path.country}"
        steps.append(f"{seat} {_cited(end.source, fr=fr)}")
    return (" ; " if fr else "; ").join(steps)


def said_stake(stake: Stake, graph: Graph, *, fr: bool) -> str:
    """Say by what one entity holds another, with source, date and confidence."""
    words = _STEP[stake.kind][fr].format(
        holder=_name(graph, stake.holder), held=_name(graph, stake.held), share=said_share(stake.low, stake.high, fr=fr)
    )
    return f"{words} {_cited(stake.source, fr=fr)}"


def _cited(source: Source, *, fr: bool) -> str:
    sure = _SURE[source.confidence] if fr else source.confidence
    return f"[{source.title}, {source.as_of.isoformat()}, {sure}]"


def _name(graph: Graph, entity: EntityId) -> str:
    return graph.entities[entity].name


def said_share(low: float, high: float, *, fr: bool) -> str:
    """Say an interval of percent: `79 %`, `50 to 100 %`."""
    least, most = said_number(low, fr=fr), said_number(high, fr=fr)
    if low == high:
        return f"{least} %"
    return f"de {least} à {most} %" if fr else f"{least} to {most} %"


def lines(document: Mapping[str, Any], language: str) -> Sequence[str]:
    """Return the document as lines for a terminal."""
    fr = language == "fr"
    colon = " :" if fr else ":"
    found: list[str] = [
        f"{party['name']} ({party['role']})" + (f"{colon} {party['proof']}" if party["proof"] else "")
        for party in document["parties"]
    ]
    if not found:
        return [
            "Personne ne se tient entre vous et le modèle : nul tiers ne peut être contraint."
            if fr
            else "Nobody stands between you and the model: no third party can be compelled."
        ]
    for item in document["classes"]:
        found.append(f"{item['class']}  {item['is']}{colon} {item['says']}")
        found += [f"     {path}" for path in item["paths"]]
    for test in document["shares"]:
        for part in ("capital", "votes"):
            if part in test:
                found.append(_share_line(test, part, fr=fr))
    for item in document["compelled_by"]:
        sure = "" if item["certain"] else " (possible)"
        kind = ("pays tiers" if fr else "third country") if item["third_country"] else ("Union" if fr else "the Union")
        found.append(f"{'peut contraindre' if fr else 'can compel'}{colon} {item['country']} ({kind}){sure}")
        found += [
            f"     {text['id']}{colon} {text['status']} ({text['source']}, {text['as_of']})" for text in item["texts"]
        ]
        if item["third_country"] and not item["texts"]:
            found.append("     aucun texte enregistré" if fr else "     no text on record")
    return [*found, document["not_asked"]]


def _share_line(test: Mapping[str, Any], part: str, *, fr: bool) -> str:
    single, together = (
        "..".join(said_number(bound, fr=fr) for bound in test[part][which]) for which in ("single", "together")
    )
    alone = "seul" if fr else "alone"
    all_ = "ensemble" if fr else "together"
    return (
        f"19.6 {test['name']}, {part}{' :' if fr else ':'} {alone} {single} % (max {SINGLE:g}), "
        f"{all_} {together} % (max {TOGETHER:g}){' :' if fr else ':'} {test['says']}"
        + (f" ({test['proof']})" if test["proof"] else "")
    )
