"""Reading a whole moment in one typed line: place, day, hours, who was there, and the description that remains."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache

from rules.role_words import NUMBERED, PEOPLE
from rules.roles import add_up, find_roles, totals
from rules.typed import Book, Token, Tokens, Unclear, book, number_at, one_slip, phrase_at, tidy, tokens, word
from rules.when_dates import Context
from rules.when_length import length_at
from rules.when_scan import rhythm, scan
from rules.when_words import NOT_HOURS

_COMMAND = re.compile(r"\s*/([\w-]+)(?:@\w+)?\s*")
_AHEAD = ("watals", "etsi", "whatif")
_ARTICLES = {"de", "het", "den", "der", "van", "la", "le", "les", "l", "du", "des", "d", "the", "of", "en", "et", "and",
             "in", "op", "a", "te"}
_TO_PLACE = {"bij", "in", "op", "te", "at", "a", "au", "aux", "chez", "from", "naar"}
_WITH = {"met", "avec", "with"}
_AND = {",", ";", "+", "&", "en", "et", "and", "plus"}
# Ways of meeting that a single word tells anywhere in a line; other single words count only when nothing stands beside them.
_SURE_WORDS = {"telefonisch", "videogesprek", "visioconference"}
# Kinds of places: alone they name a place only where it belongs, at the start of the line.
_KINDS = {
    "huisartsenpraktijk", "wijkgezondheidscentrum", "lokaal", "dienstencentrum", "overkophuis", "overkop",
    "jeugdhuis", "buurthuis", "woonzorgcentrum", "kinderdagverblijf", "kinderopvang", "basisschool", "school",
    "secundaire", "praktijk", "groepspraktijk", "centrum", "huis", "sociale", "sociaal", "dienst", "maison",
    "medicale", "centre", "cabinet", "ecole", "service", "social", "groep", "team",
}
_OFTEN_NO_PLACE = {"centrum", "centre", "dienst", "groep", "huis", "secundaire", "service", "social", "sociaal", "sociale", "team"}
_PREPARATION = {"voorbereiding", "voorbereidingstijd", "preparation"}
_MARKS = ",;:|-–—/+&."
_EDGES = {"en", "et", "and", "met", "avec", "with", "op", "om", "le", "on", "at", "a", "van", "de", "du", "voor", "pour", "over",
          "rond", "sur", "about"}


Names = dict[str, list[tuple[str, tuple[str, ...], int]]]  # per word: place id, the whole name, where in it


@dataclass(frozen=True)
class Line:
    """A moment as typed. None: not typed, or asked back in `unclear`. `minutes` only when a length was typed; an end
    before the start is on the next day; `present` counts by role, also those beside a count that is asked back; `chosen` the
    choices that were named; `text` is what nothing else took, as it was typed, `leads` whether the line begins with it; `every`
    (rules.recurring) when it names a day that comes back."""

    place: str | None = None
    day: date | None = None
    start: time | None = None
    end: time | None = None
    minutes: int | None = None
    present: dict[str, int] | None = None
    chosen: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    leads: bool = False
    every: str | None = None
    unclear: tuple[Unclear, ...] = ()


def read_line(
    text: str,
    today: date,
    places: Mapping[str, Sequence[str]],
    roles: Mapping[str, Sequence[str]],
    ahead: bool = False,
    *,
    choices: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    alone: str | None = None,
) -> Line:
    """Read `/presentie De Kade gisteren 14u-16u30 kookactiviteit, 12 jongeren, 2 begeleiders`, parts in any order.

    `places` gives the names of each place id, `roles` those of each role key, `choices` per field the names of its values,
    `alone` the role that "15 personen" counts; `ahead`, or a /watals in front, looks forward for dates without a year. A place
    is named in full or by a part that no other place has, else `ambiguous_place` with the ids, without any when it is one letter
    off. Words that look like a place or a role and are none are `unknown_place` and `unknown_role`, and stay in `text`. "3u" is
    a length when no other stands there, see `when_scan`. Beyond 200 characters nothing is read: the rest stays in `text`, with `too_long`.
    """
    clean, rest = tidy(text.strip())
    command = _COMMAND.match(clean)
    ts = tokens(clean)
    if command:
        ts = [t for t in ts if t.start >= command.end()]
        ahead = ahead or command.group(1).lower() in _AHEAD
    unclear: list[Unclear] = [Unclear("too_long")] if rest.strip() else []

    names = _places(tuple((key, tuple(n)) for key, n in places.items()))
    hits = _place_hits(ts, names)
    full = [h for h in hits if h.full]
    used = {t.start for h in full for t in ts[h.first : h.after]}
    counts: list[dict[str, int] | Unclear] = []
    counted: set[int] = set()
    for part in _segments(ts, used):
        found, taken = find_roles(part, roles)
        counts += found
        counted |= taken
    used |= counted
    every, taken = rhythm(ts, ahead)
    used |= taken
    context, prepared = Context(today, ahead, whole=False), _preparation(ts)
    when, taken = scan(_segments(ts, used | prepared), context)
    if prepared and when.minutes is None and when.end is None:  # "14u 2u voorbereiding feest": how long the moment itself was
        prepared = set()
        when, taken = scan(_segments(ts, used), context)
    used |= prepared | taken
    counts += _people(ts, used, counted, alone)
    named = {t.start for h in hits for t in ts[h.first : h.after]}
    chosen = {key: value for key, values in (choices or {}).items() if (value := _choice(ts, used, named, values)) is not None}
    free = [h for h in hits if h.full or not any(t.start in used for t in ts[h.first : h.after])]
    place, taken = _place(ts, free, used, unclear)
    used |= taken
    if place is None and not unclear and not free:
        unclear += _unknown_place(clean, ts, used, names)

    unclear += [*when.unclear, *(c for c in counts if isinstance(c, Unclear))]
    sure = [c for c in counts if not isinstance(c, Unclear)]
    doubtful = totals(sure)
    unclear += [Unclear("how_many", (total,)) for total in doubtful.values()]
    sure = [c for c in sure if c.keys().isdisjoint(doubtful)]
    present = add_up(sure) if sure else None
    remark = _remains(clean, ts, used, rest)
    leads = bool(remark and ts and ts[0].start not in used)
    return Line(place, when.day, when.start, when.end, when.minutes, present, chosen, remark, leads, every, tuple(unclear))


def _preparation(ts: Tokens) -> set[int]:
    """Where the tokens start that tell an hour of preparation ("+ 1u voorbereiding"): the rules give it, nobody asks for it."""
    for i in range(len(ts)):
        found = length_at(ts, i)
        if found and word(ts, found[1]) in _PREPARATION:
            return {t.start for t in ts[i - (word(ts, i - 1) in _AND | _WITH) : found[1] + 1]}
    return set()


def _people(ts: Tokens, used: set[int], counted: set[int], alone: str | None) -> list[dict[str, int] | Unclear]:
    """Counts without a known role: "15 personen" is `alone` or asked, as is a number with a strange word beside known counts
    or behind "met"; the strange words stay in the description."""
    found: list[dict[str, int] | Unclear] = []
    for i, token in enumerate(ts):
        number = None if token.start in used else number_at(ts, i)
        if number is None or number[1] >= len(ts) or ts[number[1]].start in used:
            continue
        count, j = number
        if word(ts, j) in PEOPLE and not token.glued:
            found.append({alone: count} if alone else Unclear("which_role", (count,)))
            lead = i - (i > 0 and word(ts, i - 1) in _WITH | _AND)
            used.update(t.start for t in ts[lead : j + 1])
            continue
        before = i - 1 - (word(ts, i - 1) in _AND)
        after = j + 1 + (word(ts, j + 1) in _AND)
        beside = (before >= 0 and ts[before].start in counted) or (after < len(ts) and ts[after].start in counted)
        strange = len(word(ts, j)) > 2 and word(ts, j).isalpha() and word(ts, j) not in NOT_HOURS
        if strange and not token.glued and word(ts, i - 1) not in NUMBERED and (beside or word(ts, i - 1) in _WITH):
            found.append(Unclear("unknown_role"))
    return found


@lru_cache(maxsize=64)
def _choice_names(values: tuple[tuple[str, tuple[str, ...]], ...]) -> Book[str]:
    return book({name: value for value, names in values for name in names})


def _choice(ts: Tokens, used: set[int], named: set[int], values: Mapping[str, Sequence[str]]) -> str | None:
    """The first choice that the line names; a word that may be about something else counts only when it stands alone, or beside what
    was taken or `named` as a place."""
    names = _choice_names(tuple((value, tuple(words)) for value, words in values.items()))
    for i, token in enumerate(ts):
        if token.start in used or not (found := phrase_at(ts, i, names)) or any(t.start in used for t in ts[i : found[1]]):
            continue
        value, j = found
        alone = all(not 0 <= n < len(ts) or ts[n].start in used | named or word(ts, n) in ",;." for n in (i - 1, j))
        if "f2f" in values and j - i == 1 and word(ts, i) not in _SURE_WORDS and not alone:
            continue
        used.update(t.start for t in ts[i:j])
        return value
    return None


def _unknown_place(clean: str, ts: Tokens, used: set[int], names: Names) -> list[Unclear]:
    """What looks like a place that is not one of hers: a name one letter off, "in de Zonnebloem", "bij het jeugdhuis"."""
    for i, token in enumerate(ts):
        if token.start in used or not token.text.isalpha():
            continue
        near = {key for w, of in names.items() if w not in _KINDS and len(w) > 4 and one_slip(token.text, w) for key, _, _ in of}
        if len(near) == 1:
            return [Unclear("ambiguous_place")]
        before = i - 1 - (word(ts, i - 1) in _ARTICLES - _TO_PLACE)
        named = clean[token.start].isupper() or token.text in _KINDS - _OFTEN_NO_PLACE
        if named and word(ts, before) in _TO_PLACE and token.text not in _ARTICLES:
            return [Unclear("unknown_place")]
    return []


def _segments(ts: Sequence[Token], used: set[int]) -> list[list[Token]]:
    """The stretches of tokens that nothing has taken yet."""
    stretches: list[list[Token]] = [[]]
    for t in ts:
        if t.start not in used:
            stretches[-1].append(t)
        elif stretches[-1]:
            stretches.append([])
    return [s for s in stretches if s]


@dataclass(frozen=True)
class _Hit:
    """Tokens `first` up to `after` are a part of a place's name, `full` the whole; `weight` is how many words count."""

    key: str
    first: int
    after: int
    weight: int
    full: bool
    kind_only: bool


@lru_cache(maxsize=256)
def _places(places: tuple[tuple[str, tuple[str, ...]], ...]) -> Names:
    """Every word of every name: the place's id, the folded name, and where in it the word stands."""
    index: Names = {}
    for key, names in places:
        for name in names:
            words = tuple(t.text for t in tokens(tidy(name)[0]))
            for n, w in enumerate(words):
                index.setdefault(w, []).append((key, words, n))
    return index


def _place_hits(ts: Tokens, names: Names) -> list[_Hit]:
    hits: list[_Hit] = []
    for i, token in enumerate(ts):
        for key, words, n in names.get(token.text, ()):
            if n and word(ts, i - 1) == words[n - 1]:
                continue  # the longer stretch from the word before holds this one
            length = 1
            while n + length < len(words) and word(ts, i + length) == words[n + length]:
                length += 1
            said = [w for w in words[n : n + length] if w not in _ARTICLES and (len(w) > 1 or w.isdigit())]
            full = length == len(words)
            if full or any(len(w) >= 3 and w.isalpha() for w in said):
                kinds = not full and all(w in _KINDS or w.isdigit() for w in said)
                hits.append(_Hit(key, i, i + length, len(said), full, kinds))
    return hits


def _place(ts: Tokens, hits: list[_Hit], used: set[int], unclear: list[Unclear]) -> tuple[str | None, set[int]]:
    """The place that the hits agree on, and the tokens that name it; a word in front ("bij", "chez") goes along.

    The whole name beats a part, more words beat fewer; a kind of place alone ("jeugdhuis") counts as the first thing that is
    said, or as "in het jeugdhuis".
    """
    start = next((n for n, t in enumerate(ts) if t.start not in used), 0)
    start += word(ts, start) in _ARTICLES | _TO_PLACE
    hits = [h for h in hits if not h.kind_only or h.first <= start or _is_place(ts, h.first)]
    if not hits:
        return None, set()
    best = max((h.full, not h.kind_only, h.weight) for h in hits)
    chosen = [h for h in hits if (h.full, not h.kind_only, h.weight) == best]
    taken: set[int] = set()
    for h in chosen:
        lead = h.first - (h.first > 0 and word(ts, h.first - 1) in _ARTICLES - {"en", "et", "and"})
        lead -= lead > 0 and word(ts, lead - 1) in _TO_PLACE
        taken.update(t.start for t in ts[lead : h.after] if t.start not in used)
    keys = tuple(dict.fromkeys(h.key for h in chosen))
    for h in hits:  # "OverKophuis De Kade" typed as two parts: both belong to the place
        if keys == (h.key,) and h.kind_only:
            taken.update(t.start for t in ts[h.first : h.after])
    if len(keys) == 1:
        return keys[0], taken
    unclear.append(Unclear("ambiguous_place", keys))
    return None, taken


def _is_place(ts: Tokens, i: int) -> bool:
    """Whether "bij het", "in de" or the like stands before token `i`."""
    articled = word(ts, i - 1) in ("de", "het", "la", "le", "l", "the")
    return articled and word(ts, i - 2) in _TO_PLACE


def _remains(clean: str, ts: Tokens, used: set[int], rest: str) -> str | None:
    """The words that nothing took, as typed, without the marks and small words that tied them to what was taken."""
    remark = ""
    for part in _segments(ts, used):
        first, last = 0, len(part)
        before = clean[part[0].start : part[0].end] in ",;" or not remark
        while last > first and (part[last - 1].text in _MARKS + "(["
                                or (part[last - 1].text in _EDGES and part[last - 1] is not ts[-1])):
            last -= 1
        while first < last and part[first].text in _MARKS + ")]":
            first += 1
        if all(part[n].text in _EDGES | _ARTICLES for n in range(first, last)):
            continue
        piece = clean[part[first].start : part[last - 1].end]
        remark += (", " if before and remark else " " if remark else "") + piece
    cut = clean[ts[-1].end :] + rest if rest and ts else rest
    remark = (remark + cut).strip(" \t\r\n,;")
    return remark or None
