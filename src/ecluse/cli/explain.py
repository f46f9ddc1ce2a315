"""`ecluse explain`: what the rules say of a text, data classes or an entry of the trail, for every destination.

Law: nothing is sent; the verdict is the gateway's; each fact is told with its source, and what is not checked is said.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json
from ecluse.cli.posed import Posed, Recorded, is_entry, pose, pose_again
from ecluse.domain.errors import EcluseError
from ecluse.domain.verdict import Permit, Verdict
from ecluse.passage.decide import decide
from ecluse.passage.decide import explain as rule
from ecluse.passage.telling import told
from ecluse.prove.residual import NotProvable

AGAIN = (
    "Asked again from metadata: the trail has no text; what a mask could have covered is taken from the data classes.",
    "Reposé d'après les métadonnées : le registre n'a pas de texte ; ce qu'un masque couvrirait se déduit des classes.",
)


def explain(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT",
            help="A text file in UTF-8, - for standard input, or an entry of the trail (its index or id).",
        ),
    ] = None,
    *,
    application: Annotated[
        str, typer.Option("--application", "-a", help="For which application of the settings; an entry names its own.")
    ] = "",
    classes: Annotated[
        str | None, typer.Option(help='Data classes instead of a text, separated by commas; none ("") for public data.')
    ] = None,
    model: Annotated[str, typer.Option(help="Which model, alias or `auto`.")] = "auto",
    purpose: Annotated[str | None, typer.Option(help="Which purpose of the application.")] = None,
    state_dir: Annotated[
        Path | None, typer.Option("--state-dir", help="The folder of the entry's trail; the settings' one if absent.")
    ] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")] = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show what the rules say of each destination: by which rule and source, on which facts, and what would help."""
    recorded: Recorded | None = None
    if file is not None and not application and classes is None and is_entry(file):
        recorded, asked = pose_again(file, state_dir, language, config)
    elif application:
        asked = pose(file, classes, application, model, purpose, language, config)
    else:
        fail("say for which application: --application; or name an entry of the trail by its index or id")
    fr = language == "fr"
    try:
        verdict = decide(asked.snapshot, asked.question, asked.candidates, now=asked.now)
        rulings = rule(asked.snapshot, asked.question, asked.candidates, now=asked.now)
        document = told(asked.snapshot, asked.question, asked.found, verdict, rulings, language, asked.contested)
    except EcluseError as error:
        fail(error.sentence(language))
    except NotProvable as error:
        fail(str(error))
    document["reviews"] = {name: review.told for name, review in sorted(asked.base.policies.reviews.items())}
    if recorded is not None:
        document["entry"] = _entry(recorded, asked, verdict, fr=fr)
        document["findings"] = dict(recorded.passed.counts)
    if json:
        print_json(document)
    else:
        _show(document, fr=fr)


# ------------------------------------------------------------------ what the trail has
def _entry(recorded: Recorded, asked: Posed, verdict: Verdict, *, fr: bool) -> dict[str, Any]:
    entry, choice = recorded.entry, recorded.passed.choice
    permitted = isinstance(verdict, Permit)
    same = choice in verdict.choices if isinstance(verdict, Permit) else choice is None
    return {
        "index": recorded.index,
        "id": entry.id,
        "kind": entry.kind.value,
        "at": entry.at,
        "application": recorded.passed.past.application,
        "model": recorded.passed.past.model,
        "destination": choice.destination if choice else None,
        "masked": choice.masked if choice else None,
        "rules": list(recorded.passed.rules),
        "snapshot": entry.body.get("snapshot"),
        "same_ground": entry.body.get("snapshot") == asked.snapshot.id,
        "decided_alike": same and permitted is (choice is not None),
        "claim": AGAIN[fr],
    }


# ------------------------------------------------------------------ for a terminal
WORDS: Mapping[str, tuple[str, str]] = {
    "head": ("facts of {date}; data classes: {classes}", "faits du {date} ; classes de données : {classes}"),
    "none": ("none recognised", "aucune reconnue"),
    "contested": ("left out, as two persons agreed: {ids}", "écarté, d'accord entre deux personnes : {ids}"),
    "refused": ("refused: {reason} ({rule}, {basis}: {source})", "refus : {reason} ({rule}, {basis} : {source})"),
    "help": ("would help: {hint}", "aiderait : {hint}"),
    "yes": ("holds", "établi"),
    "no": ("does not hold", "non établi"),
    "entry": (
        "entry {index} of {at}, {kind}, {application}: {what} by {rules}",
        "entrée {index} du {at}, {kind}, {application} : {what} par {rules}",
    ),
    "sent": ("left for {destination}", "partie vers {destination}"),
    "turned": ("refused", "refusée"),
    "same": (
        "asked again on the same rules and facts: {agrees}",
        "reposée sur les mêmes règles et les mêmes faits : {agrees}",
    ),
    "other": (
        "rules, facts or records have changed since; asked again on those of today as of that day: {agrees}",
        "règles, faits ou dossiers ont changé depuis ; reposée sur ceux d'aujourd'hui à la date d'alors : {agrees}",
    ),
    "agrees": ("decided alike", "même décision"),
    "unreviewed": ("Packs of rules reviewed by nobody: {packs}.", "Jeux de règles que personne n'a relus : {packs}."),
    "differs": ("decided otherwise", "autre décision"),
}


def _show(document: dict[str, Any], *, fr: bool) -> None:
    say = {name: pair[fr] for name, pair in WORDS.items()}
    console = Console()
    for line in _lines_of_entry(document.get("entry"), say):
        console.print(line, markup=False)
    head = say["head"].format(date=document["date"], classes=", ".join(document["classes"]) or say["none"])
    console.print(head, markup=False)
    words = ("destination", "forme", "décision", "règles") if fr else ("destination", "form", "verdict", "rules")
    table = Table(*words)
    forms = ("pseudonymisée", "telle quelle") if fr else ("masked", "as is")
    verdicts = ("autorisée", "refusée") if fr else ("permitted", "refused")
    for ruling in document["rulings"]:
        rules = ruling["permitted_by"] if ruling["permitted"] else [reason["rule"] for reason in ruling["reasons"]]
        name = ruling["destination"] + ((" (simulée)" if fr else " (simulated)") if ruling["simulated"] else "")
        table.add_row(name, forms[not ruling["masked"]], verdicts[not ruling["permitted"]], ", ".join(rules))
    console.print(table)
    for line in [
        *_lines_of_verdict(document, say),
        *_lines_of_facts(document["rulings"], say),
        *_lines_of_reviews(document["reviews"], say),
        *document["not_checked"],
    ]:
        console.print(line, markup=False)


def _lines_of_entry(entry: Mapping[str, Any] | None, say: Mapping[str, str]) -> Iterator[str]:
    if entry is None:
        return
    what = say["sent"].format(**entry) if entry["destination"] else say["turned"]
    yield say["entry"].format(**{**entry, "what": what, "rules": ", ".join(entry["rules"]) or "-"})
    agrees = say["agrees" if entry["decided_alike"] else "differs"]
    yield say["same" if entry["same_ground"] else "other"].format(agrees=agrees)
    yield entry["claim"]


def _lines_of_verdict(document: Mapping[str, Any], say: Mapping[str, str]) -> Iterator[str]:
    if document["contested"]:
        yield say["contested"].format(ids=", ".join(document["contested"]))
    for reason in document["reasons"]:
        yield say["refused"].format(**reason)
    for hint in document["would_help"]:
        yield say["help"].format(hint=hint)


def _lines_of_reviews(reviews: Mapping[str, Mapping[str, str | None]], say: Mapping[str, str]) -> Iterator[str]:
    if unread := [name for name, review in reviews.items() if review["by"] is None]:
        yield say["unreviewed"].format(packs=", ".join(unread))


def _lines_of_facts(rulings: list[dict[str, Any]], say: Mapping[str, str]) -> Iterator[str]:
    """Iterate over the facts that decided, each once with the destinations that it is said of."""
    seen: dict[tuple[str, ...], dict[str, None]] = {}
    for ruling in rulings:
        for fact in ruling["facts"]:
            read = "; ".join(f"{s['title']}, {s['as_of']}, {s['confidence']}" for s in fact["sources"])
            key = (fact["fact"], say["yes" if fact["holds"] else "no"], fact["says"], read)
            seen.setdefault(key, {})[ruling["destination"]] = None
    for (name, holds, says, read), where in sorted(seen.items()):
        yield f"{name} {holds}: {says}{f' [{read}]' if read else ''}"
        yield f"     {', '.join(where)}"
