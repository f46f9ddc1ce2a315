"""Synthetic texts: our own sentences, filled with names that nobody in particular bears.

Law: drawn from one seed; the same words and seed give the same texts.
"""

# ruff: noqa: PLR2004, S311 - shares of draws from a fixed seed

import random
import re
import string
import tomllib
from collections.abc import Callable
from pathlib import Path

from ecluse.passage.classify.tagger.weights import Kind
from training.addresses import Address, drawn
from training.document import Document, Span
from training.names import Names, draw_given, draw_surname

_SLOT = re.compile(r"\{([A-Z])\}")
_WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
_PARTICLES: list[str] = _WORDS["particles"]
_CIVIL_FR: list[str] = _WORDS["civil_fr"]
_CIVIL_EN: list[str] = _WORDS["civil_en"]
_TRADES: list[str] = _WORDS["trades"]
_FORMS_FR: list[str] = _WORDS["forms_fr"]
_FORMS_EN: list[str] = _WORDS["forms_en"]
_STEMS: list[str] = _WORDS["stems"]
_ENDS: list[str] = _WORDS["ends"]
_BODIES_FR: list[str] = _WORDS["bodies_fr"]
_BODIES_EN: list[str] = _WORDS["bodies_en"]
_PRODUCTS: list[str] = _WORDS["products"]
_WAYS: list[str] = _WORDS["ways"]
_WAYS_EN: list[str] = _WORDS["ways_en"]
_MONTHS: list[str] = _WORDS["months"]
_GREAT_TOWNS: list[str] = _WORDS["great_towns"]
_ORG_HEAD = re.compile(r"^(?:la |le |l'|the )")
_LINKS = ("", "du ", "des ", "de la ", "de ", "du Général ", "Saint-")
_ADDRESSES_OF = 20261124
"""The seed of the addresses, the same for every stream: what differs is what is drawn of them."""
_COUNTRIES_EN = ("USA", "United Kingdom", "UK", "Germany", "Spain", "Italy", "Ireland", "Canada", "Finland", "Portugal")
_MAIL_HOSTS = ("orange.fr", "gmail.com", "exemple.fr", "example.com")


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
        self._addresses = drawn(_ADDRESSES_OF)
        self._departments = ("Rhône", "Nord", "Finistère", "Var", "Val-de-Marne", "Doubs", "Gard", "Morbihan")

    def document(self) -> Document:
        """Write one text of one to four sentences."""
        draw = self._draw
        lang = "fr" if draw.random() < 0.65 else "en"
        text = ""
        spans: list[Span] = []
        for _ in range(draw.choice((1, 1, 2, 3, 4))):
            kind = "none" if draw.random() < 0.28 else lang
            more, found = self._fill(draw.choice(self._templates[kind]), lang)
            joint = draw.choice((" ", " ", "\n", "\n\n")) if text else ""
            spans.extend(Span(s.start + len(text) + len(joint), s.end + len(text) + len(joint), s.kind) for s in found)
            text += joint + more
        return Document(source="synthetic", lang=lang, text=text, spans=tuple(spans))

    def _fill(self, template: str, lang: str) -> tuple[str, list[Span]]:
        text, at = "", 0
        spans: list[Span] = []
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
            "P": self._person,
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
        if turn < 0.06:
            return draw.choice(_PARTICLES) + name
        if turn < 0.12:
            return name + draw.choice(("-", " ", "-")) + draw_surname(self._names, draw)
        return name.upper() if turn < 0.35 else name

    def person(self) -> str:
        """Draw a person's name in one of its usual forms."""
        draw = self._draw
        given, surname = draw_given(self._names, draw), self._surname()
        turn = draw.random()
        if turn < 0.08:
            return f"{given[0]}. {surname}"
        if turn < 0.2:
            return f"{surname} {given}"
        if turn < 0.26:
            return f"{given} {draw_given(self._names, draw)} {surname}"
        if turn < 0.3:
            return f"{given} {draw_given(self._names, draw)[0]}. {surname}"
        return given if turn < 0.38 else f"{given} {surname}"

    def _person(self, lang: str) -> list[tuple[str, Kind | None]]:
        if self._draw.random() < 0.12:
            civil = self._draw.choice(_CIVIL_FR if lang == "fr" else _CIVIL_EN)
            return [(civil + " ", None), (self.person(), Kind.PERSON)]
        return [(self.person(), Kind.PERSON)]

    def _titled(self, lang: str) -> list[tuple[str, Kind | None]]:
        civil = self._draw.choice(_CIVIL_FR if lang == "fr" else _CIVIL_EN)
        name = self._surname() if self._draw.random() < 0.7 else self.person()
        return [(civil + " ", None), (name, Kind.PERSON)]

    def _place(self, lang: str) -> str:
        draw, names = self._draw, self._names
        turn = draw.random()
        if turn < 0.2:
            return draw.choice(_GREAT_TOWNS)
        if turn < (0.6 if lang == "fr" else 0.25):
            return draw.choice(names.towns)
        if lang == "en" and turn < 0.4:
            return draw.choice(self._addresses).town
        return draw.choice(names.cities if turn < 0.85 else names.countries)

    def place(self) -> str:
        """Draw a town, region or country."""
        return self._place(self._draw.choice(("fr", "fr", "en")))

    def _company(self, lang: str) -> str:
        draw = self._draw
        forms = _FORMS_FR if lang == "fr" else _FORMS_EN
        turn = draw.random()
        if turn < 0.25:
            name = draw.choice(_STEMS) + draw.choice(_ENDS).lower()
            return f"{name} {draw.choice(forms)}" if draw.random() < 0.4 else name
        if turn < 0.35:
            return "".join(draw.choices(string.ascii_uppercase, k=draw.choice((2, 3, 3, 4))))
        if turn < 0.5:
            return draw.choice(_STEMS) + draw.choice(_ENDS)
        name = draw_surname(self._names, draw)
        if turn < 0.65 and lang == "fr":
            return f"{draw.choice(_TRADES)} {name}"
        if turn < 0.75:
            return f"{name}-{draw_surname(self._names, draw)}"
        return f"{name} {draw.choice(forms)}"

    def _body(self, lang: str) -> list[tuple[str, Kind | None]]:
        draw = self._draw
        body = draw.choice(_BODIES_FR if lang == "fr" else _BODIES_EN)
        body = (
            body.replace("{L}", self._place(lang))
            .replace("{d}", draw.choice(self._departments))
            .replace("{h}", self.person())
        )
        head = _ORG_HEAD.match(body)
        return [(head.group(), None), (body[head.end() :], Kind.ORGANISATION)] if head else [(body, Kind.ORGANISATION)]

    def _address(self, lang: str) -> list[tuple[str, Kind | None]]:
        draw, names = self._draw, self._names
        number = f"{draw.randint(1, 299)}" + draw.choice(("", "", "", "", " bis", " ter", "bis", "B"))
        joint = draw.choice((", ", " ", "\n", ", ", " - "))
        if lang == "en" and draw.random() < 0.3:
            return self._address_en(number.split()[0], joint)
        if lang == "en" or draw.random() < 0.06:
            return self._address_of(draw.choice(self._addresses))
        town = draw.choice(names.towns)
        if draw.random() < 0.6:
            way = draw.choice(names.streets)
        else:
            way = f"{draw.choice(_WAYS)} {draw.choice(_LINKS)}{draw_surname(names, draw)}"
        if not way[0].isdigit() and draw.random() < 0.93:
            way = f"{number}{draw.choice((' ', ' ', ', '))}{way}"
        if draw.random() < 0.25:
            return [(way, Kind.ADDRESS), (draw.choice((" à ", ", ")), None), (town, Kind.PLACE)]
        shown = town.upper() if draw.random() < 0.2 else town
        shown += " Cedex" if draw.random() < 0.08 else ""
        post = names.postcodes[town]
        return [(way, Kind.ADDRESS), (joint, None), (post, Kind.ADDRESS), (" ", None), (shown, Kind.PLACE)]

    def _address_en(self, number: str, joint: str) -> list[tuple[str, Kind | None]]:
        draw, names = self._draw, self._names
        way = f"{draw.choice(names.cities if draw.random() < 0.5 else names.foreign_surnames)} {draw.choice(_WAYS_EN)}"
        post = draw.choice(
            (f"{draw.randint(10000, 99999)}", f"{draw.choice('BLMESNW')}{draw.randint(1, 20)} {draw.randint(1, 9)}AB")
        )
        town = draw.choice(names.cities)
        if draw.random() < 0.5:
            return [(f"{number} {way}", Kind.ADDRESS)]
        return [(f"{number} {way}{joint}{town}{draw.choice((' ', ', '))}{post}", Kind.ADDRESS)]

    def _address_of(self, address: Address) -> list[tuple[str, Kind | None]]:
        """Write an address of elsewhere on one line or several, whole or its street alone."""
        draw = self._draw
        turn = draw.random()
        if turn < 0.3:
            return [(address.street, Kind.ADDRESS)]
        if turn < 0.42:
            return [
                (address.street, Kind.ADDRESS),
                (draw.choice((" in ", ", ", "\n")), None),
                (address.town, Kind.PLACE),
            ]
        joint = draw.choice((", ", ", ", "\n", " ", "\n "))
        street = address.street.replace(", ", joint) if draw.random() < 0.5 else address.street
        whole = f"{street}{joint}{address.line_of_town()}"
        if draw.random() < 0.2:
            whole += draw.choice((", ", "\n", " ")) + draw.choice(_COUNTRIES_EN)
        return [(whole, Kind.ADDRESS)]

    def _value(self, slot: str) -> str:
        """Write a value that is no mention."""
        draw = self._draw
        makers: dict[str, Callable[[], str]] = {
            "D": self._date,
            "T": self._telephone,
            "E": self._email,
            "I": lambda: "".join(draw.choices(string.digits + "ABCDEF", k=draw.choice((4, 6, 8)))),
        }
        return makers[slot]()

    def _date(self) -> str:
        draw = self._draw
        day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1930, 2029)
        name = _MONTHS[month - 1]
        return draw.choice(
            (
                f"{day:02}/{month:02}/{year}",
                f"{day} {name} {year}",
                f"{year}-{month:02}-{day:02}",
                f"{name} {year}",
                str(year),
            )
        )

    def _telephone(self) -> str:
        draw = self._draw
        digits = [f"{draw.randint(0, 99):02}" for _ in range(4)]
        return draw.choice((" ", ".", "")).join([f"0{draw.randint(1, 9)}", *digits])

    def _email(self) -> str:
        draw = self._draw
        given, surname = draw_given(self._names, draw).lower(), draw_surname(self._names, draw).lower()
        return f"{given}{draw.choice('._-')}{surname}@{draw.choice(_MAIL_HOSTS)}"
