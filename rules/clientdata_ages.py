"""Birth dates, and an age said of one person: «jongen van 14», «née le 3 mai 2010»; an age band of a group is clean."""

import re
from collections.abc import Iterator

from rules import clientdata_words as words
from rules.clientdata_numbers import Span
from rules.clientdata_persons import Token, tokens_of

_MONTH = "(?:" + "|".join(sorted(words.MONTHS | {"février", "août", "décembre"}, key=len, reverse=True)) + r")\.?"
_DATE = (
    r"(?:[0-9]{1,2} ?[./ \-] ?[0-9]{1,2} ?[./ \-] ?(?:[0-9]{4}|[0-9]{2})|[0-9]{4}[./\-][0-9]{1,2}[./\-][0-9]{1,2}"
    rf"|[0-9]{{1,2}}(?:er|e|st|nd|rd|th)? ?-?(?:of )?{_MONTH}(?: ?-?,?[0-9]{{2,4}})?"
    rf"|{_MONTH} (?:[0-9]{{1,2}}(?:st|nd|rd|th)?,? )?[0-9]{{4}}"
    r"|[0-9]{8}|[0-9]{1,2}[./\-][0-9]{1,2})(?![0-9])"
)
_LINK = (
    r"[ :=,(.]{0,4}(?:(?:op|le|on|te|à|au|in|at|is|was|den|en) (?:[^\W\d_]{1,20}[ ,]{1,2}){0,2})?"
    r"(?:(?:op|le|on|den|the) )?(?:the )?"
)
_BIRTH = re.compile(
    r"(?<!\w)(?:geboren|geb|geboortedatum|geboortedag|gebdatum|gebdat|geb\. ?dat(?:um|\.)|née?|né ?[.(]e\)?|nee?(?= le [0-9])|ddn|"
    r"dob|d\.o\.b|born|birth ?date|date of birth|date de naissance|verjaart|naît)(?!\w)" + _LINK + _DATE,
    re.IGNORECASE,
)
_BIRTH_SIGN = re.compile(rf"(?<![\w°.])° ?(?:{_DATE}|(?:19|20)[0-9]{{2}}(?![0-9]))", re.IGNORECASE)
_BIRTH_YEAR = re.compile(
    r"(?<!\w)(?:geboren|geb|geboortejaar|née?|né\(e\)|born|année de naissance|year of birth|birth year)(?!\w)"
    r"[ :.=]{0,3}(?:in |en |is )?(?:19|20)[0-9]{2}(?![0-9])",
    re.IGNORECASE,
)
_OLD_DATE = re.compile(r"[ ,(]{1,3}[0-9]{1,2}[./\-][0-9]{1,2}[./\-](?:19[0-9]{2}|20[01][0-9]|202[0-3])(?![0-9])")
_AGE_IN_WORDS = re.compile(f"({'|'.join(words.AGES)})(jarige?|-years?-old)?")
_ADJECTIVES = frozenset({"jarige", "jarig"})
_SUBJECTS = frozenset({"hij", "zij", "ze", "il", "elle", "he", "she", "cl"})
_IS = frozenset({"is", "wordt", "werd", "was", "a", "avait", "aura", "avoir", "turns", "turned"})
_JUST = frozenset({"net", "nu", "bijna", "pas", "now", "just", "only", "almost", "deja", "bientot"})
_ENDS = frozenset("),;.!?")


def birth_spans(text: str, tokens: list[Token]) -> Iterator[Span]:
    """Birth dates after a cue, the birth sign, a birth year of one person, and a first name or a client with an old date."""
    if not any(token.text.isdigit() for token in tokens):
        return
    for pattern in (_BIRTH, _BIRTH_SIGN):
        yield from (Span("birth_date", match.start(), match.end()) for match in pattern.finditer(text))
    for match in _BIRTH_YEAR.finditer(text):
        before = {token.low for token in tokens_of(text[max(0, match.start() - 60) : match.start()])}
        if not before & words.GROUPS:
            yield Span("birth_date", match.start(), match.end())
    for at, token in enumerate(tokens):
        if (token.low in words.FIRST_NAMES and token.text[0].isupper()) or token.low in words.CLIENTS or token.text == "GD":
            dated = _OLD_DATE.match(text, tokens[min(at + 1, len(tokens) - 1)].end) or _OLD_DATE.match(text, token.end)
            if dated:
                yield Span("birth_date", token.start, dated.end())
        year_of_one = (
            token.low in words.PERSONS and at + 2 < len(tokens) and tokens[at + 1].low in ("van", "uit", "de", "from")
        )
        if year_of_one and re.fullmatch(r"(?:19|20)[0-9]{2}", tokens[at + 2].text):
            yield Span("birth_date", token.start, tokens[at + 2].end)


def age_spans(tokens: list[Token]) -> Iterator[Span]:
    """Ages said of one person, kind `age_of_person`."""
    tokens = _in_figures(tokens)
    for at, token in enumerate(tokens):
        if _could_be_age(tokens, at) and _age_verdict(tokens, at) == "person":
            yield Span("age_of_person", token.start, token.end)


def doubtful_age(tokens: list[Token]) -> bool:
    """Whether a number of years stands there of which it is not clear whether a person is meant (warning only)."""
    tokens = _in_figures(tokens)
    return any(_could_be_age(tokens, at) and _age_verdict(tokens, at) == "doubt" for at in range(len(tokens)))


def _in_figures(tokens: list[Token]) -> list[Token]:
    """The tokens with ages in words as numbers: «quinze ans», «veertienjarige», «fifteen-year-old»."""
    found: list[Token] = []
    for token in tokens:
        told = _AGE_IN_WORDS.fullmatch(token.low)
        if not told or len(token.low) != len(token.text):
            found.append(token)
            continue
        age, cut = str(words.AGES[told[1]]), token.start + len(told[1])
        found.append(Token(age, age, token.start, cut))
        if told[2]:
            unit = "year-old" if "year" in told[2] else "jarige"
            found.append(Token(unit, unit, cut, token.end))
    return found


def _could_be_age(tokens: list[Token], at: int) -> bool:
    spelled = tokens[at].text
    return spelled.isdigit() and len(spelled) <= 3 and 0 < int(spelled) < 115 and not _inside_number(tokens, at)


def _age_verdict(tokens: list[Token], at: int) -> str:
    """«person», «doubt» or «clean» for the number at this place."""
    unit, after = _unit(tokens, at + 1)
    nearest = _nearest(tokens, at, after)
    if _is_range(tokens, at, after):
        return "clean"
    if unit is None:
        return "person" if _age_without_unit(tokens, at) else "clean"
    following = _low(tokens, after)
    ends = following == "" or following in _ENDS or following in words.JUNCTIONS
    if unit in _ADJECTIVES:
        if following in words.PERSONS or following in words.FIRST_NAMES:
            return "person"
        return "clean" if nearest == "group" or not ends or unit == "jarig" else "person"
    if nearest == "group":
        return "clean"
    if following in ("oud", "old", "oude") or unit == "old" or _said_aged(tokens, at):
        return "person"
    if _is_said_of_someone(tokens, at) and unit != "month" and _low(tokens, after) not in words.DURATION:
        return "person"
    around = {token.low for token in tokens[max(0, at - 5) : at]} | {token.low for token in tokens[after : after + 3]}
    if (
        nearest == "person"
        and unit != "month"
        and not {token.low for token in tokens[max(0, at - 2) : at]} & words.DURATION - {"a"}
    ):
        return "clean" if following in words.DURATION or _low(tokens, at - 1) in words.DURATION else "person"
    wrapped = _low(tokens, at - 1) in ("(", ",") and (
        following in ("", ")", ",", ";", ".") or following in words.JUNCTIONS
    )
    if around & words.DURATION or unit == "month" or int(tokens[at].text) < 3:
        return "clean"
    return "person" if wrapped else "doubt"


def _unit(tokens: list[Token], at: int) -> tuple[str | None, int]:
    """The unit of years that starts here and the place after it."""
    low = _low(tokens, at)
    if low == "-":
        at, low = at + 1, _low(tokens, at + 1)
    if low in ("jarige", "jarigen", "jarig"):
        return (low, at + 1) if low != "jarigen" else (None, at)
    if low in ("year-old", "years-old", "yo", "yrs-old"):
        return "old", at + 1
    if low == "y" and _low(tokens, at + 1) == "/" and _low(tokens, at + 2) == "o":
        return "old", at + 3
    if low in words.YEARS:
        after = at + 1 + (_low(tokens, at + 1) == "." and low in ("j", "jr"))
        return "year", after
    if low in ("maanden", "maand", "mois", "months", "weken", "weeks", "semaines") and _low(tokens, at + 1) in (
        "oud",
        "old",
        "oude",
    ):
        return "month", at + 1
    return None, at


def _age_without_unit(tokens: list[Token], at: int) -> bool:
    """«jongen van 14», «meisje (15)», «boy aged 14», «zij is 14»: the number must close the phrase."""
    following = _low(tokens, at + 1)
    if not (following == "" or following in _ENDS or following in words.JUNCTIONS) or (
        following == "." and at + 2 < len(tokens) and tokens[at + 2].text.isdigit()
    ):
        return False
    link, before = _low(tokens, at - 1), _low(tokens, at - 2)
    if link in _IS | _JUST and _is_said_of_someone(tokens, at):
        return True
    if (
        _said_aged(tokens, at)
        or (link == "leeftijd" and following != "en")
        or (before in ("leeftijd", "age") and link == ":")
    ):
        return _nearest(tokens, at, at + 1) != "group"
    named = before in words.PERSONS or before in words.FIRST_NAMES
    if link == "(":
        return named and following == ")"
    if link == ",":
        return named and following in ("", ",", ")")
    return link in ("van", "of") and before in words.PERSONS and int(tokens[at].text) > 1


def _is_said_of_someone(tokens: list[Token], at: int) -> bool:
    """«zij is net 14», «elle vient d'avoir 20», not «il y a 20 ans» nor «ze is al 3 jaar vrijwilliger»."""
    for place in range(at - 1, max(-1, at - 3), -1):
        if tokens[place].low in _IS:
            subjects = {token.low for token in tokens[max(0, place - 5) : place]}
            return bool(subjects & (_SUBJECTS | words.PERSONS | words.FIRST_NAMES)) and "y" not in subjects
        if tokens[place].low not in _JUST:
            return False
    return False


def _said_aged(tokens: list[Token], at: int) -> bool:
    """«aged 14», «âgé de 14 ans» of one person, not «âgés» and not the noun «âge»."""
    return any(
        token.low in ("agee", "aged") or token.text.lower() in ("âgé", "agé") for token in tokens[max(0, at - 2) : at]
    )


def _is_range(tokens: list[Token], at: int, after: int) -> bool:
    before, following = _low(tokens, at - 1), _low(tokens, after)
    numbers_before = any(token.text.isdigit() for token in tokens[max(0, at - 4) : at])
    numbers_after = any(token.text.isdigit() for token in tokens[at + 1 : at + 5])
    if before in words.RANGE - {"of", "a", "en", "et", "and"} and (numbers_before or before == "tot"):
        return True
    if before in ("a", "en", "et", "and", "ou", "of", "m") and numbers_before:
        return True
    if _low(tokens, at + 1) in words.RANGE and numbers_after and _low(tokens, at + 1) != "of":
        second = tokens[at + 2] if at + 2 < len(tokens) else None
        return second is None or second.text.isdigit() or _low(tokens, at + 1) in ("tot", "t", "/")
    if before in words.BOUNDS - {"-", "a", "ca", "que", "partir"} or (
        before == "de" and _low(tokens, at - 2) in ("partir", "moins", "plus")
    ):
        return True
    return _low(tokens, at + 1) == "+" or (
        following in ("en", "et", "and", "of", "ou", "or")
        and _low(tokens, after + 1)
        in ("ouder", "jonger", "plus", "moins", "older", "younger", "over", "under", "meer", "up", "above")
    )


def _nearest(tokens: list[Token], at: int, after: int) -> str | None:
    """Whether a group or one person is named nearest: up to six words before, then up to three after."""
    for token in reversed(tokens[max(0, at - 7) : at]):
        if token.low in words.GROUPS:
            return "group"
        if token.low in words.PERSONS:
            return "person"
    for token in tokens[after : after + 3]:
        if token.low in words.GROUPS:
            return "group"
        if token.low in words.PERSONS:
            return "person"
    return None


def _inside_number(tokens: list[Token], at: int) -> bool:
    number = tokens[at]
    if at > 0 and tokens[at - 1].end == number.start and tokens[at - 1].low in ("/", ":", ".", ",", "#", "h", "u"):
        return at > 1 and tokens[at - 2].text.isdigit()
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if (
        following is None
        or following.start != number.end
        or at + 2 >= len(tokens)
        or following.low not in ("/", ":", ".", ",")
    ):
        return False
    return tokens[at + 2].text.isdigit() and tokens[at + 2].start == following.end


def _low(tokens: list[Token], at: int) -> str:
    return tokens[at].low if 0 <= at < len(tokens) else ""
