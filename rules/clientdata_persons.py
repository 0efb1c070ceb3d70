"""Names and initials of people, seen from the words around them (DRV-12, PRIV-13).

Without a cue (title, kin word, role, label, preposition) only the first names of the list are recognised.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rules import clientdata_words as words
from rules.clientdata_normal import fold
from rules.clientdata_numbers import Span


class Token(NamedTuple):
    """A word, a number or one sign; `low` is the folded spelling."""

    text: str
    low: str
    start: int
    end: int


_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|[0-9]+|[^\w\s]|_")
_DOTTED = re.compile(r"(?<![\w.])(?:[^\W\d_]\. ?){1,4}[^\W\d_]\.?(?!\w)|(?<![\w.])[^\W\d_]\.(?!\w)")
_FAMILY_ENDING = re.compile(
    r"(?:ssens?|[dlmr]sens|aerts?|ckx?|inckx?|ynck|mans|eghem|eele|aere|ouck|illon|oglu|ovic|ova|ski)$"
)
_FAMILY_START = ("vande", "vanden", "vander", "verha", "vermeu")
_STREET_ENDINGS = words.STREETS + words.STREETS_CAPITAL
_RELATIONS = words.KIN | words.KIN_WEAK
_SOMEONE = words.CLIENTS | words.KIN | words.PERSONS
_NO_FAMILY_NAME = words.NOT_NAMES | words.PARTICLES | words.ROLES | words.GROUPS | words.PERSONS | words.JUNCTIONS
_NAMED_HOUSES = words.NAMED_AFTER | words.HOUSES
_NAME_SIGNS = frozenset(".:(\"'«“,")


def tokens_of(text: str) -> list[Token]:
    """The words, numbers and signs of a plain text, in order."""
    return [Token(match.group(), fold(match.group()), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def name_spans(text: str, tokens: list[Token]) -> Iterator[Span]:
    """Names and initials of people that a cue gives away, kind `name`."""
    told = _Case(tokens)
    for at, token in enumerate(tokens):
        end = _named_at(told, at)
        if end is not None:
            yield Span("name", token.start, end)
    for match in _DOTTED.finditer(text):
        if _bare_initials(match.group()):
            yield Span("name", match.start(), match.end())


def initials_seen(text: str, tokens: list[Token]) -> bool:
    """Whether a loose capital with a dot, or two capitals where a name would stand (met JP en MV), could be a person (warning only)."""
    case = _Case(tokens)
    for at, token in enumerate(tokens):
        pair = len(token.text) == 2 and token.text.isupper() and token.text.isalpha() and token.low not in words.NOT_INITIALS
        if pair and case.tells and (at == 0 or case.low(at - 1) in _BESIDE_INITIALS):
            return True
    for match in _DOTTED.finditer(text):
        letters = match.group().replace(".", "").replace(" ", "")
        if letters.isupper() and len(letters) == 1 and not text[: match.start()].rstrip(" ").endswith((".", "!", "?")):
            return match.start() > 0
    return False


_BESIDE_INITIALS = {"met", "en", "avec", "et", "with", "and", "voor", "pour", "for", "over", "sur", "about", "bij", "chez", "van", "de"}


class _Case:
    """The tokens with what their capitals can tell: nothing when nearly every word has one."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        long_words = [token.text for token in tokens if len(token.text) > 2 and token.text[0].isalpha()]
        capitals = sum(1 for word in long_words if word[0].isupper())
        self.tells = len(long_words) < 4 or capitals * 10 < len(long_words) * 7

    def get(self, at: int) -> Token | None:
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def low(self, at: int) -> str:
        return self.tokens[at].low if 0 <= at < len(self.tokens) else ""


def _named_at(case: _Case, at: int) -> int | None:
    """Where the name ends that the cue at this token introduces; None when the token is no such cue."""
    token = case.tokens[at]
    low = token.low
    if low in words.LABELS and case.low(at + 1) in (":", "="):
        value = case.get(at + 2)
        return value.end if value and value.text[0].isalpha() else None
    if low in words.LABELS and case.low(at + 1) in ("is", "est"):
        return _name(case, at + 2, strong=False)
    if low in words.TITLES and not (low in ("ms", "mr", "dr", "mw", "hr") and token.text.isupper() and case.tells):
        return _after_title(case, at)
    if token.text in ("M", "Mr") and case.low(at + 1) == "." and case.low(at - 1) not in (".", "m"):
        before = case.get(at - 1)
        return None if before and before.text.isdigit() else _name(case, at + 2, strong=True)
    if low in words.CLIENTS:
        after = _skip_signs(case, at + 1)
        return _initials(case, after) or _name(case, after, strong=case.tells and _no_comma(case, at + 1, after))
    if low in words.KIN:
        after = _skip_link(case, at + 1)
        titled = after == at + 1 and _capital(token)  # «Mama Café» is the name of an activity
        strong = case.tells and not titled and _no_comma(case, at + 1, after)
        return _initials(case, after) or _name(case, after, strong=strong)
    if low in words.KIN_WEAK or low.split("-")[-1] in words.ROLES or low in words.NAMED:
        after = _skip_link(case, at + 1)
        word = case.get(after)
        if low in words.NAMED and word and word.low in words.FIRST_NAMES and _name_in_small_letters(word.low):
            return word.end
        return _name(case, after, strong=False) or (_initials(case, after) if low in words.KIN_WEAK else None)
    if low in words.WITH:
        return _after_preposition(case, at + 1)
    return _beside_name(case, at)


def _after_title(case: _Case, at: int) -> int | None:
    title = case.tokens[at].low
    after = at + 1
    while case.low(after) in (".", ":") and after < at + 3:
        after += 1
    found = _initials(case, after) or _name(case, after, strong=True, shout=case.tokens[at].text.isupper())
    word = case.get(after)
    if found or word is None or title not in words.ABBREVIATED_TITLES or after == len(case.tokens):
        return found
    if title in ("madame", "monsieur", "mevrouw") or len(word.low) < 3 or word.low in _NO_FAMILY_NAME:
        return None
    return word.end if word.text.isalpha() else None


def _after_preposition(case: _Case, at: int) -> int | None:
    """A listed first name after a preposition, but not the name of a street or a house called after someone."""
    word = case.get(at)
    if word is None or not _listed_first(word.low) or not (_capital(word) or _name_in_small_letters(word.low)):
        return None
    following = case.low(at + 1)
    if following == "@" and not _capital(word):
        return None
    if following in words.NAMED_AFTER or following.endswith(_STREET_ENDINGS):
        return None
    return word.end if case.tells or word.low in words.FIRST_NAMES else None


def _name_in_small_letters(low: str) -> bool:
    return len(low) > 3 and low not in words.CAPITAL_NAMES


def _beside_name(case: _Case, at: int) -> int | None:
    """First name with family name in either order, initial with family name, and «Lina's moeder»."""
    token, before = case.tokens[at], case.low(at - 1)
    if not _capital(token):
        return _in_small_letters(case, at)
    if case.low(at + 1) in ("'", "’") and case.low(at + 2) == "s":
        owned = case.low(at + 3)
        return token.end if owned in _RELATIONS and token.low not in words.NOT_NAMES else None
    if before in words.HOUSES or ("-" in token.text and before.endswith("-")):
        return None
    first, second = _listed_first(token.low), case.get(at + 1)
    if first and _stands_alone(case, at):
        return _family_name(case, at + 1) or token.end
    if first and second and (second.low in words.KIN or (second.low == "(" and _age_follows(case, at + 2))):
        return token.end
    if len(token.text) == 1 and case.low(at + 1) == ".":
        family = case.get(at + 2)
        return family.end if family and _capital(family) and _family_shape(family.low) else None
    if first:
        return _family_name(case, at + 1)
    if token.low in words.SURNAMES and second and _capital(second) and _listed_first(second.low):
        return second.end
    return None


def _in_small_letters(case: _Case, at: int) -> int | None:
    """A listed name without a capital that its neighbours make a person: «nora haar mama», «kevin d.», «opvolging thomas»."""
    low, following, second = case.low(at), case.low(at + 1), case.low(at + 2)
    if len(following) > 3 and low in words.SURNAMES and following in words.FIRST_NAMES and _name_in_small_letters(following):
        return case.tokens[at + 1].end
    if low not in words.FIRST_NAMES or not _name_in_small_letters(low):
        return None
    if case.low(at - 1) in words.ACTS:
        return case.tokens[at].end
    initial = len(following) == 1 and following.isalpha() and second == "."
    owned = following in words.OWN and second in _RELATIONS
    family = len(following) > 3 and following in words.SURNAMES
    return case.tokens[at + 1].end if initial or owned or family else None


def _stands_alone(case: _Case, at: int) -> bool:
    """Whether a listed first name is more than part of a house's, street's or campaign's name."""
    token, before, following = case.tokens[at], case.get(at - 1), case.get(at + 1)
    if token.low in words.WORDY_NAMES or (token.text.isupper() and case.tells):
        return False
    named_house = before is not None and before.text[0].isupper() and before.low.split("-")[-1] not in words.ROLES
    named_house = named_house and case.low(at - 1) not in words.ACTS
    if before and (named_house or before.low in words.HOUSES or before.text in "'«“\"-"):
        return False
    if following is None:
        return True
    if following.text.isdigit() or following.low in words.NAMED_AFTER:
        return False
    return not following.low.endswith(_STREET_ENDINGS)


def _family_name(case: _Case, at: int) -> int | None:
    after = at
    while case.low(after) in words.PARTICLES and after < at + 3:
        after += 1
    word = case.get(after)
    if word is None or not _capital(word) or word.low in words.NOT_NAMES or word.low in _NAMED_HOUSES:
        return None
    if word.low.endswith(_STREET_ENDINGS) or (not case.tells and not _family_shape(word.low)):
        return None
    if word.text.isupper() and not _family_shape(word.low):
        return None
    if after > at and case.low(at) not in (
        "de",
        "van",
        "vande",
        "vanden",
        "vander",
        "den",
        "el",
        "al",
        "ben",
        "le",
        "du",
    ):
        return None
    # «Emma van Vlaanderen» is kept as a name; «Jan van OverKop» is a role, and the preposition rule sees it anyway.
    return (
        word.end
        if sum(1 for char in word.text if char.isupper()) <= 1 + ("-" in word.text) or word.text.isupper()
        else None
    )


def _name(case: _Case, at: int, *, strong: bool, shout: bool = False) -> int | None:
    """End of the name that starts here, particles first; without `strong` only listed or family-shaped words count."""
    after = at
    while case.low(after) in words.PARTICLES and after < at + 3:
        after += 1
        if case.low(after) == "'":
            after += 1
    if case.low(after) in ("d", "o", "n", "m") and case.low(after + 1) == "'":
        after += 2
    word = case.get(after)
    if word is None or not word.text[0].isalpha() or word.low in words.NOT_NAMES or len(word.text) < 2:
        return None
    head = word.low.split("-")[0]
    if head in ("sint", "saint", "sainte", "st", "onze"):
        return None
    capital = _capital(word)
    listed = _listed_first(word.low) or (_listed_first(head) and "-" in word.low)
    small = len(word.low) > 3 or (len(word.low) == 3 and word.low not in words.CAPITAL_NAMES)
    if listed and (capital or (small and after == at and strong)):
        return word.end
    if capital and case.low(after - 1) in words.BEFORE_NAME and after > at:
        return word.end
    if word.low in words.SURNAMES or _FAMILY_ENDING.search(word.low):
        return word.end if capital or (strong and word.low in words.SURNAMES) else None
    if not capital or (not strong and not word.low.startswith(_FAMILY_START)):
        return None
    inner = sum(1 for char in word.text if char.isupper())
    if word.text.isupper():
        return word.end if shout and len(word.text) > 3 else None
    return word.end if inner <= 1 + word.text.count("-") or word.low.startswith("mc") else None


def _initials(case: _Case, at: int) -> int | None:
    """End of «J.V.», «J. V», «JV» or «J.» at this token, else None."""
    letters, after, end = "", at, 0
    while (word := case.get(after)) and len(word.text) == 1 and word.text.isupper() and len(letters) < 4:
        dotted = case.low(after + 1) == "."
        letters, end = letters + word.text, case.tokens[after + dotted].end
        after += 1 + dotted
        if not dotted:
            break
    if letters and (len(letters) > 1 or case.low(after - 1) == ".") and letters not in ("X", "XY"):
        return end
    pair = case.get(at)
    if pair and len(pair.text) == 2 and pair.text.isupper() and pair.low not in words.NOT_INITIALS and case.tells:
        return pair.end
    return None


def _bare_initials(spelled: str) -> bool:
    letters = spelled.replace(".", "").replace(" ", "")
    return (
        letters.isupper()
        and 2 <= len(letters) <= 3
        and spelled.count(".") >= 2
        and letters.lower() not in words.ABBREVIATIONS
    )


def _skip_signs(case: _Case, at: int) -> int:
    after = at
    while after < at + 6 and (case.low(after) in _NAME_SIGNS or case.low(after) in words.NAMED):
        if case.low(after) == ".":
            return at if after > at else len(case.tokens)
        after += 1
    return after


def _skip_link(case: _Case, at: int) -> int:
    after = (
        at + 1
        if case.low(at) in ("van", "de", "d", "of", "du", "met", "rond", "over", "genaamd", "named", "about")
        else at
    )
    if case.low(after) == "'":
        after += 1
    if case.low(after) in ("kleine", "petit", "petite", "little", "jonge"):
        after += 1
    if after > at and case.low(after) in _SOMEONE:
        return len(case.tokens)
    return _skip_signs(case, after)


def _no_comma(case: _Case, first: int, last: int) -> bool:
    return all(case.low(at) != "," for at in range(first, min(last, first + 8)))


def _age_follows(case: _Case, at: int) -> bool:
    number = case.get(at)
    return number is not None and number.text.isdigit() and int(number.text[:4]) < 110


def _capital(token: Token) -> bool:
    return token.text[0].isupper()


def _listed_first(low: str) -> bool:
    return low in words.FIRST_NAMES or (
        "-" in low and low.split("-")[0] in words.FIRST_NAMES and low.split("-")[1] in words.FIRST_NAMES
    )


def _family_shape(low: str) -> bool:
    return low in words.SURNAMES or low.startswith(_FAMILY_START) or _FAMILY_ENDING.search(low) is not None
