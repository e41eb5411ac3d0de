"""Files per second and memory of ``reirrad inspect`` on 20,000 mixed files.

Ten patients with two courses each: CT slices of 128 x 128 pixels with the hundred
elements that a scanner writes, structure sets, plans, doses, a registration, and files
that are not DICOM. The same files are opened by the peer, ``pydicom.dcmread`` without
pixels, in one process and in as many as there are processors. Each run is a process of
its own; the files have been read once before, so that no run waits for the disk.
Results go to ``bench/.results/import_many_files.json``.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.write_course import write_course
from reirrad.dicom.write_reg import write_registration
from reirrad.phantoms.analytic import (
    SliceStack,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)

RESULTS = Path(__file__).parent / ".results" / "import_many_files.json"
N_FILES, N_PATIENTS, N_COURSES, RUNS = 20_000, 10, 2, 3
LIMIT_FILES_PER_S, LIMIT_MB = 500.0, 500.0
SIDE = 128


@dataclass(frozen=True)
class Run:
    """What one process took."""

    seconds: float
    peak_mb: float


def main() -> None:
    """Write the files, measure, print and keep the result."""
    if sys.argv[1:2] == ["--peer"]:
        read_headers(Path(sys.argv[2]), int(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory(prefix="reirrad-bench-") as name:
        folder = Path(name)
        n_files = write_files(folder)
        here = str(Path(__file__).resolve())
        processors = os.cpu_count() or 1
        commands = {
            "reirrad inspect": [
                str(Path(sys.executable).with_name("reirrad")), "inspect", name,
            ],
            "pydicom, one process": [sys.executable, here, "--peer", name, "1"],
            f"pydicom, {processors} processes": [
                sys.executable, here, "--peer", name, str(processors),
            ],
        }  # fmt: skip
        measured = {what: best_of(command) for what, command in commands.items()}
    report = {
        "files": n_files,
        "rows": {
            what: {
                "files_per_s": n_files / run.seconds,
                "peak_mb": run.peak_mb,
                "seconds": run.seconds,
            }
            for what, run in measured.items()
        },
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    own = measured["reirrad inspect"]
    for what, run in measured.items():
        print(
            f"{what:24s} {n_files / run.seconds:6.0f} files/s {run.peak_mb:6.0f} MB  "
            f"{own.seconds / run.seconds:5.2f} times as fast as inspect"
        )
    speed = n_files / own.seconds / LIMIT_FILES_PER_S
    print(f"speed over the limit of 500 files/s: {speed:.2f} (1 or more holds)")
    print(f"memory over the limit of 500 MB: {own.peak_mb / LIMIT_MB:.2f}")


def best_of(command: list[str]) -> Run:
    """Median of the runs after one that is not counted."""
    runs = [one_run(command) for _ in range(RUNS + 1)][1:]
    return Run(
        statistics.median(run.seconds for run in runs),
        max(run.peak_mb for run in runs),
    )


def one_run(command: list[str]) -> Run:
    """Wall time and peak memory of a process, children that it starts included."""
    script = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL,\n"
        "                      stderr=subprocess.DEVNULL).returncode\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(time.perf_counter() - start, peak / 1024, code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, peak_mb, code = done.stdout.split()
    if code not in {"0", "2"}:
        msg = f"{command} ended with {code}"
        raise RuntimeError(msg)
    return Run(float(seconds), float(peak_mb))


def read_headers(folder: Path, processes: int) -> None:
    """What the peer does."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if processes == 1:
        for path in files:
            read_one(path)
        return
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(read_one, files, chunksize=200))


def read_one(path: Path) -> str:
    """SOP Instance UID of a file, or nothing."""
    try:
        return str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)
    except pydicom.errors.InvalidDicomError:
        return ""


def write_files(folder: Path) -> int:
    """Ten patients in folders within folders; how many files there are."""
    for number in range(N_PATIENTS):
        patient = PatientIdentity(f"BENCH-{number:02d}", "Phantom^Bench", None, "O")
        home = folder / f"group{number % 3}" / f"patient{number:02d}"
        for course_number in range(1, N_COURSES + 1):
            write_one_course(home, patient, course_number)
        moved = np.eye(4)
        moved[:3, 3] = 5.0
        write_registration(
            RigidTransform(moved, frame(patient, 1), frame(patient, 2)),
            home / "registration", patient=patient, day=date(2024, 1, 1),
        )  # fmt: skip
        (home / "notes.txt").write_text("not DICOM\n" * 20)
    written = sum(1 for path in folder.rglob("*") if path.is_file())
    per_series = (N_FILES - written) // (N_PATIENTS * N_COURSES)
    for home in sorted(folder.glob("group*/patient*")):
        for course_number in range(1, N_COURSES + 1):
            write_slices(home, course_number, per_series)
    return sum(1 for path in folder.rglob("*") if path.is_file())


def frame(patient: PatientIdentity, number: int) -> str:
    """Frame of reference of a course."""
    return f"2.25.9{patient.id[-2:]}{number}"


def write_one_course(home: Path, patient: PatientIdentity, number: int) -> None:
    """Structures, plan and dose, without images."""
    uid = frame(patient, number)
    geometry = box_geometry(
        np.full(3, -60.0), np.full(3, 60.0),
        spacing_mm=(4.0, 4.0, 4.0), frame_of_reference_uid=uid,
    )  # fmt: skip
    dose = sphere_dose(np.zeros(3), radius_at={2.0: 40.0, 50.0: 10.0})
    liver = sphere_contours(
        np.zeros(3), 50.0, slices=SliceStack(spacing_mm=3.0), n_vertices=120
    )
    course = Course(
        number=number,
        start_date=date(2020, 1, 1) + timedelta(days=400 * number),
        plan_label=f"PLAN{number}",
        frame_of_reference_uid=uid,
        prescription=Prescription(50.0, 5, "bench"),
        deliveries=(Delivery((sampled_dose(dose.at, geometry),), 5),),
        structures=(Structure(1, "Liver", "Liver", Role.ORGAN, liver, uid),),
        image=None,
    )
    write_course(course, home / f"course{number}" / "RT", patient=patient)


def write_slices(home: Path, number: int, count: int) -> None:
    """A CT series with headers as long as a scanner's."""
    plan = pydicom.dcmread(home / f"course{number}" / "RT" / "RP.dcm")
    folder = home / f"course{number}" / "CT"
    folder.mkdir(parents=True)
    one = scanner_slice(plan, number)
    pixels = np.random.default_rng(number).integers(0, 2000, SIDE * SIDE, np.uint16)
    for index in range(count):
        one.SOPInstanceUID = f"{one.SeriesInstanceUID}.{index + 1}"
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
        one.InstanceNumber = index + 1
        one.ImagePositionPatient = [-128.0, -128.0, -500.0 + index]
        one.SliceLocation = -500.0 + index
        one.PixelData = np.roll(pixels, index).tobytes()
        dcmwrite(folder / f"CT{index:04d}.dcm", one, enforce_file_format=True)


def scanner_slice(plan: Dataset, number: int) -> Dataset:
    """A slice with all the elements of an acquisition, some nested, some private."""
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.file_meta.MediaStorageSOPClassUID = CTImageStorage
    for keyword in (
        "PatientID", "PatientName", "PatientSex", "StudyInstanceUID", "StudyDate",
        "FrameOfReferenceUID",
    ):  # fmt: skip
        setattr(one, keyword, getattr(plan, keyword))
    one.SOPClassUID, one.Modality = CTImageStorage, "CT"
    one.SeriesInstanceUID = f"2.25.8{plan.FrameOfReferenceUID[7:]}"
    one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    one.SeriesDescription, one.ProtocolName = f"planning CT {number}", "Abdomen"
    one.Manufacturer, one.InstitutionName = "Bench", "Bench"
    one.KVP, one.XRayTubeCurrent, one.ExposureTime, one.Exposure = 120, 200, 500, 100
    one.ReconstructionDiameter, one.ConvolutionKernel = 500, "B30f"
    one.ImageOrientationPatient, one.PixelSpacing = [1, 0, 0, 0, 1, 0], [2.0, 2.0]
    one.SliceThickness, one.PatientPosition = 1.0, "HFS"
    one.Rows = one.Columns = SIDE
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation = 15, 0
    one.RescaleIntercept, one.RescaleSlope, one.RescaleType = -1024, 1, "HU"
    one.WindowCenter, one.WindowWidth = [40, 300], [400, 1500]
    codes = [Dataset() for _ in range(2)]
    for code in codes:
        code.CodeValue, code.CodingSchemeDesignator = "T-D4000", "SRT"
        code.CodeMeaning = "Abdomen"
    one.AnatomicRegionSequence = Sequence(codes)
    source = Dataset()
    source.ReferencedSOPClassUID = CTImageStorage
    source.ReferencedSOPInstanceUID = "2.25.1"
    one.SourceImageSequence = Sequence([source] * 3)
    block = one.private_block(0x0019, "REIRRAD BENCH", create=True)
    for offset in range(45):
        block.add_new(offset, "LO", f"a value of the scanner {offset:02d}")
    block.add_new(0x60, "OB", bytes(2048))
    return one


if __name__ == "__main__":
    main()
