"""Models of liver complications and local control, from ``liver_models.toml``."""

from dataclasses import dataclass, replace

from reirrad.core.ntcp import lkb_ntcp, m_from_gamma50
from reirrad.knowledge.tables import Verification, cited, read_table, table_text

__all__ = [
    "LiverModels",
    "LkbModel",
    "LkbRange",
    "LocalControlStrata",
    "ProbitModel",
    "load_liver_models",
    "read_liver_models",
]


@dataclass(frozen=True, slots=True)
class LkbModel:
    """A Lyman-Kutcher-Burman model of the normal liver.

    ``td50_gy`` is total dose in fractions of one of ``references_gy``, which of them
    is not settled.
    """

    name: str
    endpoint: str
    n: float
    m: float
    td50_gy: float
    alpha_beta_gy: float
    references_gy: tuple[float, ...]
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        lkb_ntcp(0.0, td50_gy=self.td50_gy, m=self.m)
        parameters = [self.n, self.alpha_beta_gy, *self.references_gy]
        if not self.references_gy or not all(value > 0.0 for value in parameters):
            msg = f"{self.name}: every parameter must be given and above 0"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class LkbRange:
    """Up to which dose per fraction, and from which effective volume on, LKB holds."""

    largest_dose_per_fraction_gy: float
    least_volume_share: float
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class ProbitModel:
    """A probit curve of the physical mean dose of one course.

    ``least_fractions`` and ``most_fractions`` are those of the courses behind it.
    """

    name: str
    endpoint: str
    td50_gy: float
    gamma50: float
    least_fractions: int
    most_fractions: int
    source: str
    verification: Verification
    note: str

    def __post_init__(self) -> None:
        lkb_ntcp(0.0, td50_gy=self.td50_gy, m=m_from_gamma50(self.gamma50))


@dataclass(frozen=True, slots=True)
class LocalControlStrata:
    """Local control of metastases in two groups, told apart by BED."""

    alpha_beta_gy: float
    bed_gy: float
    above_percent: float
    above_lesions: int
    below_percent: float
    below_lesions: int
    years: int
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class LiverModels:
    """Every model; sources are citations."""

    sources: dict[str, str]
    lkb: list[LkbModel]
    lkb_range: LkbRange
    probit: ProbitModel
    local_control: LocalControlStrata


def load_liver_models() -> LiverModels:
    """The shipped models."""
    return read_liver_models(table_text("liver_models"), name="liver_models")


def read_liver_models(text: str, *, name: str) -> LiverModels:
    """Models of a table's text.

    Raises
    ------
    KnowledgeError
        One problem for each bad row.
    """
    table = read_table(text, LiverModels, name=name)

    def citation(key: str, row: str) -> str:
        return cited(key, table.sources, path=f"{name}.toml.{row}")

    return replace(
        table,
        lkb=[
            replace(model, source=citation(model.source, f"lkb[{index}]"))
            for index, model in enumerate(table.lkb)
        ],
        probit=replace(table.probit, source=citation(table.probit.source, "probit")),
        local_control=replace(
            table.local_control,
            source=citation(table.local_control.source, "local_control"),
        ),
    )
