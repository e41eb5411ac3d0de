"""Sound objects to damage, each with those it belongs to."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import box_geometry, sampled_dose, sphere_dose
from tests.dicom.exports import ROOT, CourseExport, course_export, dose, registration
from tests.dicom.test_deformable_registration import deformable
from tests.fuzzing.trees import Element, tree_of
from tests.workflows.exports import FRAMES, PATIENT, course

__all__ = ["Seed", "packaged_seeds", "seeds_below"]

LARGEST_BYTES = 40_000
FEWEST_SLICES = ("ct0.dcm", "ct1.dcm")


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """A sound object; `companions` are the rest of its export by file name.

    `tree` is empty where pydicom cannot write it again.
    """

    name: str
    content: bytes
    tree: list[Element]
    companions: dict[str, bytes]


def packaged_seeds() -> tuple[Seed, ...]:
    """Seeds that are there wherever the project is tested."""
    return (*_exported(), *_written(), *seeds_below(_pydicom_files(), "pydicom"))


def seeds_below(folder: Path, label: str) -> Iterator[Seed]:
    """Every small file of a folder, alone; slices of a series are much alike."""
    for path in sorted(folder.rglob("*.dcm")):
        is_slice = path.stem.removeprefix("CT_").isdigit()
        if path.stat().st_size <= LARGEST_BYTES and not is_slice:
            content = path.read_bytes()
            yield Seed(f"{label}/{path.name}", content, _tree(content), {})


def _pydicom_files() -> Path:
    return Path(pydicom.__file__).parent / "data" / "test_files"


def _exported() -> Iterator[Seed]:
    """Objects of a small course, a dose of one beam, and a registration."""
    export = course_export(1)
    files = _files(_few_slices(export))
    for name in ("ct0.dcm", "rs.dcm", "rp.dcm", "rd.dcm"):
        yield _seed("export", name, files)
    beams = dict(files)
    del beams["rd.dcm"]
    for beam in (1, 2):
        one = dose(export, f"{ROOT}.8.{beam}", export.uid("rp.dcm"), beam=beam)
        beams[f"rd{beam}.dcm"] = _bytes(one)
    yield _seed("beams", "rd1.dcm", beams)
    both = {f"first_{name}": content for name, content in files.items()}
    later = course_export(2)
    for name, content in _files(_few_slices(later)).items():
        both[f"later_{name}"] = content
    matrix = np.eye(4).tolist()
    both["reg.dcm"] = _bytes(registration("1.9", later.frame, export.frame, matrix))
    both["def.dcm"] = _bytes(deformable(frames=(export.frame, later.frame)))
    for name in ("reg.dcm", "def.dcm"):
        yield _seed("courses", name, both)


def _written() -> Iterator[Seed]:
    """Objects as the project itself writes them, on a coarse grid."""
    geometry = box_geometry(
        np.full(3, -90.0),
        np.full(3, 90.0),
        spacing_mm=(45.0, 45.0, 45.0),
        frame_of_reference_uid=FRAMES[1],
    )
    full = course(1, target_x=20.0)
    coarse = sampled_dose(
        sphere_dose(np.zeros(3), radius_at={50.0: 20.0, 2.0: 80.0}).at, geometry
    )
    delivery = replace(full.deliveries[0], doses=(coarse,))
    small = replace(full, image=None, deliveries=(delivery,))
    with TemporaryDirectory() as folder:
        write_course(small, Path(folder), patient=PATIENT)
        paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        files = {path.name: path.read_bytes() for path in paths}
    for name in files:
        yield _seed("written", name, files)


def _few_slices(export: CourseExport) -> CourseExport:
    for name in [name for name in export.objects if name.startswith("ct")]:
        if name not in FEWEST_SLICES:
            del export.objects[name]
    return export


def _files(export: CourseExport) -> dict[str, bytes]:
    return {name: _bytes(dataset) for name, dataset in export.objects.items()}


def _bytes(dataset: Dataset) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _seed(label: str, name: str, files: dict[str, bytes]) -> Seed:
    companions = {other: files[other] for other in files if other != name}
    return Seed(f"{label}/{name}", files[name], _tree(files[name]), companions)


def _tree(content: bytes) -> list[Element]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tree_of(content)
    except Exception:
        return []
