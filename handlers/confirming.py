"""Bevestigen: the one press that books a moment or a correction, judged anew under the lock."""

from handlers.card import Remarks
from handlers.kept import resume_choices
from handlers.moment_form import submission_of
from handlers.planning import keep_plan
from handlers.prefilled import booked_before, note_booked
from handlers.receipt import moment_balance, receipt
from handlers.registering import correct, register
from handlers.screen import Screen, say
from handlers.share_news import tell_change
from handlers.showing import keep_verdict, stale
from handlers.turn import PLAN, Turn
from storage import directory, drafts


def confirm(turn: Turn, value: str) -> Screen:
    """Book the draft when it is complete and the rules allow it; otherwise say why not and keep it."""
    tx, event, draft, setting = turn.tx, turn.event, turn.draft, turn.setting
    if draft.purpose == PLAN:
        return keep_plan(turn, "ok")
    if (before_it := booked_before(turn)) is not None:
        return before_it
    sub = submission_of(setting, turn.person, draft.answers)
    if sub is None or turn.field is not None:
        return stale(tx, turn.world, turn.session, event)
    submitted = {"form": draft.form, "answers": draft.answers}
    before = None
    if draft.purpose == "correct":
        row = directory.read_moment(tx, turn.person, draft.moment or 0)
        if row is None or row.state == "cancelled":
            drafts.end_draft(tx, draft, "cancelled", event.now)
            return Screen(say("overview.final"), draft=draft.id)
        before = moment_balance(tx, turn.world, row)
        verdict = correct(tx, setting.book, row, sub, submitted, event.now)
        tell_change(tx, row.id, row.version, event.now)
        moment: int | None = row.id if verdict.accepted else None
    else:
        result = register(tx, setting.book, sub, f"draft:{draft.id}", submitted, event.now)
        verdict, moment = result.verdict, result.moment
    if moment is None:
        return keep_verdict(turn, verdict, Remarks(problems=(say("registration.not_booked"),)))
    note_booked(tx, draft, turn.person, moment, event)
    drafts.end_draft(tx, draft, "done", event.now)
    row = directory.read_moment(tx, turn.person, moment)
    resume = resume_choices(tx, turn.session)
    return receipt(tx, turn.world, turn.session, row, draft=draft.id, verdict=verdict, before=before, form=draft.form, resume=resume)
