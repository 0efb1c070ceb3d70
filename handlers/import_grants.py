"""Takes over grants and opening balances: pools of oproep 2 joined (A-45), the end of a grant before the next one."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handlers.import_lines import Counts, Row, RowError
from handlers.import_sheets import Work
from rules.book import NoValueError
from storage import import_rows, ledger
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
        day: date = self.row.values["start"]
        return day

    def same_place(self, grant: Any) -> bool:
        """Whether a grant in the database is of the same oproep and place, and of the same kind (pool or exception)."""
        here = (self.oproep, self.values["site"], self.values["agreement"], self.row.get("exception"))
        return (grant.oproep, grant.site, grant.agreement, grant.exception) == here


def put_grant(work: Work, row: Row, counts: Counts) -> None:
    """A row of toekenningen."""
    wanted = _look_up(work, row)
    key = row.values["key"]
    known = work.rows(grants)
    joined = import_rows.joined_names(work.tx)
    if key in joined:
        pool = next(grant for grant in known.values() if grant.id == joined[key])
        _join(work, wanted, pool, counts, again=True)
    elif key not in known and (pool := _running_pool(work, wanted)) is not None:
        _join(work, wanted, pool, counts, again=False)
        ledger.name_grant(work.tx, key, pool.id)
    else:
        _put(work, wanted, key, counts, pooled=key in known and known[key].id in joined.values())
        work.refresh(grants, key)


def _look_up(work: Work, row: Row) -> _Wanted:
    oproep = row.values["oproep"]
    site = work.find(sites, row.get("site"), "vindplaats")
    agreement = work.find(agreements, row.get("agreement"), "overeenkomst")
    holders = tuple(work.find(people, key, "persoon").id for key in row.get("people") or ())
    if oproep in ("O1", "O2") and site is None:
        raise RowError("vindplaats", f"is empty and oproep {oproep[1]} is given per vindplaats: fill it in")
    if oproep == "O3":
        if agreement is None:
            raise RowError("overeenkomst", "is empty and oproep 3 is given per overeenkomst: fill it in")
        if holders and holders != (agreement.person,):
            raise RowError("persoon", "is not the person of the overeenkomst: correct it, or leave it empty")
        holders = (agreement.person,)
    if not holders:
        raise RowError("persoon", "is empty: say who may use the hours")
    exception = row.get("exception")
    if len(holders) > 1 and (oproep != "O2" or exception):
        cure = "joins persons, and only the hours of oproep 2 without uitzondering are shared: give each person a row"
        raise RowError("persoon", cure)
    if exception and (oproep != "O2" or site.kind != "overkop"):
        raise RowError("uitzondering", "holds for oproep 2 in an overkophuis only (O2-11): leave it empty")
    start, to = row.values["start"], row.get("to")
    if to is not None and to < start:
        raise RowError("tot", "must not come before van")
    network = _network(work, row, site, agreement, holders[0])
    values = {
        "oproep": oproep, "network": network.id, "start": start, "exception": exception,
        "site": site.id if site and oproep in ("O1", "O2") else None,
        "agreement": agreement.id if agreement and oproep == "O3" else None,
    }  # fmt: skip
    values |= {name: row.values[name] for name in ("minutes", "extra_minutes", "reason") if name in row.values}
    return _Wanted(row, oproep, holders, values)


def _network(work: Work, row: Row, site: Any, agreement: Any, person: int) -> Any:
    """The network of a grant: as given, that of the vindplaats, or the person's only one."""
    found = work.find(networks, row.get("network"), "netwerk")
    if found is not None:
        return found
    by_id = {network.id: network for network in work.rows(networks).values()}
    place = site or next((each for each in work.rows(sites).values() if agreement and each.id == agreement.site), None)
    if place is not None and place.network is not None:
        return by_id[place.network]
    own = import_rows.memberships_of(work.tx, person)
    if len(own) != 1:
        cure = "is empty and cannot be derived, the person works in no or several networks: fill it in"
        raise RowError("netwerk", cure)
    return by_id[own.pop()]


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
    if wanted.row.get("minutes") is None:
        _need_limit(work, wanted)
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


def _close_earlier(work: Work, wanted: _Wanted, key: str) -> None:
    """A grant ends the day before the next one of the same people and place begins."""
    for grant in _rivals(work, wanted, key):
        if grant.start > wanted.start or (grant.to is not None and grant.to < wanted.start):
            continue
        used = import_rows.last_day_used(work.tx, grant.id)
        if grant.start == wanted.start or (used is not None and used >= wanted.start):
            cure = f"begins while toekenning {grant.key} of the same person and place is in use: correct one"
            raise RowError("van", cure)
        if grant.to == wanted.start - timedelta(days=1):
            continue
        import_rows.change_row(work.tx, grants, grant.id, {"to": wanted.start - timedelta(days=1)})
        work.refresh(grants, grant.key)
        work.remarks.append(f"toekenning {grant.key} ends on the day before {key} begins.")


def put_opening(work: Work, row: Row, counts: Counts) -> None:
    """A row of beginsaldi: what was used before the start with us, without clock times."""
    key = row.values["grant"]
    joined = import_rows.joined_names(work.tx)
    if key in joined:
        grant = next(each for each in work.rows(grants).values() if each.id == joined[key])
    else:
        grant = work.find(grants, key, "toekenning")
    person = work.find(people, row.values["person"], "persoon").id
    if person not in import_rows.holders_of(work.tx, grant.id):
        raise RowError("persoon", "may not use this toekenning: correct it, or add the person to the toekenning")
    day = row.values["day"]
    if day < grant.start or (grant.to is not None and day > grant.to):
        raise RowError("op", "lies outside the days of the toekenning: correct it")
    values = {"grant": grant.id, "person": person, "day": day}
    values |= {name: row.values.get(name, 0) for name in ("minutes", "preparations", "billed_hours")}
    before = work.rows(openings).get(row.values["key"])
    if before is None:
        counts.added += 1
        import_rows.add_opening(work.tx, {**values, "key": row.values["key"]}, work.now)
    elif any(getattr(before, name) != value for name, value in values.items()):
        counts.changed += 1
        import_rows.change_opening(work.tx, before, values, work.now)
    else:
        counts.left += 1
