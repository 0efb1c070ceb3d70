"""Takes over grants and opening balances: pools of oproep 2 joined (A-45), the end of a grant before the next one."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handlers.import_lines import Counts, Row, RowError
from handlers.import_sheets import Work, check_days
from rules.book import NoValueError
from storage import fact_reading, import_rows
from storage.grant_networks import network_of
from storage.tables import agreements, grants, networks, openings, people, sites


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A row of toekenningen with what it refers to looked up."""

    row: Row
    oproep: str
    holders: tuple[int, ...]
    values: dict[str, Any]

    @property
    def start(self) -> date:
        day: date = self.row["start"]
        return day

    def same_place(self, grant: Any) -> bool:
        """Whether a grant in the database is of the same oproep and place, and of the same kind (pool or exception)."""
        here = (self.oproep, self.values["site"], self.values["agreement"], self.row.get("exception"))
        return (grant.oproep, grant.site, grant.agreement, grant.exception) == here


def put_grant(work: Work, row: Row, counts: Counts) -> None:
    """A row of toekenningen."""
    row.check(
        lambda: _site(work, row), lambda: _agreement(work, row),
        *(lambda key=key: _person(work, key) for key in row.values.get("people") or ()),
        lambda: _holders(work, row), lambda: _check_alone(row), lambda: _check_exception(work, row),
        lambda: check_days(row, "start", "to", ("van", "tot")), lambda: _network(work, row), lambda: _check_place(work, row),
    )  # fmt: skip
    wanted = _look_up(work, row)
    key = row["key"]
    known = work.rows(grants)
    joined = import_rows.joined_names(work.tx)
    if key in joined:
        pool = next(grant for grant in known.values() if grant.id == joined[key])
        _join(work, wanted, pool, counts, again=True)
    elif key not in known and (pool := _running_pool(work, wanted)) is not None:
        _join(work, wanted, pool, counts, again=False)
        import_rows.name_grant(work.tx, key, pool.id)
    else:
        _put(work, wanted, key, counts, pooled=key in known and known[key].id in joined.values())
        work.refresh(grants, key)


def _look_up(work: Work, row: Row) -> _Wanted:
    oproep, site, agreement = row["oproep"], _site(work, row), _agreement(work, row)
    values = {
        "oproep": oproep, "network": _network(work, row).id, "start": row["start"], "exception": row.get("exception"),
        "site": site.id if site and oproep in ("O1", "O2") else None,
        "agreement": agreement.id if agreement and oproep == "O3" else None,
    }  # fmt: skip
    values |= {name: row[name] for name in ("minutes", "extra_minutes", "reason") if name in row.values}
    return _Wanted(row, oproep, _holders(work, row), values)


def _person(work: Work, key: str) -> int:
    return int(work.find(people, key, "persoon").id)


def _site(work: Work, row: Row) -> Any:
    site = work.find(sites, row.get("site"), "vindplaats")
    if site is None and row["oproep"] in ("O1", "O2"):
        raise RowError("vindplaats", f"is empty and oproep {row['oproep'][1]} is given per vindplaats: fill it in")
    return site


def _agreement(work: Work, row: Row) -> Any:
    agreement = work.find(agreements, row.get("agreement"), "overeenkomst")
    if agreement is None and row["oproep"] == "O3":
        raise RowError("overeenkomst", "is empty and oproep 3 is given per overeenkomst: fill it in")
    return agreement


def _holders(work: Work, row: Row) -> tuple[int, ...]:
    """Who may use the hours; of oproep 3 the person of the agreement."""
    holders = tuple(_person(work, key) for key in row.get("people") or ())
    if row["oproep"] == "O3":
        agreement = _agreement(work, row)
        if holders and holders != (agreement.person,):
            raise RowError("persoon", "is not the person of the overeenkomst: correct it, or leave it empty")
        return (agreement.person,)
    if not holders:
        raise RowError("persoon", "is empty: say who may use the hours")
    return holders


def _check_alone(row: Row) -> None:
    if len(row.get("people") or ()) > 1 and row["oproep"] != "O3" and (row["oproep"] != "O2" or row.get("exception")):
        cure = "joins persons, and only the hours of oproep 2 without uitzondering are shared: give each person a row"
        raise RowError("persoon", cure)


def _check_exception(work: Work, row: Row) -> None:
    if row.get("exception") and (row["oproep"] != "O2" or _site(work, row).kind != "overkop"):
        raise RowError("uitzondering", "holds for oproep 2 in an overkophuis only (O2-11): leave it empty")


def _network(work: Work, row: Row) -> Any:
    """The network of a grant: as given, that of the vindplaats, or the person's only one."""
    found = work.find(networks, row.get("network"), "netwerk")
    if found is not None:
        return found
    by_id = {network.id: network for network in work.rows(networks).values()}
    site, agreement = _site(work, row), _agreement(work, row)
    place = site or next((each for each in work.rows(sites).values() if agreement and each.id == agreement.site), None)
    if place is not None and place.network is not None:
        return by_id[place.network]
    own = import_rows.memberships_of(work.tx, _holders(work, row)[0])
    if len(own) != 1:
        cure = "is empty and cannot be derived, the person works in no or several networks: fill it in"
        raise RowError("netwerk", cure)
    return by_id[own.pop()]


def _check_place(work: Work, row: Row) -> None:
    """Refuse what does not fit the other grants of the same people and place, or has no hours at all."""
    wanted, key = _look_up(work, row), row["key"]
    joins = key in import_rows.joined_names(work.tx)
    if joins or (key not in work.rows(grants) and _running_pool(work, wanted) is not None):
        return
    if row.get("minutes") is None:
        _need_limit(work, wanted)
    _last_day(work, wanted, key)
    _check_earlier(work, wanted, key)


def _need_limit(work: Work, wanted: _Wanted) -> None:
    """Refuse a row without hours when the rulebook gives no limit of its own."""
    network = next(each for each in work.rows(networks).values() if each.id == wanted.values["network"])
    book, exception = network.rulebook, wanted.row.get("exception")
    try:
        limit = work.books[book].on(wanted.start)["limit.O2.overkop" if exception else f"limit.{wanted.oproep}"]
    except NoValueError:
        limit = 0
    if not limit:
        cure = f"is empty and the rulebook {book} gives no hours of its own: write the hours that the network granted"
        raise RowError("uren", cure)


def _running_pool(work: Work, wanted: _Wanted) -> Any:
    """The pool of oproep 2 at the same site that a row joins; None when it is the first (A-45)."""
    if wanted.oproep != "O2" or wanted.row.get("exception"):
        return None
    last = wanted.row.get("to") or date.max
    pools = [grant for grant in work.rows(grants).values() if wanted.same_place(grant)]
    running = [pool for pool in pools if pool.start <= wanted.start <= (pool.to or date.max)]
    later = [pool for pool in pools if wanted.row.get("to") and wanted.start < pool.start <= last]
    if later and not running:
        raise RowError("tot", f"runs into the pool {later[0].key} of the same vindplaats: end it the day before")
    return running[0] if running else None


def _join(work: Work, wanted: _Wanted, pool: Any, counts: Counts, *, again: bool) -> None:
    minutes = wanted.row.get("minutes")
    if minutes is not None and minutes != _limit(work, pool):
        cure = f"differs from the pool {pool.key} that this row joins (A-45): leave it empty, or end that pool first"
        raise RowError("uren", cure)
    new = set(wanted.holders) - import_rows.holders_of(work.tx, pool.id)
    import_rows.add_holders(work.tx, pool.id, sorted(new))
    if not again:
        counts.added += 1
        name = wanted.row.values["key"]
        work.remarks.append(f"toekenning {name} joins the pool {pool.key} of the same vindplaats (A-45).")
    elif new:
        counts.changed += 1
    else:
        counts.left += 1


def _limit(work: Work, pool: Any) -> int:
    if pool.minutes is not None:
        return int(pool.minutes)
    network = next(each for each in work.rows(networks).values() if each.id == pool.network)
    return int(work.books[network.rulebook].on(pool.start)["limit.O2"])


def _put(work: Work, wanted: _Wanted, key: str, counts: Counts, *, pooled: bool) -> None:
    values = {**wanted.values, "to": _last_day(work, wanted, key)}
    before = work.rows(grants).get(key)
    _close_earlier(work, wanted, key)
    grant = work.put(grants, key, values, counts)
    have, want = import_rows.holders_of(work.tx, grant), set(wanted.holders)
    import_rows.add_holders(work.tx, grant, sorted(want - have))
    changed = bool(want - have)
    for person in sorted(have - want) if not pooled else ():
        if not import_rows.remove_holder(work.tx, grant, person):
            raise RowError("persoon", "leaves out somebody who has hours on this toekenning: add that person")
        changed = True
    if before is not None and changed and all(getattr(before, name) == value for name, value in values.items()):
        counts.left, counts.changed = counts.left - 1, counts.changed + 1


def _rivals(work: Work, wanted: _Wanted, key: str) -> list[Any]:
    """Other grants for the same place with somebody in common, oldest first."""
    found = [
        grant for name, grant in work.rows(grants).items()
        if name != key and wanted.same_place(grant) and import_rows.holders_of(work.tx, grant.id) & set(wanted.holders)
    ]  # fmt: skip
    return sorted(found, key=lambda grant: grant.start)


def _last_day(work: Work, wanted: _Wanted, key: str) -> date | None:
    """The last day: as given, that of the agreement, or the day before the next grant of the same people and place."""
    given: date | None = wanted.row.get("to")
    following = [grant for grant in _rivals(work, wanted, key) if grant.start > wanted.start]
    if given is not None:
        if following and following[0].start <= given:
            cure = f"runs into toekenning {following[0].key} of the same person and place: end it before"
            raise RowError("tot", cure)
        return given
    agreement = next((each for each in work.rows(agreements).values() if each.id == wanted.values["agreement"]), None)
    ends = [agreement.to] if agreement is not None and agreement.to else []
    ends += [following[0].start - timedelta(days=1)] if following else []
    return min(ends, default=None)


def _running_before(work: Work, wanted: _Wanted, key: str) -> list[Any]:
    """The earlier grants of the same people and place that run on the first day of this one."""
    rivals = _rivals(work, wanted, key)
    return [grant for grant in rivals if grant.start <= wanted.start and (grant.to is None or grant.to >= wanted.start)]


def _check_earlier(work: Work, wanted: _Wanted, key: str) -> None:
    """Refuse a grant that begins while an earlier one is in use."""
    for grant in _running_before(work, wanted, key):
        used = import_rows.last_day_used(work.tx, grant.id)
        if grant.start == wanted.start or (used is not None and used >= wanted.start):
            cure = f"begins while toekenning {grant.key} of the same person and place is in use: correct one"
            raise RowError("van", cure)


def _close_earlier(work: Work, wanted: _Wanted, key: str) -> None:
    """A grant ends the day before the next one of the same people and place begins."""
    for grant in _running_before(work, wanted, key):
        import_rows.change_row(work.tx, grants, grant.id, {"to": wanted.start - timedelta(days=1)})
        work.refresh(grants, grant.key)
        work.remarks.append(f"toekenning {grant.key} ends on the day before {key} begins.")


def put_opening(work: Work, row: Row, counts: Counts) -> None:
    """A row of beginsaldi: what was used before the start with us, without clock times."""
    row.check(lambda: _check_holder(work, row), lambda: _person(work, row["person"]), lambda: _check_day(work, row))
    values = {"grant": _grant(work, row).id, "person": _person(work, row["person"]), "day": row["day"]}
    values |= {name: row.values.get(name, 0) for name in ("minutes", "preparations", "billed_hours")}
    before = work.rows(openings).get(row["key"])
    if before is None:
        counts.added += 1
        import_rows.add_opening(work.tx, {**values, "key": row["key"]}, work.now)
    elif any(getattr(before, name) != value for name, value in values.items()):
        counts.changed += 1
        import_rows.change_opening(work.tx, before, values, work.now)
    else:
        counts.left += 1
        return
    _remark_over(work, row)


def _remark_over(work: Work, row: Row) -> None:
    """What goes over the hours of its toekenning is taken all the same, but said: it may be a slip."""
    grant, person = _grant(work, row).id, _person(work, row["person"])
    id_of_network = network_of(work.tx, grant)
    network = next((each for each in work.rows(networks).values() if each.id == id_of_network), None)
    if network is None:
        return
    mine, offers = fact_reading.read_grants(work.tx, person), fact_reading.read_offers(work.tx, person)
    with suppress(NoValueError):
        used = next(each for each in mine if each.id == grant)
        over = fact_reading.read_balance(work.tx, work.books[network.rulebook], used, person, row["day"], mine, offers).over
        if over:
            work.remarks.append(f"beginsaldo {row['key']} was taken: toekenning {row['grant']} is {over} minutes over its hours.")


def _grant(work: Work, row: Row) -> Any:
    """The grant of an opening balance, also under the name of a row that joined its pool."""
    pool = import_rows.joined_names(work.tx).get(row["grant"])
    if pool is not None:
        return next(each for each in work.rows(grants).values() if each.id == pool)
    return work.find(grants, row["grant"], "toekenning")


def _check_holder(work: Work, row: Row) -> None:
    grant, person = _grant(work, row), _person(work, row["person"])
    if person not in import_rows.holders_of(work.tx, grant.id):
        if grant.oproep == "O2":  # a row that joins its pool would let the person use it
            work.need_no_refused_grant(row["person"], "O2")
        raise RowError("persoon", "may not use this toekenning: correct it, or add the person to the toekenning")


def _check_day(work: Work, row: Row) -> None:
    grant, day = _grant(work, row), row["day"]
    if day < grant.start or (grant.to is not None and day > grant.to):
        raise RowError("op", "lies outside the days of the toekenning: correct it")
