"""Numbers and addresses on the net that point at one person: found by layout and check number, never by a list.

All functions here take the plain spelling (clientdata_normal) and give spans in it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Span(NamedTuple):
    """Kind of what was seen, and where: first position and the one after the last."""

    kind: str
    start: int
    end: int


class Window(NamedTuple):
    """Neighbouring groups of digits with at most three separators between two of them."""

    digits: str
    sizes: tuple[int, ...]
    gaps: tuple[str, ...]
    start: int
    end: int


_GROUP = re.compile(r"[0-9]+")
_SEPARATORS = frozenset(" ./_-,:;|\\'()~=*#")
_PHONE_GAPS = frozenset(" ./_-()'")

_LAYOUT = (2, 2, 2, 3, 2)
_LAYOUT_CUTS = frozenset({2, 4, 6, 9})
_FULL_YEAR = {(13,), (8, 5), (8, 3, 2), (4, 2, 2, 5), (4, 2, 2, 3, 2)}
_FIXED_LINE = {
    (9,), (2, 7), (2, 3, 4), (2, 3, 2, 2), (2, 2, 2, 3), (2, 2, 3, 2), (5, 2, 2), (2, 1, 2, 2, 2), (3, 6), (3, 2, 2, 2),
    (3, 3, 3), (3, 2, 4), (3, 4, 2),
}  # fmt: skip
_MOBILE_NO_ZERO = {(9,), (3, 6), (3, 2, 2, 2)}
_MOBILE = {
    (10,), (4, 6), (4, 2, 2, 2), (4, 3, 3), (2, 2, 2, 2, 2), (2, 8), (3, 7), (3, 3, 2, 2), (4, 2, 4), (4, 4, 2),
    (6, 2, 2),
}  # fmt: skip
_NEIGHBOUR = {(10,), (2, 8), (3, 7), (4, 6)}
_REFERENCE = {(12,), (3, 4, 5)}
_IDENTITY_CARD = (3, 7, 2)
_CARD = {(16,), (4, 4, 4, 4), (15,), (4, 6, 5)}
_ENTERPRISE = (4, 3, 3)
_KNOWN_SIZES = frozenset(
    _FULL_YEAR | _FIXED_LINE | _MOBILE_NO_ZERO | _MOBILE | _NEIGHBOUR | _REFERENCE | _CARD
    | {_IDENTITY_CARD, _ENTERPRISE, (1,) * 9, (1,) * 10}
)  # fmt: skip

_ABROAD = re.compile(r"(?<![0-9+])(?:\+|(?<![:.,hHuU])00) ?\(?[1-9](?:[ ./_()\-]{0,3}[0-9]){7,14}(?![0-9])")
_TOLD_PHONE = re.compile(
    r"(?<!\w)(?:tel|telefoon|telefoonnummer|telnr|gsm|gsmnr|gsm-nummer|mobiel|whatsapp|t[eé]l[eé]phone|t[eé]l|phone|"
    r"mobile|cell)(?: ?(?:nr|nummer|num[eé]ro|number))?[ .:=]{1,4}(?:op |is |au |at )?"
    r"([0-9](?:[ ./_()\-]{0,2}[0-9]){5,14})(?![0-9])",
    re.IGNORECASE,
)
_TOLD_NATIONAL = re.compile(
    r"(?<!\w)(?:rijksreg(?:ister)?(?:nummer|nr)?|rr|rrn|insz|niss|bis-?nummer|bsn|nn|registre national|num[eé]ro national|"
    r"national (?:register )?number|nationaal|riziv|inami)(?: ?(?:nr|nummer|number))?[ .:=(]{1,4}(?:is )?"
    r"([0-9](?:[ ./_()\-]{0,2}[0-9]){7,14})",
    re.IGNORECASE,
)
_NATIONAL_TOLD_AFTER = re.compile(
    r"(?<![0-9])([0-9](?:[ ./_()\-]{0,2}[0-9]){10}) ?\(?(?:rr|rrn|insz|niss|rijksregister)(?!\w)", re.IGNORECASE
)
_TOLD_REFERENCE = re.compile(r"([+*]{3}) ?[0-9]{3} ?[/ .\-] ?[0-9]{4} ?[/ .\-] ?[0-9]{5} ?[+*]{3}")
_EMAIL = re.compile(
    r"[\w.%+'\-]{1,64}(?:@|\(at\)|\[at\])[\w\-]{1,63}(?:(?:\.|\(dot\)|\[dot\])[\w\-]{2,63}){1,6}", re.IGNORECASE
)
_EMAIL_SPACED = re.compile(
    r"[\w.%+'\-]{1,64} ?(?:@|\(at\)|\[at\]|\{at\}) ?[\w.\-]{1,63} ?(?:\.|\(dot\)|\[dot\]|\{dot\}|\(punt\)|\(point\)) ?"
    r"(?:be|com|nl|fr|de|eu|net|org|lu|uk|brussels|vlaanderen|gent)(?!\w)",
    re.IGNORECASE,
)
_EMAIL_SPOKEN = re.compile(
    r"(?<!\w)[\w.\-]{2,64} (?:(?:at|apenstaart(?:je)?|arobase) [\w\-]{2,63} (?:dot|punt|point) |"
    r"(?:apenstaart(?:je)?|arobase) [\w\-]{2,63}\.)[a-z]{2,6}(?!\w)",
    re.IGNORECASE,
)
_MAILBOX = re.compile(
    r"[\w.%+\-]{1,64} ?(?:@|\(at\)|\[at\]) ?"
    r"(?:gmail|hotmail|outlook|telenet|skynet|yahoo|proximus|icloud|live|proton|msn)(?!\w)",
    re.IGNORECASE,
)
_MAILBOX_SPOKEN = re.compile(
    r"(?<!\w)(?:gmail|hotmail|outlook|telenet|skynet|yahoo|proximus|icloud) ?(?:dot|punt|point) ?(?:com|be|fr|nl|net)(?!\w)",
    re.IGNORECASE,
)
_WRITTEN_AT = frozenset({"@", "(at)", "[at]", "{at}"})
_AT = re.compile(r"@|\(at\)|\[at\]|\{at\}|(?<= )at(?= )|apenstaart|arobase", re.IGNORECASE)
_IBAN_HEAD = re.compile(r"(?<![^\W\d_])[A-Za-z]{2}[ .\-]{0,2}[0-9] ?[0-9]")
_IBAN_LENGTH = {
    "AD": 24, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip


def windows(text: str) -> Iterator[Window]:
    """Every row of neighbouring digit groups that has 11 digits in all, or the sizes of some other kind of number."""
    spots = [(match.start(), match.end()) for match in _GROUP.finditer(text)]
    sizes = [end - start for start, end in spots]
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(spots)]
    every_digit = "".join(text[start:end] for start, end in spots)
    passed = 0
    linked = [len(gap) <= 3 and _SEPARATORS.issuperset(gap) for gap in gaps]
    for first in range(len(spots)):
        total = 0
        for last in range(first, min(first + 16, len(spots))):
            if last > first and not linked[last - 1]:
                break
            total += sizes[last]
            if total > 16:
                break
            if total == 11 or (total > 8 and tuple(sizes[first : last + 1]) in _KNOWN_SIZES):
                row = tuple(sizes[first : last + 1]), tuple(gaps[first:last])
                yield Window(every_digit[passed : passed + total], *row, spots[first][0], spots[last][1])
        passed += sizes[first]


def is_national(window: Window) -> bool:
    """Whether these 11 digits are a national number (DRV-12): the written layout, or a right check number.

    Both century rules count. Groups cut in other places than a national number's must also start like a birth day.
    """
    digits, sizes = window.digits, window.sizes
    if len(digits) != 11:
        return False
    if sizes == _LAYOUT and not any(set(gap) & {",", ";", ":"} for gap in window.gaps):
        return True
    if not _checked(digits):
        return False
    cuts = {sum(sizes[:count]) for count in range(1, len(sizes))}
    return cuts <= _LAYOUT_CUTS or _starts_with_birth_day(digits)


def number_spans(text: str) -> list[Span]:
    """All numbers and e-mail addresses in the text; where two overlap the surer kind is given, national first."""
    kept: list[Span] = []
    taken = bytearray(len(text))
    rows = list(windows(text))
    nationals = (Span("national_number", row.start, row.end) for row in rows if is_national(row))
    in_figures = (_ibans(text), _references(text), _checked_rows(rows), _told(text), _phones(text, rows))
    finders = (nationals, _emails(text), *in_figures) if _GROUP.search(text) else (_emails(text),)
    for found in finders:
        for span in found:
            if not any(taken[span.start : span.end]):
                taken[span.start : span.end] = b"\x01" * (span.end - span.start)
                kept.append(span)
    return kept


def _emails(text: str) -> Iterator[Span]:
    signs = {match.group().lower() for match in _AT.finditer(text)}
    patterns: tuple[re.Pattern[str], ...] = (_MAILBOX_SPOKEN,)
    if not signs.isdisjoint(_WRITTEN_AT):
        patterns += (_EMAIL, _EMAIL_SPACED, _MAILBOX)
    if not signs <= _WRITTEN_AT:
        patterns += (_EMAIL_SPOKEN,)
    for pattern in patterns:
        yield from (Span("email", match.start(), match.end()) for match in pattern.finditer(text))


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN_HEAD.finditer(text):
        wanted = _IBAN_LENGTH.get(match.group()[:2].upper())
        at, spelled, skipped = match.start(), "", 0
        while wanted and at < len(text) and len(spelled) < wanted and skipped <= 2:
            char = text[at]
            at += 1
            if char.isascii() and char.isalnum():
                spelled, skipped = spelled + char.upper(), 0
            elif char in " ./_-":
                skipped += 1
            else:
                break
        if wanted == len(spelled) and int("".join(str(int(char, 36)) for char in spelled[4:] + spelled[:4])) % 97 == 1:
            yield Span("iban", match.start(), at)


def _references(text: str) -> Iterator[Span]:
    return (Span("structured_communication", match.start(), match.end()) for match in _TOLD_REFERENCE.finditer(text))


def _checked_rows(rows: list[Window]) -> Iterator[Span]:
    for row in rows:
        kind = _kind_by_check(row)
        if kind:
            yield Span(kind, row.start, row.end)


def _kind_by_check(row: Window) -> str | None:
    sizes, digits = row.sizes, row.digits
    if (
        sizes in _FULL_YEAR
        and digits[:2] in ("19", "20")
        and _checked(digits[2:])
        and _starts_with_birth_day(digits[2:])
    ):
        return "national_number"
    if (sizes in _REFERENCE or sizes == _IDENTITY_CARD) and (int(digits[:10]) % 97 or 97) == int(digits[10:]):
        return "identity_card" if sizes == _IDENTITY_CARD else "structured_communication"
    if sizes in _CARD and digits.startswith(("2", "34", "37", "4", "5", "6")) and _luhn(digits):
        return "card_number"
    enterprise = (sizes == _ENTERPRISE and digits[0] in "01") or (sizes == (10,) and digits[0] == "0")
    return "enterprise_number" if enterprise and 97 - int(digits[:8]) % 97 == int(digits[8:]) else None


def _told(text: str) -> Iterator[Span]:
    told = ((_TOLD_NATIONAL, "national_number"), (_NATIONAL_TOLD_AFTER, "national_number"), (_TOLD_PHONE, "phone"))
    for pattern, kind in told:
        for match in pattern.finditer(text):
            if not _is_date(tuple(_GROUP.findall(match.group(1))[:3])):
                yield Span(kind, match.start(1), match.end(1))


def _phones(text: str, rows: list[Window]) -> Iterator[Span]:
    yield from (Span("phone", match.start(), match.end()) for match in _ABROAD.finditer(text))
    yield from (Span("phone", row.start, row.end) for row in rows if _is_phone(row))


def _is_phone(row: Window) -> bool:
    sizes, digits = row.sizes, row.digits
    if len(digits) > 11 or digits[0] not in "034" or not all(_PHONE_GAPS.issuperset(gap) for gap in row.gaps):
        return False
    if len(digits) == 11:
        return digits[:3] == "324" and digits[3] in "56789"
    if len(set(row.gaps[:2])) == 1 and row.gaps[0] in ("/", ".", "-") and _is_date(_first_groups(row)):
        return False
    spelled_out = set(sizes) == {1} and digits[0] == "0"
    if len(digits) == 9:
        if digits[0] == "0" and digits[1] != "0":
            return spelled_out or sizes in _FIXED_LINE
        return digits[0] == "4" and digits[1] in "56789" and sizes in _MOBILE_NO_ZERO
    if digits[0] != "0" or digits[1] == "0":
        return False
    if digits[1] == "4" and digits[2] in "56789":
        return spelled_out or sizes in _MOBILE
    return sizes in _NEIGHBOUR or (sizes == (2, 2, 2, 2, 2) and len(set(row.gaps)) == 1)


def _is_date(groups: tuple[str, ...]) -> bool:
    if len(groups) < 3 or len(groups[0]) > 2 or len(groups[1]) > 2 or len(groups[2]) not in (2, 4):
        return len(groups) == 3 and len(groups[0]) == 4 and groups[0][:2] in ("19", "20") and int(groups[1]) <= 12
    return 1 <= int(groups[0]) <= 31 and 1 <= int(groups[1]) <= 12


def _first_groups(row: Window) -> tuple[str, ...]:
    first, second, third = (*row.sizes, 0, 0)[:3]
    return row.digits[:first], row.digits[first : first + second], row.digits[first + second : first + second + third]


def _checked(digits: str) -> bool:
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def _starts_with_birth_day(digits: str) -> bool:
    # A BIS number has 20 or 40 added to the month; unknown months and days are written as zero.
    return int(digits[2:4]) % 20 <= 12 and int(digits[2:4]) < 60 and int(digits[4:6]) <= 31


def _luhn(digits: str) -> bool:
    doubled = (int(char) * (1 + place % 2) for place, char in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
