"""What can be wrong with a trail, in a sentence for the person who asked.

Law: a fault names the first entry that is wrong when one can be named, and never shows what an entry holds.
"""

from collections.abc import Mapping
from enum import StrEnum

from ecluse.domain.errors import VerificationFailed


class Fault(StrEnum):
    """What is wrong."""

    ORDER = "order"
    LEAF = "leaf"
    FORM = "form"
    SAME_ID = "same_id"
    ENDED = "ended"
    NO_INTENT = "no_intent"
    ROOT = "root"
    TRUNCATED = "truncated"
    NO_CHECKPOINT = "no_checkpoint"
    NOTE = "note"
    ROLLED_BACK = "rolled_back"
    FORKED = "forked"
    OUTSIDE_NOTE = "outside_note"
    BEHIND_MARK = "behind_mark"
    BESIDE_MARK = "beside_mark"
    MARK = "mark"
    COMMITMENT = "commitment"
    UNWITNESSED = "unwitnessed"


SENTENCES: Mapping[Fault, tuple[str, str]] = {
    Fault.ORDER: (
        "an entry is missing or was inserted here: the next row says it is number {found}",
        "une entrée manque ou a été insérée ici : la ligne suivante porte le numéro {found}",
    ),
    Fault.LEAF: (
        "its bytes are not those that were hashed: it was edited after it was written",
        "ses octets ne sont pas ceux qui ont été hachés : elle a été modifiée après son écriture",
    ),
    Fault.FORM: (
        "its bytes are not an entry in canonical form",
        "ses octets ne forment pas une entrée canonique",
    ),
    Fault.SAME_ID: (
        "its id was already used by an earlier entry",
        "son identifiant a déjà servi à une entrée antérieure",
    ),
    Fault.ENDED: (
        "it belongs to a passage that had already ended",
        "elle appartient à un passage qui était déjà terminé",
    ),
    Fault.NO_INTENT: (
        "it tells the outcome of a sending that no intent before it announced",
        "elle rend compte d'un envoi qu'aucune intention n'annonçait avant elle",
    ),
    Fault.ROOT: (
        (
            "the entries {start} to {end} are not those that were signed in the checkpoint of {size} entries: "
            "one of them was edited, removed, inserted or moved"
        ),
        (
            "les entrées {start} à {end} ne sont pas celles que signait le point de contrôle à {size} entrées : "
            "l'une d'elles a été modifiée, retirée, insérée ou déplacée"
        ),
    ),
    Fault.TRUNCATED: (
        "the trail stops before this entry, but a checkpoint was signed over {size} entries: the end was cut off",
        "le registre s'arrête avant cette entrée, mais un point de contrôle en signait {size} : la fin a été retirée",
    ),
    Fault.NO_CHECKPOINT: (
        "the trail has entries and no signed checkpoint: the checkpoints were removed",
        "le registre a des entrées et aucun point de contrôle signé : ils ont été retirés",
    ),
    Fault.NOTE: (
        "a checkpoint stored in the trail cannot be trusted: {why}",
        "un point de contrôle du registre n'est pas digne de confiance : {why}",
    ),
    Fault.ROLLED_BACK: (
        (
            "the trail stops before this entry, but you hold a checkpoint over {size} entries: "
            "the trail was rolled back to an older copy"
        ),
        (
            "le registre s'arrête avant cette entrée, mais vous détenez un point de contrôle à {size} entrées : "
            "le registre a été ramené à une copie plus ancienne"
        ),
    ),
    Fault.FORKED: (
        (
            "the entries {start} to {end} are not those of the checkpoint over {size} entries that you hold: "
            "history was rewritten"
        ),
        (
            "les entrées {start} à {end} ne sont pas celles du point de contrôle à {size} entrées que vous détenez : "
            "l'histoire a été réécrite"
        ),
    ),
    Fault.OUTSIDE_NOTE: (
        "the checkpoint that you gave cannot be trusted: {why}",
        "le point de contrôle fourni n'est pas digne de confiance : {why}",
    ),
    Fault.BEHIND_MARK: (
        (
            "the trail stops before this entry, but a head kept beside it was signed over {size} entries: "
            "the trail was rolled back to an older copy"
        ),
        (
            "le registre s'arrête avant cette entrée, mais une tête conservée à côté en signait {size} : "
            "le registre a été ramené à une copie plus ancienne"
        ),
    ),
    Fault.BESIDE_MARK: (
        (
            "the entries {start} to {end} are not those of the head over {size} entries that is kept beside the trail: "
            "history was rewritten"
        ),
        (
            "les entrées {start} à {end} ne sont pas celles de la tête à {size} entrées conservée à côté du registre : "
            "l'histoire a été réécrite"
        ),
    ),
    Fault.MARK: (
        "a head kept beside the trail (`trail.head`, `witnessed`) cannot be trusted: {why}",
        "une tête conservée à côté du registre (`trail.head`, `witnessed`) n'est pas digne de confiance : {why}",
    ),
    Fault.COMMITMENT: (
        "the content is not what this entry commits to",
        "le contenu n'est pas celui sur lequel cette entrée s'engage",
    ),
    Fault.UNWITNESSED: (
        "no checkpoint here carries a valid cosignature of the witness {name}",
        "aucun point de contrôle ne porte ici de cosignature valable du témoin {name}",
    ),
}
"""English, French. `{why}` comes from the reader of notes and is English in both."""


class TrailFault(VerificationFailed):
    """A trail does not verify. `index` is the first entry that is wrong, None when the fault is of no entry."""

    def __init__(self, fault: Fault, index: int | None = None, **told: str | int) -> None:
        """Keep what is wrong and where."""
        self.fault = fault
        self.told = told
        super().__init__(SENTENCES[fault][0].format(**told), index)

    def sentence(self, language: str) -> str:
        """Say it in `en` or `fr`."""
        french = language == "fr"
        text = SENTENCES[self.fault][french].format(**self.told)
        if self.index is None:
            return f"{text[0].upper()}{text[1:]}."
        return f"Entrée {self.index} : {text}." if french else f"Entry {self.index}: {text}."
