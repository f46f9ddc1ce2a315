"""Numbers told to a reader: the decimal sign is a comma in French and a point in English.

Law: the one place where what is proven, rehearsed or supposed writes a decimal.
"""


def said_number(value: float, *, fr: bool, digits: int | None = None) -> str:
    """Say a number with the decimal sign of the language; as many digits as it has, or so many decimals."""
    text = f"{value:g}" if digits is None else f"{value:.{digits}f}"
    return text.replace(".", ",") if fr else text
