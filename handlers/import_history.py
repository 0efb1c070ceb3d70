"""Takes over moments from an earlier system: judged, warned and booked through the same engine as the chat."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from handlers import registering
from handlers.import_lines import Counts, DoubtError, Row, RowError
from handlers.import_sheets import Work
from rules.book import NoValueError, Rulebook
from rules.facts import Submission
from rules.periods import real_span, to_utc
from rules.verdict import ASK, REFUSE, Verdict
from rules.words import TOPICS
from storage import import_rows
from storage.grant_networks import network_of
from storage.instants import as_stored
from storage.moment_cells import CHANNEL_CELLS, begin_cell, moment_cells, moment_mark, present_cell
from storage.tables import agreements, grants, networks, people, sites

FORMS = {"O1": "overleg", "O2": "presentie", "O3": "ondersteuning", "O4": "ondersteuning"}
REFUSED = {
    "no_grant": ("begin", "lies in no toekenning of this person, oproep and place: add it, or correct the row"),
    "gap": ("begin", "does not exist, the clock went forward then: correct it"),
    "twice": ("begin", "exists twice, the clock went back then: write +02:00 (first) or +01:00 (second) behind it"),
    "overlap": ("begin", "overlaps another moment of the same person: correct one of them"),
    "future": ("begin", "has not ended yet on the clock of this import: history only"),
}
LATE = "DRV-17"  # every row of history is late; it is kept with the moment and not worth a line


def put_moment(work: Work, row: Row, counts: Counts) -> None:
    """A row of momenten. What a rule refuses is a remark and booked all the same; what cannot be is refused."""
    of_new = (lambda: _check_time(work, row), lambda: _book(work, row, _submission(work, row)))
    row.check(
        lambda: _site(work, row), lambda: _agreement(work, row), lambda: work.find(people, row["person"], "persoon"),
        lambda: _werkvorm(row), lambda: _start(row), *(() if _is_known(work, row) else of_new),
    )  # fmt: skip
    sub = _submission(work, row)
    key, mark = row["key"], _mark(row, sub)
    before = _earlier(work, key, sub)
    if before is not None:
        state = _mark_of(work, before)
        if mark in (state, import_rows.first_mark(work.tx, before.id)) and _same_hours(row, before):
            counts.left += 1
            return
        if before.state != "accepted" or before.submitted.get("import") != state:
            cure = f"differs from moment {before.id}, which was registered or changed in the chat: change it there"
            raise RowError(None, cure)
    submitted = _submitted(row, sub, mark)
    book = _book(work, row, sub)
    sub = _titled(book, sub)
    try:
        kept = registering.register_history(
            work.tx, book, sub, key, submitted, work.now, minutes=row.get("minutes"),
            preparations=row.get("preparations"), instead_of=before,
        )  # fmt: skip
    except registering.HistoryError as error:
        raise RowError(*REFUSED[error.problem]) from None
    except NoValueError as error:
        raise RowError("begin", f"lies on a day for which the rulebook {error.book} has no {error.key}") from None
    counts.added, counts.changed = counts.added + (before is None), counts.changed + (before is not None)
    _remark(work, row, kept.verdict)


def _is_known(work: Work, row: Row) -> bool:
    """Whether the moment of a row was booked before: then it may well be left alone as it is."""
    with suppress(RowError, DoubtError):
        return _earlier(work, row["key"], _submission(work, row)) is not None
    return False


def _site(work: Work, row: Row) -> Any:
    if row["oproep"] not in ("O1", "O2"):
        return None
    site = work.find(sites, row.get("site"), "vindplaats")
    if site is None:
        raise RowError("vindplaats", f"is empty and needed for oproep {row['oproep'][1]}: fill it in")
    return site


def _agreement(work: Work, row: Row) -> Any:
    if row["oproep"] != "O3":
        return None
    agreement = work.find(agreements, row.get("agreement"), "overeenkomst")
    if agreement is None:
        raise RowError("overeenkomst", "is empty and needed for oproep 3: fill it in")
    if agreement.person != work.find(people, row["person"], "persoon").id:
        raise RowError("overeenkomst", "is not of this person: correct one of them")
    return agreement


def _werkvorm(row: Row) -> str:
    werkvorm = row.get("werkvorm") or registering.WORKING_FORM.get(row["oproep"])
    if werkvorm is None:
        raise RowError("werkvorm", f"is empty and needed for oproep {row['oproep'][1]}: fill it in")
    return str(werkvorm)


def _start(row: Row) -> tuple[datetime, str | None]:
    """The local begin, and which of two it is where the clock went back."""
    start: datetime = row["start"]
    if start.tzinfo is None:
        return start, None
    clock = _which_clock(start)
    return start.replace(tzinfo=None), clock


def _check_time(work: Work, row: Row) -> None:
    """Refuse a begin that does not exist or exists twice, and a moment that has not ended or overlaps a refused one."""
    start, clock = _start(row)
    end = start + timedelta(minutes=row["length"])
    for other in work.refused.get("momenten", {}).values():
        if other.values.get("person") == row["person"] and isinstance(other.values.get("start"), datetime):
            begin = other.values["start"].replace(tzinfo=None)
            if start < begin + timedelta(minutes=other.values.get("length", 0)) and begin < end:
                row.refuse(*REFUSED["overlap"])
    span = real_span(start, None, row["length"], clock)
    if isinstance(span, str):
        raise RowError(*REFUSED[span])
    if span.end > work.now:
        raise RowError(*REFUSED["future"])


def _submission(work: Work, row: Row) -> Submission:
    oproep, werkvorm, about = row["oproep"], _werkvorm(row), row.get("about")
    site, agreement = _site(work, row), _agreement(work, row)
    start, clock = _start(row)
    return Submission(
        work.find(people, row["person"], "persoon").id, oproep, werkvorm,
        site=site.id if site else None, agreement=agreement.id if agreement else None,
        start=start, minutes=row["length"], clock=clock, present=row.get("present"),
        channel=row.values.get("channel", "f2f"), topic=None if oproep == "O2" else about,
        text=about if oproep == "O2" else None,
        purpose={"O1": "samenwerking", "O2": "presentie"}.get(oproep),
    )  # fmt: skip


def _which_clock(start: datetime) -> str:
    """Which of two local times a begin with an offset is; refused when that offset never holds then."""
    shown = begin_cell(as_stored(start))
    if shown[:16] != start.strftime("%Y-%m-%d %H:%M"):
        raise RowError("begin", "has an offset that Belgium does not have then: leave the offset out")
    return "second" if shown.endswith("+01:00") else "first"


def _submitted(row: Row, sub: Submission, mark: str) -> dict[str, Any]:
    """What is kept with the moment: the answers as its form would hold them, and a mark of the row."""
    place = f"s{sub.site}" if sub.site else f"a{sub.agreement}" if sub.agreement else "x"
    assert sub.start is not None  # noqa: S101 - the column is required
    answers: dict[str, Any] = {
        "werkvorm": sub.werkvorm, "place": place, "day": sub.start.date().isoformat(),
        "start": sub.start.strftime("%H:%M"), "length": sub.minutes, "channel": sub.channel,
    }  # fmt: skip
    answers |= {"clock": sub.clock} if sub.clock else {}
    answers |= {"present": dict(sub.present)} if sub.present is not None else {}
    about, note = row.get("about"), {}
    if about and sub.oproep == "O1" and about not in TOPICS:
        note = {"note": about}
    elif about:
        answers["text" if sub.oproep == "O2" else "topic"] = about
    if sub.oproep in ("O1", "O2"):
        del answers["werkvorm"], answers["channel"]
        answers |= {"channel": sub.channel} if sub.channel != "f2f" else {}
    return {"form": FORMS[sub.oproep], "answers": answers, "import": mark, **note}


def _mark(row: Row, sub: Submission) -> str:
    """The mark of an import's row, made of the cells that an export of it would write."""
    assert sub.start is not None  # noqa: S101 - the column is required
    about = " ".join((row.get("about") or "").split())
    return moment_mark({
        "persoon": str(sub.person), "oproep": sub.oproep[1:], "werkvorm": str(sub.werkvorm),
        "vindplaats": str(sub.site or ""), "overeenkomst": str(sub.agreement or ""),
        "begin": begin_cell(as_stored(to_utc(sub.start, sub.clock))), "minuten": str(sub.minutes),
        "aanwezigen": present_cell(sub.present) if sub.present is not None else "",
        "contact": CHANNEL_CELLS[sub.channel], "omschrijving": about,
    })  # fmt: skip


def _mark_of(work: Work, moment: Any) -> str:
    """The mark of a booked moment as it is now."""
    grant = next(each for each in work.rows(grants).values() if each.id == moment.grant)
    return moment_mark(moment_cells(moment, str(moment.person), str(grant.site or ""), str(grant.agreement or "")))


def _same_hours(row: Row, moment: Any) -> bool:
    """Whether the booked minutes and hours that a row gives are those that are booked."""
    return row.get("minutes") in (None, moment.minutes) and row.get("preparations") in (None, moment.preparations)


def _earlier(work: Work, key: str, sub: Submission) -> Any:
    """The moment that a row stands for already: of an earlier import, or registered here and exported (M-12)."""
    if "moments" not in work.known:
        work.known["moments"] = import_rows.imported_moments(work.tx)
    if key in work.known["moments"]:
        return work.known["moments"][key]
    found = re.fullmatch(r"M-(\d{1,9})", key)
    row = import_rows.moment_by_number(work.tx, int(found[1])) if found else None
    if row is None or row.person != sub.person or sub.start is None:
        return None
    return row if begin_cell(row.begins)[:16] == sub.start.strftime("%Y-%m-%d %H:%M") else None


def _book(work: Work, row: Row, sub: Submission) -> Rulebook:
    """The rulebook of the network of the grant that a moment falls under."""
    grant = registering.grant_for(work.tx, sub, work.now)
    if grant is None:
        work.need_no_refused_grant(row["person"], sub.oproep)
        raise RowError(*REFUSED["no_grant"])
    network = next((each.network for each in work.rows(grants).values() if each.id == grant.id), None) or network_of(work.tx, grant.id)
    if network is None:
        raise RowError(*REFUSED["no_grant"])
    by_id = {each.id: each for each in work.rows(networks).values()}
    book = work.books[by_id[network].rulebook]
    if sub.werkvorm not in book.werkvormen:
        raise RowError("werkvorm", f"must be one of: {', '.join(book.werkvormen)}")
    return book


def _titled(book: Rulebook, sub: Submission) -> Submission:
    """With the theme as its title where the werkvorm has one."""
    assert sub.start is not None  # noqa: S101 - the column is required
    terms = book.on(sub.start.date()).terms(sub.oproep, sub.werkvorm or "")
    return sub._replace(title=sub.topic) if terms is not None and terms.titled else sub


def _remark(work: Work, row: Row, verdict: Verdict) -> None:
    levels = {ASK: "asks", REFUSE: "refuses"}
    rules: dict[str, list[str]] = {}
    for finding in verdict.findings:
        if finding.level != "met" and finding.rule != LATE:
            rules.setdefault(levels.get(finding.level, "warns"), []).append(finding.rule)
    said = "; ".join(f"{word}: {', '.join(dict.fromkeys(found))}" for word, found in rules.items())
    if said:
        work.remarks.append(f"moment {row['key']} was booked, the rulebook {said}.")
