"""How the results of a cohort were made, in words that a manuscript can take over."""

from collections.abc import Iterable, Sequence

from reirrad.reports.wording import agreed_number, plural
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.times import DAYS_PER_MONTH

__all__ = ["methods_paragraphs"]

SPELT_OUT = {
    "O7": "The interval between the courses was counted",
    "O24": "The type of re-irradiation was",
    "O28": "Toxicity was taken as the",
    "O30": "Response was judged by",
}


def methods_paragraphs(results: CohortResults) -> tuple[str, ...]:
    """Units, times, estimators, intervals, missing values and software.

    Parameters
    ----------
    results
        What was asked and by which methods.
    """
    return (
        _units(results),
        *_definitions(results),
        _times(results),
        _groups(results),
        _shares(),
        *_dose_response(results),
        _software(results.software),
    )


def _units(results: CohortResults) -> str:
    return (
        f"The cohort comprised {plural(results.n_patients, 'patient')} with "
        f"{plural(results.n_courses, 'course')} of re-irradiation to "
        f"{plural(results.n_lesions, 'lesion')}. Every figure states whether it counts "
        "patients, courses or lesions. A unit whose value is not known counts as "
        "missing: it is in no numerator and in no denominator, and the number of such "
        "units is given. Nothing was imputed. Continuous quantities are given as mean "
        "(standard deviation) and median (interquartile range; range), with quantiles "
        "by linear interpolation between order statistics (type 7)."
    )


def _definitions(results: CohortResults) -> tuple[str, ...]:
    """Definitions on which clinics differ, as the outputs state them."""
    stated = [
        f"{SPELT_OUT[output.id]} {_continued(output.definition)}"
        for output in results.outputs
        if output.id in SPELT_OUT
    ]
    return (" ".join(stated),) if stated else ()


def _continued(sentence: str) -> str:
    """A sentence as the end of another one: its first word small if it is a word.

    >>> _continued("From the end."), _continued("RECIST 1.1.")
    ('from the end.', 'RECIST 1.1.')
    """
    small = sentence[1:2].islower()
    return f"{sentence[:1].lower()}{sentence[1:]}" if small else sentence


def _times(results: CohortResults) -> str:
    horizons = sorted({at.months for one in results.survival for at in one.at})
    asked = _listed(agreed_number(months) for months in horizons)
    at = f" at {asked} months" if horizons else ""
    estimated = "".join(f" {sentence}" for sentence in _estimated(results))
    return (
        "Times were counted in months of "
        f"{DAYS_PER_MONTH:g} days from the last day of re-irradiation; outcomes of a "
        "patient with several re-irradiations from the last day of the first one, of a "
        "lesion from that of its own course."
        f"{estimated} Intervals are two-sided and cover 95 %. Of events and censorings "
        "at the same time the events come first, and an event at the very time of an "
        f"estimate is counted in it. An estimate{at} is not given when fewer than "
        f"{results.fewest_at_risk} units were under observation then. Lesions of one "
        "patient were treated as independent. Death without local progression was a "
        "competing event for local progression, not a censoring."
    )


def _estimated(results: CohortResults) -> list[str]:
    """A sentence for each estimator with the endpoints that it was used for."""
    found: dict[str, dict[str, None]] = {}
    for one in results.survival:
        # A comma in a name would be read as one of the list.
        name, _, detail = one.endpoint.partition(", ")
        shown = f"{name} ({detail})" if detail else name
        found.setdefault(one.method, {})[shown] = None
    return [
        f"{_capitalised(_listed(names))} {'were' if len(names) > 1 else 'was'} "
        f"estimated by {_method(method)}."
        for method, names in found.items()
    ]


def _method(method: str) -> str:
    """An estimator within a sentence.

    >>> _method("Kaplan-Meier, 95 % log-log interval")
    'the Kaplan-Meier method with 95 % log-log interval'
    """
    name, _, interval = method.partition(", ")
    named = f"the {name} method" if "Kaplan-Meier" in name else name
    return f"{named} with {interval}" if interval else named


def _capitalised(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _groups(results: CohortResults) -> str:
    made = [test for test in results.tests if test.p is not None]
    formed = f"Groups were formed by {results.stratified_by}"
    if not made:
        return f"{formed}."
    names = dict.fromkeys(
        "log-rank test" if test.name == "log-rank" else "Gray's test" for test in made
    )
    return (
        f"{formed} and compared by the {_listed(names)}. The comparisons are "
        "exploratory; p values are two-sided and were not adjusted for their number."
    )


def _shares() -> str:
    return (
        "Proportions carry exact (Clopper-Pearson) intervals; where no event was seen "
        "the upper limit is reported."
    )


def _dose_response(results: CohortResults) -> tuple[str, ...]:
    fitted = [one for one in results.associations if one.odds_ratio is not None]
    methods = dict.fromkeys(one.method for one in fitted if one.method)
    if not methods:
        return ()
    refused = len(results.associations) - len(fitted)
    words = (
        f"Toxicity was related to dose and overlap by {_listed(methods)}. Of "
        f"{plural(len(results.associations), 'relation')} {refused} were not fitted; "
        "the reason stands with each."
    )
    return (words,)


def _software(software: Sequence[tuple[str, str]]) -> str:
    named = _listed(f"{name} {version}" for name, version in software)
    return f"All figures were computed with {named}."


def _listed(words: Iterable[str]) -> str:
    """Words in a row.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    *first, end = [*words] or [""]
    return " and ".join([", ".join(first), end]) if first else end
