"""The verdict in large type, and the smaller answers beside it."""

from reirrad.core.assessment import (
    Assessment,
    Classification,
    PairAssessment,
    RegistrationSummary,
)
from reirrad.core.uncertainty import share_words
from reirrad.reports.blocks import Badge
from reirrad.reports.emphasis import drawn_pair
from reirrad.reports.wording import (
    REGISTRATION_SYMBOLS,
    REGISTRATION_TONES,
    agreed_number,
    courses_named,
    decimal,
    is_withheld,
    type_sentence,
    type_word,
)

__all__ = ["REGISTRATION_LABEL", "compared_courses", "side_badges", "verdict_badge"]

REGISTRATION_LABEL = "Registration by its numbers"


def verdict_badge(assessment: Assessment, pair: PairAssessment | None) -> Badge:
    """The type of a pair with what it means, or that and why it is withheld."""
    if pair is None:
        return Badge(
            "Re-SBRT type",
            "One course only",
            "There is no other course to compare with.",
            "muted",
        )
    classification = pair.classification
    return Badge(
        f"Re-SBRT type, {compared_courses(pair)}",
        type_word(classification.resbrt_type),
        _meaning(assessment, pair),
        "withheld" if is_withheld(pair) else "verdict",
    )


def compared_courses(pair: PairAssessment) -> str:
    """Name a pair, as "course 3 after courses 1 and 2"."""
    return f"course {pair.second} after {courses_named(pair.earlier)}"


def _meaning(assessment: Assessment, pair: PairAssessment) -> str:
    sentence = type_sentence(pair.classification.resbrt_type, pair.organ)
    if not is_withheld(pair):
        return sentence
    concerned = {*pair.earlier, pair.second}
    rejected = [
        item.reason
        for item in assessment.registrations
        if item.verdict == "rejected" and item.from_course in concerned
    ]
    if not rejected:
        return " ".join((sentence, *map(_sentence, pair.classification.reasons[:1])))
    unsafe = "The courses cannot be related in space safely."
    return " ".join((sentence, unsafe, *map(_sentence, filter(None, rejected))))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def side_badges(
    assessment: Assessment, pair: PairAssessment | None
) -> tuple[Badge, ...]:
    """The smaller answers: other schemes, stability and registration."""
    badges = [] if pair is None else _class_badges(pair.classification)
    if pair is not None and pair.stability and not is_withheld(pair):
        badges.append(_stability_badge(assessment, pair))
    if assessment.registrations:
        badges.append(_registration_badge(assessment.registrations))
    return tuple(badges)


def _class_badges(classification: Classification) -> list[Badge]:
    if classification.estro_eortc == "undetermined":
        badges = [Badge("ESTRO-EORTC", "withheld", "", "muted")]
    else:
        badges = [Badge("ESTRO-EORTC", classification.estro_eortc, "", "strong")]
    if classification.as_applied_type != classification.resbrt_type:
        applied = classification.as_applied_type
        word = "undetermined" if applied == "undetermined" else type_word(applied)
        badges.insert(
            0, Badge("As the authors applied it", word, "minimal overlap", "strong")
        )
    return badges


def _stability_badge(assessment: Assessment, pair: PairAssessment) -> Badge:
    """Share of plausible registrations with the same type; without any, of shifts."""
    smallest = min(item.same_class_percent for item in pair.stability)
    words = ", ".join(
        f"{decimal(item.same_class_percent, 0)} % at {agreed_number(item.shift_mm)} mm"
        for item in pair.stability
    )
    share = _plausible_percent(assessment, pair)
    if share is not None:
        return Badge(
            "How sure of the type",
            f"{pair.classification.resbrt_type} in {share_words(share)}",
            f"of plausible registrations; of shifts {words}",
            "strong" if min(share, smallest) >= 100 else "warn",
        )
    return Badge(
        "Same type if shifted by",
        words,
        "share of 26 directions",
        "strong" if smallest >= 100 else "warn",
    )


def _plausible_percent(assessment: Assessment, pair: PairAssessment) -> float | None:
    """Share of the draws in which the type is found again, if there are any."""
    found = drawn_pair(assessment, pair)
    if found is None or not found.resbrt_type:
        return None
    return found.resbrt_type.get(pair.classification.resbrt_type, 0.0)


def _registration_badge(registrations: tuple[RegistrationSummary, ...]) -> Badge:
    worst = max(
        registrations,
        key=lambda item: ("accepted", "review", "rejected").index(item.verdict),
    )
    symbol = REGISTRATION_SYMBOLS[worst.verdict]
    detail = f"{worst.method}, course {worst.from_course} to {worst.to_course}"
    return Badge(
        REGISTRATION_LABEL,
        f"{symbol} {worst.verdict}",
        detail if len(registrations) == 1 else f"worst: {detail}",
        REGISTRATION_TONES[worst.verdict],
    )
