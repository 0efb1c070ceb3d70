"""Street and house number in Dutch, French or English spelling; a street without a number is no address."""

from collections.abc import Iterator

from rules import clientdata_words as words
from rules.clientdata_numbers import Span
from rules.clientdata_persons import Token

_STREET_ENDINGS = words.STREETS + words.STREETS_CAPITAL
_NO_STREET_NAME = words.JUNCTIONS | words.WITH


def address_spans(tokens: list[Token]) -> Iterator[Span]:
    """Street and house number in Dutch, French or English spelling, kind `address`."""
    for at, token in enumerate(tokens):
        end = _house_first(tokens, at) if token.text.isdigit() else _street_first(tokens, at) or _told(tokens, at)
        if end is not None:
            yield Span("address", token.start, end)


def _street_first(tokens: list[Token], at: int) -> int | None:
    token = tokens[at]
    low = token.low
    if low in words.RUES:
        return _rue(tokens, at)
    is_market = low == "markt" and at > 0 and tokens[at - 1].low in ("grote", "oude", "nieuwe")
    if low in words.NOT_STREETS and not is_market:
        return None
    if not is_market and not low.endswith(_STREET_ENDINGS):
        return None
    known = any(low.endswith(ending) and len(low) > len(ending) for ending in words.STREETS)
    likely = any(low.endswith(ending) and len(low) > len(ending) + 2 for ending in words.STREETS_CAPITAL)
    if not (known or is_market or (likely and token.text[0].isupper() and token.text[1:].islower())):
        return None
    after = at + 1
    while after < len(tokens) and tokens[after].low in (".", ",", "nr", "n", "°", "nummer"):
        after += 1
    end = _house(tokens, after)
    if (
        at == 0
        and not (known or is_market)
        and after + 1 < len(tokens)
        and tokens[after + 1].low not in (",", ".", "bus", "te")
    ):
        return None  # the capital of a first word tells nothing
    return end


def _lives(tokens: list[Token], at: int) -> bool:
    """Whether «woont», «habite» or the like stands in the three words before."""
    return any(token.low in words.LIVES for token in tokens[max(0, at - 3) : at])


def _told(tokens: list[Token], at: int) -> int | None:
    """«adres: Ter Linden 5», «woont Kouter 12»: up to three words with a capital in front, then a house number."""
    after = at + 1
    if tokens[at].low not in words.LIVES:
        return None
    while after < len(tokens) and after < at + 3 and tokens[after].low in (":", "is", "est", "op", "in", "te", "at"):
        after += 1
    for place in range(after + 1, min(after + 4, len(tokens))):
        if tokens[after].text[0].isupper() and tokens[place].text.isdigit() and tokens[place - 1].text[0].isalpha():
            return _house(tokens, place)
    return None


def _rue(tokens: list[Token], at: int) -> int | None:
    after, named, linked = at + 1, _lives(tokens, at), False
    while after < len(tokens) and after < at + 9:
        word = tokens[after]
        if word.text.isdigit():
            sure = tokens[at].low in ("rue", "avenue", "av", "chaussee", "boulevard") and linked
            return _house(tokens, after) if named or sure else None
        if word.low in _NO_STREET_NAME or not (word.text[0].isalpha() or word.low in (".", ",", "'")):
            return None
        named = named or (word.text[0].isupper() and len(word.text) > 2)
        linked = linked or word.low in ("de", "du", "des", "la", "le", "d", "l")
        after += 1
    return None


def _house(tokens: list[Token], at: int) -> int | None:
    """End of the house number at this token; None for a year, an hour or a count of people or things."""
    if at >= len(tokens) or not tokens[at].text.isdigit() or len(tokens[at].text) > 4:
        return None
    number = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if len(number.text) == 4 and 1900 <= int(number.text) <= 2100:
        return None
    if following is None:
        return number.end
    glued = following.start == number.end
    if following.low in words.COUNTED or (glued and following.low[:1] in ("u", "h") and len(following.low) <= 2):
        return None
    second = tokens[at + 2] if at + 2 < len(tokens) else None
    if (
        glued
        and second is not None
        and second.start == following.end
        and following.low in (":", ".", "/", "-", "%", "+")
    ):
        box = (
            following.low in ("/", "-")
            and second.text.isdigit()
            and (int(number.text) > 31 or int(second.text[:6]) > 12)
        )
        return second.end if box else None
    return number.end


def _house_first(tokens: list[Token], at: int) -> int | None:
    after = at + 1
    while after < len(tokens) and after < at + 3 and tokens[after].low in (",", "bis", "ter"):
        after += 1
    if after < len(tokens) and tokens[after].low in words.RUES and len(tokens[at].text) < 4:
        named = next(
            (word for word in tokens[after + 1 : after + 5] if word.low not in words.PARTICLES and word.low != "'"),
            None,
        )
        sure = (
            tokens[after].low in ("rue", "avenue", "boulevard", "chaussee")
            and named is not None
            and after + 1 < len(tokens)
        )
        if named is not None and (named.text[0].isupper() or (sure and tokens[after + 1].low in words.PARTICLES)):
            return named.end
    for place in range(after + 1, min(after + 4, len(tokens))):
        capitals = all(word.text[0].isupper() for word in tokens[after : place + 1])
        if tokens[place].low in words.ROADS and (capitals or _lives(tokens, at)):
            return tokens[place].end
    return None
