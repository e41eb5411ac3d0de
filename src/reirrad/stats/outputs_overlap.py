"""Required outputs O22 to O25: overlap of the courses and types of re-irradiation."""

from functools import partial

from reirrad.core.cohort.dose_records import Overlap
from reirrad.stats.output_rows import distribution_rows, share_rows, shares_rows
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.strata import choices_of
from reirrad.stats.study import Study
from reirrad.stats.treated import Policy, overlap_of

__all__ = ["overlap_outputs"]

Overlaps = list[tuple[str, Overlap | None]]

VOLUMES = (
    ("Ov2Gy in the organ", "ov2gy_organ_cc"),
    ("Ov2Gy in all", "ov2gy_total_cc"),
    ("Ov50% in the organ", "ov50_organ_cc"),
    ("Ov50% in all", "ov50_total_cc"),
    ("PTV with PTV", "ptv_cc"),
    ("GTV with GTV", "gtv_cc"),
)
POLICIES: tuple[tuple[str, Policy], ...] = (
    ("strict", "resbrt_type"),
    ("as applied", "as_applied_type"),
)
TYPES_1 = frozenset({"1A", "1B"})
TYPES = (("type 1", TYPES_1), ("type 2", frozenset({"2"})))
UNDETERMINED = "undetermined"


def overlap_outputs(study: Study) -> tuple[Output, ...]:
    """O22 to O25."""
    overlaps = study.by_course(overlap_of)
    return (
        _volumes(study, overlaps),
        _ov2gy_by_type(study),
        _types(study, overlaps),
        _category(study, overlaps),
    )


def _value(overlap: Overlap | None, name: str) -> float | None:
    return None if overlap is None else getattr(overlap, name)


def _kind(overlap: Overlap | None, name: str) -> str | None:
    return None if overlap is None else getattr(overlap, name)


def _volumes(study: Study, overlaps: Overlaps) -> Output:
    rows: list[OutputRow] = []
    for item, name in VOLUMES:
        values = [(stratum, _value(overlap, name)) for stratum, overlap in overlaps]
        rows += distribution_rows(values, study.strata, unit="cc", item=item)
        positive = [
            (stratum, None if volume is None else volume > 0.0)
            for stratum, volume in values
        ]
        rows += share_rows(positive, study.strata, item=f"{item}, more than 0 cc")
    organs = sorted({one.organ for _, one in overlaps if one and one.organ})
    return Output(
        "O22",
        "Overlap of the courses",
        "course",
        "Volumes that the 2 Gy isodoses (Ov2Gy) and the isodoses of half the "
        "prescribed dose (Ov50%) of a re-irradiation and of the course before it have "
        "in common, in the organ and in all, and their PTVs and GTVs. Of several "
        "earlier courses the one that decides the type counts.",
        tuple(rows),
        (f"Measured in: {', '.join(organs)}.",) if organs else (),
    )


def _ov2gy_by_type(study: Study) -> Output:
    rows: list[OutputRow] = []
    for policy, name in POLICIES:
        overlaps = study.by_course(partial(overlap_of, policy=name))
        for words, types in TYPES:
            values = [
                (stratum, _value(overlap, "ov2gy_organ_cc"))
                for stratum, overlap in overlaps
                if _kind(overlap, name) in types
            ]
            item = f"{words}, {policy}"
            rows += distribution_rows(values, study.strata, unit="cc", item=item)
    return Output(
        "O23",
        "Ov2Gy among type 1 and type 2",
        "course",
        "Ov2Gy in the organ among re-irradiations of types 1A and 1B together, and "
        "among those of type 2, by the strict reading and as applied with minimal "
        "overlap counted as none.",
        tuple(rows),
        (),
    )


def _types(study: Study, overlaps: Overlaps) -> Output:
    rows: list[OutputRow] = []
    for policy, name in POLICIES:
        deciding = study.by_course(partial(overlap_of, policy=name))
        kinds = [(stratum, _kind(overlap, name)) for stratum, overlap in deciding]
        order = choices_of(Overlap, name)
        rows += shares_rows(kinds, study.strata, order, item=policy)
        together = [
            (stratum, None if kind in {None, UNDETERMINED} else kind in TYPES_1)
            for stratum, kind in kinds
        ]
        item = f"type 1 (1A and 1B), {policy}"
        rows += share_rows(together, study.strata, item=item)
    stability = [
        (stratum, _value(overlap, "same_type_percent")) for stratum, overlap in overlaps
    ]
    rows += distribution_rows(
        stability,
        study.strata,
        unit="%",
        item="plausible registrations that give the same type",
    )
    return Output(
        "O24",
        "Type of re-irradiation",
        "course",
        "1A where the 2 Gy isodoses overlap in the organ, 1B where those of half the "
        "prescribed dose do too, 2 where neither does, and 1B* where the half-dose "
        "isodoses alone do, which the published definition does not provide for. By "
        "the strict reading any overlap of the 2 Gy isodoses counts; as applied, up "
        f"to {study.limits.minimal_ov2gy_cc:g} cc count as none. Of several earlier "
        "courses that of the highest type counts, for each reading by itself; of equal "
        "types that of the larger Ov2Gy, then Ov50%. Beside a type that is not known "
        "only 1B is; else it is undetermined. Type 1 is out of those whose type "
        "is determined.",
        tuple(rows),
        (),
    )


def _category(study: Study, overlaps: Overlaps) -> Output:
    kinds = [(stratum, _kind(overlap, "estro_eortc")) for stratum, overlap in overlaps]
    return Output(
        "O25",
        "ESTRO-EORTC category",
        "course",
        "By geometric overlap, concern about cumulative dose, and organ (Andratschke "
        "et al. 2022).",
        shares_rows(kinds, study.strata, choices_of(Overlap, "estro_eortc")),
        (),
    )
