from dataclasses import replace

from reirrad.reports.cohort_methods import methods_paragraphs
from tests.reports.cohort_specimen import NO_RESULTS, association, cohort_results


def test_the_methods_state_units_intervals_months_and_software() -> None:
    text = " ".join(methods_paragraphs(cohort_results()))
    for words in (
        "18 patients with 20 courses of re-irradiation to 25 lesions",
        "30.4375 days",
        "progression-free survival",
        "estimated by the Kaplan-Meier method with Greenwood; interval log-log.",
        "Local progression was estimated by cumulative incidence with Aalen-Johansen",
        "An estimate at 12 months is not given when fewer than 5 units",
        "compared by the log-rank test. The comparisons",
        "Clopper-Pearson",
        "reirrad 0.1.0 and statsmodels 0.15.0",
        "Toxicity was taken as",
    ):
        assert words in text


def test_a_fit_that_was_refused_is_told() -> None:
    text = " ".join(methods_paragraphs(cohort_results()))
    assert "Of 2 relations 1 were not fitted" in text
    fitted = replace(cohort_results(), associations=(association(refused=False),))
    assert "Of 1 relation 0 were" in " ".join(methods_paragraphs(fitted))


def test_a_test_or_a_fit_that_was_not_made_is_not_mentioned() -> None:
    results = cohort_results()
    assert "Gray" not in " ".join(methods_paragraphs(results))  # no event in groups
    refused = replace(
        results,
        tests=tuple(replace(one, p=None) for one in results.tests),
        associations=(association(refused=True),),
    )
    text = " ".join(methods_paragraphs(refused))
    assert " test" not in text
    assert "p values" not in text
    assert "Toxicity was related" not in text


def test_what_was_not_done_is_not_described() -> None:
    text = " ".join(methods_paragraphs(NO_RESULTS))
    assert "0 patients" in text
    assert "estimated by" not in text
    assert "Toxicity was related" not in text
    assert "test" not in text
