"""The menu, /taal, /privacy and /help: what everybody may do about herself."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import kept, waiting_requests
from handlers.access import ALPHABET, unlink_account
from handlers.commands import FORMS
from handlers.draft_verdict import coordinator_name
from handlers.exporting import export_person
from handlers.moment_form import OPROEP_OF_FORM
from handlers.page_links import has_pages, page_button
from handlers.screen import Choice, Event, File, Question, Screen, say
from handlers.world import World
from rules.typed import fold
from rules.words import LANGUAGES
from storage import accounts, directory, outbox, scope
from storage.accounts import Session
from storage.instants import as_stored

REPORTS_AN_HOUR = 3


def menu(tx: Connection, world: World, session: Session, event: Event, *, linked: bool = False) -> Screen:
    """What can be done, kept drafts first."""
    ready = kept.ready_again(tx, world, session)
    rows = [*ready, *(each for each in kept.resume_choices(tx, session) if each not in ready)]
    if "verstrekker" in session.roles:
        forms = forms_of(tx, session.person or 0) or list(FORMS)
        buttons = [Choice(say(f"words.form_{form}"), f"form:{form}") for form in forms]
        rows += [
            *(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)),
            (Choice(say("receipt.balance"), "saldo"), Choice(say("balances.overview"), "overzicht:0")),
            (Choice(say("plans.list"), "plan:list"), Choice(say("requests.title"), "ask")),
        ]
    if waiting_requests.waits_for(tx, session, event):
        rows.append((Choice(say("requests.list_waiting"), "rq"),))
    today = event.today
    if {scope.COORDINATOR, scope.ADMINISTRATOR} & session.roles and scope.may(tx, session, "network.view", today):
        rows.append((Choice(say("network.title"), "net"), Choice(say("network.week"), "samenvatting")))
    if scope.WORKING in session.roles:
        rows.append((Choice(say("finding.activities"), "acts:0"), Choice(say("finding.title"), "find")))
    rows += page_button(world, event)
    rows.append((Choice(say("personal.help_button"), "help"), Choice(say("personal.language_button"), "taal")))
    body = (say("personal.linked"),) if linked else ()
    provider = "verstrekker" in session.roles
    return Screen(
        say("personal.hello", name=session.first_name),
        body,
        asks=say("personal.what_now", provider=provider),
        choices=tuple(rows),
        fresh=True,
    )


def forms_of(tx: Connection, person: int) -> list[str]:
    """The forms in which a person has hours."""
    granted = {place.oproep for place in directory.read_places(tx, person)}
    return [form for form in FORMS if granted & set(OPROEP_OF_FORM[form])]


def ask_language(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/taal, with or without the language behind it."""
    typed = fold(event.text.strip())[:2]
    wanted = {"ne": "nl", "du": "nl"}.get(typed, typed)  # Nederlands, néerlandais, Dutch
    if wanted in LANGUAGES:
        return set_language(tx, world, session, event, wanted)
    choices = (tuple(Choice(say(f"words.language_{code}"), f"taal:{code}") for code in LANGUAGES),)
    return Screen(say("personal.ask_language"), choices=choices, fresh=True, question=Question())


def set_language(tx: Connection, world: World, session: Session, event: Event, code: str) -> Screen:
    """A person's choice beats every guess, on all her accounts."""
    if code not in LANGUAGES:
        return ask_language(tx, world, session, event)
    for account in accounts.accounts_of(tx, session.person or 0):
        accounts.change_account(tx, account.id, language=code)
    return Screen(say("personal.language_set"), language=code)


def privacy(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/privacy: what is stored, the export, the unlinking."""
    linked = [row.platform for row in accounts.accounts_of(tx, session.person or 0)]
    hours, open_, parked = (world.terms[name] for name in ("hours", "drafts", "parked"))
    kept = say("personal.privacy_terms", years=hours.at_least_years, drafts=open_.in_days, parked=parked.in_days)
    return Screen(
        say("personal.privacy_title"),
        (
            say("personal.privacy_what"), kept, say("personal.privacy_leave"), say("personal.privacy_accounts", platforms=linked),
        ),
        choices=(
            (Choice(say("personal.export"), "export"),), (Choice(say("access.link_other"), "linkcode"),),
            (Choice(say("personal.unlink"), "unlinkme"),),
        ),
        fresh=True,
    )


def export(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Everything stored about the person, as a file, in private only."""
    if not event.private:
        return Screen(say("personal.only_private"), fresh=True)
    content = json.dumps(export_person(tx, session.person or 0), ensure_ascii=False, indent=1, default=str).encode()
    accounts.add_audit(tx, as_stored(event.now), f"account:{session.account}", "export", str(session.person))
    return Screen(
        say("personal.exported"), files=(File(f"uurwijzer-{session.key}.json", content, say("personal.export_caption")),), fresh=True
    )


def ask_unlink(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Sure?"""
    return Screen(
        say("personal.unlink_sure"),
        (say("personal.unlink_what"),),
        choices=((Choice(say("personal.unlink_yes"), "unlinkme:yes"), Choice(say("personal.unlink_no"), "privacy")),),
    )


def unlink(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """End the access of this account; her others, and her hours, stay."""
    unlink_account(tx, session, session.account or 0, event.now)
    return Screen(say("personal.unlinked"))


def help_screen(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/help that fits the role and names one's own coordinator."""
    provider = "verstrekker" in session.roles
    home = scope.COORDINATOR in session.roles
    body = [say("personal.help_provider", home=home, pages=has_pages(world))] if provider else []
    if home or scope.stands_in_for(tx, session.person or 0, event.today):
        body.append(say("personal.help_network", home=home, provider=provider, pages=has_pages(world)))
    if scope.WORKING in session.roles:
        body.append(say("personal.help_working"))
    if not provider:
        body.append(say("personal.help_other"))
    if provider:
        form = next(iter(forms_of(tx, session.person or 0)), FORMS[0])
        body += [say("personal.help_line", form=form), say("personal.help_anywhere")]
    if provider and (name := coordinator_name(tx, session)):
        body.append(say("personal.help_coordinator", coordinator=name))
    return Screen(say("personal.help_title"), tuple(body), choices=((Choice(say("personal.report"), "report"),),), fresh=True)


def report(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A report of a fault: a reference for the administrator, without any content."""
    who = f"account:{session.account}"
    if accounts.audited_since(tx, who, "report", as_stored(event.now) - timedelta(hours=1)) >= REPORTS_AN_HOUR:
        return Screen(say("personal.reported_enough"), fresh=True)
    reference = "".join(secrets.choice(ALPHABET) for _ in range(6))
    admins = [account for admin in accounts.people_with_role(tx, "beheerder") for account in accounts.accounts_of(tx, admin.id)]
    for account in admins:
        outbox.owe(tx, f"report:{reference}:{account.id}", {"told": "report", "reference": reference}, event.now, account=account.id)
    accounts.add_audit(tx, as_stored(event.now), f"account:{session.account}", "report", reference)
    return Screen(say("personal.reported", reference=reference, reached=bool(admins)), fresh=True)


def told_report(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """A fault that somebody reported, for the administrator: the reference only."""
    return Screen(say("personal.told_report", reference=told["reference"]))
