"""The registry: patients, what was done, what followed, and every change of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"

DAY = sa.String(10)
NUMBER: Any = sa.Double()
WHOLE = sa.Integer()
YES_NO = sa.Boolean()
CHOICE = sa.String(64)
TEXT = sa.Text()
PSEUDONYM = sa.String(32)
OF_ONE = ("patient", "followup")

REQUIRED: dict[str, dict[str, Any]] = {
    "course": {
        "start_date": DAY,
        "reirradiation": YES_NO,
    },
    "lesion": {
        "course": WHOLE,
    },
    "plan": {
        "course": WHOLE,
    },
    "fraction": {
        "plan": WHOLE,
        "index": WHOLE,
        "adapted": YES_NO,
    },
    "response": {
        "date": DAY,
    },
    "progression": {
        "date": DAY,
        "place": CHOICE,
    },
    "toxicity": {
        "date": DAY,
        "term": CHOICE,
        "grade": WHOLE,
    },
    "laboratory": {
        "date": DAY,
        "analyte": CHOICE,
        "value": NUMBER,
        "unit": CHOICE,
    },
    "visit": {
        "date": DAY,
    },
    "systemic": {
        "start_date": DAY,
        "treatment": CHOICE,
    },
    "overlap": {
        "first": WHOLE,
        "second": WHOLE,
    },
    "organ_dose": {
        "organ": TEXT,
        "quantity": CHOICE,
    },
    "limit": {
        "structure": TEXT,
        "metric": TEXT,
        "quantity": CHOICE,
        "relation": CHOICE,
        "limit": NUMBER,
        "verdict": CHOICE,
        "source": TEXT,
        "verification": CHOICE,
    },
    "assessment": {
        "created": DAY,
        "sha256": TEXT,
        "software_version": TEXT,
        "organ": TEXT,
        "reference_course": WHOLE,
        "withheld": YES_NO,
        "n_warnings": WHOLE,
        "n_errors": WHOLE,
    },
}
OPTIONAL: dict[str, dict[str, Any]] = {
    "patient": {
        "birth_date": DAY,
        "sex": CHOICE,
        "primary_site": CHOICE,
        "primary_diagnosis_date": DAY,
        "histology_confirmed": YES_NO,
    },
    "followup": {
        "last_contact_date": DAY,
        "last_imaging_date": DAY,
        "death_date": DAY,
        "death_cause": CHOICE,
        "toxicity_recorded": YES_NO,
    },
    "course": {
        "end_date": DAY,
        "previous_course": WHOLE,
        "intent": CHOICE,
        "technique": CHOICE,
        "ecog": WHOLE,
        "n_lesions_present": WHOLE,
        "previous_liver_sbrt": YES_NO,
        "oar_concern": YES_NO,
        "polymetastatic_before": YES_NO,
        "oligometastatic_before": YES_NO,
        "over_6_months_from_diagnosis": YES_NO,
        "active_systemic_therapy": YES_NO,
        "progressive_lesion": YES_NO,
        "oligometastatic_state_reported": CHOICE,
        "cine_frames_per_s": NUMBER,
        "gating_boundary_mm": NUMBER,
        "gating_tolerance_percent": NUMBER,
        "completed": YES_NO,
        "interrupted": YES_NO,
        "dose_reduced": YES_NO,
        "dose_reduction_reason": CHOICE,
    },
    "lesion": {
        "site": CHOICE,
        "plan": WHOLE,
        "gtv_cc": NUMBER,
        "ptv_cc": NUMBER,
        "margin_mm": NUMBER,
        "dose_gy": NUMBER,
        "n_fractions": WHOLE,
        "prescription_mode": CHOICE,
        "gating": CHOICE,
        "ptv_mean_gy": NUMBER,
        "ptv_d2_gy": NUMBER,
        "ptv_d95_gy": NUMBER,
        "ptv_d98_gy": NUMBER,
        "ptv_v95_percent": NUMBER,
    },
    "plan": {
        "modality": CHOICE,
        "technique": CHOICE,
        "dose_gy": NUMBER,
        "n_fractions": WHOLE,
    },
    "fraction": {
        "date": DAY,
        "reason": CHOICE,
    },
    "response": {
        "lesion": WHOLE,
        "baseline": YES_NO,
        "sum_of_diameters_mm": NUMBER,
        "new_lesion": YES_NO,
        "category": CHOICE,
    },
    "progression": {
        "lesion": WHOLE,
    },
    "toxicity": {
        "course": WHOLE,
        "attribution": CHOICE,
    },
    "laboratory": {
        "upper_normal": NUMBER,
        "lower_normal": NUMBER,
    },
    "visit": {
        "ecog": WHOLE,
        "ascites": CHOICE,
        "encephalopathy": CHOICE,
        "hepatomegaly": YES_NO,
    },
    "systemic": {
        "end_date": DAY,
    },
    "overlap": {
        "assessment": WHOLE,
        "organ": TEXT,
        "ov2gy_organ_cc": NUMBER,
        "ov2gy_total_cc": NUMBER,
        "ov50_organ_cc": NUMBER,
        "ov50_total_cc": NUMBER,
        "ptv_cc": NUMBER,
        "gtv_cc": NUMBER,
        "resbrt_type": CHOICE,
        "as_applied_type": CHOICE,
        "estro_eortc": CHOICE,
        "same_type_percent": NUMBER,
    },
    "organ_dose": {
        "course": WHOLE,
        "assessment": WHOLE,
        "alpha_beta_gy": NUMBER,
        "volume_cc": NUMBER,
        "mean_gy": NUMBER,
        "max_gy": NUMBER,
        "d0_1cc_gy": NUMBER,
        "d2_gy": NUMBER,
        "d50_gy": NUMBER,
        "d95_gy": NUMBER,
        "d98_gy": NUMBER,
    },
    "limit": {
        "course": WHOLE,
        "value": NUMBER,
        "assessment": WHOLE,
    },
    "assessment": {
        "created_at": TEXT,
    },
}

SQLITE_TRIGGERS = (
    """CREATE TRIGGER cohort_change_no_update BEFORE UPDATE ON cohort_change
    BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END""",
    """CREATE TRIGGER cohort_change_no_delete BEFORE DELETE ON cohort_change
    BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END""",
    # INSERT OR REPLACE deletes without the trigger for that.
    """CREATE TRIGGER cohort_change_no_replace BEFORE INSERT ON cohort_change
    WHEN EXISTS (SELECT 1 FROM cohort_change WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION cohort_change_is_append_only() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'changes are append-only'; END $$""",
    """CREATE TRIGGER cohort_change_no_change BEFORE UPDATE OR DELETE ON cohort_change
    FOR EACH ROW EXECUTE FUNCTION cohort_change_is_append_only()""",
    """CREATE TRIGGER cohort_change_no_truncate BEFORE TRUNCATE ON cohort_change
    FOR EACH STATEMENT EXECUTE FUNCTION cohort_change_is_append_only()""",
)


def upgrade() -> None:
    """Make the tables of the registry."""
    for kind in dict.fromkeys([*OPTIONAL, *REQUIRED]):
        _records(kind)
    _key()
    _changes()


def _records(kind: str) -> None:
    table = f"cohort_{kind}"
    keys = ["patient"] if kind in OF_ONE else ["patient", "number"]
    columns: list[sa.Column[Any]] = [sa.Column("patient", PSEUDONYM)]
    constraints: list[sa.Constraint] = [
        sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}")
    ]
    if kind not in OF_ONE:
        columns.append(sa.Column("number", sa.Integer, autoincrement=False))
    if kind != "patient":
        constraints.append(_of_patient(table))
    columns += [
        sa.Column(name, type_, nullable=False)
        for name, type_ in REQUIRED.get(kind, {}).items()
    ]
    columns += [
        sa.Column(name, type_) for name, type_ in OPTIONAL.get(kind, {}).items()
    ]
    op.create_table(table, *columns, *constraints)


def _of_patient(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["patient"],
        ["cohort_patient.patient"],
        name=f"fk_{table}_patient_cohort_patient",
        ondelete="RESTRICT",
    )


def _key() -> None:
    op.create_table(
        "cohort_key",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cohort_key"),
    )


def _changes() -> None:
    op.create_table(
        "cohort_change",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("at", sa.String(25), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("patient", PSEUDONYM, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_cohort_change"),
    )
    op.create_index("ix_cohort_change_patient", "cohort_change", ["patient"])
    lite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if lite else POSTGRESQL_TRIGGERS:
        op.execute(statement)
