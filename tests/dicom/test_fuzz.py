"""The import against damaged objects: a fixed few here, many in ``make fuzz``."""

import subprocess
import sys
import warnings
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reirrad.errors import ReirradError
from tests.fuzzing.campaign import mutated_export
from tests.fuzzing.examination import BrokenPromiseError, examine
from tests.fuzzing.mutations import mutant
from tests.fuzzing.seeds import Seed, packaged_seeds
from tests.fuzzing.trees import Encoding, tree_of

PROJECT = Path(__file__).parents[2]
FIXED = 300


@pytest.fixture(scope="module")
def seeds() -> tuple[Seed, ...]:
    return packaged_seeds()


def imported(folder: Path, files: dict[str, bytes]) -> int:
    """Import an export and count its courses; a broken promise raises."""
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = examine([folder], thoroughly=False, most_seconds=60.0)
    return 0 if isinstance(found, ReirradError) else len(found.courses)


def test_fixed_mutants_keep_every_promise(tmp_path: Path) -> None:
    """In processes with a limit of memory, as in `make fuzz`."""
    command = [sys.executable, "-m", "tests.fuzzing", "--packaged", "--processes", "1"]
    command += ["--count", str(FIXED), "--kept", str(tmp_path)]
    ended = subprocess.run(  # noqa: S603 - the project's own module
        command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{FIXED} of {FIXED}" in ended.stdout


def test_a_number_makes_the_same_mutant_each_time(seeds: tuple[Seed, ...]) -> None:
    first = [mutated_export(seeds, 1, number) for number in range(30)]
    assert first == [mutated_export(seeds, 1, number) for number in range(30)]
    assert first != [mutated_export(seeds, 2, number) for number in range(30)]


def test_most_mutants_differ_from_their_seed(seeds: tuple[Seed, ...]) -> None:
    sound = {seed.content for seed in seeds}
    mutants = [mutated_export(seeds, 1, number) for number in range(200)]
    same = sum(one.get("mutant.dcm", b"") in sound for one in mutants)
    assert same < 20


def test_sound_seeds_are_read(seeds: tuple[Seed, ...], tmp_path: Path) -> None:
    """Else mutants would be refused for another reason than their damage."""
    for seed in seeds:
        n_courses = imported(tmp_path, {**seed.companions, "sound.dcm": seed.content})
        whole = 2 if seed.name.startswith("courses/") else bool(seed.companions)
        assert n_courses == whole


def test_a_tree_becomes_the_object_it_was_read_from(seeds: tuple[Seed, ...]) -> None:
    plain = Encoding()
    for seed in seeds:
        if not seed.companions:
            continue
        for implicit in (False, True):
            for undefined in (False, True):
                encoding = Encoding(implicit=implicit, undefined_lengths=undefined)
                again = tree_of(encoding.file_bytes(seed.tree))
                assert plain.file_bytes(again) == plain.file_bytes(seed.tree)


@settings(
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
    max_examples=50,
)
@given(content=st.binary(max_size=400), preamble=st.booleans())
@example(content=b"", preamble=True)
def test_any_bytes(
    seeds: tuple[Seed, ...], tmp_path: Path, content: bytes, *, preamble: bool
) -> None:
    start = seeds[0].content[:132] if preamble else b""
    files = {**seeds[0].companions, "bytes.dcm": start + content}
    imported(tmp_path, files)


@settings(
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
    max_examples=60,
)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_any_damage_to_an_object_of_an_export(
    seeds: tuple[Seed, ...], tmp_path: Path, data: st.DataObject, random: Random
) -> None:
    seed = data.draw(st.sampled_from([seed for seed in seeds if seed.companions]))
    content = mutant(seed.content, seed.tree, random)
    imported(tmp_path, {**seed.companions, "mutant.dcm": content})


def test_what_takes_too_long_is_noticed(
    seeds: tuple[Seed, ...], tmp_path: Path
) -> None:
    (tmp_path / "sound.dcm").write_bytes(seeds[0].content)
    with pytest.raises(BrokenPromiseError, match="more than"):
        examine([tmp_path], most_seconds=1e-4)
