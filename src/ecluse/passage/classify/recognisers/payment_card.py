"""Payment card numbers: 13 to 19 digits of a known network, with the Luhn sum (ISO/IEC 7812-1).

The numbers that networks and payment services publish for tests are not believed, unless a word for a card stands
beside them and no word for a test.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import bare, before, beside, clear_of_digits, luhn, words
from ecluse.passage.classify.recogniser import DOUBTFUL, LIKELY, PLAUSIBLE, STRONG, WEAK, Candidate, Hit, Recogniser

_NETWORK = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|62\d{14,17}"
    r"|(?:5[06-8]|6[0-9])\d{11,17}"
)
_NEAR = re.compile(r"\b(?:cartes?|cards?|cb|visa|mastercard|amex|american express|pan|paiement|kreditkarte|tarjeta)\b")
_TEST = re.compile(r"\b(?:tests?|exemples?|examples?|samples?|sandbox|fictif|factice|dummy|fake|mock)\b")
_OTHER_NUMBER = re.compile(r"(?:siret|siren|iban|nir|tva|imei|isbn|ean)\W{0,12}$")
_PUBLISHED = words(
    "4111111111111111 4242424242424242 4012888888881881 4222222222222 4000056655665556 5555555555554444 "
    "5105105105105100 5200828282828210 2223003122003222 378282246310005 371449635398431 6011111111111117 "
    "6011000990139424 3530111333300000 30569309025904 38520000023237 4917484589897107"
)
_FOURS = re.compile(r"\d{4}[ .-]{1,2}\d{4}[ .-]{1,2}\d{4}[ .-]{1,2}\d{1,7}|\d{4}[ .-]{1,2}\d{6}[ .-]{1,2}\d{4,5}")


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not clear_of_digits(text, start, end) or _OTHER_NUMBER.search(before(text, start)):
        return None
    near = beside(_NEAR, text, start, end)
    belief = _belief(candidate, near=near, tested=near and beside(_TEST, text, start, end))
    return Hit(start, end, *belief) if belief else None


def _belief(candidate: Candidate, *, near: bool, tested: bool) -> tuple[float, str] | None:
    digits = bare(candidate.value)
    if digits in _PUBLISHED or len(set(digits[4:])) == 1:
        return WEAK if near and not tested else DOUBTFUL, "a number published for tests"
    if not luhn(digits):
        return (WEAK, "the Luhn sum is wrong, but a word says that it is a card") if near else None
    if near:
        return STRONG, "the Luhn sum is right, beside a word for a card"
    if not _NETWORK.fullmatch(digits):
        return None
    if _FOURS.fullmatch(candidate.value.replace("\n", " ")):
        return LIKELY, "a card network's number with the Luhn sum, spaced as on a card"
    return PLAUSIBLE, "a card network's number with the Luhn sum"


RECOGNISER = Recogniser(
    name="payment_card",
    kind="payment_card",
    data_class=DataClass.PAYMENT,
    patterns=(
        r"\b[1-6]\d{3}[ .\n-]{0,2}\d{4}[ .\n-]{0,2}\d{4}[ .\n-]{0,2}\d{1,7}",
        r"\b[56]\d{11}\b",
        r"\b3\d{3}[ .\n-]{1,2}\d{6}[ .\n-]{1,2}\d{4,5}",
    ),
    verify=_verify,
    across=True,
)
