"""Whether the volumes and doses of a record are in a possible order."""

from collections.abc import Iterator
from itertools import combinations

from reirrad.core.cohort.faults import Fault, fault_of
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.records import Cohort

__all__ = ["dose_faults"]

NEVER_MORE = (
    ("lesion", ("gtv_cc", "ptv_cc")),
    ("lesion", ("ptv_d98_gy", "ptv_d95_gy", "ptv_d2_gy")),
    ("overlap", ("ov50_organ_cc", "ov2gy_organ_cc", "ov2gy_total_cc")),
    ("overlap", ("ov50_organ_cc", "ov50_total_cc", "ov2gy_total_cc")),
    ("overlap", ("gtv_cc", "ptv_cc")),
    ("organ_dose", ("d98_gy", "d95_gy", "d50_gy", "d2_gy", "max_gy")),
    ("organ_dose", ("mean_gy", "max_gy")),
    ("organ_dose", ("d0_1cc_gy", "max_gy")),
    ("laboratory", ("lower_normal", "upper_normal")),
)
"""Kind, and fields of which none can be more than one after it."""

ACCURACY = 0.01
"""Share by which the smaller may be more: organ and whole body are sampled each by
itself, and an overlap of 1 cc is accurate to 0.4 % in either."""


def dose_faults(one: Cohort) -> Iterator[Fault]:
    """Faults in volumes, doses and limits of normal that include one another.

    Parameters
    ----------
    one
        All records of the patient.
    """
    said = set()
    for kind, chain in NEVER_MORE:
        labels = {
            field.name: field.about.label
            for record in getattr(one, kind)[:1]
            for field in fields_of(type(record))
        }
        for record in getattr(one, kind):
            for small, large in combinations(chain, 2):
                less, more = getattr(record, small), getattr(record, large)
                place = (kind, record.number, small, large)
                unknown = less is None or more is None
                if unknown or less <= more * (1 + ACCURACY) or place in said:
                    continue
                said.add(place)
                yield fault_of(
                    record,
                    small,
                    f"more than {large} {more:g} ({labels[large].lower()})",
                    f"{more:g} or less",
                )
