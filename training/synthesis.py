"""Synthetic texts: our own sentences, filled with names that nobody in particular bears.

Law: drawn from one seed; the same words and seed give the same texts.
"""

import random
import re
import string
from collections.abc import Callable
from pathlib import Path

from ecluse.passage.classify.tagger.weights import Kind
from training.document import Document, Span
from training.names import Names, draw_given, draw_surname

_SLOT = re.compile(r"\{([A-Z])\}")
_PARTICLES = ("de ", "d'", "du ", "de la ", "le ", "La ", "Le ", "van ", "von ", "El ", "Ben ")
_CIVIL_FR = ("M.", "M.", "Mme", "Mme", "Mlle", "Monsieur", "Madame", "Me", "Dr", "Docteur", "Pr", "Maître", "Mr")
_CIVIL_EN = ("Mr", "Mrs", "Ms", "Mr.", "Ms.", "Dr", "Dr.", "Miss", "Professor")
_TRADES = (
    "Dupont & Fils|Groupe|Société|Compagnie|Établissements|Cabinet|Boulangerie|Garage|Transports|Assurances|Banque|Mutuelle|"
    "Pharmacie|Clinique|Laboratoires|Éditions|Imprimerie|Menuiserie|Ateliers|Domaine|Coopérative|Fonderies"
).split("|")
_FORMS_FR = ("SARL", "SA", "SAS", "SASU", "et Fils", "& Associés", "France", "Services", "Conseil", "Groupe", "Industries", "Assurances", "Énergie")
_FORMS_EN = ("Inc", "Ltd", "LLC", "Group", "and Sons", "PLC", "Partners", "Systems", "Holdings", "Corp", "Technologies", "Bank", "Labs")
_STEMS = "Tech Info Data Net Eco Agri Medi Bio Soft Digi Logi Trans Euro Nova Alti Prim Axi Solu Green Omni Inter Cap".split()
_ENDS = "Corp Plus Soft Lab Line Sys Tis Nova Ware Web Med Pharma Logic Conseil Dis Port Via Cia Est Ora".split()
_BODIES_FR = (
    "la CNIL|la CAF|l'URSSAF|Pôle emploi|France Travail|le Conseil d'État|l'Assemblée nationale|le Sénat|la Cour de cassation|"
    "le ministère de l'Intérieur|le ministère de la Santé|le ministère de l'Économie|la préfecture du {d}|le tribunal judiciaire de {L}|"
    "le CHU de {L}|l'hôpital {h}|l'université de {L}|le lycée {h}|la mairie de {L}|le conseil départemental du {d}|l'INSEE|le CNRS|l'INSERM|"
    "la SNCF|l'ANSSI|la CPAM de {L}|l'AP-HP|l'ARS|la Banque de France|la Commission européenne|le Parlement européen|l'ONU|l'OMS|l'OTAN|"
    "le Parti socialiste|la CGT|la CFDT|l'Institut Pasteur|la clinique {h}|l'École polytechnique|Sciences Po|le Crédit agricole|la Poste"
).split("|")
_BODIES_EN = (
    "the University of {L}|{L} City Council|the Supreme Court|the Home Office|the Ministry of Defence|the European Commission|the NHS|"
    "the FBI|the World Bank|the United Nations|the {L} Police Department|{L} General Hospital|the Department of Justice|Congress|"
    "the Labour Party|{L} High School|NASA|the Red Cross|the Bank of England|Oxford University|St Mary's Hospital|the Senate"
).split("|")
_ORG_HEAD = re.compile(r"^(?:la |le |l'|the )")
_PRODUCTS = (
    "Windows 11|Excel|Word|Photoshop|Python|PostgreSQL|Linux|Android|WhatsApp|Zoom|Outlook|Firefox|Debian|Docker|Kubernetes|SAP|"
    "Les Misérables|Le Petit Prince|Germinal|L'Étranger|Hamlet|Dune|The Hobbit|Star Wars|Le Monde diplomatique|Windows Server 2022|"
    "Java|Rust|JavaScript|iPhone 15|Galaxy S24|Teams|Slack|Jira|Confluence|GitLab|LibreOffice|Claude|Mistral Large|Llama 3|PowerPoint"
).split("|")
_WAYS = "rue|avenue|boulevard|place|chemin|impasse|allée|quai|route|square|cours|passage|Rue|Avenue|Boulevard|Place|av.|bd|Bd|RUE|ALLEE|Chemin|Impasse|Allée".split("|")
_WAYS_EN = "Street|Road|Avenue|Lane|Drive|Close|Way|Court|Boulevard|St|Rd|Ave|Ln|Dr|Blvd".split("|")
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_SHARE_SHOWN = 0.5


class Synthesis:
    """Fills sentences. One object, one stream of draws."""

    def __init__(self, names: Names, seed: int) -> None:
        self._names = names
        self._draw = random.Random(seed)
        folder = Path(__file__).parent
        self._templates = {
            lang: [
                line.replace("\\n", "\n")
                for line in (folder / f"templates_{lang}.txt").read_text(encoding="utf-8").splitlines()
                if line and not line.startswith("# ")
            ]
            for lang in ("fr", "en", "none")
        }
        self._departments = ("Rhône", "Nord", "Finistère", "Var", "Val-de-Marne", "Doubs", "Gard", "Morbihan")

    def document(self) -> Document:
        """Write one text of one to four sentences."""
        draw = self._draw
        lang = "fr" if draw.random() < 0.65 else "en"  # noqa: PLR2004 - a share
        text, spans = "", []
        for _ in range(draw.choice((1, 1, 2, 3, 4))):
            kind = "none" if draw.random() < 0.28 else lang  # noqa: PLR2004 - a share
            more, found = self._fill(draw.choice(self._templates[kind]), lang)
            joint = draw.choice((" ", " ", "\n", "\n\n")) if text else ""
            spans.extend(Span(s.start + len(text) + len(joint), s.end + len(text) + len(joint), s.kind) for s in found)
            text += joint + more
        return Document(source="synthetic", lang=lang, text=text, spans=tuple(spans))

    def _fill(self, template: str, lang: str) -> tuple[str, list[Span]]:
        text, spans, at = "", [], 0
        for slot in _SLOT.finditer(template):
            text += template[at : slot.start()]
            for part, kind in self._slot(slot.group(1), lang):
                if kind is not None:
                    spans.append(Span(len(text), len(text) + len(part), kind))
                text += part
            at = slot.end()
        return text + template[at:], spans

    def _slot(self, slot: str, lang: str) -> list[tuple[str, Kind | None]]:
        makers: dict[str, Callable[[str], list[tuple[str, Kind | None]]]] = {
            "P": lambda lang: self._person(lang),
            "G": lambda _: [(draw_given(self._names, self._draw), Kind.PERSON)],
            "S": lambda _: [(self._surname(), Kind.PERSON)],
            "N": self._titled,
            "L": lambda lang: [(self._place(lang), Kind.PLACE)],
            "A": self._address,
            "O": lambda lang: [(self._company(lang), Kind.ORGANISATION)],
            "B": self._body,
            "X": lambda _: [(self._draw.choice(_PRODUCTS), Kind.OTHER)],
        }
        if slot in makers:
            return makers[slot](lang)
        return [(self._value(slot), None)]

    def _surname(self) -> str:
        draw = self._draw
        name = draw_surname(self._names, draw)
        turn = draw.random()
        if turn < 0.06:  # noqa: PLR2004 - a share
            return draw.choice(_PARTICLES) + name
        if turn < 0.12:  # noqa: PLR2004 - a share
            return name + draw.choice(("-", " ", "-")) + draw_surname(self._names, draw)
        return name.upper() if turn < 0.35 else name  # noqa: PLR2004 - a share

    def person(self) -> str:
        """Draw a person's name in one of its usual forms."""
        draw = self._draw
        given, surname = draw_given(self._names, draw), self._surname()
        turn = draw.random()
        if turn < 0.08:  # noqa: PLR2004 - a share
            return f"{given[0]}. {surname}"
        if turn < 0.2:  # noqa: PLR2004 - a share
            return f"{surname} {given}"
        if turn < 0.26:  # noqa: PLR2004 - a share
            return f"{given} {draw_given(self._names, draw)} {surname}"
        if turn < 0.3:  # noqa: PLR2004 - a share
            return f"{given} {draw_given(self._names, draw)[0]}. {surname}"
        return given if turn < 0.38 else f"{given} {surname}"  # noqa: PLR2004 - a share

    def _person(self, lang: str) -> list[tuple[str, Kind | None]]:
        if self._draw.random() < 0.12:  # noqa: PLR2004 - a share
            civil = self._draw.choice(_CIVIL_FR if lang == "fr" else _CIVIL_EN)
            return [(civil + " ", None), (self.person(), Kind.PERSON)]
        return [(self.person(), Kind.PERSON)]

    def _titled(self, lang: str) -> list[tuple[str, Kind | None]]:
        civil = self._draw.choice(_CIVIL_FR if lang == "fr" else _CIVIL_EN)
        name = self._surname() if self._draw.random() < 0.7 else self.person()  # noqa: PLR2004 - a share
        return [(civil + " ", None), (name, Kind.PERSON)]

    def _place(self, lang: str) -> str:
        draw, names = self._draw, self._names
        turn = draw.random()
        if turn < 0.2:  # noqa: PLR2004 - a share
            return draw.choice(("Paris", "Lyon", "Marseille", "Lille", "Nantes", "Bordeaux", "London", "New York", "Berlin", "Bruxelles", "Madrid", "Chicago"))
        if turn < (0.6 if lang == "fr" else 0.25):  # noqa: PLR2004 - shares
            return draw.choice(names.towns)
        return draw.choice(names.cities if turn < 0.85 else names.countries)  # noqa: PLR2004 - a share

    def place(self) -> str:
        """Draw a town, region or country."""
        return self._place(self._draw.choice(("fr", "fr", "en")))

    def _company(self, lang: str) -> str:
        draw = self._draw
        forms = _FORMS_FR if lang == "fr" else _FORMS_EN
        turn = draw.random()
        if turn < 0.25:  # noqa: PLR2004 - a share
            name = draw.choice(_STEMS) + draw.choice(_ENDS).lower()
            return f"{name} {draw.choice(forms)}" if draw.random() < 0.4 else name  # noqa: PLR2004 - a share
        if turn < 0.35:  # noqa: PLR2004 - a share
            return "".join(draw.choices(string.ascii_uppercase, k=draw.choice((2, 3, 3, 4))))
        if turn < 0.5:  # noqa: PLR2004 - a share
            return draw.choice(_STEMS) + draw.choice(_ENDS)
        name = draw_surname(self._names, draw)
        if turn < 0.65 and lang == "fr":  # noqa: PLR2004 - a share
            return f"{draw.choice(_TRADES)} {name}"
        if turn < 0.75:  # noqa: PLR2004 - a share
            return f"{name}-{draw_surname(self._names, draw)}"
        return f"{name} {draw.choice(forms)}"

    def _body(self, lang: str) -> list[tuple[str, Kind | None]]:
        draw = self._draw
        body = draw.choice(_BODIES_FR if lang == "fr" else _BODIES_EN)
        body = body.replace("{L}", self._place(lang)).replace("{d}", draw.choice(self._departments)).replace("{h}", self.person())
        head = _ORG_HEAD.match(body)
        return [(head.group(), None), (body[head.end() :], Kind.ORGANISATION)] if head else [(body, Kind.ORGANISATION)]

    def _address(self, lang: str) -> list[tuple[str, Kind | None]]:
        draw, names = self._draw, self._names
        number = f"{draw.randint(1, 299)}" + draw.choice(("", "", "", "", " bis", " ter", "bis", "B"))
        joint = draw.choice((", ", " ", "\n", ", ", " - "))
        if lang == "en":
            way = f"{draw.choice(names.cities if draw.random() < 0.5 else names.foreign_surnames)} {draw.choice(_WAYS_EN)}"  # noqa: PLR2004 - a share
            post = draw.choice((f"{draw.randint(10000, 99999)}", f"{draw.choice('BLMESNW')}{draw.randint(1, 20)} {draw.randint(1, 9)}AB"))
            town = draw.choice(names.cities)
            if draw.random() < _SHARE_SHOWN:
                return [(f"{number.split()[0]} {way}", Kind.ADDRESS)]
            return [(f"{number.split()[0]} {way}{joint}{town}{draw.choice((' ', ', '))}{post}", Kind.ADDRESS)]
        town = draw.choice(names.towns)
        if draw.random() < 0.6:  # noqa: PLR2004 - a share
            way = draw.choice(names.streets)
        else:
            way = f"{draw.choice(_WAYS)} {draw.choice(('', 'du ', 'des ', 'de la ', 'de ', 'du Général ', 'Saint-'))}{draw_surname(names, draw)}"
        if not way[0].isdigit() and draw.random() < 0.93:  # noqa: PLR2004 - a share
            way = f"{number}{draw.choice((' ', ' ', ', '))}{way}"
        if draw.random() < 0.25:  # noqa: PLR2004 - a share
            return [(way, Kind.ADDRESS), (draw.choice((" à ", ", ")), None), (town, Kind.PLACE)]
        shown = town.upper() if draw.random() < 0.2 else town  # noqa: PLR2004 - a share
        shown += " Cedex" if draw.random() < 0.08 else ""  # noqa: PLR2004 - a share
        return [(way, Kind.ADDRESS), (joint, None), (names.postcodes[town], Kind.ADDRESS), (" ", None), (shown, Kind.PLACE)]

    def _value(self, slot: str) -> str:
        draw = self._draw
        if slot == "D":
            day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1930, 2029)
            return draw.choice((f"{day:02}/{month:02}/{year}", f"{day} {_MONTHS[month - 1]} {year}", f"{year}-{month:02}-{day:02}", f"{_MONTHS[month - 1]} {year}", str(year)))
        if slot == "T":
            digits = [f"{draw.randint(0, 99):02}" for _ in range(4)]
            return draw.choice((" ", ".", "")).join([f"0{draw.randint(1, 9)}", *digits])
        if slot == "E":
            given, surname = draw_given(self._names, draw).lower(), draw_surname(self._names, draw).lower()
            return f"{given}{draw.choice('._-')}{surname}@{draw.choice(('orange.fr', 'gmail.com', 'exemple.fr', 'example.com'))}"
        if slot == "K":
            letters = "".join(draw.choices(string.ascii_uppercase, k=draw.choice((1, 2, 3, 3, 4))))
            return letters + draw.choice(("-", "-", "", "_", " ")) + str(draw.randint(1, 9999))
        if slot == "H":
            return f"{draw.choice(('srv', 'db', 'web', 'mail', 'proxy', 'app'))}-{draw.choice(('prod', 'test', 'eu'))}-{draw.randint(1, 30)}.{draw.choice(('example.com', 'local', 'lan'))}"
        if slot == "U":
            return "-".join("".join(draw.choices("0123456789abcdef", k=k)) for k in (8, 4, 4, 4, 12))
        return "".join(draw.choices(string.digits + "ABCDEF", k=draw.choice((4, 6, 8))))
