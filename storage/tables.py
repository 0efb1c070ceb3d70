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
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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
def _insert(table: Table) -> Insert:
    return table.insert()


def add_row(tx: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert a row and return its id."""
    key = tx.execute(_insert(table), dict(row)).inserted_primary_key
    return int(key[0]) if key is not None else 0


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
)

memberships = Table(
    "memberships", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("network", ForeignKey("networks.id"), primary_key=True),
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

offers = Table(
    "offers", metadata,
    column("person", ForeignKey("people.id"), primary_key=True, privacy=PERSON),
    column("site", ForeignKey("sites.id"), primary_key=True),
    column("since", Date, privacy=PERSON),
    column("structural", Boolean, nullable=False),
    column("individual_minutes_per_week", Integer, nullable=False),
    column("group_tracks_per_year", Integer, nullable=False),
    column("functions", String(100), nullable=False, server_default=""),
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
    Index(None, "person"),
)

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
    Index(None, "site"),
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

channels = Table(
    "channels", metadata,
    column("id", Integer, primary_key=True),
    column("network", ForeignKey("networks.id"), nullable=False),
    column("platform", String(20), nullable=False),
    column("place", String(100), nullable=False, privacy=CHAT),
    column("language", String(2), nullable=False),
    column("weekday", String(2), nullable=False),
    column("hour", String(5), nullable=False),
    UniqueConstraint("network", "platform", "place"),
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
    Index(None, "grant", "day"),
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

events = Table(
    "events", metadata,
    column("key", String(120), primary_key=True, privacy=CHAT),
    column("at", DateTime, nullable=False),
    column("reply", JSON, privacy=TEXT),
    column("sent_at", DateTime),
    Index("ix_events_unsent", "at", sqlite_where=Column("sent_at").is_(None), postgresql_where=Column("sent_at").is_(None)),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox", metadata,
    column("id", Integer, primary_key=True),
    column("key", String(140), unique=True, nullable=False),
    column("account", ForeignKey("accounts.id"), nullable=False, privacy=CHAT),
    column("screen", JSON, nullable=False, privacy=TEXT),
    column("due_at", DateTime, nullable=False),
    column("sent_at", DateTime),
    column("failed", String(100)),
    Index(None, "sent_at", "due_at"),
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
)

stamps = Table(
    "stamps", metadata,
    column("name", String(20), primary_key=True),
    column("value", BigInteger, nullable=False),
)
