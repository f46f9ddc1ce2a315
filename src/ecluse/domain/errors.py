"""The error tree, by whose fault it is.

    EcluseError
    ├── CallerError        4xx  what was asked cannot be done; changing the request helps
    │   └── PolicyDenied   403  the rules answered, and the answer is no
    ├── ProviderError      502, 504, 429, 400  the provider failed, or refused the request itself
    └── GatewayError       500, 503  Ecluse could not answer: nothing was sent

Law: a status, a stable code and a sentence for the reader; never the text of a user. A refusal is a refusal (403), a
failure is a failure (503): neither is dressed as the other (INVARIANT 10).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.verdict import Refusal


class Blame(StrEnum):
    """By whose fault."""

    CALLER = "caller"
    PROVIDER = "provider"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A stable error code: its HTTP status, whose fault, and its sentences for a reader."""

    status: int
    blame: Blame
    en: str
    fr: str


def _caller(status: int, en: str, fr: str) -> Code:
    return Code(status=status, blame=Blame.CALLER, en=en, fr=fr)


def _provider(status: int, en: str, fr: str) -> Code:
    return Code(status=status, blame=Blame.PROVIDER, en=en, fr=fr)


def _gateway(status: int, en: str, fr: str) -> Code:
    return Code(status=status, blame=Blame.GATEWAY, en=en, fr=fr)


CODES: Mapping[str, Code] = {
    "invalid_json": _caller(400, "The body is not valid JSON.", "Le corps n'est pas du JSON valide."),
    "duplicate_key": _caller(
        400, "An object in the body has the same key twice.", "Un objet du corps a deux fois la même clé."
    ),
    "invalid_request": _caller(400, "The request is not well formed.", "La requête est mal formée."),
    "unsupported_field": _caller(400, "No destination takes this field.", "Aucune destination n'accepte ce champ."),
    "hosted_tool_refused": _caller(
        400,
        "A tool that the provider runs would send data on; offer a function and run it yourself, or have who "
        "receives it put on record (docs/how-to/use-hosted-tools.md).",
        "Un outil exécuté par le prestataire transmettrait les données ; proposez une fonction et exécutez-la, ou "
        "faites enregistrer qui les reçoit (docs/how-to/use-hosted-tools.md).",
    ),
    "remote_content_refused": _caller(
        400,
        "A link or a file id would make the provider fetch data elsewhere; send the bytes in the request (data: URL).",
        "Un lien ou un identifiant de fichier ferait chercher les données ailleurs ; envoyez-les dans la requête.",
    ),
    "retention_refused": _caller(
        400,
        "This would have to be kept; send every turn in the request, or go on with `conversation`, or with `store` and "
        "`previous_response_id`, of Responses where that is set up (docs/how-to/keep-conversations.md).",
        "Il faudrait conserver cela ; envoyez tous les tours dans la requête, ou poursuivez avec `conversation`, ou "
        "avec `store` et `previous_response_id`, de Responses là où c'est mis en place "
        "(docs/how-to/keep-conversations.md).",
    ),
    "agent_refused": _caller(
        400,
        "Agents, assistants and their stores run at the provider, which keeps what they are given; run the loop "
        "yourself: functions in `tools`, every turn in the request.",
        "Les agents, assistants et leurs bases s'exécutent chez le prestataire, qui conserve ce qu'ils reçoivent ; "
        "menez la boucle vous-même : des fonctions dans `tools`, tous les tours dans la requête.",
    ),
    "batch_refused": _caller(
        400,
        "Files and batches are not kept here; send each item as a call of its own, several at once, and a file inside "
        "its call as a `data:` URL.",
        "Les fichiers et les lots ne sont pas conservés ici ; envoyez chaque élément par un appel distinct, plusieurs "
        "à la fois, et un fichier dans son appel, comme URL `data:`.",
    ),
    "batch_cancelled": _caller(
        409,
        "The batch was cancelled before this line began; nothing of it was sent.",
        "Le lot a été annulé avant que cette ligne ne commence ; rien n'en est parti.",
    ),
    "batch_expired": _caller(
        408,
        "The batch reached its end before this line began; nothing of it was sent.",
        "Le lot a atteint son terme avant que cette ligne ne commence ; rien n'en est parti.",
    ),
    "batch_interrupted": _gateway(
        503,
        "The gateway stopped while this line was under way; it may have been sent, and is not sent again. The trail "
        "says whether it was.",
        "La passerelle s'est arrêtée pendant le traitement de cette ligne ; elle a pu partir et n'est pas renvoyée. Le "
        "registre dit si elle est partie.",
    ),
    "kept_full": _caller(
        413,
        "This application has as much kept here as it may; delete a file or a batch's answers.",
        "Cette application a déjà ici tout ce qu'elle peut conserver ; supprimez un fichier ou les réponses d'un lot.",
    ),
    "image_refused": _caller(
        400,
        "Images and videos are not made or edited here; a picture may be read in a chat.",
        "Ni image ni vidéo ne sont créées ou retouchées ici ; une image peut être lue dans une conversation.",
    ),
    "realtime_refused": _caller(
        400,
        "Realtime sessions are not offered: a sound leaves before it can be judged. Send it whole to "
        "/v1/audio/transcriptions, then chat.",
        "Les sessions en temps réel ne sont pas proposées : un son y part avant d'être jugé. Envoyez-le entier à "
        "/v1/audio/transcriptions, puis conversez.",
    ),
    "surface_refused": _caller(
        400,
        "This kind of call is not offered; docs/reference/headers.md lists those that are.",
        "Ce type d'appel n'est pas proposé ; docs/reference/headers.md énumère ceux qui le sont.",
    ),
    "training_refused": _caller(
        400,
        "Training and evaluation at a provider are not offered: the provider would keep the data. Train where the data "
        "may be held.",
        "L'entraînement et l'évaluation chez un prestataire ne sont pas proposés : il conserverait les données. "
        "Entraînez là où elles peuvent être détenues.",
    ),
    "token_array_refused": _caller(
        400,
        "Arrays of tokens cannot be searched for sensitive data; send the text itself.",
        "Un tableau de jetons ne peut être analysé ; envoyez le texte lui-même.",
    ),
    "no_capable_destination": _caller(
        400, "No destination of this model can do what is asked.", "Aucune destination de ce modèle ne sait le faire."
    ),
    "invalid_api_key": _caller(401, "The API key is not valid.", "La clé d'API n'est pas valide."),
    "invalid_admin_token": _caller(401, "The admin token is not valid.", "Le jeton d'administration n'est pas valide."),
    "role_required": _caller(403, "This role may not do that.", "Ce rôle ne le permet pas."),
    "policy_denied": _caller(403, "The rules refuse this request.", "Les règles refusent cette requête."),
    "trail_reader_required": _caller(
        403,
        "The key is not of an application that may read the trail; trail.readers in the settings names them.",
        "Cette clé n'est pas celle d'une application qui peut lire le registre ; trail.readers les nomme.",
    ),
    "scope_required": _caller(
        403,
        "The API key lacks the scope that this call needs; make a key that has it.",
        "Cette clé d'API n'a pas la portée que demande cet appel ; créez-en une qui l'ait.",
    ),
    "model_not_found": _caller(404, "There is no model of that name.", "Aucun modèle ne porte ce nom."),
    "not_found": _caller(404, "There is nothing at this address.", "Il n'y a rien à cette adresse."),
    "response_not_found": _caller(
        404,
        "No kept answer has this name: it ended, was deleted, or is not of this application or conversation; send "
        "every turn in `input`.",
        "Aucune réponse conservée ne porte ce nom : elle a pris fin, a été supprimée, ou n'est pas de cette "
        "application ou de cette conversation ; envoyez tous les tours dans `input`.",
    ),
    "conversation_not_found": _caller(
        404,
        "No conversation has this name, or no item in it: it ended, was deleted, or is not of this application.",
        "Aucune conversation, ou aucun de ses éléments, ne porte ce nom : elle a pris fin, a été supprimée, ou n'est "
        "pas de cette application.",
    ),
    "method_not_allowed": _caller(405, "This address does not take that method.", "Méthode non admise ici."),
    "request_timeout": _caller(408, "The body took too long to arrive.", "Le corps a mis trop de temps à arriver."),
    "body_too_large": _caller(413, "The body is larger than the limit.", "Le corps dépasse la limite."),
    "unsupported_encoding": _caller(415, "Compressed bodies are not read.", "Les corps compressés ne sont pas lus."),
    "rate_limited": _caller(
        429, "A limit of requests, tokens or concurrency is reached.", "Une limite de débit est atteinte."
    ),
    "budget_exhausted": _caller(429, "The budget is spent or reserved.", "Le budget est dépensé ou réservé."),
    "not_contestable": _caller(409, "This cannot be contested so.", "Ceci ne peut être contesté ainsi."),
    "conversation_changed": _caller(
        409,
        "Others write to this conversation at the same time; try again.",
        "D'autres écrivent dans cette conversation au même moment ; réessayez.",
    ),
    "step_refused": _caller(409, "This step is not open.", "Cette étape n'est pas possible."),
    "price_unknown": _caller(
        403,
        "A budget in euros applies, and the price of this destination is not on record.",
        "Un budget en euros s'applique, et le prix de cette destination n'est pas enregistré.",
    ),
    "headers_too_large": _caller(431, "The headers are larger than the limit.", "Les en-têtes dépassent la limite."),
    "upstream_rejected": _provider(400, "The provider rejected the request.", "Le prestataire a rejeté la requête."),
    "upstream_rate_limited": _provider(429, "The provider asks to slow down.", "Le prestataire demande de ralentir."),
    "upstream_content_filter": _provider(
        400, "The provider's content filter refused.", "Le filtre de contenu du prestataire a refusé."
    ),
    "upstream_error": _provider(502, "The provider failed.", "Le prestataire a échoué."),
    "upstream_credentials": _provider(
        502, "The provider refused the gateway's credential.", "Le prestataire a refusé l'identifiant de la passerelle."
    ),
    "upstream_redirect": _provider(
        502, "The provider redirected elsewhere; redirects are not followed.", "Redirection du prestataire non suivie."
    ),
    "upstream_unreachable": _provider(502, "The provider cannot be reached.", "Le prestataire est injoignable."),
    "upstream_tls": _provider(
        502,
        "The provider's certificate, or the gateway's own, was not accepted.",
        "Le certificat du prestataire, ou celui de la passerelle, n'a pas été accepté.",
    ),
    "upstream_unserved": _provider(
        502,
        "The provider does not serve this path or model.",
        "Le prestataire ne sert pas ce chemin ou ce modèle.",
    ),
    "upstream_malformed": _provider(
        502, "The provider's answer could not be read.", "La réponse du prestataire est illisible."
    ),
    "upstream_timeout": _provider(504, "The provider took too long.", "Le prestataire a mis trop de temps."),
    "internal_error": _gateway(
        500, "Ecluse failed; nothing more was sent.", "Ecluse a échoué ; rien d'autre n'est parti."
    ),
    "classification_unavailable": _gateway(
        503,
        "The request could not be searched, so nothing was sent.",
        "La requête n'a pu être analysée : rien n'est parti.",
    ),
    "policy_unavailable": _gateway(
        503, "The rules could not answer, so nothing was sent.", "Les règles n'ont pu répondre : rien n'est parti."
    ),
    "trail_unavailable": _gateway(
        503, "The trail could not be written, so nothing was sent.", "Le registre n'a pu être écrit : rien n'est parti."
    ),
    "identity_unavailable": _gateway(
        503,
        "The keys of the identity provider could not be had, so nothing was sent.",
        "Les clés du fournisseur d'identité n'ont pu être obtenues : rien n'est parti.",
    ),
    "receipt_pending": _gateway(
        503,
        "The entry is not under a signed head yet; ask again in a second.",
        "L'entrée n'est pas encore sous un point de contrôle signé ; redemandez dans une seconde.",
    ),
    "keys_unavailable": _gateway(
        503, "The table of keys could not be used.", "La table des clés n'a pu être utilisée."
    ),
    "limits_unavailable": _gateway(
        503,
        "Limits and budgets could not be checked, so nothing was sent.",
        "Les limites et budgets n'ont pu être vérifiés : rien n'est parti.",
    ),
    "facts_expired": _gateway(
        503,
        "The facts on record have expired, so nothing was sent.",
        "Les faits enregistrés ont expiré : rien n'est parti.",
    ),
    "mask_unavailable": _gateway(
        503,
        "The mask could not be proven complete, so nothing was sent.",
        "Le masque n'est pas prouvé complet : rien n'est parti.",
    ),
    "vault_unavailable": _gateway(
        503,
        "What is needed to go on from a kept conversation cannot be sealed or opened; try again.",
        "Ce qu'il faut pour reprendre une conversation conservée ne peut être scellé ni ouvert ; réessayez.",
    ),
    "no_permitted_destination_alive": _gateway(
        503, "Every permitted destination is down.", "Toutes les destinations autorisées sont en panne."
    ),
    "overloaded": _gateway(503, "The gateway is at its limit; try again.", "La passerelle est saturée ; réessayez."),
}
"""Every code that a caller can see. docs/reference/errors.md has a row for each (tested)."""


_OF_A_FIELD = frozenset(
    {
        "hosted_tool_refused",
        "invalid_request",
        "remote_content_refused",
        "retention_refused",
        "token_array_refused",
        "unsupported_field",
    }
)
_OF_THE_MODEL = frozenset({"model_not_found", "no_capable_destination"})
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]]*(?=[:;,]|$)")


class EcluseError(Exception):
    """Something that a caller is told. `detail` is ours (a field's name, a limit), never a user's text."""

    blame = Blame.GATEWAY

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        """Refuse a code that is not in the table or not of this branch."""
        if CODES[code].blame is not self.blame:
            raise ValueError(f"{code} is not of {self.blame}")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """The HTTP status."""
        return CODES[self.code].status

    @property
    def param(self) -> str | None:
        """The field of the request that the error is about, where it is known: a detail begins with its path."""
        if self.code in _OF_THE_MODEL:
            return "model"
        named = _FIELD.match(self.detail) if self.code in _OF_A_FIELD else None
        return named[0] if named else None

    def sentence(self, language: str) -> str:
        """Return the sentence for a reader, with our detail."""
        code = CODES[self.code]
        text = code.fr if language == "fr" else code.en
        return f"{text} ({self.detail})" if self.detail else text


class CallerError(EcluseError):
    """What was asked cannot be done."""

    blame = Blame.CALLER


class PolicyDenied(CallerError):
    """The rules refuse. `not_checked` is said with every refusal (INVARIANT 11)."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep the refusal."""
        super().__init__("policy_denied")
        self.refusal = refusal


class ProviderError(EcluseError):
    """The provider failed. `sent` is whether a byte of the request may have reached it.

    `limits` are the headers by which it says how much it still takes and when: numbers and moments, never words.
    """

    blame = Blame.PROVIDER

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        retry_after: float | None = None,
        sent: bool = True,
        limits: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Keep whether a byte may have left, and what the provider says of its limits."""
        super().__init__(code, detail, retry_after=retry_after)
        self.sent = sent
        self.limits = limits


class GatewayError(EcluseError):
    """Ecluse could not answer; nothing was sent."""

    blame = Blame.GATEWAY


def error_of(code: str, detail: str = "", *, retry_after: float | None = None) -> EcluseError:
    """Return the error of the right branch for `code`. Raises KeyError for an unknown one."""
    kinds: Mapping[Blame, type[EcluseError]] = {
        Blame.CALLER: CallerError,
        Blame.PROVIDER: ProviderError,
        Blame.GATEWAY: GatewayError,
    }
    return kinds[CODES[code].blame](code, detail, retry_after=retry_after)


class VerificationFailed(Exception):
    """A proof does not hold. Names the first entry that is wrong, by index, when one can be named."""

    def __init__(self, why: str, index: int | None = None) -> None:
        """Keep where it broke."""
        super().__init__(why if index is None else f"entry {index}: {why}")
        self.index = index
