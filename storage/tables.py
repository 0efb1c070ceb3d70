"""All tables. Days are dates, instants are UTC date-times without offset, lengths whole minutes, money whole cents.

Each column's `info` gives its privacy class: none (no person), person (about a provider or coordinator), chat (platform
identities), text (what a person typed), secret (hashes). A test refuses a column without one.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.prepared import Prepared, insert

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NONE, PERSON, CHAT, TEXT, SECRET = "none", "person", "chat", "text", "secret"


def column(name: str, kind: Any, *more: Any, privacy: str = NONE, **options: Any) -> Column[Any]:
    """A column with its privacy class."""
    return Column(name, kind, *more, info={"privacy": privacy}, **options)


@lru_cache
def _insert(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table, *columns).returning(*table.primary_key))


def add_row(tx: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert a row and return its id."""
    return int(_insert(table, tuple(row)).first(tx, **row)[0])


networks = Table(
    "networks", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(64), unique=True, nullable=False),
    column("name", String(200), nullable=False),
    column("province", String(100), nullable=False, server_default=""),
    column("language", String(2), nullable=False, server_default="nl"),
    column("rulebook", String(64), nullable=False),
)

people = Table(
    "people", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(64), unique=True, nullable=False, privacy=PERSON),
    column("first_name", String(100), nullable=False, privacy=PERSON),
    column("name", String(100), nullable=False, privacy=PERSON),
    column("roles", String(100), nullable=False, privacy=PERSON),
    column("language", String(2), nullable=False, server_default="nl", privacy=PERSON),
    column("contract_from", Date, nullable=False, privacy=PERSON),
    column("contract_to", Date, privacy=PERSON),
    column("employer", String(64), privacy=PERSON),
    column("o4_admitted_from", Date, privacy=PERSON),
    column("portfolio_on", Date, privacy=PERSON),
    column("themes", String(500), nullable=False, server_default="", privacy=PERSON),
    column("email", String(200), privacy=PERSON),
    column("suspended_on", Date, privacy=PERSON),
    column("erased_on", Date),
)

memberships = Table(
    "memberships", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("network", ForeignKey("networks.id"), primary_key=True),
    Index(None, "network"),
)

sites = Table(
    "sites", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(64), unique=True, nullable=False),
    column("name", String(200), nullable=False),
    column("kind", String(40), nullable=False),
    column("network", ForeignKey("networks.id")),
    column("municipality", String(100), nullable=False, server_default=""),
    column("cooperates", Boolean, nullable=False),
)

# What a provider offers at a place. `attested_on`: when she last said so; `withdrawn_on`: since when she says that it no longer holds.
offers = Table(
    "offers", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("site", ForeignKey("sites.id"), primary_key=True),
    column("since", Date, privacy=PERSON),
    column("structural", Boolean, nullable=False),
    column("individual_minutes_per_week", Integer, nullable=False),
    column("group_tracks_per_year", Integer, nullable=False),
    column("functions", String(100), nullable=False, server_default=""),
    column("attested_on", Date, privacy=PERSON),
    column("withdrawn_on", Date, privacy=PERSON),
)

agreements = Table(
    "agreements", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(64), unique=True, nullable=False),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("partner", String(64), nullable=False),
    column("partner_name", String(200), nullable=False),
    column("partner_kind", String(40), nullable=False),
    column("site", ForeignKey("sites.id")),
    column("start", Date, nullable=False),
    column("to", Date),
    column("minimum_minutes", Integer),
    column("regularity", String(200)),
    column("werkvormen", String(200)),
    column("evaluation", String(200)),
    column("blocks", String(100), nullable=False),
    column("delivered_on", Date),
    column("evaluated_on", Date),
    column("callback_hours", Integer),
    Index(None, "person"),
)

# `corrections`: what was corrected in it and why, oldest first (see storage/grant_corrections.py).
grants = Table(
    "grants", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(64), unique=True, nullable=False),
    column("oproep", String(2), nullable=False),
    column("network", ForeignKey("networks.id")),
    column("site", ForeignKey("sites.id")),
    column("agreement", ForeignKey("agreements.id")),
    column("start", Date, nullable=False),
    column("to", Date),
    column("minutes", Integer),
    column("extra_minutes", Integer, nullable=False, server_default="0"),
    column("exception", String(20)),
    column("reason", String(300), privacy=PERSON),
    column("corrections", JSON, privacy=TEXT),
    Index(None, "site"),
    Index(None, "network"),
)

grant_people = Table(
    "grant_people", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("grant", ForeignKey("grants.id"), primary_key=True),
    Index(None, "grant"),
)

grant_names = Table(
    "grant_names", metadata,
    column("key", String(64), primary_key=True),
    column("grant", ForeignKey("grants.id"), nullable=False),
)

# Where a network's summary and requests go. `topic`: the thread of a group, empty for none. `next_at`: when the next summary is
# due. `state`: open, released, or lost (the bot may not write there any more). `warned`: what was last found odd about it.
channels = Table(
    "channels", metadata,
    column("id", Integer, primary_key=True),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("platform", String(20), nullable=False),
    column("workspace", String(64), nullable=False, server_default="", privacy=CHAT),
    column("place", String(100), nullable=False, privacy=CHAT),
    column("topic", String(20), nullable=False, server_default="", privacy=CHAT),
    column("title", String(200), privacy=CHAT),
    column("language", String(2), nullable=False),
    column("weekday", String(2), nullable=False),
    column("hour", String(5), nullable=False),
    column("state", String(10), nullable=False, server_default="open"),
    column("warned", String(40)),
    column("bound_by", ForeignKey("people.id"), privacy=PERSON),
    column("bound_at", DateTime),
    column("next_at", DateTime),
    UniqueConstraint("network", "platform", "workspace", "place", "topic"),
    Index(None, "next_at"),
)

# The codes that a coordinator types in a channel to bind it.
bindings = Table(
    "bindings", metadata,
    column("id", Integer, primary_key=True),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("hash", String(64), unique=True, nullable=False, privacy=SECRET),
    column("made_by", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("expires_at", DateTime, nullable=False),
    column("used_at", DateTime),
)

moments = Table(
    "moments", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("submission", String(100), nullable=False),
    column("source", String(64)),
    column("version", Integer, nullable=False),
    column("state", String(10), nullable=False),
    column("oproep", String(2), nullable=False),
    column("werkvorm", String(20), nullable=False),
    column("grant", ForeignKey("grants.id"), nullable=False),
    column("day", Date, nullable=False, privacy=PERSON),
    column("begins", DateTime, nullable=False, privacy=PERSON),
    column("ends", DateTime, nullable=False, privacy=PERSON),
    column("minutes", Integer, nullable=False),
    column("preparations", Integer, nullable=False),
    column("title", String(200), privacy=TEXT),
    column("submitted", JSON, nullable=False, privacy=TEXT),
    column("outcome", String(30), nullable=False),
    column("findings", JSON, nullable=False),
    column("registered_on", Date, nullable=False),
    column("changed_at", DateTime, nullable=False),
    UniqueConstraint("person", "submission"),
    Index(None, "person", "begins"),
    Index("ix_moments_week", "grant", "day", "person", "state", "oproep", "minutes", "preparations"),  # all that a week is made of
    Index(None, "source"),
)

moment_versions = Table(
    "moment_versions", metadata,
    column("moment", ForeignKey("moments.id"), primary_key=True),
    column("version", Integer, primary_key=True),
    column("state", String(10), nullable=False),
    column("submitted", JSON, nullable=False, privacy=TEXT),
    column("minutes", Integer, nullable=False),
    column("preparations", Integer, nullable=False),
    column("outcome", String(30), nullable=False),
    column("findings", JSON, nullable=False),
    column("at", DateTime, nullable=False),
)

openings = Table(
    "openings", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(64), unique=True, nullable=False),
    column("grant", ForeignKey("grants.id"), nullable=False),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("day", Date, nullable=False),
    column("minutes", Integer, nullable=False),
    column("preparations", Integer, nullable=False),
    column("billed_hours", Integer, nullable=False, server_default="0"),
)

postings = Table(
    "postings", metadata,
    column("id", Integer, primary_key=True),
    column("moment", ForeignKey("moments.id")),
    column("version", Integer, nullable=False),
    column("opening", ForeignKey("openings.id")),
    column("grant", ForeignKey("grants.id"), nullable=False),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("day", Date, nullable=False, privacy=PERSON),
    column("minutes", Integer, nullable=False),
    column("preparations", Integer, nullable=False),
    column("at", DateTime, nullable=False),
    Index(None, "moment"),
    Index(None, "grant", "person", "day"),
)

day_totals = Table(
    "day_totals", metadata,
    column("grant", ForeignKey("grants.id"), primary_key=True),
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("day", Date, primary_key=True, privacy=PERSON),
    column("minutes", Integer, nullable=False),
    column("preparations", Integer, nullable=False),
    sqlite_with_rowid=False,
)

month_totals = Table(
    "month_totals",
    metadata,
    column("grant", ForeignKey("grants.id"), primary_key=True),
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("month", Date, primary_key=True, privacy=PERSON),
    column("minutes", Integer, nullable=False),
    column("preparations", Integer, nullable=False),
    sqlite_with_rowid=False,
)

batches = Table(
    "batches", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("through", Date, nullable=False),
    column("closed_at", DateTime, nullable=False),
    column("last_posting", Integer, nullable=False),
    Index(None, "person"),
)

batch_lines = Table(
    "batch_lines", metadata,
    column("batch", ForeignKey("batches.id"), primary_key=True),
    column("grant", ForeignKey("grants.id"), primary_key=True),
    column("hours", Integer, nullable=False),
    column("cents", Integer, nullable=False),
    column("lapsed", Integer, nullable=False),
)

accounts = Table(
    "accounts", metadata,
    column("id", Integer, primary_key=True),
    column("platform", String(20), nullable=False, privacy=CHAT),
    column("workspace", String(64), nullable=False, privacy=CHAT),
    column("user", String(64), nullable=False, privacy=CHAT),
    column("chat", String(64), privacy=CHAT),
    column("person", ForeignKey("people.id"), privacy=PERSON),
    column("language", String(2), privacy=PERSON),
    column("linked_at", DateTime, privacy=PERSON),
    column("pending_invite", Integer, privacy=SECRET),
    column("card", String(64), privacy=CHAT),
    column("asked", Text, privacy=CHAT),
    UniqueConstraint("platform", "workspace", "user"),
    Index(None, "person"),
)

invites = Table(
    "invites", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("hash", String(64), unique=True, nullable=False, privacy=SECRET),
    column("made_at", DateTime, nullable=False),
    column("expires_at", DateTime, nullable=False),
    column("used_at", DateTime),
    column("void_at", DateTime),
)

guesses = Table(
    "guesses", metadata,
    column("id", Integer, primary_key=True),
    column("who", String(140), nullable=False, privacy=CHAT),
    column("at", DateTime, nullable=False),
    Index(None, "at"),
)

drafts = Table(
    "drafts", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("form", String(40), nullable=False),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("purpose", String(12), nullable=False),
    column("moment", ForeignKey("moments.id")),
    column("answers", JSON, nullable=False, privacy=TEXT),
    column("aside", JSON, nullable=False, privacy=TEXT),
    column("revision", Integer, nullable=False),
    column("state", String(10), nullable=False),
    column("changed_at", DateTime, nullable=False),
    Index(None, "person", "state"),
)

# What was handled, and the answer that is owed for it since `at`; `tried_at` moves on while it is tried.
events = Table(
    "events", metadata,
    column("key", String(120), primary_key=True, privacy=CHAT),
    column("at", DateTime, nullable=False),
    column("tried_at", DateTime),
    column("reply", JSON, privacy=TEXT),
    column("sent_at", DateTime),
    Index("ix_events_unsent", "at", sqlite_where=Column("sent_at").is_(None), postgresql_where=Column("sent_at").is_(None)),
    sqlite_with_rowid=False,
)

# What is owed to an account or a channel, once a key. `told`: what the message is made of. After `use_until` it lost its use.
# `due_at` moves on while it is tried, `owed_at` stays. `message`: what the platform called it, to edit it later.
# `failed`: why it never went (unreachable, refused, late).
outbox = Table(
    "outbox", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(140), unique=True, nullable=False),
    column("account", ForeignKey("accounts.id"), privacy=CHAT),
    column("channel", ForeignKey("channels.id")),
    column("told", JSON, nullable=False, privacy=TEXT),
    column("due_at", DateTime, nullable=False),
    column("owed_at", DateTime),
    column("use_until", DateTime),
    column("sent_at", DateTime),
    column("message", String(64), privacy=CHAT),
    column("failed", String(100)),
    Index(None, "sent_at", "due_at"),
    Index(None, "account", "sent_at"),
)

refusals = Table(
    "refusals", metadata,
    column("id", Integer, primary_key=True),
    column("network", ForeignKey("networks.id")),
    column("rule", String(10), nullable=False),
    column("day", Date, nullable=False),
    Index(None, "network", "day"),
)

audit = Table(
    "audit", metadata,
    column("id", Integer, primary_key=True),
    column("at", DateTime, nullable=False),
    column("who", String(140), nullable=False, privacy=PERSON),
    column("what", String(40), nullable=False),
    column("about", String(140), privacy=PERSON),
    column("detail", Text, privacy=PERSON),
    column("chain", String(64), nullable=False, server_default=""),
)

# A page that somebody signed in to. `link`: what opened it, once; `ends_at` moves to now when she signs out.
web_sessions = Table(
    "web_sessions", metadata,
    column("id", Integer, primary_key=True),
    column("hash", String(64), unique=True, nullable=False, privacy=SECRET),
    column("link", String(64), unique=True, nullable=False, privacy=SECRET),
    column("account", ForeignKey("accounts.id"), nullable=False),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("made_at", DateTime, nullable=False),
    column("ends_at", DateTime, nullable=False),
    Index(None, "account"),
)

# Hours asked of a coordinator. `kind`: hours (a first grant), more, overkop, reopen. `state`: waiting, granted, refused, expired,
# withdrawn. `next_at`: when it nags or expires. `draft`: the moment that waits for it. `made`: the grant that came of it.
requests = Table(
    "requests", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("kind", String(10), nullable=False),
    column("oproep", String(2), nullable=False),
    column("rule", String(10)),
    column("site", ForeignKey("sites.id")),
    column("agreement", ForeignKey("agreements.id")),
    column("grant", ForeignKey("grants.id")),
    column("moment", ForeignKey("moments.id")),
    column("start", Date),
    column("minutes", Integer),
    column("answers", JSON, nullable=False, privacy=TEXT),
    column("motive", String(300), privacy=TEXT),
    column("draft", Integer),
    column("state", String(10), nullable=False),
    column("asked_at", DateTime, nullable=False),
    column("next_at", DateTime),
    column("nags", Integer, nullable=False, server_default="0"),
    column("decided_at", DateTime),
    column("decided_by", ForeignKey("people.id"), privacy=PERSON),
    column("reason", String(300), privacy=TEXT),
    column("made", ForeignKey("grants.id")),
    Index(None, "network", "state"),
    Index(None, "person"),
    Index(None, "state", "next_at"),
)

# Who decides in a coordinator's place, in one network, from and up to and with a day.
stand_ins = Table(
    "stand_ins", metadata,
    column("id", Integer, primary_key=True),
    column("coordinator", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("start", Date, nullable=False),
    column("to", Date),
    Index(None, "person"),
)

# What a person wants of reminders. `off`: kinds joined by spaces. Quiet hours and days: empty is the default. `next_at`: the next look.
preferences = Table(
    "preferences", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("off", String(200), nullable=False, server_default="", privacy=PERSON),
    column("quiet_from", String(5), privacy=PERSON),
    column("quiet_to", String(5), privacy=PERSON),
    column("quiet_days", String(20), privacy=PERSON),
    column("hour", String(5), privacy=PERSON),
    column("away_from", Date, privacy=PERSON),
    column("away_to", Date, privacy=PERSON),
    column("next_at", DateTime),
    Index(None, "next_at"),
)

# What a person was reminded of, so that nobody hears a thing twice; `again_on`: put off until then.
reminders = Table(
    "reminders", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("kind", String(20), nullable=False),
    column("about", String(40), nullable=False),
    column("mark", String(20), nullable=False),
    column("sent_on", Date, nullable=False, privacy=PERSON),
    column("again_on", Date, privacy=PERSON),
    UniqueConstraint("person", "kind", "about", "mark"),
    Index(None, "person", "sent_on"),
)

# A moment that comes back: `every` is week, two_weeks or month.
series = Table(
    "series", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("every", String(10), nullable=False),
    column("start", Date, nullable=False, privacy=PERSON),
    column("until", Date, nullable=False, privacy=PERSON),
    column("ended_at", DateTime),
    Index(None, "person"),
)

# A moment that is to come: no effect on any quota. `submission`: what it was planned with, once a person. `state`: planned, done,
# dropped. `asked_at`: when her word is due whether it took place; `made_at`: since when it stands as it does.
plans = Table(
    "plans", metadata,
    column("id", Integer, primary_key=True),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("form", String(40), nullable=False),
    column("answers", JSON, nullable=False, privacy=TEXT),
    column("begins", DateTime, nullable=False, privacy=PERSON),
    column("ends", DateTime, nullable=False, privacy=PERSON),
    column("series", ForeignKey("series.id")),
    column("submission", String(100)),
    column("state", String(10), nullable=False),
    column("moment", ForeignKey("moments.id")),
    column("asked_at", DateTime),
    column("made_at", DateTime, nullable=False),
    UniqueConstraint("person", "submission"),
    Index(None, "person", "begins"),
    Index(None, "state", "ends"),
)

# The private address of a person's calendar.
feeds = Table(
    "feeds", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("hash", String(64), unique=True, nullable=False, privacy=SECRET),
    column("made_at", DateTime, nullable=False),
)

# A moment that colleagues shared: each says whether she was there. `state`: asked, confirmed, declined, or withdrawn
# when the moment was cancelled before she said so. `made`: her own moment.
shares = Table(
    "shares", metadata,
    column("id", Integer, primary_key=True),
    column("moment", ForeignKey("moments.id"), nullable=False),
    column("person", ForeignKey("people.id"), nullable=False, privacy=PERSON),
    column("state", String(10), nullable=False),
    column("asked_at", DateTime, nullable=False),
    column("decided_at", DateTime),
    column("made", ForeignKey("moments.id")),
    UniqueConstraint("moment", "person"),
    Index(None, "person", "state"),
)

# The week of a network as it was posted; what changed since is said the next time.
summaries = Table(
    "summaries", metadata,
    column("id", Integer, primary_key=True),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("week", String(8), nullable=False),
    column("snapshot", JSON, nullable=False),
    column("made_at", DateTime, nullable=False),
    UniqueConstraint("network", "week"),
)

stamps = Table(
    "stamps", metadata,
    column("name", String(20), primary_key=True),
    column("value", BigInteger, nullable=False),
)

leases = Table(
    "leases", metadata,
    column("name", String(60), primary_key=True),
    column("holder", String(140), nullable=False),
    column("until", DateTime, nullable=False),
)

# A job of the night: when it is due next, and how far it is while it runs.
jobs = Table(
    "jobs", metadata,
    column("name", String(40), primary_key=True),
    column("next_at", DateTime, nullable=False),
    column("position", JSON),
)

# What the auditor found: a count by code. `line` and `chain`: the last line of the audit trail as it was then.
audits = Table(
    "audits", metadata,
    column("id", Integer, primary_key=True),
    column("at", DateTime, nullable=False),
    column("healthy", Boolean, nullable=False),
    column("findings", JSON, nullable=False),
    column("line", Integer, nullable=False),
    column("chain", String(64), nullable=False),
)
