"""All questions of a form at once: the same rules, words and moments as in chat, whatever is typed in whatever order."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.wording import say as words
from handlers.overview import correct
from handlers.screen import Event, Screen, Text, Who
from handlers.whole_fields import WholeField, WholeForm, as_typed
from handlers.whole_form import change_whole, confirm_whole, open_whole, present_whole
from rules.forms import Asked, Field, apply
from rules.forms import Form as RuleForm
from rules.role_words import ROLE_WORDS
from storage import accounts
from storage.tables import drafts
from tests.talk import Office

WHO = Who("web", "", "page:ann")
PERSON = "K3"


class Page:
    """A person who fills in a whole form, without any surface around it."""

    def __init__(self, office: Office, key: str = PERSON, who: Who = WHO) -> None:
        self.office, self.who = office, who
        office.link(who.platform, who.workspace, who.user, "", key)
        self.got: WholeForm | Screen | None = None

    def do(self, call: Any, *given: Any, **more: Any) -> Any:
        event = Event("", self.who, "press", self.office.clock(), text=more.pop("text", ""))

        def step(tx: Any) -> Any:
            session = accounts.read_session(tx, self.who.platform, self.who.workspace, self.who.user)
            return call(tx, self.office.world, session, event, *given, **more)

        self.got = self.office.run(step)
        return self.got

    def open(self, form: str = "presentie", **more: Any) -> Any:
        return self.do(open_whole, form, **more)

    def change(self, raw: Mapping[str, str], **more: Any) -> Any:
        return self.do(change_whole, self.form.draft, self.form.revision, raw, **more)

    def confirm(self, raw: Mapping[str, str] | None = None) -> Any:
        return self.do(confirm_whole, self.form.draft, self.form.revision, raw)

    @property
    def form(self) -> WholeForm:
        assert isinstance(self.got, WholeForm), self.got
        return self.got

    def field(self, key: str) -> WholeField:
        return next(each for each in self.form.fields if each.key == key)


def said(text: Text | None, language: str = "nl") -> str:
    return words(text, language) if text is not None else ""


WHOLE = {
    "place": "", "day": "14/6", "start": "14u", "length": "2u30", "text": "kookactiviteit", "present": "12 jongeren, 2 begeleiders",
    "declared": "yes",
}  # fmt: skip


def filled(page: Page) -> dict[str, str]:
    return {**WHOLE, "place": page.field("place").options[0][0]}


def test_everything_at_once_books_the_same_moment_as_chat(office: Office) -> None:
    page = Page(office)
    page.open()
    assert [each.key for each in page.form.fields] == ["place", "day", "start", "length", "text", "present", "declared"]
    page.change(filled(page))
    assert page.form.complete
    assert not page.form.refused
    assert not page.form.wrong
    assert "Dit kan: 2u30" in said(page.form.verdict[0])
    shown = page.confirm()
    assert isinstance(shown, Screen)
    assert shown.title is not None
    assert shown.title.key == "receipt.booked"
    place = office.booked(PERSON)[0].grant
    talk = office.terminal(PERSON)
    talk.say("/presentie 13/6 14u-16u30 kookactiviteit, 12 jongeren, 2 begeleiders")
    talk.press("Bevestigen")
    first, second = office.booked(PERSON)
    assert {**first.submitted["answers"], "day": ""} == {**second.submitted["answers"], "day": "", "length": 150}
    assert (first.minutes, first.grant, first.outcome) == (second.minutes, place, second.outcome)


def test_good_values_are_kept_and_each_other_field_says_what_is_wrong(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change({"day": "31/2", "start": "14u", "present": "12 wolven", "text": "tuin"})
    assert page.field("start").value == "14:00"
    assert page.field("text").value == "tuin"
    assert page.field("day").value == "31/2"
    assert "bestaat niet" in said(page.field("day").problem)
    assert page.field("present").value == "12 wolven"
    assert page.field("present").problem is not None
    assert not page.form.complete
    stored = office.run(lambda tx: tx.execute(drafts.select().where(drafts.c.id == page.form.draft)).one())
    assert "wolven" not in str(stored.answers)
    assert "31" not in str(stored.answers)


def test_client_data_is_neither_kept_nor_given_back(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change({"text": "gesprek met Jan Peeters, 0471 23 45 67"})
    assert page.field("text").value == ""
    assert page.field("text").problem is not None
    assert "0471" not in repr(page.form)
    assert "0471" not in office.everything()


def test_one_field_may_fill_the_next_ones(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change({"day": "gisteren 14u-16u30", "start": "", "length": ""})
    assert [page.field(key).value for key in ("day", "start", "length")] == ["2026-06-14", "14:00", "tot 16:30"]
    page.change({"day": "eergisteren 9u-11u", "start": "14:00", "length": ""})
    assert [page.field(key).value for key in ("day", "start", "length")] == ["2026-06-13", "09:00", "tot 11:00"]


def test_an_emptied_field_is_open_again_and_what_was_left_alone_stays(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change(filled(page))
    before = {each.key: each.value for each in page.form.fields}
    page.change({**before, "text": ""})
    assert page.field("text").value == ""
    assert page.field("start").value == "14:00"
    assert not page.form.complete
    assert not page.form.wrong
    page.confirm()
    assert "nog leeg" in said(page.field("text").problem)
    assert not office.booked(PERSON)


def test_fields_follow_the_answers(office: Office) -> None:
    page = Page(office, "K4")
    page.open("intervisie")
    assert "place" not in {each.key for each in page.form.fields}
    page.change({"role": "given"})
    assert {"werkvorm", "place"} <= {each.key for each in page.form.fields}
    page.change({"role": "attended"})
    assert [each.key for each in page.form.fields] == ["role"]
    assert page.form.refused
    page.change({"role": "given"})
    assert "werkvorm" in {each.key for each in page.form.fields}


def test_a_refusal_stands_there_before_anything_is_confirmed_with_the_ways_out(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change({**filled(page), "day": "20/6/2026"})
    assert page.form.refused
    assert page.form.verdict
    assert any(each.press.endswith((".plan", ".park")) for each in page.form.offers)
    page.confirm()
    assert isinstance(page.got, WholeForm)
    assert page.form.refused
    assert not office.booked(PERSON)


def test_what_is_changed_with_the_confirmation_is_shown_first(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change(filled(page))
    page.confirm({**filled(page), "length": "1u"})
    assert page.field("length").value == "1u00"
    assert not office.booked(PERSON)
    assert isinstance(page.confirm(), Screen)
    assert office.booked(PERSON)[0].minutes == 60


def test_a_stale_form_changes_nothing_and_shows_what_is(office: Office) -> None:
    page = Page(office)
    page.open()
    draft, revision = page.form.draft, page.form.revision
    page.change({"text": "tuin"})
    page.do(change_whole, draft, revision, {"text": "keuken"})
    assert page.field("text").value == "tuin"
    assert "Intussen" in said(page.form.problems[0])
    page.do(confirm_whole, draft, revision, {"text": "keuken"})
    assert page.field("text").value == "tuin"
    page.do(confirm_whole, draft, revision)
    assert "Intussen" in said(page.form.problems[0])


def test_confirming_twice_books_once_and_shows_the_same_receipt(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change(filled(page))
    draft, revision = page.form.draft, page.form.revision
    page.confirm()
    again = page.do(confirm_whole, draft, revision)
    assert isinstance(again, Screen)
    assert again.title is not None
    assert again.title.key == "receipt.booked"
    assert len(office.booked(PERSON)) == 1


def test_begun_in_chat_and_finished_as_a_whole(office: Office) -> None:
    talk = office.terminal(PERSON)
    talk.say("/presentie gisteren 14u")
    page = Page(office)
    page.open()
    assert page.field("day").value == "2026-06-14"
    assert page.field("start").value == "14:00"
    page.change({"length": "2u", "text": "tuin", "present": "3 jongeren", "declared": "yes"})
    assert isinstance(page.confirm(), Screen)
    assert office.booked(PERSON)[0].minutes == 120


def test_a_typed_line_opens_it_filled_in(office: Office) -> None:
    page = Page(office)
    page.open(text="gisteren 14u-16u30 kookactiviteit, 12 jongeren")
    assert page.form.complete
    assert page.field("present").shown is not None


def test_somebody_elses_draft_is_not_there(office: Office) -> None:
    page, other = Page(office), Page(office, "K4", replace(WHO, user="page:other"))
    page.open()
    other.do(change_whole, page.form.draft, page.form.revision, {"text": "tuin"})
    assert isinstance(other.got, Screen)
    other.do(confirm_whole, page.form.draft, page.form.revision)
    assert isinstance(other.got, Screen)
    assert not office.booked("K4")


def test_a_correction_is_a_whole_form_too(office: Office) -> None:
    page = Page(office)
    page.open()
    page.change(filled(page))
    page.confirm()
    moment = office.booked(PERSON)[0]
    page.do(correct, moment.id)
    page.do(present_whole)
    assert page.form.purpose == "correct"
    assert page.form.complete
    page.change({"length": "1u"})
    assert isinstance(page.confirm(), Screen)
    assert office.booked(PERSON)[0].minutes == 60


def test_a_request_is_asked_as_a_whole(office: Office) -> None:
    page = Page(office, "K1")
    page.open("aanvraag")
    assert [each.key for each in page.form.fields] == ["what"]
    page.change({"what": "more"})
    assert [each.key for each in page.form.fields] == ["what", "grant", "hours", "motive"]
    page.change({"grant": page.field("grant").options[0][0], "hours": "veel", "motive": "meer vraag dan verwacht"})
    assert page.field("hours").problem is not None
    assert page.field("motive").value
    page.change({"hours": "3"})
    assert page.form.complete
    assert not page.form.refused
    shown = page.confirm()
    assert isinstance(shown, Screen)
    assert shown.title is not None
    assert shown.title.key == "requests.sent"


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_an_answer_as_it_is_given_back_reads_as_the_same_answer(language: str) -> None:
    asked = Asked(date(2026, 6, 15), {}, ROLE_WORDS)
    length, roles = Field("length", "length"), Field("present", "roles")
    form = RuleForm("f", (length, roles))
    for value in (15, 45, 60, 150, 720, "16:30", "00:15"):
        answers, found = apply(form, {}, {"length": as_typed(length, value, asked, language)}, asked)
        assert not found
        assert answers["length"] == value
    for role in ROLE_WORDS:
        for count in (1, 12):
            in_words = words(Text("card.present", {"present": {role: count}}), language)
            for text in (as_typed(roles, {role: count}, asked, language), in_words):
                assert apply(form, {}, {"present": text}, asked) == ({"present": {role: count}}, {}), text
