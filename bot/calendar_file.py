"""A person's calendar as an iCalendar file (RFC 5545): place and time, nothing else. Times in UTC: each calendar shows its own."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from icalendar import Calendar, Event

from storage.plans import CalendarRow

MEDIA_TYPE = "text/calendar; charset=utf-8"
NO_PLACE = "Uurwijzer"  # stands where a moment has no place of its own (oproep 4)
REFRESH = timedelta(hours=1)


def make_calendar(rows: Sequence[CalendarRow]) -> bytes:
    """The file. The same thing keeps its UID, also when it moves or was booked."""
    made = Calendar()
    made.add("prodid", "-//Uurwijzer//Agenda//NL")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "Uurwijzer")
    made.add("x-wr-timezone", "Europe/Brussels")
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for row in rows:
        event = Event()
        event.add("uid", f"{row.key}@uurwijzer")
        event.add("dtstamp", row.changed.replace(tzinfo=UTC, microsecond=0))
        event.add("dtstart", row.begins.replace(tzinfo=UTC))
        event.add("dtend", row.ends.replace(tzinfo=UTC))
        event.add("summary", row.place or NO_PLACE)
        if row.place:
            event.add("location", ", ".join(filter(None, (row.place, row.municipality))))
        made.add_component(event)
    return bytes(made.to_ical())
