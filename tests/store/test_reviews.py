import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reirrad.core.review import Review
from reirrad.errors import ReviewError, StoreError
from reirrad.store.cases import list_cases
from reirrad.store.database import Store
from reirrad.store.jobs import claim, failed
from reirrad.store.reviews import Signer, approve, review_of, review_registration
from reirrad.store.trail import events, verify_trail
from tests.store.specimens import (
    accepted,
    approved,
    claimed,
    done_version,
    new_case,
    new_version,
    registration,
    rejected,
    reported,
)


def test_nothing_is_decided_by_default(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    assert review_of(store, case.id, 1) == Review(version=1)
    with pytest.raises(StoreError, match="no version 2"):
        review_of(store, case.id, 2)


def test_the_way_to_an_approved_assessment(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1, comment="vessels agree")
    review = approved(store, case.id, 1)
    assert (review.registration, review.assessment) == ("accepted", "approved")
    assert review.registration_by is not None
    assert review.registration_by.name == "Anna Physicist"
    assert review.registration_by.comment == "vessels agree"
    assert review.assessment_by is not None
    assert review.assessment_by.role == "physician"
    assert review == review_of(store, case.id, 1)


def test_every_decision_has_the_reports_written_again(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    job = claim(store, "worker")
    assert job is not None
    assert (job.kind, job.version) == ("report", 1)
    # The job has begun and may have read the review already.
    approved(store, case.id, 1)
    assert claim(store, "other") is None
    reported(store, job)
    later = claim(store, "worker")
    assert later is not None
    assert later.kind == "report"


@pytest.mark.parametrize("state", ["unreviewed", "rejected"])
def test_no_approval_on_a_registration_that_is_not_accepted(
    store: Store, state: str
) -> None:
    case = new_case(store)
    done_version(store, case.id)
    if state == "rejected":
        rejected(store, case.id, 1, "9 mm off")
    before = events(store, None)
    with pytest.raises(ReviewError, match="accept it before"):
        approved(store, case.id, 1)
    assert events(store, None) == before


def test_nothing_is_decided_on_what_is_not_done(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    with pytest.raises(ReviewError, match="is queued"):
        accepted(store, case.id, 1)
    with pytest.raises(ReviewError, match="is queued"):
        approved(store, case.id, 1)
    with pytest.raises(StoreError, match="no version 2"):
        accepted(store, case.id, 2)


def test_all_faults_of_a_signature_are_said_at_once(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    with pytest.raises(ReviewError) as refused:
        approve(store, case.id, 1, Signer("a", " ", "physician"), comment="")
    assert len(refused.value.problems) == 2


def test_a_rejection_says_why(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    with pytest.raises(ReviewError, match="says why"):
        rejected(store, case.id, 1, "  ")
    assert review_of(store, case.id, 1).registration == "unreviewed"


def test_a_comment_has_a_longest_length(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    with pytest.raises(ReviewError, match="at most"):
        accepted(store, case.id, 1, comment="x" * 2001)
    with pytest.raises(ReviewError, match="at most"):
        review_registration(
            store,
            case.id,
            1,
            Signer("a", "N" * 201, "physicist"),
            verdict="accepted",
            comment="",
        )


def test_nothing_is_signed_twice(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    with pytest.raises(ReviewError, match="accepted already"):
        accepted(store, case.id, 1)
    approved(store, case.id, 1)
    with pytest.raises(ReviewError, match="approved already"):
        approved(store, case.id, 1)


def test_a_changed_decision_is_a_new_event(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    rejected(store, case.id, 1, "9 mm off")
    review = accepted(store, case.id, 1, comment="it was the display")
    assert review.registration == "accepted"
    verdicts = [
        event.detail["verdict"]
        for event in events(store, case.id)
        if event.action == "registration reviewed"
    ]
    assert verdicts == ["rejected", "accepted"]


def test_rejecting_the_registration_withdraws_the_approval(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    approved(store, case.id, 1)
    review = rejected(store, case.id, 1, "wrong series")
    assert (review.registration, review.assessment) == ("rejected", "unreviewed")
    assert review.assessment_by is None
    again = accepted(store, case.id, 1)
    assert again.assessment == "unreviewed"


def test_an_approved_version_takes_the_place_of_the_one_before(store: Store) -> None:
    case = new_case(store)
    for number in (1, 2):
        done_version(store, case.id)
        accepted(store, case.id, number)
        approved(store, case.id, number)
    first = review_of(store, case.id, 1)
    assert (first.assessment, first.superseded_by) == ("superseded", 2)
    assert first.assessment_by is not None
    for act in (accepted, approved):
        with pytest.raises(ReviewError, match="superseded by version 2"):
            act(store, case.id, 1)
    waiting = set()
    while (job := claim(store, "worker")) is not None:
        waiting.add((job.kind, job.version))
        reported(store, job)
    assert waiting == {("report", 1), ("report", 2)}
    rejected(store, case.id, 2, "wrong series")
    assert review_of(store, case.id, 1).assessment == "superseded"


def test_an_older_version_does_not_take_the_place_of_a_newer_one(store: Store) -> None:
    case = new_case(store)
    for number in (1, 2):
        done_version(store, case.id)
        accepted(store, case.id, number)
    approved(store, case.id, 2)
    with pytest.raises(ReviewError, match="newer than version 1"):
        approved(store, case.id, 1, newest=2)
    assert review_of(store, case.id, 1).assessment == "unreviewed"


@pytest.mark.parametrize("state", ["queued", "running", "done"])
def test_a_newer_version_is_known_of_before_an_older_one_is_approved(
    store: Store, state: str
) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    if state == "done":
        done_version(store, case.id)
    else:
        reported(store, claimed(store))
        new_version(store, case.id)
    if state == "running":
        claimed(store)
    for newest in (None, 1, 3):
        with pytest.raises(ReviewError, match=f"newer than version 1 and {state}"):
            approved(store, case.id, 1, newest)
    review = approved(store, case.id, 1, newest=2)
    assert (review.assessment, review.newer) == ("approved", 2)


def test_a_newer_version_that_failed_stands_in_nobodys_way(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    reported(store, claimed(store))
    new_version(store, case.id)
    failed(store, claimed(store).id, ["No dose."])
    assert approved(store, case.id, 1).newer is None


@pytest.mark.parametrize(
    "used", [registration(2, "rejected"), registration(2, found=False)]
)
def test_a_registration_that_was_not_used_is_not_accepted(
    store: Store, used: dict[str, object]
) -> None:
    case = new_case(store)
    done_version(store, case.id, registrations=[registration(1), used])
    with pytest.raises(ReviewError) as refused:
        accepted(store, case.id, 1)
    (problem,) = refused.value.problems
    assert problem == (
        "The program rejected the registration of course 2 and used none; adjust it "
        "first."
    )
    assert rejected(store, case.id, 1, "so it is").registration == "rejected"


def test_a_single_course_is_approved_without_a_registration(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id, registrations=[])
    assert review_of(store, case.id, 1) == Review(version=1, registered=False)
    (row,) = list_cases(store)
    assert row.review == Review(version=1, registered=False)
    for act in (accepted, rejected):
        with pytest.raises(ReviewError, match="no registration to review"):
            act(store, case.id, 1, "why")
    review = approved(store, case.id, 1)
    assert (review.assessment, review.registered) == ("approved", False)
    assert review == review_of(store, case.id, 1)
    done_version(store, case.id, registrations=[])
    approved(store, case.id, 2)
    assert review_of(store, case.id, 1).superseded_by == 2


ACTS = st.lists(
    st.tuples(st.sampled_from(("accept", "reject", "approve")), st.integers(1, 3)),
    max_size=12,
)


@given(acts=ACTS)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_tried_the_reviews_make_sense(
    store: Store, acts: list[tuple[str, int]]
) -> None:
    case = new_case(store)
    for _ in range(3):
        done_version(store, case.id)
    for act, number in acts:
        before = review_of(store, case.id, number)
        try:
            if act == "accept":
                accepted(store, case.id, number)
            elif act == "reject":
                rejected(store, case.id, number, "off")
            else:
                approved(store, case.id, number, newest=3)
        except ReviewError:
            assert review_of(store, case.id, number) == before
    reviews = [review_of(store, case.id, number) for number in (1, 2, 3)]
    assert [review.assessment for review in reviews].count("approved") <= 1
    for number, review in enumerate(reviews, start=1):
        if review.superseded_by is not None:
            assert review.superseded_by > number
    (row,) = (row for row in list_cases(store) if row.id == case.id)
    assert row.review == reviews[-1]
    assert verify_trail(store) == []
