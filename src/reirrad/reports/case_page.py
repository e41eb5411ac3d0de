"""What the review page says beside the pictures, as plain JSON with final words.

Everything here stands in the report too; the page chooses another order and lets the
reader ask for more. Nothing is computed.
"""

from dataclasses import replace

from reirrad.core.assessment import (
    Assessment,
    CourseSummary,
    PairAssessment,
    RegistrationSummary,
)
from reirrad.core.review import UNREVIEWED, Review
from reirrad.core.uncertainty import PairUncertainty
from reirrad.reports.case_curves import bands_json, curve_marks_json, curves_json
from reirrad.reports.case_limits import (
    limit_json,
    limit_structures,
    named_structures,
    ordered_limits,
)
from reirrad.reports.document import report_document
from reirrad.reports.emphasis import (
    all_pairs,
    by_urgency,
    drawn_pair,
    leading_pair,
)
from reirrad.reports.front_verdict import REGISTRATION_LABEL
from reirrad.reports.geometry_sections import (
    agreement_facts,
    apart,
    quality_facts,
    registration_title,
    registration_verdict,
)
from reirrad.reports.page_blocks import (
    Json,
    badge_json,
    cell_json,
    fact_json,
    sections_json,
    table_json,
)
from reirrad.reports.record_sections import finding_words
from reirrad.reports.review_wording import (
    review_lines,
    review_states,
    review_tone,
)
from reirrad.reports.wording import (
    ALPHA_BETA,
    TIMES,
    agreed_number,
    decimal,
    interval,
    is_withheld,
    type_word,
    with_unit,
)

__all__ = ["case_page"]

LEVELS = {"2Gy": "Ov2Gy", "50%": "Ov50%"}


def case_page(assessment: Assessment, review: Review = UNREVIEWED) -> Json:
    """Everything the page shows beside the pictures.

    Parameters
    ----------
    assessment
        What to show.
    review
        Who looked at it; by default nobody.

    Returns
    -------
    dict
        Plain values for JSON: texts are final, numbers are drawn as they are.
    """
    curves = curves_json(assessment)
    figures = ("planes", "fusion", *(("dvh-1",) if curves else ()))
    review = replace(review, registered=bool(assessment.registrations))
    document = report_document(assessment, figures, review)
    front = document.front
    judged = ordered_limits(assessment)
    drawn = limit_structures(assessment)
    named = named_structures(assessment)
    return {
        "title": document.title,
        "header": document.header,
        "footer": document.footer,
        "software": document.software,
        "review": _review(review, document.banner),
        "patient": [fact_json(item) for item in front.patient],
        "courses": table_json(front.courses),
        "course_line": [
            _course(course, assessment.pairs) for course in assessment.courses
        ],
        "verdict": badge_json(front.verdict),
        "remaining": None if front.remaining is None else badge_json(front.remaining),
        "badges": [
            badge_json(item)
            for item in front.badges
            if item.label != REGISTRATION_LABEL
        ],
        "facts": [fact_json(item) for item in front.facts],
        "warnings": _warnings(assessment),
        "pairs": [_pair(assessment, pair) for pair in _pairs(assessment)],
        "limits": [limit_json(one, named) for one in judged],
        "structures": _structures(assessment),
        "curves": curves,
        "bands": bands_json(assessment),
        "curve_limits": curve_marks_json(judged, drawn),
        "registrations": [_registration(item) for item in assessment.registrations],
        "settings": _settings(assessment),
        "sections": sections_json(document.sections),
    }


def _review(review: Review, banner: str | None) -> Json:
    registration, assessment = review_states(review)
    return {
        "registration": review.registration,
        "assessment": review.assessment,
        "version": review.version,
        "lines": list(review_lines(review)),
        "banner": banner,
        "tone": review_tone(review),
        "registration_state": cell_json(registration),
        "assessment_state": cell_json(assessment),
    }


def _course(course: CourseSummary, pairs: tuple[PairAssessment, ...]) -> Json:
    order = course.prescription
    gap = next(
        (
            f"{interval(pair.interval_days)}, start to start"
            for pair in pairs
            if (pair.first, pair.second) == (course.number - 1, course.number)
        ),
        "",
    )
    return {
        "number": course.number,
        "label": f"C{course.number}",
        "text": f"{agreed_number(order.dose_gy)} Gy in {order.n_fractions} {TIMES} "
        f"{agreed_number(round(order.dose_per_fraction_gy, 2))} Gy",
        "date": course.start_date,
        "plan": course.plan_label,
        "interval": gap,
    }


def _warnings(assessment: Assessment) -> list[Json]:
    """Errors and warnings with their whole text."""
    return [
        {
            "text": f"{finding_words(item).text}, {item.about}: {item.message}",
            "tone": finding_words(item).tone,
        }
        for item in by_urgency(assessment.findings)
        if item.severity != "info"
    ]


def _pairs(assessment: Assessment) -> list[PairAssessment]:
    """Every pair, the one of the large verdict first."""
    leading = leading_pair(assessment)
    return sorted(all_pairs(assessment), key=lambda pair: pair is not leading)


def _pair(assessment: Assessment, pair: PairAssessment) -> Json:
    classification = pair.classification
    withheld = is_withheld(pair)
    found = drawn_pair(assessment, pair)
    return {
        "title": apart(pair),
        "earlier": list(pair.earlier),
        "later": pair.second,
        "resbrt_type": type_word(classification.resbrt_type),
        "as_applied_type": type_word(classification.as_applied_type),
        "estro_eortc": classification.estro_eortc,
        "tone": "withheld" if withheld else "verdict",
        "policy": classification.policy,
        "reasons": list(classification.reasons),
        "overlap": [_overlap(pair, level, found) for level in pair.overlap],
        "sure": _sure(found),
    }


def _overlap(pair: PairAssessment, level: str, found: PairUncertainty | None) -> Json:
    volume = pair.overlap[level]
    spread = None if found is None else found.overlap.get(level)
    known = spread is not None and spread.low is not None and spread.high is not None
    return {
        "level": level,
        "name": LEVELS.get(level, level),
        "earlier": list(pair.earlier),
        "later": pair.second,
        "organ": pair.organ,
        "organ_cc": volume.organ_cc,
        "total_cc": volume.total_cc,
        "organ_text": with_unit(volume.organ_cc, "cc"),
        "total_text": with_unit(volume.total_cc, "cc"),
        "interval": f"{decimal(spread.low)} to {decimal(spread.high)} cc"
        if spread is not None and known
        else None,
    }


def _sure(found: PairUncertainty | None) -> str | None:
    if found is None:
        return None
    text = found.sentence or found.reason
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else None


def _structures(assessment: Assessment) -> list[Json]:
    return [
        {
            "name": item.name,
            "standard_name": item.standard_name,
            "role": item.role,
            "volume": with_unit(item.volume_cc, "cc"),
            "ratio": f"{ALPHA_BETA} {agreed_number(item.alpha_beta_gy)} Gy",
        }
        for item in assessment.structures
    ]


def _registration(item: RegistrationSummary) -> Json:
    verdict = registration_verdict(item)
    return {
        "title": registration_title(item),
        "course": item.from_course,
        "method": item.method,
        "verdict": verdict.text,
        "reason": item.reason,
        "tone": verdict.tone,
        "matrix": None if item.matrix is None else [list(row) for row in item.matrix],
        "quality": _facts(quality_facts(item.quality)),
        "structures": _facts(agreement_facts(item.quality)),
    }


def _facts(facts: tuple[tuple[str, str], ...]) -> list[Json]:
    return [{"label": label, "value": value} for label, value in facts]


def _settings(assessment: Assessment) -> Json:
    """What was used where the settings can say otherwise."""
    return {
        "organ": assessment.organ,
        "alpha_beta_gy": {
            item.name: item.alpha_beta_gy for item in assessment.structures
        },
        "prescriptions": {
            str(course.number): {
                "dose_gy": course.prescription.dose_gy,
                "n_fractions": course.prescription.n_fractions,
                "source": course.prescription.source,
            }
            for course in assessment.courses
        },
    }
