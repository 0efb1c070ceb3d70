"""A request, a plan and a correction are the same story on every surface, whatever comes between two steps."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from storage.tables import moments, plans, requests
from tests.talk import Office, Talk
from tests.test_journeys import CHATS, LASTING, SURFACES, open_drafts

EVERYWHERE = (*SURFACES, "modal")


@dataclass(frozen=True)
class Story:
    """Whose it is, what she does up to the last press, that press, the table in which it ends, and what stands there of it."""

    key: str
    deeds: tuple[str, ...]
    last: str
    table: Any
    stored: dict[str, Any]
    double: str  # what a second press of it hears
    changed: tuple[str, str, dict[str, Any]]  # a field, another answer, what it makes of what is stored

    def rows(self, office: Office) -> list[dict[str, Any]]:
        """What was made here, not in the sample."""
        query = select(self.table).order_by(self.table.c.id)
        if self.table is moments:
            query = query.where(moments.c.version > 1)
        found = [{name: getattr(row, name) for name in self.stored} for row in office.run(lambda tx: tx.execute(query).all())]
        for each in found:
            each.get("answers", {}).pop("place", None)  # a number of the sample
        return found


STORIES = {
    "request": Story(
        "K1", ("/aanvraag", "[Meer uren]", "[Huisartsenpraktijk De Linde]", "[2u]", "extra teamoverleg per maand"), "Versturen",
        requests, {"kind": "more", "minutes": 120, "state": "waiting", "motive": "extra teamoverleg per maand"},
        "Dit vroeg je al: aanvraag 1 wacht nog op een beslissing",
        ("Uren", "1", {"minutes": 60}),
    ),
    "plan": Story(
        "K3", ("/planning", "[Iets plannen]", "[Presentie]", "vrijdag 14u-16u30", "koken", "12 jongeren, 2 begeleiders"), "Bevestigen",
        plans, {"form": "presentie", "state": "planned", "answers": {
            "day": "2026-06-19", "start": "14:00", "length": "16:30", "text": "koken", "present": {"jongere": 12, "begeleider": 2}}},
        "Dit is al gepland",
        ("Omschrijving", "tuin", {}),
    ),
    "correction": Story(
        "K3", ("/overzicht", "[Moment", "[Corrigeren]", "[Duur]", "1 uur"), "Bevestigen",
        moments, {"state": "accepted", "minutes": 60, "version": 2}, "Er is niets dubbel geboekt",
        ("Duur", "2u", {"minutes": 120}),
    ),
}  # fmt: skip
everywhere = pytest.mark.parametrize("surface", EVERYWHERE)
each_story = pytest.mark.parametrize("name", STORIES)


def begin(office: Office, name: str) -> Story:
    """The story, with what it needs to begin."""
    story = STORIES[name]
    if name == "correction":
        office.terminal(story.key).do("/presentie gisteren 14u-15u30 koken, 12 jongeren", "[Bevestigen]")
    return story


def resumed(talk: Talk, deeds: tuple[str, ...]) -> None:
    """Take up what is open, and go on."""
    talk.resume()
    talk.do(*deeds)


@each_story
@everywhere
def test_it_ends_the_same_everywhere(office: Office, surface: str, name: str) -> None:
    story = begin(office, name)
    talk = office.talk(surface, story.key)
    talk.do(*story.deeds)
    assert story.rows(office) == []
    talk.press(story.last)
    assert story.rows(office) == [story.stored]
    assert open_drafts(office) == []


@each_story
@everywhere
def test_a_restart_between_any_two_steps_loses_nothing(office: Office, surface: str, name: str) -> None:
    story = begin(office, name)
    talk = office.talk(surface, story.key)
    for deed in (*story.deeds, f"[{story.last}]"):
        talk.do(deed)
        if surface != "terminal" or open_drafts(office):  # there a list is gone with the window
            office.restart()
    assert story.rows(office) == [story.stored]


@each_story
@pytest.mark.parametrize(("first", "second"), [*permutations(SURFACES, 2), ("modal", "web"), ("telegram", "modal"), ("mini app", "slack")])
def test_begun_on_one_surface_and_finished_on_another(office: Office, first: str, second: str, name: str) -> None:
    story = begin(office, name)
    here, there = office.talk(first, story.key), office.talk(second, story.key)
    here.do(*story.deeds[:3])
    resumed(there, story.deeds[3:-1])
    resumed(here if name == "plan" else there, story.deeds[-1:])
    there.resume()
    there.press(story.last)
    assert story.rows(office) == [story.stored]
    assert open_drafts(office) == []


@each_story
def test_each_step_on_another_surface_with_a_restart_before_it(office: Office, name: str) -> None:
    story = begin(office, name)
    talks = [office.talk(surface, story.key) for surface in ("slack", "mini app", "terminal", "modal", "telegram", "web")]
    talks[0].do(*story.deeds[:3])
    for number, deed in enumerate((*story.deeds[3:], f"[{story.last}]"), 1):
        office.restart()
        resumed(talks[number], (deed,))
    assert story.rows(office) == [story.stored]
    assert open_drafts(office) == []


@each_story
@pytest.mark.parametrize("surface", LASTING)
def test_the_last_press_twice_has_one_effect(office: Office, surface: str, name: str) -> None:
    story = begin(office, name)
    talk = office.talk(surface, story.key)
    talk.do(*story.deeds, f"[{story.last}]")
    assert story.double in talk.press_again()
    assert story.rows(office) == [story.stored]


@each_story
@everywhere
def test_an_answer_is_taken_back_and_given_otherwise(office: Office, surface: str, name: str) -> None:
    story = begin(office, name)
    talk = office.talk(surface, story.key)
    talk.do(*story.deeds)
    field, answer, difference = story.changed
    talk.do("[Wijzig]", f"[{field}]", answer, f"[{story.last}]")
    [row] = story.rows(office)
    if name == "plan":
        assert row["answers"]["text"] == answer
    assert {**row, "answers": None} == {**story.stored, **difference, "answers": None}


@each_story
@pytest.mark.parametrize("surface", LASTING)
def test_the_last_press_on_what_changed_elsewhere_shows_it_first(office: Office, surface: str, name: str) -> None:
    story = begin(office, name)
    talk, desk = office.talk(surface, story.key), office.terminal(story.key)
    talk.do(*story.deeds)
    field, answer, difference = story.changed
    resumed(desk, ("[Wijzig]", f"[{field}]", answer))
    stale = talk.press(story.last)
    assert story.rows(office) == []
    if surface != "modal":
        assert ("Dit knopje hoort bij een vorige stap" if surface in CHATS else "Intussen is er iets veranderd") in stale
    talk.press(story.last)
    [row] = story.rows(office)
    seen = difference if surface != "modal" else {}  # what stands in a window counts, once it was judged anew
    assert {**row, "answers": None} == {**story.stored, **seen, "answers": None}


@pytest.mark.parametrize("surface", LASTING)
def test_a_cancellation_pressed_twice_cancels_once_also_after_a_restart(office: Office, surface: str) -> None:
    story = begin(office, "correction")
    moment = office.booked(story.key)[0].id
    talk = office.talk(surface, story.key)
    for deed in ("/overzicht", f"[Moment {moment}", "[Moment annuleren]"):
        talk.do(deed)
        office.restart()
    assert len(office.booked(story.key)) == 1
    assert "Saldo voor: 44u30. Saldo na: 46u." in talk.press("Ja, annuleren")
    kept = office.run(lambda tx: tx.execute(select(moments)).all())
    again = talk.press_again()
    assert ("definitief" in again) == (surface != "modal"), "a window that changed is not changed by an older press"
    assert office.run(lambda tx: tx.execute(select(moments)).all()) == kept
