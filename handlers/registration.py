"""The registration conversation: start a form, answer it by button or typing, see the verdict early, confirm once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from handlers import why
from handlers.card import card, problem
from handlers.moment_form import OPROEP_OF_FORM, Setting, again_answers, setting_of, submission_of
from handlers.receipt import receipt
from handlers.registering import correct, judge_moment, register
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.typed_line import as_raw, client_data_seen, typed_line, without_words
from handlers.world import World
from rules import clientdata
from rules.forms import LONGEST_MINUTES, Answers, Field, apply, back, fill_known, next_field, options_of, times_of, without
from rules.judge import judge_people
from rules.periods import BRUSSELS, local_problem
from rules.typed import whole
from rules.verdict import Verdict
from rules.words import GROUP
from storage import accounts, directory, drafts
from storage.accounts import Draft, Session
from storage.tables import moments

Verb = Callable[[Connection, World, Session, Setting, Draft, Event, str], Screen]
MOST_PEOPLE = 500
STORED_AS_TYPED = ("text", "partner")
WAY_ON = ((Choice(say("balances.register"), "menu"),),)


def start(tx: Connection, world: World, session: Session, event: Event, form_id: str, *, network: int | None = None) -> Screen:
    """Open a form; what follows the command on its line is read as a whole moment."""
    assert session.person is not None  # noqa: S101 - dispatch lets only linked people in
    if "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    if session.draft is not None and _untouched(present_setting(tx, world, session, event), session.draft):
        drafts.end_draft(tx, session.draft, "cancelled", event.now)
    setting = setting_for(tx, world, session, event, form_id, network)
    if isinstance(setting, Screen):
        return setting
    answers: Answers = {}
    problems: tuple[Text, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    if event.text:
        answers, problems, readings = typed_line(setting, event.text)
    answers = fill_known(setting.form, answers, setting.asked)
    if (
        event.text
        and not readings
        and not any(each.key not in ("card.place_assumed", "card.part_lost") for each in problems)
        and next_field(setting.form, answers) is not None
    ):
        answers = _declare_on_confirm(setting, answers)
    last = directory.last_submitted(tx, session.person, form_id, OPROEP_OF_FORM[form_id])
    draft = drafts.open_draft(
        tx, session.person, form_id, setting.network.id, dict(answers), event.now, aside={"last": last} if last else {}
    )
    return show(tx, world, session, setting, draft, event, problems=problems, readings=readings)


def setting_for(tx: Connection, world: World, session: Session, event: Event, form_id: str, network: int | None = None) -> Setting | Screen:
    """The setting in which a person opens a form; or the screen that asks for which network, or says why she cannot."""
    person = session.person or 0
    places = directory.read_places(tx, person)
    mine = accounts.networks_of(tx, person)
    useful = {place.network for place in places if place.oproep in OPROEP_OF_FORM[form_id]}
    candidates = [row for row in mine if network in (None, row.id) and (network is not None or row.id in useful or not useful)]
    by_book = {row.rulebook: row for row in reversed(candidates)}
    if not by_book:
        return Screen(say("registration.no_network"), fresh=True)
    if len(by_book) > 1:
        choices = tuple((Choice(say("card.plain", value=row.name), f"form:{form_id}:{row.id}"),) for row in by_book.values())
        return Screen(say("words.form_" + form_id), asks=say("questions.ask_network"), choices=choices, fresh=True)
    row = next(iter(by_book.values()))
    book = world.book(row)
    if form_id not in book.forms:
        return Screen(say("registration.no_form", network=row.name), fresh=True)
    networks = {each.id for each in mine if each.rulebook == row.rulebook}
    here = [place for place in places if place.network in networks or place.network is None]
    if not any(place.oproep in OPROEP_OF_FORM[form_id] for place in here):
        return Screen(say("registration.no_grant", form=form_id, coordinator=coordinator_name(tx, session)), fresh=True)
    return setting_of(tx, book, row, form_id, here, event.now.astimezone(BRUSSELS).date())


def _untouched(setting: Setting, draft: Draft) -> bool:
    """Whether a draft holds nothing that the person gave."""
    return draft.purpose == "register" and draft.answers == fill_known(setting.form, {}, setting.asked)


def present_setting(tx: Connection, world: World, session: Session, event: Event) -> Setting:
    """The setting of the session's open draft."""
    draft = session.draft
    assert draft is not None  # noqa: S101 - asked by callers that have seen the draft
    assert session.person is not None  # noqa: S101
    row = directory.read_network(tx, draft.network)
    networks = {each.id for each in accounts.networks_of(tx, session.person) if each.rulebook == row.rulebook}
    places = [place for place in directory.read_places(tx, session.person) if place.network in networks or place.network is None]
    return setting_of(tx, world.book(row), row, draft.form, places, event.now.astimezone(BRUSSELS).date())


def show(
    tx: Connection,
    world: World,
    session: Session,
    setting: Setting,
    draft: Draft,
    event: Event,
    *,
    problems: tuple[Text, ...] = (),
    readings: tuple[tuple[str, str], ...] = (),
    notice: Text | None = None,
    verdict: Verdict | None = None,
    judged: bool = False,
) -> Screen:
    """The card of a draft with the verdict as far as it can be known now; `judged`: it is the `verdict` given, perhaps none."""
    assert session.person is not None  # noqa: S101
    if draft.answers.get("role") == "attended":
        drafts.end_draft(tx, draft, "cancelled", event.now)
        return Screen(say("registration.attended"), choices=WAY_ON, draft=draft.id)
    if (skipped := _skipped_time(draft)) is not None:
        answers = dict(without(setting.form, draft.answers, skipped))
        draft = drafts.change_draft(tx, draft, answers, draft.aside, event.now) or draft
        problems = (*problems, say("problems.no_such_time"))
    field = next_field(setting.form, draft.answers)
    if not judged or field is None:
        verdict = verdict or early_verdict(tx, setting, session.person, draft, event)
    last = draft.aside.get("last") if field is not None else None
    offers = tuple(_offers(tx, session, setting, draft, verdict)) if verdict is not None and verdict.outcome == "refused" else ()
    return card(
        setting,
        draft,
        verdict,
        problems=problems,
        advice=_advice(tx, session, setting, verdict),
        offers=offers,
        readings=readings,
        last=last,
        notice=notice,
        language=session.language or "nl",
    )


def _skipped_time(draft: Draft) -> str | None:
    """The field whose time does not exist: the clock went forward that night (DRV-03)."""
    _, start, end, _ = times_of(draft.answers)
    if start is not None and local_problem(start) == "gap":
        return "start"
    return "length" if end is not None and local_problem(end) == "gap" else None


def early_verdict(
    tx: Connection, setting: Setting, person: int, draft: Draft, event: Event, answered: frozenset[str] | None = None
) -> Verdict | None:
    """The verdict as early as it can be known; None when there is nothing to say yet.

    `answered`: the fields just answered. What they cannot change is not judged again, unless it was refused before, so that
    the refusal stays said until it is mended.
    """
    sub = submission_of(setting, person, draft.answers)
    if sub is None:
        return None
    complete = next_field(setting.form, draft.answers) is None
    if answered is not None and not complete and not draft.aside.get("refused"):
        if answered <= {"text", "topic", "start"} and "day" in draft.answers:
            return None
        if answered <= {"present", "channel", "declared", "declared_co_consult"}:
            return judge_people(setting.book, sub, setting.asked.today)
    if not complete and "place" not in draft.answers:
        return None
    moment = tx.execute(select(moments).where(moments.c.id == draft.moment)).one() if draft.moment is not None else None
    return judge_moment(tx, setting.book, sub, event.now, partial=not complete, instead_of=moment)


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A typed answer to the open question."""
    draft = session.draft
    assert draft is not None  # noqa: S101
    setting = present_setting(tx, world, session, event)
    field = next_field(setting.form, draft.answers)
    text = event.text
    seen = clientdata.screen(text)
    if field is None or draft.aside.get("pick"):
        found, _, _ = typed_line(setting, text)
        hard = {key: value for key, value in found.items() if key not in ("text", "topic", "werkvorm")}
        changed = {key: value for key, value in hard.items() if draft.answers.get(key) != value}
        if changed and not seen:
            return _answered(tx, world, session, setting, draft, event, {**draft.answers, **changed})
        return show(tx, world, session, setting, draft, event, problems=(say("problems.typed_for_button"),))
    if field.kind == "roles" and draft.aside.get("role") and (count := whole(text.strip())) is not None and count <= MOST_PEOPLE:
        return _set_aside(tx, world, session, setting, draft, event, _counted(draft, count))
    if seen and (field.kind in STORED_AS_TYPED or apply(setting.form, draft.answers, {field.key: text}, setting.asked)[1]):
        return show(tx, world, session, setting, draft, event, problems=(client_data_seen(seen),), judged=True)
    return _take(tx, world, session, setting, draft, event, {field.key: text})


def _take(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, raw: Mapping[str, str]) -> Screen:
    answers, found = apply(setting.form, draft.answers, raw, setting.asked)
    if found:
        key, unclear = next(iter(found.items()))
        readings = tuple(as_raw(key, option) for option in unclear.options if as_raw(key, option)[1])
        return show(tx, world, session, setting, draft, event, problems=(problem(without_words(unclear)),), readings=readings, judged=True)
    return _answered(tx, world, session, setting, draft, event, _without_old_end(draft, answers, raw), frozenset(raw))


def _without_old_end(draft: Draft, answers: Answers, raw: Mapping[str, str]) -> dict[str, Any]:
    """The answers; a begin that moved past the end given before opens the end again, rather than make it the next day."""
    end = answers.get("length")
    moved = "start" in raw and isinstance(end, str) and end == draft.answers.get("length") and end <= answers["start"]
    return {key: value for key, value in answers.items() if not (moved and key == "length")}


def _answered(
    tx: Connection,
    world: World,
    session: Session,
    setting: Setting,
    draft: Draft,
    event: Event,
    answers: dict[str, Any],
    answered: frozenset[str] | None = None,
) -> Screen:
    """Keep the new answers of a draft, if nobody was before us, and show where it stands."""
    verdict = early_verdict(tx, setting, session.person or 0, replace(draft, answers=answers), event, answered)
    aside = _kept_aside(draft)
    if verdict is not None and verdict.outcome == "refused":
        aside["refused"] = True
    changed = drafts.change_draft(tx, draft, answers, aside, event.now)
    if changed is None:
        return stale(tx, world, session, event)
    return show(tx, world, session, setting, changed, event, verdict=verdict, judged=True)


def _kept_aside(draft: Draft) -> dict[str, Any]:
    """What stays beside the answers from step to step: the moment before, to offer it again."""
    return {key: value for key, value in draft.aside.items() if key == "last"}


def _declare_on_confirm(setting: Setting, answers: Answers) -> Answers:
    """A whole typed line: what is declared stands on the card and is confirmed with it, not asked apart."""
    field = next_field(setting.form, answers)
    full = dict(answers)
    while field is not None and (field.kind == "declare" or field.key in ("channel", "initiative")):
        full[field.key] = {"channel": "f2f", "initiative": "actor"}.get(field.key, "yes")
        field = next_field(setting.form, full)
    return full if field is None else answers


def _counted(draft: Draft, count: int) -> dict[str, Any]:
    roles = {**draft.aside.get("roles", {}), draft.aside["role"]: count}
    return {
        **{key: value for key, value in draft.aside.items() if key not in ("role", "page")},
        "roles": {key: value for key, value in roles.items() if value},
    }


def _set_aside(
    tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, aside: dict[str, Any]
) -> Screen:
    changed = drafts.change_draft(tx, draft, draft.answers, aside, event.now)
    return stale(tx, world, session, event) if changed is None else show(tx, world, session, setting, changed, event, judged=True)


def press(tx: Connection, world: World, session: Session, event: Event, draft_id: int, revision: int, verb: str, value: str) -> Screen:
    """A button of a card. It counts once, on the draft and revision it was made for; else the present state is shown."""
    draft = session.draft
    if draft is None or draft.id != draft_id or draft.revision != revision:
        return stale(tx, world, session, event, draft_id)
    setting = present_setting(tx, world, session, event)
    handler: Verb | None = VERBS.get(verb)
    if handler is not None:
        return handler(tx, world, session, setting, draft, event, value)
    field = next((each for each in setting.form.fields if each.key == verb), None)
    if field is None or not _offered(setting, field, value):
        return stale(tx, world, session, event, draft_id)
    return _take(tx, world, session, setting, draft, event, {verb: value})


def _offered(setting: Setting, field: Field, value: str) -> bool:
    """Whether a button can mean this: what is typed comes in by typing only, where it is screened."""
    if field.kind in ("place", "partner", "choice", "yes_no"):
        return value in {option.value for option in options_of(field, setting.asked)}
    return field.kind in ("day", "clock", "length", "declare")


def stale(tx: Connection, world: World, session: Session, event: Event, draft_id: int | None = None) -> Screen:
    """What an old button gets: what became of its draft, and the present question; it changes nothing."""
    assert session.person is not None  # noqa: S101
    booked = None
    if draft_id is not None:
        booked = directory.submitted_as(tx, session.person, f"draft:{draft_id}")
    if booked is not None:
        screen = receipt(tx, world, session, booked, event, again=True)
        return replace(screen, notice=say("problems.already_booked", moment=booked.id))
    fresh = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    if fresh.draft is None:
        return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON)
    setting = present_setting(tx, world, fresh, event)
    return show(tx, world, fresh, setting, fresh.draft, event, notice=say("problems.stale"))


def _back(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    aside = dict(draft.aside)
    undo = aside.pop("undo", None)
    if aside.pop("pick", None) or aside.pop("role", None) or aside.pop("page", None):
        return _set_aside(tx, world, session, setting, draft, event, aside)
    aside.pop("roles", None)
    answers = {**draft.answers, **undo} if undo else dict(back(setting.form, draft.answers, setting.asked))
    changed = drafts.change_draft(tx, draft, answers, aside, event.now)
    if changed is None:
        return stale(tx, world, session, event)
    notice = say("card.at_start") if answers == draft.answers else None
    return show(tx, world, session, setting, changed, event, notice=notice)


def _cancel(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    drafts.end_draft(tx, draft, "cancelled", event.now)
    choices = (*resume_choices(tx, session), *WAY_ON)
    said = say("registration.correction_cancelled", moment=draft.moment) if draft.purpose == "correct" else say("registration.cancelled")
    return Screen(said, choices=choices, draft=draft.id, notice=said)


def _change(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    return _set_aside(tx, world, session, setting, draft, event, {**draft.aside, "pick": True})


def _open_field(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    answers = dict(without(setting.form, draft.answers, value))
    undo = {key: draft.answers[key] for key in (value,) if key in draft.answers}
    if value in ("day", "start"):
        answers.pop("clock", None)
    changed = drafts.change_draft(tx, draft, answers, {**_kept_aside(draft), "undo": undo}, event.now)
    return stale(tx, world, session, event) if changed is None else show(tx, world, session, setting, changed, event, judged=True)


def _confirm(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    assert session.person is not None  # noqa: S101
    sub = submission_of(setting, session.person, draft.answers)
    if sub is None or next_field(setting.form, draft.answers) is not None:
        return stale(tx, world, session, event)
    submitted = {"form": draft.form, "answers": draft.answers}
    if draft.purpose == "correct":
        row = directory.read_moment(tx, session.person, draft.moment or 0)
        if row is None or row.state == "cancelled":
            drafts.end_draft(tx, draft, "cancelled", event.now)
            return Screen(say("overview.final"), draft=draft.id)
        before = _balance_of(tx, setting, session, row)
        verdict = correct(tx, setting.book, row, sub, submitted, event.now)
        moment: int | None = row.id if verdict.accepted else None
    else:
        before = None
        result = register(tx, setting.book, sub, f"draft:{draft.id}", submitted, event.now, network=draft.network)
        verdict, moment = result.verdict, result.moment
    if moment is None:
        return show(tx, world, session, setting, draft, event, problems=(say("registration.not_booked"),))
    drafts.end_draft(tx, draft, "done", event.now)
    row = directory.read_moment(tx, session.person, moment)
    return receipt(
        tx, world, session, row, event, draft=draft.id, verdict=verdict, before=before, form=draft.form, resume=resume_choices(tx, session)
    )


def _balance_of(tx: Connection, setting: Setting, session: Session, row: Any) -> Any:
    from storage import ledger

    mine = ledger.read_grants(tx, session.person or 0)
    grant = next(each for each in mine if each.id == row.grant)
    return ledger.read_balance(tx, setting.book, grant, session.person or 0, row.day, mine, ledger.read_offers(tx, session.person or 0))


def _same(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    last = draft.aside.get("last")
    answers = again_answers(setting.form, last, setting) if last else draft.answers
    return _answered(tx, world, session, setting, draft, event, dict(fill_known(setting.form, answers, setting.asked)))


def _same_value(key: str) -> Verb:
    def take(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
        last = draft.aside.get("last")
        field = next_field(setting.form, draft.answers)
        if not last or field is None or field.key not in last:
            return show(tx, world, session, setting, draft, event)
        return _keep(tx, world, session, setting, draft, event, field.key, last[field.key])

    return take


def _keep(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, key: str, value: Any) -> Screen:
    answers = fill_known(setting.form, {**draft.answers, key: value}, setting.asked)
    return _answered(tx, world, session, setting, draft, event, dict(answers), frozenset({key}))


def _role(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    if value not in setting.asked.roles:
        return stale(tx, world, session, event)
    return _set_aside(tx, world, session, setting, draft, event, {**draft.aside, "role": value})


def _count(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    if not draft.aside.get("role") or (whole(value) or 0) > MOST_PEOPLE:
        return stale(tx, world, session, event)
    return _set_aside(tx, world, session, setting, draft, event, _counted(draft, whole(value) or 0))


def _counted_done(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    return _keep(tx, world, session, setting, draft, event, "present", draft.aside.get("roles", {}))


def _nobody(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    return _keep(tx, world, session, setting, draft, event, "present", {})


def _page(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    return _set_aside(tx, world, session, setting, draft, event, {**draft.aside, "page": whole(value) or 0})


def _why(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    verdict = early_verdict(tx, setting, session.person or 0, draft, event)
    if verdict is None:
        return show(tx, world, session, setting, draft, event)
    reasons = why.explain(tx, setting.book, verdict, session.person or 0, session.language or "nl")
    return replace(reasons, also=(replace(show(tx, world, session, setting, draft, event), fresh=True),))


def _fit(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    """Book only what still fits, on explicit demand (A-16), or at most 4 hours (A-11)."""
    minutes = whole(value) or 0
    if not 0 < minutes <= LONGEST_MINUTES:
        return stale(tx, world, session, event)
    return _keep(tx, world, session, setting, draft, event, "length", minutes)


def _as_advice(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    """Too few came: register it anew as advice within a collaboration of oproep 3 (A-12)."""
    answers = {
        key: given for key, given in draft.answers.items() if key not in ("role", "partner", "partner_kind", "initiative", "declared")
    }
    if not str(answers.get("place", "")).startswith("a"):
        answers.pop("place", None)
    answers["werkvorm"] = "advies"
    drafts.end_draft(tx, draft, "cancelled", event.now)
    fresh = drafts.open_draft(tx, session.person or 0, "ondersteuning", draft.network, answers, event.now)
    opened = replace(session, draft=fresh)
    return show(tx, world, opened, present_setting(tx, world, opened, event), fresh, event)


def _wait(tx: Connection, world: World, session: Session, setting: Setting, draft: Draft, event: Event, value: str) -> Screen:
    drafts.end_draft(tx, draft, "waiting", event.now)
    return Screen(say("registration.waits"), choices=WAY_ON, draft=draft.id)


VERBS: Mapping[str, Verb] = {
    ".back": _back,
    ".cancel": _cancel,
    ".change": _change,
    ".field": _open_field,
    ".ok": _confirm,
    ".same": _same,
    ".sametext": _same_value("text"),
    ".samepresent": _same_value("present"),
    ".role": _role,
    ".count": _count,
    ".counted": _counted_done,
    ".nobody": _nobody,
    ".page": _page,
    ".why": _why,
    ".fit": _fit,
    ".advice": _as_advice,
    ".wait": _wait,
}


def _offers(tx: Connection, session: Session, setting: Setting, draft: Draft, verdict: Verdict) -> Any:
    """What would be allowed instead of what was refused."""

    def button(text: Text, verb: str, value: str = "") -> tuple[Choice, ...]:
        return (Choice(text, f"d:{draft.id}:{draft.revision}:{verb}" + (f":{value}" if value else "")),)

    refused = {finding.rule: finding for finding in verdict.findings if finding.level == "refuse"}
    room = next((finding.facts["room"] for finding in refused.values() if finding.facts.get("room")), 0)
    complete = next_field(setting.form, draft.answers) is None
    if room and complete and set(refused) <= {"O1-11", "O1-14", "O2-10", "O2-11", "O3-30", "O4-16"}:
        yield button(say("card.book_rest", minutes=room), ".fit", str(room))
    if any(finding.facts.get("long") for finding in refused.values()) and complete:
        longest = next(finding.limit for finding in refused.values() if finding.facts.get("long"))
        yield button(say("card.book_most", minutes=longest), ".fit", str(longest))
    few = refused.get("O3-40") or refused.get("O4-24")
    has_agreement = any(place.oproep == "O3" for place in setting.places)
    if few is not None and (few.asked or 0) >= 1 and draft.answers.get("werkvorm") in GROUP and has_agreement:
        yield button(say("card.as_advice"), ".advice")
    if "GEN-01" in refused and not refused["GEN-01"].facts.get("before") and draft.purpose == "register":
        yield button(say("card.keep_waiting"), ".wait")


def _advice(tx: Connection, session: Session, setting: Setting, verdict: Verdict | None) -> tuple[Text, ...]:
    """Where more hours can be asked, when the quota is what refuses (O1-16, O4-17, A-23)."""
    if verdict is None or verdict.outcome != "refused":
        return ()
    over = {"O1-11": "O1", "O4-16": "O4", "O2-10": "O2", "O3-30": "O3"}
    oproep = next((over[finding.rule] for finding in verdict.findings if finding.rule in over and finding.level == "refuse"), None)
    if oproep is None or oproep not in setting.book.on(setting.asked.today)["more_hours.allowed"]:
        return ()
    return (say("registration.more_hours", coordinator=coordinator_name(tx, session)),)


def coordinator_name(tx: Connection, session: Session) -> str:
    """The names of the person's own coordinators, empty when there is none."""
    ids = tuple(row.id for row in accounts.networks_of(tx, session.person or 0))
    return ", ".join(f"{row.first_name} {row.name}" for row in accounts.people_with_role(tx, "coordinator", ids))


def resume_choices(tx: Connection, session: Session) -> tuple[tuple[Choice, ...], ...]:
    """A button for each kept draft, newest first, at most three."""
    kept = drafts.kept_drafts(tx, session.person or 0)[:3]
    return tuple(
        (Choice(say("card.resume", form=row.form, day=row.answers.get("day"), begins=row.answers.get("start")), f"resume:{row.id}"),)
        for row in kept
    )


def resume(tx: Connection, world: World, session: Session, event: Event, draft_id: int) -> Screen:
    """Go on with a kept draft."""
    draft = drafts.resume_draft(tx, session.person or 0, draft_id, event.now)
    if draft is None:
        return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON)
    opened = replace(session, draft=draft)
    setting = present_setting(tx, world, opened, event)
    return replace(show(tx, world, opened, setting, draft, event), fresh=True)


def ready_again(tx: Connection, world: World, session: Session) -> tuple[tuple[Choice, ...], ...]:
    """Waiting drafts whose day a rulebook covers by now: offered to be judged."""
    found = []
    for row in drafts.kept_drafts(tx, session.person or 0):
        day = row.answers.get("day")
        if row.state == "waiting" and day and world.book(directory.read_network(tx, row.network)).covers(date.fromisoformat(day)):
            found.append((Choice(say("card.resume", form=row.form, day=day, begins=row.answers.get("start")), f"resume:{row.id}"),))
    return tuple(found)


def open_correction(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """The card of a booked moment, to be changed."""
    form_id = row.submitted.get("form") or {"O1": "overleg", "O2": "presentie"}.get(row.oproep, "ondersteuning")
    answers = dict(row.submitted.get("answers") or _answers_of(tx, row))
    network = _network_of(tx, session, row)
    draft = drafts.open_draft(
        tx, session.person or 0, form_id, network, answers, event.now, purpose="correct", moment=row.id, aside={"pick": True}
    )
    opened = replace(session, draft=draft)
    setting = present_setting(tx, world, opened, event)
    return replace(show(tx, world, opened, setting, draft, event), fresh=True)


def _network_of(tx: Connection, session: Session, row: Any) -> int:
    place = next((each for each in directory.read_places(tx, session.person or 0) if each.grant == row.grant and each.network), None)
    return place.network if place is not None and place.network else accounts.networks_of(tx, session.person or 0)[0].id


def _answers_of(tx: Connection, row: Any) -> dict[str, Any]:
    """The answers of a moment that came by import."""
    from datetime import UTC

    place = next((each.value for each in directory.read_places(tx, row.person) if each.grant == row.grant), "")
    begin = row.begins.replace(tzinfo=UTC).astimezone(BRUSSELS)
    length = int((row.ends - row.begins).total_seconds() // 60)
    given = row.submitted
    answers = {
        "werkvorm": row.werkvorm,
        "place": place,
        "day": row.day.isoformat(),
        "start": begin.strftime("%H:%M"),
        "length": length,
        "present": given.get("present", {}),
        "topic": given.get("topic") or row.title,
        "text": given.get("text"),
        "channel": given.get("channel", "f2f"),
        "declared": "yes",
        "declared_co_consult": "yes",
        "initiative": "actor",
    }
    return {key: value for key, value in answers.items() if value is not None}
