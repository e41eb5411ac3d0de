"""What people decided about an assessment, in the words of page and report."""

from reirrad.core.review import Review, Signature
from reirrad.reports.blocks import Cell, Column, Paragraph, Row, Section, Table, Tone
from reirrad.reports.wording import NONE

__all__ = [
    "review_banner",
    "review_lines",
    "review_section",
    "review_states",
    "review_tone",
]

NOT_REVIEWED = "REGISTRATION NOT REVIEWED"
REJECTED = "REGISTRATION REJECTED"
NOT_APPROVED = "ASSESSMENT NOT APPROVED"
WORDS: dict[str, Cell] = {
    "unreviewed": Cell("⚠ unreviewed", "warn"),
    "accepted": Cell("✓ accepted", "good"),
    "rejected": Cell("✗ rejected", "bad"),
    "approved": Cell("✓ approved", "good"),
}
NO_REGISTRATION = Cell("none: one course", "muted")
NOBODY_SIGNED_IN = "name typed, nobody was signed in"
NO_SIGNATURE = (
    "Nobody has looked at the registration. Do not use these numbers before somebody "
    "has."
)


def review_lines(review: Review) -> tuple[str, ...]:
    """One sentence on the registration and one on the assessment, with signatures.

    >>> review_lines(Review())
    ('The registration is unreviewed.', 'The assessment is unreviewed.')
    """
    newer = _newer_line(review)
    lines = (_registration_line(review), _assessment_line(review))
    return lines if newer is None else (*lines, newer)


def review_banner(review: Review) -> str | None:
    """What is written across every page; None once the assessment is approved.

    >>> review_banner(Review())
    'REGISTRATION NOT REVIEWED'
    """
    if review.assessment == "superseded":
        return f"SUPERSEDED BY VERSION {review.superseded_by}"
    if review.registration == "rejected":
        return REJECTED
    if review.registration == "unreviewed" and review.registered:
        return NOT_REVIEWED
    return NOT_APPROVED if review.assessment == "unreviewed" else None


def review_tone(review: Review) -> Tone:
    """How the review is to look as a whole."""
    if review.assessment == "approved":
        return "good"
    bad = review.registration == "rejected" or review.assessment == "superseded"
    return "bad" if bad else "warn"


def review_states(review: Review) -> tuple[Cell, Cell]:
    """State of the registration and of the assessment, as symbol and word."""
    superseded = Cell(f"✗ superseded by version {review.superseded_by}", "bad")
    return (
        WORDS[review.registration] if review.registered else NO_REGISTRATION,
        WORDS.get(review.assessment, superseded),
    )


def review_section(review: Review) -> Section:
    """Registration and assessment with who decided, when and why."""
    registration, assessment = review_states(review)
    table = Table(
        columns=(
            Column("What", 1.6),
            Column("State", 1.8),
            Column("Signed by", 2.4),
            Column("When (UTC)", 1.6),
            Column("Comment", 3.6),
        ),
        rows=(
            _row("Registration", registration, review.registration_by),
            _row("Assessment", assessment, review.assessment_by),
        ),
    )
    number = (
        ()
        if review.version is None
        else (Paragraph(f"This is version {review.version} of the case."),)
    )
    warnings = []
    if review.registration == "unreviewed" and review.registered:
        warnings.append(Paragraph(NO_SIGNATURE, "warn"))
    newer = _newer_line(review)
    if newer is not None:
        warnings.append(Paragraph(newer, "warn"))
    return Section("review", "Review", (*number, table, *warnings))


def _row(what: str, state: Cell, by: Signature | None) -> Row:
    if by is None:
        signed = (Cell(NONE, "muted"),) * 3
    else:
        signed = (
            Cell(_signer(by), "strong"),
            Cell(_when(by)),
            Cell(by.comment or NONE),
        )
    return Row((Cell(what, "strong"), state, *signed))


def _newer_line(review: Review) -> str | None:
    if review.assessment != "approved" or review.newer is None:
        return None
    return f"Version {review.newer} exists and is not approved."


def _registration_line(review: Review) -> str:
    if not review.registered:
        return "No registration: one course."
    by = review.registration_by
    if by is None:
        return "The registration is unreviewed."
    line = f"The registration was {review.registration} by {_signer(by)} on {_day(by)}"
    return f"{line}: {by.comment}" if by.comment else f"{line}."


def _assessment_line(review: Review) -> str:
    by = review.assessment_by
    if by is None:
        return "The assessment is unreviewed."
    line = f"The assessment was approved by {_signer(by)} on {_day(by)}"
    if review.assessment == "superseded":
        return f"{line}; it is superseded by version {review.superseded_by}."
    return f"{line}: {by.comment}" if by.comment else f"{line}."


def _signer(by: Signature) -> str:
    return f"{by.name} ({by.role or NOBODY_SIGNED_IN})"


def _day(by: Signature) -> str:
    return by.at[:10]


def _when(by: Signature) -> str:
    return by.at[:16].replace("T", " ")
