"""Postal addresses of other countries than France, as Faker makes them: streets, towns and postcodes of nobody.

Law: the same version of Faker and the same seed give the same addresses.
"""

from dataclasses import dataclass
from typing import Final

from faker import Faker

_BEFORE_TOWN: Final = (
    "de_DE", "de_AT", "es_ES", "it_IT", "nl_NL", "nl_BE", "pl_PL", "pt_PT", "fi_FI", "sv_SE", "da_DK", "no_NO", "cs_CZ",
    "hr_HR", "fr_BE", "fr_CH",
)  # fmt: skip
_AFTER_TOWN: Final = ("en_US", "en_US", "en_US", "en_GB", "en_GB", "en_IE", "en_CA", "en_AU")
_REGION: Final = {"en_US": "state_abbr", "en_CA": "province_abbr", "en_AU": "state_abbr"}
_EACH = 260


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address in its parts; `after` says that the postcode stands after the town, as in English."""

    street: str
    town: str
    region: str
    postcode: str
    after: bool

    def line_of_town(self) -> str:
        """Write the line with the town and the postcode."""
        if not self.after:
            return f"{self.postcode} {self.town}"
        return f"{self.town}, {self.region} {self.postcode}" if self.region else f"{self.town} {self.postcode}"


def drawn(seed: int) -> tuple[Address, ...]:
    """Draw as many addresses of each country."""
    found: list[Address] = []
    for nth, locale in enumerate((*_BEFORE_TOWN, *_AFTER_TOWN)):
        fake = Faker(locale)
        fake.seed_instance(seed + nth)
        for _ in range(_EACH):
            region = getattr(fake, _REGION[locale])() if locale in _REGION else ""
            street = fake.street_address().replace("\n", ", ")
            found.append(
                Address(
                    street=street,
                    town=fake.city(),
                    region=region,
                    postcode=fake.postcode(),
                    after=nth >= len(_BEFORE_TOWN),
                )
            )
    return tuple(found)
