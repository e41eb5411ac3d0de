"""Figures of a cohort as the report shows them, each with its caption."""

from collections.abc import Collection, Iterator

from reirrad.reports.blocks import Figure
from reirrad.reports.cohort_answer import MAIN_ENDPOINTS
from reirrad.reports.cohort_swimmer import MOST_LINES
from reirrad.reports.cohort_wording import grouped_test_text, units_named
from reirrad.reports.wording import plural
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.results import TimeToEvent

__all__ = [
    "dose_figures",
    "endpoint_key",
    "overlap_figures",
    "survival_figures",
    "swimmer_figures",
]


def endpoint_key(endpoint: str) -> str:
    """Name of the files of an endpoint's figure.

    >>> endpoint_key("progression-free survival")
    'progression_free_survival'
    """
    return endpoint.replace(" ", "_").replace("-", "_")


def survival_figures(
    results: CohortResults, pictures: Collection[str]
) -> Iterator[Figure]:
    """Curves of the main endpoints, of those that were drawn."""
    for endpoint in MAIN_ENDPOINTS:
        key = endpoint_key(endpoint)
        found = [one for one in results.survival if one.endpoint == endpoint]
        if key in pictures:
            yield Figure(key, _survival_caption(found, results), endpoint.capitalize())


def _survival_caption(found: list[TimeToEvent], results: CohortResults) -> str:
    first = found[0]
    tests = [one for one in results.tests if one.endpoint == first.endpoint]
    tested = "".join(f" {grouped_test_text(one)}." for one in tests)
    return (
        f"{first.endpoint.capitalize()}: {first.method}; {first.n} "
        f"{units_named(first.unit)}, {plural(first.events, 'event')}, {first.missing} "
        f"missing. Band: 95 % interval; ticks: censored; thin and pale: "
        f"fewer than {results.fewest_at_risk} at risk. Groups: "
        f"{results.stratified_by}.{tested}"
    )


def swimmer_figures(
    results: CohortResults, pictures: Collection[str]
) -> Iterator[Figure]:
    """The swimmer plot, where it was drawn, and who has no line in it."""
    if "swimmer" not in pictures:
        return
    count = len(results.swims)
    shown = plural(count, "patient")
    if count > MOST_LINES:
        shown = f"{MOST_LINES} of {count} patients, evenly chosen by their follow-up"
    without = results.n_patients - count
    absent = (
        f" {plural(without, 'patient')} of {results.n_patients} without a line: the "
        "last day of the first re-irradiation, or death and last contact after it, "
        "are not recorded."
        if without
        else ""
    )
    yield Figure(
        "swimmer",
        f"Follow-up and events of {shown}, coloured by {results.stratified_by}."
        f"{absent}",
        "One bar for each patient with what happened when",
    )


def overlap_figures(pictures: Collection[str]) -> Iterator[Figure]:
    """The overlap volumes, where they were drawn."""
    if "overlap" in pictures:
        yield Figure(
            "overlap",
            "Overlap of the 2 Gy isodoses and of the 50 % isodoses in the organ, one "
            "point for each course. Logarithmic above 1 cc.",
            "Overlap volumes by group",
        )


def dose_figures(pictures: Collection[str]) -> Iterator[Figure]:
    """Toxicity against dose or overlap, of the relations that were drawn."""
    for key in sorted(pictures):
        if key.startswith("dose_response"):
            yield Figure(
                key,
                "Each stroke is a patient: above those with the toxicity, below those "
                "without. The line is the fitted probability, where there is one; the "
                "table above says why there is none elsewhere.",
                "Toxicity against dose or overlap",
            )
