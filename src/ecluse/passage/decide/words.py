"""The names of things in sentences for a reader, in English and in French."""

from collections.abc import Mapping, Sequence

from ecluse.domain.caller import AnalysisKind
from ecluse.domain.finding import DataClass

CLASS_NAMES: Mapping[DataClass, tuple[str, str]] = {
    DataClass.PERSONAL: ("personal data", "les données personnelles"),
    DataClass.NATIONAL_ID: ("the national identification number", "le numéro de sécurité sociale"),
    DataClass.PAYMENT: ("payment data", "les données de paiement"),
    DataClass.HEALTH: ("health data", "les données de santé"),
    DataClass.SPECIAL: ("special categories of data", "les catégories particulières de données"),
    DataClass.CREDENTIAL: ("credentials", "les secrets d'authentification"),
    DataClass.RESTRICTED: ("the marking Diffusion Restreinte", "la mention Diffusion Restreinte"),
    DataClass.CLASSIFIED: ("the marking of classification", "la mention de classification"),
    DataClass.SREN31: ("data of particular sensitivity", "les données d'une sensibilité particulière"),
    DataClass.PROFESSIONAL_SECRET: ("professional secrets", "le secret professionnel"),
    DataClass.TRADE_SECRET: ("business secrets", "le secret des affaires"),
    DataClass.UNREADABLE: ("what could not be read", "ce qui n'a pu être lu"),
    DataClass.PERSONAL_MASKED: ("masked personal data", "les données personnelles pseudonymisées"),
    DataClass.NATIONAL_ID_MASKED: ("the masked identification number", "le numéro de sécurité sociale pseudonymisé"),
    DataClass.PAYMENT_MASKED: ("masked payment data", "les données de paiement pseudonymisées"),
}

ANALYSIS_NAMES: Mapping[AnalysisKind, tuple[str, str]] = {
    AnalysisKind.REGISTER_ENTRY: (
        "an entry in the register of processing",
        "une inscription au registre des traitements",
    ),
    AnalysisKind.IMPACT_ASSESSMENT: ("an impact assessment", "une analyse d'impact"),
    AnalysisKind.SREN31: (
        "the analysis of sensitivity (SREN, article 31)",
        "l'analyse de sensibilité (SREN, article 31)",
    ),
    AnalysisKind.HDS_CONTRACT: ("the contract for hosting health data", "le contrat d'hébergement de données de santé"),
    AnalysisKind.HOMOLOGATION: ("a security accreditation (homologation)", "une homologation de sécurité"),
    AnalysisKind.TRANSFER_ASSESSMENT: ("an assessment of the transfer", "une évaluation du transfert"),
    AnalysisKind.MASKING_ASSESSMENT: ("an assessment of the masking", "une évaluation de la pseudonymisation"),
    AnalysisKind.DORA_REGISTER: ("an entry in the DORA register of information", "une inscription au registre DORA"),
    AnalysisKind.STATE_AUTHORISATION: ("an express authorisation", "une autorisation expresse"),
    AnalysisKind.AI_DISCLOSURE: (
        "how persons are told that they talk to an AI (AI Act, article 50)",
        "la manière dont les personnes sont averties qu'elles parlent à une IA (règlement IA, article 50)",
    ),
    AnalysisKind.AI_LOGS: (
        "how the logs of the high-risk system are kept (AI Act, article 26)",
        "la manière dont les journaux du système à haut risque sont conservés (règlement IA, article 26)",
    ),
    AnalysisKind.AI_CODE: (
        "the check that the model's developer signed the code of practice, its copyright chapter too",
        "la vérification que le développeur du modèle a signé le code de bonnes pratiques, droit d'auteur compris",
    ),
    AnalysisKind.DORA_CONTRACT: (
        "the check of the contract's clauses (DORA, article 30)",
        "la vérification des clauses du contrat (DORA, article 30)",
    ),
    AnalysisKind.DORA_EXIT: (
        "the exit strategy (DORA, article 28(8))",
        "la stratégie de sortie (DORA, article 28(8))",
    ),
    AnalysisKind.RETENTION_ASSESSMENT: (
        "an assessment of what the provider keeps",
        "une évaluation de ce que le prestataire conserve",
    ),
}


def joined(names: Sequence[str], last: str) -> str:
    """Write a list for a reader: `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
