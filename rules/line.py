"""Reading a whole moment in one typed line: place, day, hours, who was there, and the description that remains."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from rules.roles import add_up, find_roles
from rules.typed import Token, Tokens, Unclear, tidy, tokens, word
from rules.when_dates import Asked
from rules.when_scan import scan

_COMMAND = re.compile(r"\s*/([\w-]+)(?:@\w+)?\s*")
_AHEAD = ("watals", "etsi", "whatif")
_ARTICLES = {"de", "het", "den", "der", "van", "la", "le", "les", "l", "du", "des", "d", "the", "of", "en", "et", "and",
             "in", "op", "a", "te"}
_TO_PLACE = {"bij", "in", "op", "te", "at", "a", "au", "aux", "chez", "from", "naar"}
# Kinds of places: alone they name a place only where it belongs, at the start of the line.
_KINDS = {
    "huisartsenpraktijk", "wijkgezondheidscentrum", "lokaal", "dienstencentrum", "overkophuis", "overkop",
    "jeugdhuis", "buurthuis", "woonzorgcentrum", "kinderdagverblijf", "kinderopvang", "basisschool", "school",
    "secundaire", "praktijk", "groepspraktijk", "centrum", "huis", "sociale", "sociaal", "dienst", "ocmw",
    "clb", "wzc", "ldc", "maison", "medicale", "centre", "cabinet", "ecole", "service", "social", "groep",
    "team",
}
_MARKS = ",;:|-–—/+&."
_EDGES = {"en", "et", "and", "met", "avec", "with", "op", "om", "le", "on", "at", "a", "van", "de", "du", "voor",
          "pour"}


@dataclass(frozen=True)
class Line:
    """A moment as typed. None: not typed, or asked back in `unclear`. `minutes` only when a length was typed; an end
    before the start is on the next day; `present` counts by role; `text` is what nothing else took, as it was typed."""

    place: str | None = None
    day: date | None = None
    start: time | None = None
    end: time | None = None
    minutes: int | None = None
    present: dict[str, int] | None = None
    text: str | None = None
    unclear: tuple[Unclear, ...] = ()


def read_line(
    text: str,
    today: date,
    places: Mapping[str, Sequence[str]],
    roles: Mapping[str, Sequence[str]],
    ahead: bool = False,
) -> Line:
    """Read `/presentie De Kade gisteren 14u-16u30 kookactiviteit, 12 jongeren, 2 begeleiders`, parts in any order.

    `places` gives the names of each place id, `roles` those of each role key; `ahead`, or a /watals in front, looks
    forward for dates without a year. A place is named in full or by a part that no other place has, else
    `ambiguous_place` with the ids. "3u" is a length when no other stands there, see `when_scan`. Beyond 200 characters
    nothing is read: the rest stays in `text`, with `too_long`.
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
    for part in _segments(ts, used):
        found, taken = find_roles(part, roles)
        counts += found
        used |= taken
    when, taken = scan(_segments(ts, used), Asked(today, ahead, whole=False))
    used |= taken
    free = [h for h in hits if h.full or not any(t.start in used for t in ts[h.first : h.after])]
    place, taken = _place(ts, free, used, unclear)
    used |= taken

    unclear += [*when.unclear, *(c for c in counts if isinstance(c, Unclear))]
    sure = [c for c in counts if not isinstance(c, Unclear)]
    present = add_up(sure) if sure and len(sure) == len(counts) else None
    remark = _remains(clean, ts, used, rest)
    return Line(place, when.day, when.start, when.end, when.minutes, present, remark, tuple(unclear))


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


Names = dict[str, list[tuple[str, tuple[str, ...], int]]]


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

    The whole name beats a part, more words beat fewer; a kind of place alone ("jeugdhuis") counts at the start only.
    """
    start = 1 if word(ts, 0) in _ARTICLES | _TO_PLACE else 0
    hits = [h for h in hits if not h.kind_only or h.first <= start]
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
        if first == last or (last - first == 1 and part[first].text in _EDGES):
            continue
        piece = clean[part[first].start : part[last - 1].end]
        remark += (", " if before and remark else " " if remark else "") + piece
    cut = clean[ts[-1].end :] + rest if rest and ts else rest
    remark = (remark + cut).strip(" \t\r\n,;")
    return remark or None
