"""The words for days, parts of the day and hours in Dutch (Flemish), French (Belgian) and English; only tables."""

from rules.typed import book

MORNING, AFTERNOON, EVENING, NIGHT = "morning", "afternoon", "evening", "night"

# Hours of the day that a part of the day may mean.
PART_HOURS = {
    MORNING: range(12),
    AFTERNOON: range(12, 20),
    EVENING: range(16, 24),
    NIGHT: (20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6),
}

_PART_PHRASES = {
    MORNING: "'s morgens|smorgens|'s ochtends|sochtends|ochtend|in de ochtend|in de morgen|voormiddag|'s voormiddags|"
    "in de voormiddag|de voormiddag|vm|matin|le matin|du matin|au matin|morning|in the morning",
    AFTERNOON: "'s middags|smiddags|namiddag|'s namiddags|in de namiddag|de namiddag|nm|après-midi|l'après-midi|"
    "de l'après-midi|aprem|l'aprem|de l'aprem|afternoon|in the afternoon",
    EVENING: "'s avonds|savonds|avond|in de avond|soir|le soir|du soir|au soir|evening|in the evening",
    NIGHT: "'s nachts|snachts|de la nuit|la nuit|at night",
}
PARTS = book({phrase: part for part, phrases in _PART_PHRASES.items() for phrase in phrases.split("|")})

_PART_ENDINGS = {"ochtend": MORNING, "morgen": MORNING, "voormiddag": MORNING, "middag": AFTERNOON,
                 "namiddag": AFTERNOON, "avond": EVENING}

# Offsets in days from today (two: it may be either), and the part of the day that the phrase names.
_RELATIVE: dict[str, tuple[tuple[int, ...], str | None]] = {
    phrase: ((offset,), part)
    for offset, part, phrases in (
        (0, None, "vandaag|aujourd'hui|aujourdhui|ajd|auj|ce jour|today"),
        (-1, None, "gisteren|gister|hier|yesterday"),
        (-2, None, "eergisteren|eergister|avant-hier|avanthier|day before yesterday|the day before yesterday"),
        (1, None, "morgen|demain|tomorrow"),
        (2, None, "overmorgen|après-demain|day after tomorrow|the day after tomorrow"),
        (0, MORNING, "vanmorgen|vanochtend|deze morgen|deze ochtend|deze voormiddag|ce matin|this morning"),
        (0, AFTERNOON, "vanmiddag|vannamiddag|deze middag|deze namiddag|cet après-midi|cette après-midi|cet aprem|cette aprem|"
                       "this afternoon"),
        (0, EVENING, "vanavond|deze avond|ce soir|this evening|tonight"),
    )
    for phrase in phrases.split("|")
}
for _ending, _part in _PART_ENDINGS.items():
    _RELATIVE |= {f"{stem}{_ending}": ((-1,), _part) for stem in ("gister", "gisteren", "gisteren ")}
    _RELATIVE |= {f"eergister{_ending}": ((-2,), _part), f"eergisteren{_ending}": ((-2,), _part)}
    if _ending != "morgen":
        _RELATIVE |= {f"morgen{_ending}": ((1,), _part), f"morgen {_ending}": ((1,), _part)}
_RELATIVE |= dict.fromkeys(("vannacht", "last night", "cette nuit", "la nuit dernière"), ((-1, 0), NIGHT))
RELATIVE = book(_RELATIVE)

_WEEKDAYS = (
    "maandag lundi monday", "dinsdag mardi tuesday", "woensdag mercredi wednesday", "donderdag jeudi thursday",
    "vrijdag vendredi friday", "zaterdag samedi saturday", "zondag dimanche sunday",
)
_SHORT_WEEKDAYS = ("ma maa lu lun mon", "di din mar tu tue tues", "wo woe me mer wed",
                   "do don je jeu th thu thur thurs",
                   "vr vrij vri ven ve fri", "za zat sam sa sat", "zo zon dim sun")
# weekday (Monday 0), whether the word is short enough to mean something else, part of the day
_DAYS: dict[str, tuple[int, bool, str | None]] = {}
for _n, _names in enumerate(_SHORT_WEEKDAYS):
    _DAYS |= dict.fromkeys(_names.split(), (_n, True, None))
for _n, _names in enumerate(_WEEKDAYS):
    _DAYS |= dict.fromkeys(_names.split(), (_n, False, None))
    _dutch = _names.split()[0]
    _DAYS |= {f"{_dutch}{e}": (_n, False, p) for e, p in _PART_ENDINGS.items()}
WEEKDAYS = _DAYS
# "dinsdags", "(tous les) mardis", "tuesdays": a day that comes back.
REPEATED_DAYS = {f"{_name}s": (_n, False, None) for _n, _names in enumerate(_WEEKDAYS) for _name in _names.split()}
EVERY = {"elke", "iedere", "chaque", "every", "each"}
# How often something comes back, in the words of rules.recurring; those that may describe it as well stand in RHYTHM_WORDS.
RHYTHMS = book({
    phrase: every
    for every, phrases in (
        ("week", "elke week|iedere week|chaque semaine|toutes les semaines|every week|each week|tous les"),
        ("two_weeks", "om de twee weken|om de 2 weken|om de week|elke twee weken|elke 2 weken|toutes les deux semaines|"
                      "toutes les 2 semaines|une semaine sur deux|every two weeks|every 2 weeks|every other week|every other"),
        ("month", "elke maand|iedere maand|chaque mois|tous les mois|every month|each month"),
    )
    for phrase in phrases.split("|")
})
RHYTHM_WORDS = {"wekelijks": "week", "hebdomadaire": "week", "weekly": "week", "tweewekelijks": "two_weeks", "maandelijks": "month",
                "mensuel": "month", "monthly": "month"}

_MONTHS = (
    "januari jan janvier janv january", "februari feb febr fevrier fevr fev february", "maart mrt mars mar march",
    "april apr avril avr", "mei mai may", "juni jun juin june", "juli jul juillet juil july",
    "augustus aug aout aou august", "september sep sept septembre", "oktober okt oct octobre october",
    "november nov novembre", "december dec decembre",
)
MONTHS = {name: n for n, names in enumerate(_MONTHS, start=1) for name in names.split()}
MONTH_FIRST = {"january", "february", "march", "april", "june", "july", "august", "september", "october", "november",
               "december", "may", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}

# Before or after a weekday. Sure: the nearest one. Soft: people mean the nearest, or the one of the week beside this.
LAST_SURE = {"afgelopen", "voorbije", "verleden", "laatste", "past"}
LAST_SOFT = {"vorige", "vorig", "last"}
LAST_AFTER = {"dernier", "derniere", "passe", "passee", "jl", "ll", "jongstleden", "laatstleden"}
NEXT_SURE = {"komende", "aanstaande", "eerstvolgende", "eerstkomende", "coming"}
NEXT_SOFT = {"volgende", "next"}
NEXT_AFTER = {"prochain", "prochaine", "aanstaande"}
THIS = {"deze", "dit", "ce", "cet", "cette", "this"}

WEEKS = book({
    phrase: offset
    for offset, phrases in (
        (-1, "vorige week|van vorige week|verleden week|van verleden week|semaine dernière|semaine passée|"
             "la semaine dernière|la semaine passée|de la semaine dernière|de la semaine passée|last week|"
             "of last week"),
        (0, "deze week|van deze week|cette semaine|de cette semaine|this week|of this week"),
        (1, "volgende week|van volgende week|semaine prochaine|la semaine prochaine|de la semaine prochaine|next week|"
            "of next week"),
    )
    for phrase in phrases.split("|")
})
WEEKENDS = book(dict.fromkeys((
    "weekend", "het weekend", "dit weekend", "vorig weekend", "afgelopen weekend", "voorbije weekend", "ce week-end",
    "le week-end dernier", "le weekend dernier", "week-end dernier", "weekend dernier", "le week-end passé",
    "le weekend passé", "last weekend", "this weekend", "the weekend", "ce weekend",
), True))

DAY_UNITS = {"dag": 1, "dagen": 1, "jour": 1, "jours": 1, "day": 1, "days": 1,
             "week": 7, "weken": 7, "weekje": 7, "semaine": 7, "semaines": 7, "weeks": 7}
MONTH_UNITS = {"maand", "maanden", "mois", "month", "months"}
AGO = book(dict.fromkeys(("il y a", "il ya", "y a", "ya"), True))
ORDINALS = {"e", "de", "ste", "er", "ere", "re", "eme", "st", "nd", "rd", "th"}
FIRST = {"eerste", "premier", "first"}

HOUR_UNITS = {"u", "uur", "ure", "h", "hr", "heure", "heures"}
LENGTH_UNITS = HOUR_UNITS | {"uren", "uurtje", "uurtjes", "hrs", "hour", "hours"}
MINUTE_UNITS = {"min", "mins", "minuut", "minuten", "minuutjes", "minute", "minutes", "mn", "'"}
QUARTER_UNITS = book(dict.fromkeys(("kwartier", "kwartieren", "kwartiertje", "quart d'heure", "quarts d'heure",
                                    "quarter of an hour", "quarters of an hour", "quarter hour"), 15))

NOON = book({"midi": 12, "noon": 12, "midday": 12, "twaalf uur 's middags": 12, "middernacht": 0, "minuit": 0,
             "midnight": 0, "nul uur": 0})
# Added to the hour that stands before, in a clock time as in a length.
TAILS = book({
    phrase: minutes
    for minutes, phrases in (
        (30, "en een half|en half|en een halfuur|et demie|et demi|et une demi-heure|and a half|and half|"
             "and half an hour"),
        (15, "en een kwart|en een kwartier|en kwartier|et quart|et un quart|et un quart d'heure|and a quarter|"
             "and a quarter of an hour"),
        (45, "en drie kwartier|et trois quarts|and three quarters|and three quarters of an hour"),
        (-15, "moins le quart|moins un quart|moins quart|min een kwartier"),
    )
    for phrase in phrases.split("|")
})
HALVES = {f"{stem}{link}half": n for n, stem in enumerate(("twee", "drie", "vier", "vijf", "zes", "zeven"), start=2)
          for link in ("en", "eneen", "een")}
HALF_HOURS = {f"half{name}": hour for name, hour in (
    ("een", 1), ("twee", 2), ("drie", 3), ("vier", 4), ("vijf", 5), ("zes", 6), ("zeven", 7), ("acht", 8), ("negen", 9),
    ("tien", 10), ("elf", 11), ("twaalf", 12))}
FIXED = book({
    phrase: minutes
    for minutes, phrases in (
        (30, "half uur|een half uur|half uurtje|een half uurtje|halfuur|een halfuur|halfuurtje|een halfuurtje|"
             "half an hour|half hour|a half hour|demi-heure|une demi-heure|demie heure|une demie heure"),
        (90, "anderhalf uur|ander half uur|anderhalve uur|anderhalfuur|anderhalf uurtje|an hour and a half|hour and a half"),
        (15, "kwartier|een kwartier|een kwartiertje|kwartiertje|un quart d'heure|quart d'heure|a quarter of an hour"),
        (45, "driekwartier|driekwart uur|drie kwart uur|3/4 d'heure"),
        (60, "uurtje|een uurtje|an hour"),
    )
    for phrase in phrases.split("|")
})

START_WORDS = {"om", "vanaf", "at", "from", "a", "vers", "rond", "omstreeks", "des"}
ARTICLES = {"a", "des"}  # start words (à, dès) that are articles as well: only before an hour with its unit
_UNTIL = ("tot", "tot en met", "tot aan", "t/m", "until", "till", "til", "jusqu'à", "jusqua", "jusque")
END_WORDS = book(dict.fromkeys(_UNTIL, True))
LENGTH_WORDS = {"gedurende", "pendant", "for", "duur", "duree"}
BETWEEN = {"tussen", "tss", "entre", "between"}
SPAN_WORDS = {"van", "vanaf", "de", "from"} | BETWEEN
SPAN_JOINS = book(dict.fromkeys(("-", "à", "to", *_UNTIL), False)
                  | dict.fromkeys(("en", "et", "and"), True))
ABOUT = {"ongeveer", "ong", "circa", "ca", "environ", "about", "zowat", "±", "~"}
CLIPPED = {"ca", "ong"}  # with a dot behind them or not
# Between "tot" and an hour these make it one to ask about.
NEARLY = ABOUT | {"bijna", "tegen", "rond", "omstreeks", "vers", "presque", "around", "almost", "nearly", "roughly"}
# Before a length or a count: at least, at most or nearly so much; the number itself is not certain.
BOUNDS = book(dict.fromkeys((
    "minstens", "minimaal", "minimum", "meer dan", "minder dan", "max", "max.", "maximum", "maximaal", "hooguit", "hoogstens",
    "bijna", "ruim", "plus de", "moins de", "au moins", "au plus", "presque", "at least", "at most", "more than", "less than",
    "fewer than", "almost", "nearly", "up to", "klein", "kleine", "een klein", "een kleine", "dik", "dikke", "een dik", "een dikke",
    "goed", "een goed", "een goede", "petite", "une petite", "bonne", "une bonne", "a good",
), True))
OR = {"of", "ou", "or"}
AND = {"en", "et", "and"}
# Between two days: both are meant, or one of them.
DAY_JOINS = OR | AND | {"+", "&", "/", "tot", "au", "a", "to", "until", "till", "-"}
# After a bare number these make it an age or a size, not an hour.
NOT_HOURS = {"jaar", "jaren", "jarige", "jarigen", "jarig", "j", "an", "ans", "year", "years", "yr", "yrs", "yo",
             "maanden", "mois", "months", "weken", "semaines", "weeks", "dagen", "jours", "days", "personen",
             "personnes", "people", "mensen", "pers", "gens", "aanwezigen", "deelnemers", "participants", "euro", "eur", "km",
             "kg", "keer", "fois", "times"}
