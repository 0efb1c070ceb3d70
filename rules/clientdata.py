"""Screens free text for data that point at a client or another person, so that it is refused before it is stored.

Pure: the text goes in, kinds and positions come out, never the text itself. A first name without a cue
around it (title, kin word, role, label, preposition) is found only with a capital and when the list knows it, behind a
preposition also in small letters; a family name alone never is.
"""

from dataclasses import dataclass
from itertools import pairwise

from rules import clientdata_words as words
from rules.clientdata_addresses import address_spans
from rules.clientdata_ages import age_spans, birth_spans, doubtful_age
from rules.clientdata_normal import plain
from rules.clientdata_numbers import is_national, number_spans, windows
from rules.clientdata_persons import initials_seen, name_spans, tokens_of

NUMBER_KINDS = (
    "national_number",
    "email",
    "phone",
    "iban",
    "structured_communication",
    "enterprise_number",
    "identity_card",
    "card_number",
)
PERSON_KINDS = ("birth_date", "age_of_person", "name", "address")
CAUTION_KINDS = ("diagnosis", "initials", "institution", "age")


@dataclass(frozen=True)
class Sighting:
    """What kind of client data was seen, and from which character up to which one of the text as it was typed."""

    kind: str
    start: int
    end: int


def screen(text: str) -> tuple[Sighting, ...]:
    """What makes the text refused (DRV-12, PRIV-01, PRIV-13), by place; empty when clean. Never raises."""
    spelled = plain(text)
    tokens = tokens_of(spelled.text)
    spans = number_spans(spelled.text)
    spans += [
        *birth_spans(spelled.text, tokens),
        *age_spans(tokens),
        *name_spans(spelled.text, tokens),
        *address_spans(tokens),
    ]
    seen = {Sighting(span.kind, spelled.starts[span.start], spelled.ends[span.end - 1]) for span in spans}
    return tuple(sorted(seen, key=lambda sighting: (sighting.start, sighting.end, sighting.kind)))


def caution(text: str) -> tuple[str, ...]:
    """Kinds that deserve a second look but no refusal, of `CAUTION_KINDS`; empty when there are none. Never raises.

    A diagnosis word counts only beside a word for one person, so that «vorming over depressie» goes unremarked.
    """
    spelled = plain(text)
    tokens = tokens_of(spelled.text)
    kinds = []
    one_person = any(token.low in words.PERSONS | words.CLIENTS for token in tokens)
    if one_person and any(token.low.startswith(words.DIAGNOSES) for token in tokens):
        kinds.append("diagnosis")
    if initials_seen(spelled.text, tokens):
        kinds.append("initials")
    pairs = pairwise(tokens)
    if one_person and any(here.low in words.INSTITUTIONS and after.text[0].isupper() for here, after in pairs):
        kinds.append("institution")
    if doubtful_age(tokens):
        kinds.append("age")
    return tuple(kinds)


def has_national_number(text: str) -> bool:
    """Whether a national number stands in the text (DRV-12).

    That is the layout 00.00.00-000.00 with any digits, or 11 digits in a row with a right mod-97 check number, with or
    without the 2 for births from 2000; also with other separators or none between the groups. Never raises.
    """
    return any(is_national(window) for window in windows(plain(text).text))
