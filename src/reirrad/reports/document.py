"""The report as a tree of sections.

``report_document`` decides what is said and in which order; it knows neither HTML nor
PDF nor how a figure is drawn.
"""

from collections.abc import Collection
from dataclasses import replace

from reirrad.core.assessment import Assessment
from reirrad.core.review import UNREVIEWED, Review
from reirrad.reports.blocks import Document
from reirrad.reports.budget_section import budget_section
from reirrad.reports.deformable_section import deformable_section
from reirrad.reports.distance_section import distance_section
from reirrad.reports.dose_sections import (
    constraints_section,
    curves_section,
    doses_section,
    plans_section,
)
from reirrad.reports.front_page import front_page
from reirrad.reports.geometry_sections import overlap_section, registration_section
from reirrad.reports.models_section import models_section
from reirrad.reports.record_sections import (
    assumptions_section,
    audit_section,
    findings_section,
)
from reirrad.reports.review_wording import review_banner, review_section
from reirrad.reports.sensitivity_section import sensitivity_section
from reirrad.reports.uncertainty_section import uncertainty_section

__all__ = ["report_document"]

TITLE = "Re-irradiation assessment"
FOOTER = "Research and quality assurance. Not a medical device."


def report_document(
    assessment: Assessment, pictures: Collection[str], review: Review = UNREVIEWED
) -> Document:
    """Everything the report says, in its order.

    Parameters
    ----------
    assessment
        What to report.
    pictures
        Names of the figures that could be drawn: "planes", "fusion", "dvh-1", ...
    review
        What people decided about it.
    """
    identity = assessment.patient.id or "without ID"
    software = assessment.software
    deformable = deformable_section(assessment)
    review = replace(review, registered=bool(assessment.registrations))
    return Document(
        title=TITLE,
        header=f"Patient {identity} · {assessment.created[:10]}",
        footer=FOOTER,
        software=f"{software.name} {software.version}",
        banner=review_banner(review),
        front=front_page(assessment, pictures, review),
        sections=(
            review_section(review),
            overlap_section(assessment),
            distance_section(assessment.distances),
            uncertainty_section(assessment),
            constraints_section(assessment),
            budget_section(assessment),
            curves_section(assessment, pictures),
            doses_section(assessment),
            sensitivity_section(assessment),
            models_section(assessment),
            plans_section(assessment),
            registration_section(assessment, pictures),
            *(() if deformable is None else (deformable,)),
            assumptions_section(assessment),
            findings_section(assessment),
            audit_section(assessment),
        ),
    )
