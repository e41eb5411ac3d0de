"""Mutations of a sound object: of its bytes, and of its attributes."""

import struct
from collections.abc import Callable
from random import Random

from pydicom._dicom_dict import DicomDictionary
from pydicom.uid import AllTransferSyntaxes

from tests.fuzzing.trees import Element, Encoding, elements_below
from tests.fuzzing.values import evil_value

__all__ = ["damaged_bytes", "mutant"]

Tree = list[Element]

VRS: tuple[bytes, ...] = (
    b"AE",
    b"AS",
    b"AT",
    b"CS",
    b"DA",
    b"DS",
    b"DT",
    b"FD",
    b"FL",
    b"IS",
    b"LO",
)
VRS += (b"LT", b"OB", b"OW", b"PN", b"SH", b"SL", b"SQ", b"SS", b"ST", b"TM", b"UC")
VRS += (b"UI", b"UL", b"UN", b"UR", b"US", b"UT", b"UV", b"ZZ", b"\0\0", b"  ")
KNOWN_TAGS = tuple(sorted(DicomDictionary))
SYNTAXES = tuple(map(str, AllTransferSyntaxes))
LENGTHS: tuple[int, ...] = (
    0,
    1,
    2,
    7,
    0xFF,
    0xFFFE,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFD,
)
LENGTHS += (0xFFFFFFFE, 0xFFFFFFFF)
# Rows, Columns, Number of Frames, bits, samples and Pixel Representation.
PIXEL_TAGS = {
    0x00280002: b"US",
    0x00280006: b"US",
    0x00280008: b"IS",
    0x00280010: b"US",
    0x00280011: b"US",
    0x00280100: b"US",
    0x00280101: b"US",
    0x00280102: b"US",
    0x00280103: b"US",
}
PIXEL_DATA = 0x7FE00010
DEEPEST = 60


def mutant(content: bytes, tree: Tree, random: Random) -> bytes:
    """A damaged object, made from the bytes or the tree of a sound one."""
    if not tree or random.random() < 0.35:
        return damaged_bytes(content, random)
    damaged = [one.copy() for one in tree]
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5))):
        places = list(elements_below(damaged))
        if not places:
            break
        among, place = random.choice(places)
        random.choice(ON_TREES)(among, place, random)
        if random.random() < 0.15:
            _claim_pixels(damaged, random)
    made = _encoding(random).file_bytes(damaged)
    return damaged_bytes(made, random) if random.random() < 0.1 else made


def damaged_bytes(content: bytes, random: Random) -> bytes:
    """Some of the bytes changed, removed or added."""
    damaged = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        if not damaged:
            break
        # Most of what decides stands near the beginning.
        reach = random.choice((len(damaged), min(len(damaged), 1024)))
        random.choice(ON_BYTES)(damaged, random.randrange(reach), random)
    return bytes(damaged)


def _flip(damaged: bytearray, at: int, random: Random) -> None:
    damaged[at] ^= 1 << random.randrange(8)


def _set(damaged: bytearray, at: int, random: Random) -> None:
    damaged[at] = random.choice((0, 0xFF, 0x7F, 0x80, 0x20, 0x5C, 0xFE))


def _cut(damaged: bytearray, at: int, random: Random) -> None:
    del damaged[at:]


def _remove(damaged: bytearray, at: int, random: Random) -> None:
    del damaged[at : at + random.choice((1, 2, 4, 8, 100))]


def _insert(damaged: bytearray, at: int, random: Random) -> None:
    damaged[at:at] = random.randbytes(random.choice((1, 2, 4, 8, 100)))


def _repeat(damaged: bytearray, at: int, random: Random) -> None:
    damaged[at:at] = damaged[at : at + random.choice((2, 8, 64, 1000))]


def _swap(damaged: bytearray, at: int, random: Random) -> None:
    other = random.randrange(len(damaged))
    size = random.choice((1, 2, 4, 16))
    here, there = damaged[at : at + size], damaged[other : other + size]
    damaged[at : at + len(there)] = there
    damaged[other : other + len(here)] = here


def _length(damaged: bytearray, at: int, random: Random) -> None:
    at -= at % 2
    length = random.choice(LENGTHS)
    kind = random.choice(("<L", ">L", "<H", ">H"))
    bits = 0xFFFFFFFF if "L" in kind else 0xFFFF
    packed = struct.pack(kind, length & bits)
    damaged[at : at + len(packed)] = packed


def _delimiter(damaged: bytearray, at: int, random: Random) -> None:
    at -= at % 2
    tag = random.choice((0xE000, 0xE00D, 0xE0DD))
    packed = struct.pack("<HHL", 0xFFFE, tag, random.choice((0, 8, 0xFFFFFFFF)))
    damaged[at : at + random.choice((0, 8))] = packed


ON_BYTES: tuple[Callable[[bytearray, int, Random], None], ...] = (
    _flip,
    _flip,
    _set,
    _set,
    _cut,
    _remove,
    _insert,
    _repeat,
    _swap,
    _length,
    _length,
    _delimiter,
)


def _evil(among: Tree, place: int, random: Random) -> None:
    one = among[place]
    old = one.value if isinstance(one.value, bytes) else b""
    if isinstance(one.value, bytes) or random.random() < 0.2:
        one.value = evil_value(one.vr, old, random)


def _change_vr(among: Tree, place: int, random: Random) -> None:
    among[place].vr = random.choice(VRS)


def _delete(among: Tree, place: int, random: Random) -> None:
    del among[place]


def _duplicate(among: Tree, place: int, random: Random) -> None:
    among.insert(random.randrange(len(among) + 1), among[place].copy())


def _exchange(among: Tree, place: int, random: Random) -> None:
    one, other = among[place], random.choice(among)
    one.value, other.value = other.value, one.value


def _retag(among: Tree, place: int, random: Random) -> None:
    among[place].tag = random.choice(
        (random.choice(KNOWN_TAGS), among[place].tag ^ 1, 0xFFFEE00D, 0x00091001)
    )


def _add(among: Tree, place: int, random: Random) -> None:
    tag = random.choice(KNOWN_TAGS)
    vr = DicomDictionary[tag][0][:2].encode()
    among.insert(place, Element(tag, vr, evil_value(vr, b"", random)))


def _claim(among: Tree, place: int, random: Random) -> None:
    one = among[place]
    true = len(one.value) if isinstance(one.value, bytes) else 8
    near = (max(true - 1, 0), true + 1, true + 2, 2 * true)
    one.claimed = random.choice(LENGTHS + near)


def _nest(among: Tree, place: int, random: Random) -> None:
    one = among[place]
    inner = one.copy()
    for _ in range(random.choice((1, 2, 5, DEEPEST))):
        inner = Element(one.tag, b"SQ", [[inner]])
    among[place] = inner


def _items(among: Tree, place: int, random: Random) -> None:
    one = among[place]
    if not isinstance(one.value, list):
        return
    how = random.randrange(4)
    if how == 0:
        one.value = []
    elif how == 1:
        one.value.append([])
    elif how == 2 and one.value:
        one.value.append([inner.copy() for inner in random.choice(one.value)])
    else:
        random.shuffle(one.value)


ON_TREES: tuple[Callable[[Tree, int, Random], None], ...] = (
    _evil,
    _evil,
    _evil,
    _evil,
    _evil,
    _change_vr,
    _delete,
    _delete,
    _duplicate,
    _exchange,
    _retag,
    _add,
    _claim,
    _nest,
    _items,
    _items,
)


def _claim_pixels(tree: Tree, random: Random) -> None:
    """Another size or form of the pixels, or other pixels."""
    tag = random.choice((*PIXEL_TAGS, PIXEL_DATA))
    for one in tree:
        if one.tag == tag and isinstance(one.value, bytes):
            if tag == PIXEL_DATA:
                one.value = _fragments(one.value, random)
                one.claimed = random.choice((None, 0xFFFFFFFF))
            else:
                one.value = evil_value(PIXEL_TAGS[tag], one.value, random)


def _fragments(value: bytes, random: Random) -> bytes:
    """Encapsulated bytes, with an offset table that may be wrong."""
    frame = random.choice((value[:40], random.randbytes(64), _rle_frame(random), b""))
    table = struct.pack("<L", random.choice(LENGTHS)) if random.random() < 0.5 else b""
    parts = [table, *[frame] * random.choice((1, 1, 2, 5))]
    made = [struct.pack("<HHL", 0xFFFE, 0xE000, len(part)) + part for part in parts]
    return b"".join(made) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def _rle_frame(random: Random) -> bytes:
    n_segments = random.choice((0, 1, 2, 4, 15, 2**31))
    offsets = [random.choice((0, 64, 66, 2**31, 2**32 - 1)) for _ in range(15)]
    return struct.pack("<16L", n_segments, *offsets) + random.randbytes(40)


def _encoding(random: Random) -> Encoding:
    kind = random.randrange(12)
    syntax = random.choice(SYNTAXES) if random.random() < 0.1 else ""
    return Encoding(
        implicit=kind in {0, 1, 2},
        big_endian=kind == 3,
        deflated=kind == 4,
        with_meta=kind != 5,
        undefined_lengths=random.random() < 0.3,
        syntax=syntax,
    )
