"""Files made to break a reader, each imported whole under limits of memory and time.

The limits are those of the process that imports: 500 MB above what it has, 5 s.
"""

import io
import os
import socket
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    RLELossless,
)

from tests.dicom.exports import (
    SLICES,
    CourseExport,
    contour,
    course_export,
    item,
    registration,
    square,
    written,
)
from tests.fuzzing.examination import MOST_SECONDS
from tests.fuzzing.limited import LimitedImports, Outcome
from tests.fuzzing.memory import MOST_MEGABYTES
from tests.fuzzing.trees import PREAMBLE, Element, Encoding, elements_below, tree_of

DEFLATED = "1.2.840.10008.1.2.1.99"
CONTROL = {chr(n) for n in range(32)} - {"\n"} | {"\x7f"}


@pytest.fixture(scope="module")
def imports() -> Iterator[LimitedImports]:
    with LimitedImports() as process:
        yield process


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, other than pytest's own."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def survived(
    imports: LimitedImports, path: Path, *, most_seconds: float = MOST_SECONDS
) -> Outcome:
    """The outcome of an import, which must keep every promise."""
    outcome = imports.of(path, most_seconds=most_seconds)
    assert outcome.broken == ""
    assert outcome.megabytes < MOST_MEGABYTES
    assert not CONTROL.intersection(outcome.sentences)
    return outcome


def fate(outcome: Outcome, ending: str) -> tuple[str, str]:
    """Status and reason of the one file whose path ends so."""
    (found,) = (one for path, one in outcome.fates.items() if path.endswith(ending))
    return found[0], found[1]


def tree(name: str) -> list[Element]:
    stream = io.BytesIO()
    course_export(1)[name].save_as(stream, enforce_file_format=True)
    return tree_of(stream.getvalue())


def folder_with(folder: Path, name: str, content: bytes) -> Path:
    """A sound course in which one file has other bytes."""
    written(folder, course_export(1))
    (folder / "c1" / name).write_bytes(content)
    return folder


def claiming(dataset: Dataset, syntax: str, frame: bytes | None) -> Dataset:
    """The same object with the largest size that can be claimed."""
    dataset.Rows = dataset.Columns = 65535
    dataset.NumberOfFrames = 65535
    if frame is not None:
        dataset.file_meta.TransferSyntaxUID = UID(syntax)
        dataset.PixelData = encapsulate([frame])
        dataset["PixelData"].is_undefined_length = True
    return dataset


RLE_FRAME = struct.pack("<16L", 2, 64, 66, *[0] * 13) + b"\x00\x01\x00\x01"


class TestSizes:
    @pytest.mark.parametrize(
        "coded",
        [
            (ExplicitVRLittleEndian, None),
            (RLELossless, RLE_FRAME),
            (JPEGLosslessSV1, b"\xff\xd8\xff\xc3\x00\x0b" + bytes(20)),
            (JPEG2000Lossless, b"\xff\x4f\xff\x51" + bytes(40)),
        ],
        ids=["raw", "RLE", "JPEG", "JPEG 2000"],
    )
    @pytest.mark.parametrize("name", ["rd.dcm", "ct0.dcm"])
    def test_a_claim_of_65535_cubed_voxels_makes_no_room_for_them(
        self,
        imports: LimitedImports,
        tmp_path: Path,
        coded: tuple[str, bytes | None],
        name: str,
    ) -> None:
        export = course_export(1)
        claiming(export[name], *coded)
        outcome = survived(imports, written(tmp_path, export))
        assert fate(outcome, name)[0] == "refused"
        assert outcome.megabytes < 50

    @pytest.mark.parametrize("keyword", ["Rows", "Columns"])
    def test_no_rows_or_columns(
        self, imports: LimitedImports, tmp_path: Path, keyword: str
    ) -> None:
        for count in (0, 1):
            export = course_export(1)
            setattr(export["rd.dcm"], keyword, count)
            outcome = survived(imports, written(tmp_path, export))
            assert any(
                f"{keyword} (0028,001" in problem and f"found {count}" in problem
                for problem in outcome.problems
            )

    @pytest.mark.parametrize("count", ["-1", "0", "2147483648", "1e300", "5.5"])
    def test_numbers_of_frames_that_cannot_be(
        self, imports: LimitedImports, tmp_path: Path, count: str
    ) -> None:
        damaged = tree("rd.dcm")
        replace(damaged, 0x00280008, count.encode())
        folder = folder_with(tmp_path, "rd.dcm", Encoding().file_bytes(damaged))
        outcome = survived(imports, folder)
        assert fate(outcome, "rd.dcm")[0] == "refused"

    def test_a_million_frame_offsets(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        export = course_export(1)
        damaged = tree("rd.dcm")
        offsets = b"\\".join(b"%d" % (n % 1000) for n in range(1_000_000))
        replace(damaged, 0x3004000C, offsets, vr=b"UN")
        content = Encoding(implicit=True).file_bytes(damaged)
        outcome = survived(imports, folder_with(tmp_path, "rd.dcm", content))
        assert any(
            f"one value for each of {SLICES} frames, found 1000000" in problem
            for problem in outcome.problems
        )
        assert export.number == 1

    def test_an_element_of_length_fffffffe(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        for name in ("rd.dcm", "rs.dcm", "rp.dcm", "ct0.dcm"):
            damaged = tree(name)
            damaged[len(damaged) // 2].claimed = 0xFFFFFFFE
            content = Encoding(implicit=True).file_bytes(damaged)
            folder = folder_with(tmp_path / name, name, content)
            assert fate(survived(imports, folder), name)[0] == "refused"

    def test_a_huge_private_element_is_passed_over(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        damaged = tree("rp.dcm")
        damaged.append(Element(0x300B0010, b"LO", b"A MAKER"))
        damaged.append(Element(0x300B1001, b"UN", bytes(60_000_000)))
        content = Encoding().file_bytes(damaged)
        outcome = survived(imports, folder_with(tmp_path, "rp.dcm", content))
        assert outcome.n_courses == 1

    def test_a_decimal_string_of_ten_megabytes(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        damaged = tree("rd.dcm")
        replace(damaged, 0x3004000E, b"0." + b"1" * 10_000_000)
        content = Encoding(implicit=True).file_bytes(damaged)
        outcome = survived(imports, folder_with(tmp_path, "rd.dcm", content))
        assert len(outcome.sentences) < 10_000

    def test_contour_data_that_claims_ten_million_points(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        damaged = tree("rs.dcm")
        for one in found(damaged, 0x30060050):
            one.claimed = 10_000_000 * 3 * 8
        content = Encoding(implicit=True).file_bytes(damaged)
        outcome = survived(imports, folder_with(tmp_path, "rs.dcm", content))
        assert fate(outcome, "rs.dcm")[0] == "refused"

    def test_a_count_of_ten_million_points_beside_four(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        export = course_export(1)
        first = export["rs.dcm"].ROIContourSequence[0].ContourSequence[0]
        first.NumberOfContourPoints = 10_000_000
        outcome = survived(imports, written(tmp_path, export))
        assert outcome.n_courses == 1
        assert any("another number of points" in one for one in outcome.findings)


def found(among: list[Element], tag: int) -> list[Element]:
    return [
        here[place] for here, place in elements_below(among) if here[place].tag == tag
    ]


def replace(among: list[Element], tag: int, value: bytes, vr: bytes = b"") -> None:
    """Another value for every element of a tag."""
    for one in found(among, tag):
        one.value = value
        one.vr = vr or one.vr


class TestArchives:
    def test_ten_gigabytes_of_zeros_in_a_zip(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        bomb = tmp_path / "bomb.zip"
        bomb.write_bytes(zip_of_zeros(10 * 2**30))
        assert bomb.stat().st_size < 12_000_000
        outcome = survived(imports, bomb)
        assert any("bomb.zip: this zip cannot be opened" in p for p in outcome.problems)
        assert any("unpack to 10737418240" in p for p in outcome.problems)

    def test_a_member_that_says_less_than_it_unpacks_to(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        bomb = tmp_path / "bomb.zip"
        bomb.write_bytes(zip_of_zeros(2**30, claimed=1000))
        outcome = survived(imports, bomb)
        assert fate(outcome, "zeros.dcm")[0] == "refused"
        assert outcome.megabytes < 50

    def test_a_bomb_among_sound_members_is_refused_alone(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        archive = tmp_path / "export.zip"
        packing = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(archive, "w", packing, compresslevel=1) as target:
            target.writestr("noise.bin", os.urandom(8_000_000))
            with target.open("zeros.dcm", "w") as stream:
                for _ in range(257):
                    stream.write(bytes(2**20))
        outcome = survived(imports, archive)
        assert fate(outcome, "zeros.dcm")[0] == "refused"
        assert fate(outcome, "noise.bin") == ("ignored", "not a DICOM file")

    def test_a_deflated_object_that_unpacks_to_gigabytes(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        sound = tree("rp.dcm")
        body = Encoding(with_meta=False).file_bytes(sound)
        head = struct.pack("<HH2sHL", 0x7FE1, 0x10, b"OB", 0, 2**31)
        packed = packed_zeros(2**31, after=body + head)
        content = meta_of(Encoding(syntax=DEFLATED), sound) + packed
        assert len(content) < 3_000_000
        outcome = survived(imports, folder_with(tmp_path, "rp.dcm", content))
        assert fate(outcome, "rp.dcm")[0] == "refused"
        assert outcome.megabytes < 100

    def test_a_zip_within_a_zip_is_named(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        content = zipped({"deep/rp.dcm": b"none"})
        for _ in range(20):
            content = zipped({"inner.zip": content, "note.txt": b"text"})
        (tmp_path / "outer.zip").write_bytes(content)
        outcome = survived(imports, tmp_path)
        assert "a zip within a zip is not opened" in fate(outcome, "inner.zip")[1]
        assert any("inner.zip" in finding for finding in outcome.findings)

    def test_names_that_lead_elsewhere_are_read_and_never_written(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        files = written(tmp_path / "sound", course_export(1)) / "c1"
        target = tmp_path / "in"
        target.mkdir()
        places = ("../../{}", "/etc/{}", "..\\..\\{}", "C:\\{}", "./x/../{}")
        names = sorted(path.name for path in files.iterdir())
        content = {
            places[n % len(places)].format(name): (files / name).read_bytes()
            for n, name in enumerate(names)
        }
        (target / "export.zip").write_bytes(zipped(content))
        before = sorted(tmp_path.rglob("*"))
        outcome = survived(imports, target)
        assert sorted(tmp_path.rglob("*")) == before
        assert not any(Path("/etc", name).exists() for name in names)
        assert outcome.n_courses == 1

    @pytest.mark.slow
    def test_a_hundred_thousand_members(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        archive = tmp_path / "many.zip"
        with zipfile.ZipFile(archive, "w") as target:
            for number in range(100_000):
                target.writestr(f"{number:06d}.txt", b"")
        outcome = survived(imports, archive, most_seconds=60.0)
        assert len(outcome.fates) == 100_000

    def test_names_that_differ_in_their_separator_alone_are_refused(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        archive = tmp_path / "twice.zip"
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr("a/rp.dcm", b"one")
            target.writestr(zip_info("a\\rp.dcm"), b"two")
        outcome = survived(imports, archive)
        assert any("more than once in this zip" in p for p in outcome.problems)

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_packing_without_a_bound_of_memory_is_refused(
        self, imports: LimitedImports, tmp_path: Path, method: int
    ) -> None:
        archive = tmp_path / "unusual.zip"
        with zipfile.ZipFile(archive, "w", method) as target:
            target.writestr("rp.dcm", bytes(10_000_000))
        outcome = survived(imports, archive)
        assert any(f"method {method}" in problem for problem in outcome.problems)


def zip_of_zeros(n_bytes: int, claimed: int | None = None) -> bytes:
    """A zip with one member of zeros, packed without ever having them."""
    packed = packed_zeros(n_bytes)
    size = n_bytes if claimed is None else claimed
    name = b"zeros.dcm"
    # Sizes beyond 32 bits stand in an extra field.
    extra = struct.pack("<HHQQ", 1, 16, size, len(packed))
    limit = 0xFFFFFFFF
    local = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 45, 0, 8, 0, 0, 0, limit, limit, len(name), len(extra)
    )
    local += name + extra + packed
    central = struct.pack(
        "<4s6H3L5H2L",
        b"PK\1\2",
        45,
        45,
        0,
        8,
        0,
        0,
        0,
        limit,
        limit,
        len(name),
        len(extra),
        0,
        0,
        0,
        0,
        0,
    )
    central += name + extra
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def packed_zeros(n_bytes: int, after: bytes = b"") -> bytes:
    """Deflated zeros after other bytes, made without ever having them."""
    part = 2**24
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    begin = packer.compress(after) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(part)) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same bytes mean the same zeros again.
    return begin + zeros * (n_bytes // part) + packer.flush()


def zip_info(name: str) -> zipfile.ZipInfo:
    """A name as it is; zipfile turns some of them round."""
    info = zipfile.ZipInfo("x")
    info.filename = name
    return info


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zip_info(name), content)
    return stream.getvalue()


def meta_of(encoding: Encoding, sound: list[Element]) -> bytes:
    """The part of a file before its dataset."""
    whole = encoding.file_bytes(sound)
    body = Encoding(with_meta=False).file_bytes(sound)
    assert whole.startswith(PREAMBLE)
    return whole[: len(whole) - len(body)]


class TestNesting:
    @pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
    @pytest.mark.parametrize("tag", [0x00081140, 0x30060039, 0x00091001])
    def test_a_sequence_nested_10_000_deep(
        self, imports: LimitedImports, tmp_path: Path, tag: int, *, undefined: bool
    ) -> None:
        for name in ("rs.dcm", "rd.dcm"):
            damaged = [one for one in tree(name) if one.tag != tag]
            body = Encoding(with_meta=False).file_bytes(damaged)
            whole = Encoding().file_bytes(damaged)
            meta = whole[: len(whole) - len(body)]
            content = meta + nested(tag, 10_000, undefined=undefined) + body
            folder = folder_with(tmp_path / name, name, content)
            survived(imports, folder)


def nested(tag: int, depth: int, *, undefined: bool) -> bytes:
    """A sequence in a sequence in a sequence, explicit little-endian."""
    head = struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, b"SQ", 0)
    first = struct.pack("<HH", 0xFFFE, 0xE000)
    if undefined:
        limit = struct.pack("<L", 0xFFFFFFFF)
        ends = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
        return (head + limit + first + limit) * depth + ends * depth
    parts = []
    size = 0
    for _ in range(depth):
        parts.append(
            head + struct.pack("<L", size + 8) + first + struct.pack("<L", size)
        )
        size += 20
    return b"".join(reversed(parts))


class TestFolders:
    def test_names_with_line_breaks_escapes_and_broken_bytes_are_spelt_out(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        names: tuple[bytes, ...] = (
            b"line\nbreak.dcm",
            b"\x1b[2J\x1b[31m.dcm",
            b"\xff\xfe.dcm",
        )
        names += ("\u202egnp.dcm".encode(), b"tab\t.zip")
        for name in names:
            with Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).open("wb") as file:
                file.write(PREAMBLE + b"\x02\x00rubbish")
        outcome = survived(imports, tmp_path)
        assert len(outcome.fates) == len(names)
        assert fate(outcome, r"line\nbreak.dcm")
        assert fate(outcome, r"\x1b[2J\x1b[31m.dcm")
        assert not any(letter in "".join(outcome.fates) for letter in "\n\x1b\u202e")

    def test_members_with_line_breaks_escapes_and_nulls_are_spelt_out(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        names = ("line\nbreak.dcm", "\x1b[2J.dcm", "null\0.dcm", "\udcff.dcm")
        files = dict.fromkeys(names[:3], b"text")
        (tmp_path / "odd.zip").write_bytes(zipped(files))
        outcome = survived(imports, tmp_path)
        assert len(outcome.fates) == 3
        assert not CONTROL.union("\n").intersection("".join(outcome.fates))

    def test_a_loop_of_links_ends(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        folder = written(tmp_path / "export", course_export(1))
        (folder / "again").symlink_to(folder)
        (folder / "c1" / "up").symlink_to(tmp_path)
        (folder / "self").symlink_to(folder / "self")
        (folder / "there").symlink_to(folder / "back")
        (folder / "back").symlink_to(folder / "there")
        outcome = survived(imports, tmp_path)
        assert outcome.n_courses == 1
        assert fate(outcome, "/self")[0] == "refused"
        survived(imports, folder / "self")

    def test_pipes_sockets_and_devices_are_not_opened(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        folder = written(tmp_path / "export", course_export(1))
        os.mkfifo(folder / "pipe.dcm")
        os.mkfifo(folder / "pipe.zip")
        (folder / "zero.dcm").symlink_to("/dev/zero")
        with socket.socket(socket.AF_UNIX) as listening:
            here = Path.cwd()
            os.chdir(folder)
            try:
                listening.bind("socket.dcm")
            finally:
                os.chdir(here)
            outcome = survived(imports, folder)
        for name in ("pipe.dcm", "pipe.zip", "zero.dcm", "socket.dcm"):
            assert fate(outcome, name)[0] == "ignored"
            assert "pipe, socket or device" in fate(outcome, name)[1]
        assert outcome.n_courses == 1
        assert "pipe, socket" in fate(survived(imports, folder / "pipe.dcm"), "dcm")[1]

    def test_what_is_not_permitted_is_a_problem(self, open_folder: Path) -> None:
        """In a process that is not root's, which may read everything."""
        code = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from reirrad.dicom.audit import Audit\n"
            "from reirrad.dicom.scan import scan\n"
            "if os.geteuid() == 0: os.setuid(65534)\n"
            "audit = Audit()\n"
            "scan([Path(p) for p in sys.argv[1:]], audit, progress=lambda _: None)\n"
            "print('\\n'.join(audit.problems))\n"
        )
        folder = open_folder
        (folder / "locked").mkdir(parents=True)
        (folder / "locked" / "rp.dcm").write_bytes(PREAMBLE)
        (folder / "rd.dcm").write_bytes(PREAMBLE)
        (folder / "locked").chmod(0)
        (folder / "rd.dcm").chmod(0)
        paths = [folder, folder / "locked" / "rp.dcm"]
        try:
            ended = subprocess.run(  # noqa: S603 - this test's own code
                [sys.executable, "-c", code, *map(str, paths)],
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        finally:
            (folder / "locked").chmod(0o700)
        assert ended.returncode == 0, ended.stderr
        for name in ("rd.dcm", "locked", "rp.dcm"):
            assert any(
                f"{name}: " in line and "permission denied" in line.lower()
                for line in ended.stdout.splitlines()
            ), f"{name}: {ended.stdout}"

    @pytest.mark.parametrize("content", [b"", b"D", b"\x08", PREAMBLE], ids=repr)
    @pytest.mark.parametrize("name", ["x.dcm", "x.zip", "x"])
    def test_a_file_of_hardly_any_bytes(
        self, imports: LimitedImports, tmp_path: Path, content: bytes, name: str
    ) -> None:
        (tmp_path / name).write_bytes(content)
        assert survived(imports, tmp_path).problems

    def test_a_path_that_cannot_be(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        for name in ("x" * 5000, "nul\0nul", "a/" * 3000):
            assert survived(imports, tmp_path / name).problems

    def test_a_file_larger_than_memory_is_not_loaded(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        for name, begin in (("film.bin", b"none"), ("rd.dcm", PREAMBLE)):
            with (tmp_path / name).open("wb") as file:
                file.write(begin)
                file.truncate(2**40)
        outcome = survived(imports, tmp_path)
        assert fate(outcome, "film.bin") == ("ignored", "not a DICOM file")
        assert fate(outcome, "rd.dcm")[0] == "refused"
        assert outcome.megabytes < 50

    def test_files_that_grow_shrink_and_vanish_while_they_are_read(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        folder = written(tmp_path, course_export(1)) / "c1"
        sound = {path: path.read_bytes() for path in folder.iterdir()}
        stop = threading.Event()

        def disturb() -> None:
            turn = 0
            while not stop.is_set():
                for path, content in sound.items():
                    turn += 1
                    if turn % 3 == 0:
                        path.unlink(missing_ok=True)
                    elif turn % 3 == 1:
                        path.write_bytes(content[: turn % len(content)])
                    else:
                        path.write_bytes(content * 2)

        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            for _ in range(20):
                survived(imports, tmp_path)
        finally:
            stop.set()
            thread.join()


NUMBERS = (
    "NaN",
    "inf",
    "-inf",
    "1e308",
    "-1e308",
    "1e300",
    "-1",
    "0",
    "1e-320",
    "one",
    "",
)


class TestNumbers:
    @pytest.mark.slow
    @pytest.mark.parametrize("value", NUMBERS)
    def test_every_decimal_string_of_every_object_replaced(
        self, imports: LimitedImports, tmp_path: Path, value: str
    ) -> None:
        """One attribute after another; whichever it is, nothing breaks."""
        for name in ("rd.dcm", "rs.dcm", "rp.dcm", "ct0.dcm"):
            tags = {
                here[place].tag
                for here, place in elements_below(tree(name))
                if here[place].vr in {b"DS", b"IS"}
            }
            for tag in sorted(tags):
                damaged = tree(name)
                for one in found(damaged, tag):
                    assert isinstance(one.value, bytes)
                    parts = one.value.split(b"\\")
                    whole = [value.encode()] * len(parts)
                    # All of several values, or the last alone.
                    one.value = b"\\".join(
                        whole if tag % 2 else [*parts[:-1], whole[0]]
                    )
                content = Encoding().file_bytes(damaged)
                survived(imports, folder_with(tmp_path, name, content))

    @pytest.mark.parametrize("value", ["0", "-0.001", "5e-324", "1e-320", "1e300"])
    def test_a_scaling_of_nothing_is_refused(
        self, imports: LimitedImports, tmp_path: Path, value: str
    ) -> None:
        damaged = tree("rd.dcm")
        replace(damaged, 0x3004000E, value.encode())
        folder = folder_with(tmp_path, "rd.dcm", Encoding().file_bytes(damaged))
        outcome = survived(imports, folder)
        assert outcome.n_courses == 0
        assert any("Dose Grid Scaling (3004,000E)" in p for p in outcome.problems)

    @pytest.mark.parametrize("number", [0.0, np.nan, 1e300, -1.0])
    def test_a_registration_of_one_number(
        self, imports: LimitedImports, tmp_path: Path, number: float
    ) -> None:
        first, later = course_export(1), course_export(2)
        damaged = registration("1.9", later.frame, first.frame, np.eye(4).tolist())
        folder = written(tmp_path, first, later)
        stream = io.BytesIO()
        damaged.save_as(stream, enforce_file_format=True)
        elements = tree_of(stream.getvalue())
        replace(elements, 0x300600C6, "\\".join([f"{number:g}"] * 16).encode())
        (folder / "reg.dcm").write_bytes(Encoding().file_bytes(elements))
        outcome = survived(imports, folder)
        assert fate(outcome, "reg.dcm")[0] == "refused"

    @pytest.mark.parametrize(
        "date", ["00000000", "99999999", "20230230", "00010101", "99991231", "2023"]
    )
    def test_dates_that_are_none(
        self, imports: LimitedImports, tmp_path: Path, date: str
    ) -> None:
        for name in ("rp.dcm", "rs.dcm", "rd.dcm"):
            damaged = tree(name)
            for tag in (0x00080020, 0x00100030, 0x300A0006, 0x30060008):
                replace(damaged, tag, date.encode())
            content = Encoding().file_bytes(damaged)
            survived(imports, folder_with(tmp_path / name, name, content))


class TestContours:
    @pytest.mark.parametrize("value", ["NaN", "1e300", "-1e308", "inf", "20000"])
    def test_coordinates_outside_this_world_are_refused(
        self, imports: LimitedImports, tmp_path: Path, value: str
    ) -> None:
        damaged = tree("rs.dcm")
        one = found(damaged, 0x30060050)[0]
        assert isinstance(one.value, bytes)
        one.value = b"\\".join([value.encode(), *one.value.split(b"\\")[1:]])
        folder = folder_with(tmp_path, "rs.dcm", Encoding().file_bytes(damaged))
        outcome = survived(imports, folder)
        assert any("Contour Data (3006,0050)" in p for p in outcome.problems)

    @pytest.mark.slow
    def test_contours_as_large_as_a_building_are_sampled_in_bounded_memory(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        for half in (1e3, 4.9e3):
            export = course_export(1)
            outlines = [square(z, half) for z in (4.0, 8.0, 12.0)]
            export["rs.dcm"].ROIContourSequence[0].ContourSequence = outlines
            folder = written(tmp_path / str(half), export)
            survived(imports, folder, most_seconds=60.0)

    @pytest.mark.slow
    @pytest.mark.parametrize("length", [500.0, 4900.0])
    def test_slivers_across_everything_are_sampled_in_bounded_memory(
        self, imports: LimitedImports, tmp_path: Path, length: float
    ) -> None:
        export = course_export(1)
        slivers = []
        for z in (4.0, 8.0, 12.0):
            corners = [(0, 0), (length, length), (length + 0.05, length), (0.05, 0)]
            points = [value for x, y in corners for value in (x, y, z)]
            slivers.append(contour(points))
        export["rs.dcm"].ROIContourSequence[0].ContourSequence = slivers
        survived(imports, written(tmp_path, export), most_seconds=60.0)

    @pytest.mark.slow
    def test_a_structure_of_a_million_vertices(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        export = course_export(1)
        angles = np.linspace(0.0, 2.0 * np.pi, 333_333, endpoint=False)
        damaged = tree("rs.dcm")
        for n, one in enumerate(found(damaged, 0x30060050)[:3]):
            height = np.full(len(angles), 4.0 * (n + 1))
            points = np.stack([4 * np.cos(angles), 4 * np.sin(angles), height], axis=1)
            texts = np.char.mod("%.6g", points.ravel())
            one.value = "\\".join(texts.tolist()).encode()
            one.vr = b"UN"
        content = Encoding(implicit=True).file_bytes(damaged)
        outcome = survived(imports, folder_with(tmp_path, "rs.dcm", content))
        assert outcome.n_courses == 1
        assert export.number == 1


class TestReferences:
    def test_objects_that_refer_to_one_another_in_a_circle(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        export = course_export(1)
        uids = {name: export.uid(name) for name in ("rs.dcm", "rp.dcm", "rd.dcm")}
        for name in uids:
            for keyword, other in (
                ("ReferencedRTPlanSequence", uids["rp.dcm"]),
                ("ReferencedStructureSetSequence", uids["rs.dcm"]),
                ("ReferencedDoseSequence", uids["rd.dcm"]),
            ):
                setattr(
                    export[name], keyword, [item(ReferencedSOPInstanceUID=other)] * 2
                )
        survived(imports, written(tmp_path, export))

    def test_an_object_that_refers_to_itself(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        export = course_export(1)
        own = export.uid("rd.dcm")
        plans = [item(ReferencedSOPInstanceUID=own)]
        export["rd.dcm"].ReferencedRTPlanSequence = plans
        survived(imports, written(tmp_path, export))

    def test_registrations_in_a_circle(
        self, imports: LimitedImports, tmp_path: Path
    ) -> None:
        first, later = course_export(1), course_export(2)
        folder = written(tmp_path, first, later)
        frames = [first.frame, later.frame, *(f"1.5.{n}" for n in range(20))]
        for n, frame in enumerate(frames):
            following = frames[(n + 1) % len(frames)]
            one = registration(f"1.9.{n}", frame, following, np.eye(4).tolist())
            one.save_as(folder / f"reg{n}.dcm", enforce_file_format=True)
        assert survived(imports, folder).n_courses == 2

    @pytest.mark.parametrize(
        "character_set",
        [
            "ISO_IR 999",
            "ISO_IR 192",
            "\\ISO 2022 IR 87",
            "\\" * 20,
            "",
            "GB18030",
            "\x1b",
        ],
    )
    @pytest.mark.parametrize("name", [b"\xff\xfe\x1b$B", b"\x1b[2J\n\r\0", b"=\xe2^="])
    def test_text_in_another_character_set_than_stated(
        self,
        imports: LimitedImports,
        tmp_path: Path,
        character_set: str,
        name: bytes,
    ) -> None:
        for file in ("rs.dcm", "rp.dcm"):
            damaged = tree(file)
            stated = Element(0x00080005, b"CS", character_set.encode())
            damaged.insert(0, stated)
            for tag in (0x00100010, 0x30060026, 0x300A0002, 0x00100020):
                replace(damaged, tag, name)
            content = Encoding().file_bytes(damaged)
            survived(imports, folder_with(tmp_path / file, file, content))


def test_the_sound_course_of_these_tests_is_read(
    imports: LimitedImports, tmp_path: Path
) -> None:
    """Else the tests above could pass for another reason than theirs."""
    export: CourseExport = course_export(1)
    assert survived(imports, written(tmp_path, export)).n_courses == 1
