"""The state of the review in words."""

from reirrad.core.review import Review, Signature

__all__ = ["review_banner", "review_lines"]


def review_lines(review: Review) -> tuple[str, ...]:
    """What was decided about registration and assessment, by whom and when."""
    return (
        _line("Registration", review.registration, review.registration_by),
        _line("Assessment", review.assessment, review.assessment_by),
    )


def review_banner(review: Review) -> str | None:
    """What is written across every page; None for an approved assessment."""
    if review.assessment == "superseded":
        return f"SUPERSEDED BY VERSION {review.superseded_by}"
    if review.registration == "rejected":
        return "REGISTRATION REJECTED"
    if review.registration == "unreviewed":
        return "REGISTRATION NOT REVIEWED"
    return None


def _line(what: str, state: str, by: Signature | None) -> str:
    if by is None:
        return f"{what}: {state}"
    comment = f": {by.comment}" if by.comment else ""
    return f"{what}: {state} by {by.name} ({by.role}) on {by.at}{comment}"
