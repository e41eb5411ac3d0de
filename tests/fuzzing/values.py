"""Values that a reader must survive, by value representation."""

import struct
from random import Random

__all__ = ["evil_value"]

Values = tuple[bytes, ...]

DECIMALS = (
    b"NaN",
    b"inf",
    b"-inf",
    b"1e308",
    b"-1e308",
    b"1e300",
    b"1e400",
    b"1e-320",
    b"5e-324",
    b"0",
    b"-0",
    b"-1",
    b"1e9",
    b"1e16",
    b"0x10",
    b"1_0",
    b"1,5",
    b"1e",
    b".",
    b"--1",
    b"9" * 400,
    b"0." + b"0" * 300 + b"1",
    b"\xd9\xa1\xd9\xa2",
    b"1 2",
    b"1\x00",
)
WHOLE = (
    b"0",
    b"-1",
    b"1",
    b"2147483647",
    b"-2147483648",
    b"4294967296",
    b"99999999999999999999",
    b"1.5",
    b"1e3",
    b"NaN",
    b"one",
    b"65535",
    b"9" * 5000,
)
DATES: Values = ()
DATES += (
    b"00000000",
    b"99999999",
    b"20230230",
    b"2023",
    b"2023.01.02",
    b"-0010101",
)
DATES += (b"20230101-20230201", b"abcdefgh", b"19000229", b"00010101", b"99991231")
UIDS = (b"", b"0", b"1.2.840.10008.1.2.5", b"1." * 60, b"1.2.3\\4.5.6", b"..", b"\xff")
TEXTS = (
    b"\x1b[31mred\x1b[0m",
    b"\x1b[2J",
    b"line\nbreak",
    b"\x00\x00",
    b"\x1b$B%\xff",
    b"\xff\xfe\xfd",
    b"\\\\\\",
    b"=^^^=^=",
    b"A" * 70000,
    b"\xe2\x80\xae right to left",
    b"{0} %s %n",
    b"[bold]markup[/bold]",
    b"[/]",
    b"<script>",
    b"../../etc/passwd",
)
CODES: Values = ()
CODES += (
    b"GY",
    b"RELATIVE",
    b"PHYSICAL",
    b"PLAN",
    b"BEAM",
    b"CLOSED_PLANAR",
    b"POINT",
)
CODES += (b"CLOSEDPLANAR_XOR", b"RIGID", b"TARGET", b"RTDOSE", b"CT", b"REG", b"ORGAN")
CHARACTER_SETS = (
    b"ISO_IR 192",
    b"ISO_IR 999",
    b"\\ISO 2022 IR 87",
    b"GB18030",
    b"\\\\",
)
BINARY = (b"", b"\0", b"\xff", b"\0" * 4, b"\xff" * 8, b"\x7f\xf0" + bytes(6))
SHORT = tuple(struct.pack("<H", n) for n in (0, 1, 2, 8, 255, 32767, 32768, 65535))
LONG = tuple(struct.pack("<L", n) for n in (0, 1, 65536, 2**31 - 1, 2**31, 2**32 - 1))
SINGLE = tuple(struct.pack("<f", x) for x in (0.0, -1.0, 1e38, 1e-45, float("nan")))
DOUBLE = tuple(struct.pack("<d", x) for x in (0.0, 1e308, 5e-324, float("inf")))
BY_VR: dict[bytes, Values] = {
    b"DS": DECIMALS,
    b"IS": WHOLE,
    b"DA": DATES,
    b"DT": DATES,
    b"TM": DATES,
    b"UI": UIDS,
    b"CS": CODES + CHARACTER_SETS + TEXTS[:6],
    b"US": SHORT,
    b"SS": SHORT,
    b"UL": LONG,
    b"SL": LONG,
    b"FL": SINGLE,
    b"FD": DOUBLE,
    b"OB": BINARY,
    b"OW": BINARY,
    b"UN": BINARY,
}
ANY = tuple(dict.fromkeys(value for values in BY_VR.values() for value in values))
MULTIPLE = {b"DS", b"IS", b"CS", b"US", b"UI"}


def evil_value(vr: bytes, old: bytes, random: Random) -> bytes:
    """A value to put in the place of an old one."""
    choice = random.randrange(10)
    if choice == 0:
        return b""
    if choice == 1:
        return random.choice(ANY)
    value = random.choice(BY_VR.get(vr, TEXTS))
    if vr in MULTIPLE and choice < 6:
        return _among_others(vr, old, value, random)
    return value


def _among_others(vr: bytes, old: bytes, value: bytes, random: Random) -> bytes:
    """One of several values replaced, or their number changed."""
    separator = b"" if vr == b"US" else b"\\"
    parts = [old[n : n + 2] for n in range(0, len(old), 2)]
    if separator:
        parts = old.split(separator)
    place = random.randrange(len(parts) + 1)
    how = random.randrange(4)
    if how == 0:
        parts.insert(place, value)
    elif how == 1:
        del parts[place : place + random.randrange(1, 4)]
    elif how == 2:
        parts *= random.choice((2, 3, 100))
    else:
        parts[place : place + 1] = [value]
    return separator.join(parts)
