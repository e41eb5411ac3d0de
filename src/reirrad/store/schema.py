"""The tables: what is kept of the cases of a clinic.

Tables of the review page start with ``review_``. The audit trail serves every part of
the database, so that it has no prefix. All times are ISO 8601 text to the second, UTC,
which sorts as it reads. No table has a place for a patient's name.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = [
    "audit_events",
    "cases",
    "job_steps",
    "jobs",
    "landmark_sets",
    "metadata",
    "people",
    "sessions",
    "store_identity",
    "versions",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

cases = Table(
    "review_case",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("created", String(25), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("source", Text, nullable=False),
)

versions = Table(
    "review_version",
    metadata,
    Column(
        "case_id", ForeignKey("review_case.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("created", String(25), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("settings", JSON(none_as_null=True), nullable=False),
    Column("matrix", JSON(none_as_null=True)),
    Column("frames", JSON(none_as_null=True)),
    Column("based_on", Integer),
    Column("state", String(16), nullable=False),
    Column("problems", JSON(none_as_null=True), nullable=False),
    Column("summary", JSON(none_as_null=True)),
)

jobs = Table(
    "review_job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", Text),
    Column("queued", String(25), nullable=False),
    Column("started", String(25)),
    Column("ended", String(25)),
    Column("problems", JSON(none_as_null=True), nullable=False),
    ForeignKeyConstraint(
        ["case_id", "version"],
        ["review_version.case_id", "review_version.number"],
        ondelete="CASCADE",
    ),
    Index(None, "state", "id"),
    Index(None, "case_id", "version"),
    sqlite_autoincrement=True,
)

job_steps = Table(
    "review_job_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "job_id",
        ForeignKey("review_job.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("at", String(25), nullable=False),
    Column("text", Text, nullable=False),
)

landmark_sets = Table(
    "review_landmark_set",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "case_id",
        ForeignKey("review_case.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("at", String(25), nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("pairs", JSON(none_as_null=True), nullable=False),
)

people = Table(
    "review_person",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", String(25), nullable=False),
)

sessions = Table(
    "review_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column(
        "name",
        ForeignKey("review_person.name", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("csrf", Text, nullable=False),
    Column("started", String(25), nullable=False),
    Column("expires", String(25), nullable=False),
)

store_identity = Table(
    "store_identity", metadata, Column("id", String(32), primary_key=True)
)

audit_events = Table(
    "audit_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", String(25), nullable=False),
    Column("who", Text, nullable=False),
    Column("case_id", String(16), index=True),
    Column("version", Integer),
    Column("action", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
)
