"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=140), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=140), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("chain", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "audits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audits")),
    )
    op.create_table(
        "events",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=True),
        sa.Column("reply", sa.JSON(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_events_unsent", ["at"], unique=False, sqlite_where=sa.text("sent_at IS NULL"), postgresql_where=sa.text("sent_at IS NULL")
        )

    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=140), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
    )
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guesses_at"), ["at"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=140), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "networks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("province", sa.String(length=100), server_default="", nullable=False),
        sa.Column("language", sa.String(length=2), server_default="nl", nullable=False),
        sa.Column("rulebook", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_networks")),
        sa.UniqueConstraint("key", name=op.f("uq_networks_key")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("roles", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=2), server_default="nl", nullable=False),
        sa.Column("contract_from", sa.Date(), nullable=False),
        sa.Column("contract_to", sa.Date(), nullable=True),
        sa.Column("employer", sa.String(length=64), nullable=True),
        sa.Column("o4_admitted_from", sa.Date(), nullable=True),
        sa.Column("portfolio_on", sa.Date(), nullable=True),
        sa.Column("themes", sa.String(length=500), server_default="", nullable=False),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("key", name=op.f("uq_people_key")),
    )
    op.create_table(
        "stamps",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stamps")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=True),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("linked_at", sa.DateTime(), nullable=True),
        sa.Column("pending_invite", sa.Integer(), nullable=True),
        sa.Column("card", sa.String(length=64), nullable=True),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_accounts_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("platform", "workspace", "user", name=op.f("uq_accounts_platform_workspace_user")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_person"), ["person"], unique=False)

    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("last_posting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_batches_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batches_person"), ["person"], unique=False)

    op.create_table(
        "bindings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_bindings_made_by")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_bindings_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bindings")),
        sa.UniqueConstraint("hash", name=op.f("uq_bindings_hash")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("workspace", sa.String(length=64), server_default="", nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=20), server_default="", nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("weekday", sa.String(length=2), nullable=False),
        sa.Column("hour", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("warned", sa.String(length=40), nullable=True),
        sa.Column("bound_by", sa.Integer(), nullable=True),
        sa.Column("bound_at", sa.DateTime(), nullable=True),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["bound_by"], ["people.id"], name=op.f("fk_channels_bound_by")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_channels_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint(
            "network", "platform", "workspace", "place", "topic", name=op.f("uq_channels_network_platform_workspace_place_topic")
        ),
    )
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channels_next_at"), ["next_at"], unique=False)

    op.create_table(
        "feeds",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_feeds_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_feeds")),
        sa.UniqueConstraint("hash", name=op.f("uq_feeds_hash")),
    )
    op.create_table(
        "invites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("void_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_invites_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("hash", name=op.f("uq_invites_hash")),
    )
    op.create_table(
        "memberships",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_memberships_network")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_memberships_person")),
        sa.PrimaryKeyConstraint("person", "network", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_network"), ["network"], unique=False)

    op.create_table(
        "preferences",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("off", sa.String(length=200), server_default="", nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_to", sa.String(length=5), nullable=True),
        sa.Column("quiet_days", sa.String(length=20), nullable=True),
        sa.Column("hour", sa.String(length=5), nullable=True),
        sa.Column("away_from", sa.Date(), nullable=True),
        sa.Column("away_to", sa.Date(), nullable=True),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_preferences_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_preferences")),
    )
    with op.batch_alter_table("preferences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_preferences_next_at"), ["next_at"], unique=False)

    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_refusals_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refusals_network_day"), ["network", "day"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_reminders_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("person", "kind", "about", "mark", name=op.f("uq_reminders_person_kind_about_mark")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminders_person_sent_on"), ["person", "sent_on"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("every", sa.String(length=10), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_series_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_person"), ["person"], unique=False)

    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("network", sa.Integer(), nullable=True),
        sa.Column("municipality", sa.String(length=100), server_default="", nullable=False),
        sa.Column("cooperates", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_sites_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("key", name=op.f("uq_sites_key")),
    )
    op.create_table(
        "stand_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coordinator", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["coordinator"], ["people.id"], name=op.f("fk_stand_ins_coordinator")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_stand_ins_network")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_stand_ins_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
    )
    with op.batch_alter_table("stand_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stand_ins_person"), ["person"], unique=False)

    op.create_table(
        "summaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_summaries_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summaries")),
        sa.UniqueConstraint("network", "week", name=op.f("uq_summaries_network_week")),
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("partner_name", sa.String(length=200), nullable=False),
        sa.Column("partner_kind", sa.String(length=40), nullable=False),
        sa.Column("site", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("to", sa.Date(), nullable=True),
        sa.Column("minimum_minutes", sa.Integer(), nullable=True),
        sa.Column("regularity", sa.String(length=200), nullable=True),
        sa.Column("werkvormen", sa.String(length=200), nullable=True),
        sa.Column("evaluation", sa.String(length=200), nullable=True),
        sa.Column("blocks", sa.String(length=100), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("evaluated_on", sa.Date(), nullable=True),
        sa.Column("callback_hours", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_agreements_person")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_agreements_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("key", name=op.f("uq_agreements_key")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreements_person"), ["person"], unique=False)

    op.create_table(
        "offers",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("site", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("structural", sa.Boolean(), nullable=False),
        sa.Column("individual_minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("group_tracks_per_year", sa.Integer(), nullable=False),
        sa.Column("functions", sa.String(length=100), server_default="", nullable=False),
        sa.Column("attested_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_offers_person")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_offers_site")),
        sa.PrimaryKeyConstraint("person", "site", name=op.f("pk_offers")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=140), nullable=False),
        sa.Column("account", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Integer(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("owed_at", sa.DateTime(), nullable=True),
        sa.Column("use_until", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("message", sa.String(length=64), nullable=True),
        sa.Column("failed", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_outbox_account")),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name=op.f("fk_outbox_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_account_sent_at"), ["account", "sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_sent_at_due_at"), ["sent_at", "due_at"], unique=False)

    op.create_table(
        "web_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_web_sessions_account")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_web_sessions_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_sessions")),
        sa.UniqueConstraint("hash", name=op.f("uq_web_sessions_hash")),
        sa.UniqueConstraint("link", name=op.f("uq_web_sessions_link")),
    )
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_sessions_account"), ["account"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("oproep", sa.String(length=2), nullable=False),
        sa.Column("network", sa.Integer(), nullable=True),
        sa.Column("site", sa.Integer(), nullable=True),
        sa.Column("agreement", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("to", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("extra_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("exception", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("corrections", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["agreement"], ["agreements.id"], name=op.f("fk_grants_agreement")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_grants_network")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_grants_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("key", name=op.f("uq_grants_key")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_network"), ["network"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_site"), ["site"], unique=False)

    op.create_table(
        "batch_lines",
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("lapsed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_lines_batch")),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_batch_lines_grant")),
        sa.PrimaryKeyConstraint("batch", "grant", name=op.f("pk_batch_lines")),
    )
    op.create_table(
        "day_totals",
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("preparations", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_day_totals_grant")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_day_totals_person")),
        sa.PrimaryKeyConstraint("grant", "person", "day", name=op.f("pk_day_totals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grant_names",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_grant_names_grant")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_grant_names")),
    )
    op.create_table(
        "grant_people",
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_grant_people_grant")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_grant_people_person")),
        sa.PrimaryKeyConstraint("person", "grant", name=op.f("pk_grant_people")),
    )
    with op.batch_alter_table("grant_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grant_people_grant"), ["grant"], unique=False)

    op.create_table(
        "moments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("oproep", sa.String(length=2), nullable=False),
        sa.Column("werkvorm", sa.String(length=20), nullable=False),
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("preparations", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("submitted", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_moments_grant")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_moments_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moments")),
        sa.UniqueConstraint("person", "submission", name=op.f("uq_moments_person_submission")),
    )
    with op.batch_alter_table("moments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moments_person_begins"), ["person", "begins"], unique=False)
        batch_op.create_index(batch_op.f("ix_moments_source"), ["source"], unique=False)
        batch_op.create_index("ix_moments_week", ["grant", "day", "person", "state", "oproep", "minutes", "preparations"], unique=False)

    op.create_table(
        "month_totals",
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("preparations", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_month_totals_grant")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_month_totals_person")),
        sa.PrimaryKeyConstraint("grant", "person", "month", name=op.f("pk_month_totals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "openings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("preparations", sa.Integer(), nullable=False),
        sa.Column("billed_hours", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_openings_grant")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_openings_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
        sa.UniqueConstraint("key", name=op.f("uq_openings_key")),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("moment", sa.Integer(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("aside", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["moment"], ["moments.id"], name=op.f("fk_drafts_moment")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_drafts_network")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_drafts_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_person_state"), ["person", "state"], unique=False)

    op.create_table(
        "moment_versions",
        sa.Column("moment", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("submitted", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("preparations", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["moment"], ["moments.id"], name=op.f("fk_moment_versions_moment")),
        sa.PrimaryKeyConstraint("moment", "version", name=op.f("pk_moment_versions")),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("begins", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=True),
        sa.Column("submission", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("moment", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["moment"], ["moments.id"], name=op.f("fk_plans_moment")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_plans_network")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_plans_person")),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_plans_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("person", "submission", name=op.f("uq_plans_person_submission")),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plans_person_begins"), ["person", "begins"], unique=False)
        batch_op.create_index(batch_op.f("ix_plans_state_ends"), ["state", "ends"], unique=False)

    op.create_table(
        "postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opening", sa.Integer(), nullable=True),
        sa.Column("grant", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("preparations", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_postings_grant")),
        sa.ForeignKeyConstraint(["moment"], ["moments.id"], name=op.f("fk_postings_moment")),
        sa.ForeignKeyConstraint(["opening"], ["openings.id"], name=op.f("fk_postings_opening")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_postings_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
    )
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_postings_grant_person_day"), ["grant", "person", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_postings_moment"), ["moment"], unique=False)

    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("oproep", sa.String(length=2), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=True),
        sa.Column("site", sa.Integer(), nullable=True),
        sa.Column("agreement", sa.Integer(), nullable=True),
        sa.Column("grant", sa.Integer(), nullable=True),
        sa.Column("moment", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("motive", sa.String(length=300), nullable=True),
        sa.Column("draft", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.Column("nags", sa.Integer(), server_default="0", nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("made", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agreement"], ["agreements.id"], name=op.f("fk_requests_agreement")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_requests_decided_by")),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_requests_grant")),
        sa.ForeignKeyConstraint(["made"], ["grants.id"], name=op.f("fk_requests_made")),
        sa.ForeignKeyConstraint(["moment"], ["moments.id"], name=op.f("fk_requests_moment")),
        sa.ForeignKeyConstraint(["network"], ["networks.id"], name=op.f("fk_requests_network")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_requests_person")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_requests_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requests_network_state"), ["network", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_requests_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_requests_state_next_at"), ["state", "next_at"], unique=False)

    op.create_table(
        "shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("made", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made"], ["moments.id"], name=op.f("fk_shares_made")),
        sa.ForeignKeyConstraint(["moment"], ["moments.id"], name=op.f("fk_shares_moment")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_shares_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("moment", "person", name=op.f("uq_shares_moment_person")),
    )
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shares_person_state"), ["person", "state"], unique=False)
