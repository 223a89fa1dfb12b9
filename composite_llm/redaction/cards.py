"""Payment card numbers, told from other long numbers: by who issues them, by their grouping and their check digit."""

import re

_NETWORKS = re.compile(
    r"""
    4(?:\d{12}|\d{15}|\d{18})                                                     # Visa
    | (?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}            # Mastercard
    | 3[47]\d{13}                                                                 # American Express
    | 3(?:0[0-5]|09|6\d|[89]\d)\d{11,16}                                          # Diners Club
    | 35(?:2[89]|[3-8]\d)\d{12,15}                                                # JCB
    | (?:6011\d\d|64[4-9]\d{3}|65\d{4}|62\d{4}|60\d{4}|81\d{4})\d{10,13}          # Discover, UnionPay, RuPay
    | (?:50\d\d|5[6-8]\d\d|6[37]\d\d)\d{9,15}                                     # Maestro
    | 220[0-4]\d{12,15}                                                           # Mir
    """,
    re.VERBOSE,
)
_SEPARATOR = r"[ \u00a0.\u2010-\u2015-]"
_NUMBER = re.compile(
    # Not inside a word, nor behind the point of a fraction.
    r"(?:(?<![^\W_])(?<!\d\.)|(?<=\\[bfnrt]))"
    rf"(?:\d{{13,}}|\d{{4}}(?:{_SEPARATOR}\d{{1,7}}){{2,}})(?![^\W_])"
)
_FOUR_DIGITS = re.compile(r"\d{4}")
"""Every card number has them; looking for them first is quicker than looking for what stands before them."""
_GROUP = re.compile(r"\d+")
_FEWEST, _MOST = 13, 19


def without_cards(text: str) -> str:
    return _NUMBER.sub(_masked, text) if _FOUR_DIGITS.search(text) else text


def is_card(number: float) -> bool:
    """Also of a fraction that is none: some senders know numbers of one kind only."""
    return 10 ** (_FEWEST - 1) <= number < 10**_MOST and number == int(number) and _is_card(str(int(number)))


def _masked(found: re.Match[str]) -> str:
    """The number with each card in it replaced: an expiry date or a check code may stand right behind one."""
    text = found[0]
    groups = [(group.start(), group.end()) for group in _GROUP.finditer(text)]
    kept: list[str] = []
    done = first = 0
    while first < len(groups):
        last = _end_of_card(text, groups, first)
        if last is None:
            first += 1
            continue
        kept += [text[done : groups[first][0]], "[card]"]
        done, first = groups[last][1], last + 1
    return "".join(kept) + text[done:]


def _end_of_card(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last of the groups that make one card number from `first` on."""
    digits = ""
    for last in range(first, len(groups)):
        start, end = groups[last]
        digits += text[start:end]
        if len(digits) > _MOST:
            return None
        if len(digits) >= _FEWEST and _is_card(digits):
            return last
    return None


def _is_card(digits: str) -> bool:
    return _NETWORKS.fullmatch(digits) is not None and _checks(digits)


def _checks(digits: str) -> bool:
    """Luhn's check: every second digit from the right counts double, and the sum ends in 0."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
