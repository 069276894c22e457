"""Numbers as people write them."""


def decimal(value: float) -> str:
    """Return a number with two decimals, a small one with two digits that are not zero."""
    if value >= 0.1 or not value:
        return f"{value:,.2f}"
    return f"{float(f'{value:.2g}'):.9f}".rstrip("0")


def percentage(part: int, whole: int) -> str:
    """Return a share with one decimal: 39.6, or <0.1 where it would round to nothing."""
    share = 100 * part / whole
    return f"{share:.1f}" if share >= 0.05 or not part else "<0.1"


def superscript(number: int) -> str:
    """Return a whole number as an exponent is written: ⁻⁹."""
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
