"""Cases, their versions, jobs, people and the audit trail."""

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None

SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    # INSERT OR REPLACE deletes without the trigger for that.
    """CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event
    WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION audit_event_is_append_only() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
    """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()""",
    """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()""",
)


def upgrade() -> None:
    """Make the first tables."""
    _cases()
    _jobs()
    _people()
    _trail()
    op.create_table(
        "store_identity",
        sa.Column("id", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_store_identity"),
    )


def _cases() -> None:
    op.create_table(
        "review_case",
        sa.Column("id", sa.String(16)),
        sa.Column("created", sa.String(25), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_case"),
    )
    op.create_table(
        "review_version",
        sa.Column("case_id", sa.String(16)),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("created", sa.String(25), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("matrix", sa.JSON),
        sa.Column("frames", sa.JSON),
        sa.Column("based_on", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("problems", sa.JSON, nullable=False),
        sa.Column("summary", sa.JSON),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_review_version"),
        _of_case("review_version"),
    )
    op.create_table(
        "review_landmark_set",
        sa.Column("id", sa.Integer),
        sa.Column("case_id", sa.String(16), nullable=False),
        sa.Column("at", sa.String(25), nullable=False),
        sa.Column("saved_by", sa.Text, nullable=False),
        sa.Column("pairs", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_landmark_set"),
        _of_case("review_landmark_set"),
    )
    _index("review_landmark_set", "case_id")


def _jobs() -> None:
    op.create_table(
        "review_job",
        sa.Column("id", sa.Integer),
        sa.Column("case_id", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("queued", sa.String(25), nullable=False),
        sa.Column("started", sa.String(25)),
        sa.Column("ended", sa.String(25)),
        sa.Column("problems", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_job"),
        sa.ForeignKeyConstraint(
            ["case_id", "version"],
            ["review_version.case_id", "review_version.number"],
            name="fk_review_job_case_id_review_version",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_job_state", "review_job", ["state", "id"])
    op.create_index("ix_review_job_case_id", "review_job", ["case_id", "version"])
    op.create_table(
        "review_job_step",
        sa.Column("id", sa.Integer),
        sa.Column("job_id", sa.Integer, nullable=False),
        sa.Column("at", sa.String(25), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_job_step"),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["review_job.id"],
            name="fk_review_job_step_job_id_review_job",
            ondelete="CASCADE",
        ),
    )
    _index("review_job_step", "job_id")


def _people() -> None:
    op.create_table(
        "review_person",
        sa.Column("name", sa.String(200)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created", sa.String(25), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_review_person"),
    )
    op.create_table(
        "review_session",
        sa.Column("token_hash", sa.String(64)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("started", sa.String(25), nullable=False),
        sa.Column("expires", sa.String(25), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_review_session"),
        sa.ForeignKeyConstraint(
            ["name"],
            ["review_person.name"],
            name="fk_review_session_name_review_person",
            ondelete="CASCADE",
        ),
    )
    _index("review_session", "name")


def _trail() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("at", sa.String(25), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("case_id", sa.String(16)),
        sa.Column("version", sa.Integer),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    _index("audit_event", "case_id")
    lite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if lite else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id"],
        ["review_case.id"],
        name=f"fk_{table}_case_id_review_case",
        ondelete="CASCADE",
    )


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])
