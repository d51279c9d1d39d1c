"""Whether an observation reaches a target. Pure; what cannot be compared is nobody's guess."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_CHINESE = {"千": 1_000, "万": 10_000, "亿": 100_000_000}
_GRADES = ("I", "II", "III", "IV", "V")


def number(text: str) -> Decimal | None:
    """The one number in a text such as ``1,200``, ``39`` or ``1.2%``; None for none or several."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _NUMBER.findall(plain)
    if len(found) != 1:
        return None
    try:
        value = Decimal(found[0].replace(",", ""))
    except InvalidOperation:
        return None
    behind = plain.split(found[0], 1)[1].strip()
    return value * _CHINESE.get(behind[:1], 1)


def _rank(text: str) -> Decimal | None:
    """A number, or a class of water: I is better than II."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("类").removeprefix("劣")
    if plain in _GRADES:
        return Decimal(_GRADES.index(plain) + 1)
    return number(text)


def reached(comparator: str, wanted: str, found: str) -> bool | None:
    """Whether `found` satisfies the comparator; None where the two cannot be compared."""
    goal, is_now = _rank(wanted), _rank(found)
    if goal is None or is_now is None:
        return found.strip() == wanted.strip() if comparator == "=" else None
    match comparator:
        case ">=":
            return is_now >= goal
        case "<=":
            return is_now <= goal
        case ">":
            return is_now > goal
        case "<":
            return is_now < goal
        case "=":
            return is_now == goal
    return None


def verdict(
    comparator: str, wanted: str, observed: str | None, due: date | None, today: date
) -> str:
    """``met``, ``short`` (there is time left), ``missed`` or ``none`` (nothing to be compared)."""
    if observed is None:
        return "none"
    found = reached(comparator, wanted, observed)
    if found is None:
        return "none"
    if found:
        return "met"
    return "missed" if due is not None and due < today else "short"
