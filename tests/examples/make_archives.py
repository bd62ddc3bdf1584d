#!/usr/bin/env python3
"""Writes two small upload archives for a first try: chest-ct.zip (DICOM) and cells.zip (PNG), both with boxes.

usage: make_archives.py [FOLDER]

The pictures are drawn here: bright round "nodules" on a dark ground, with a label.csv of their boxes. Python's own
library is enough.
"""
import pathlib
import struct
import sys
import zipfile
import zlib

SIDE = 128


def picture(circles, ground, bright):
    """Rows of numbers: `bright` inside a circle (x, y, radius), `ground` shaded from top to bottom elsewhere."""
    def at(x, y):
        inside = any((x - cx) ** 2 + (y - cy) ** 2 <= r * r for cx, cy, r in circles)
        return bright if inside else ground + y * ground // SIDE
    return [[at(x, y) for x in range(SIDE)] for y in range(SIDE)]


def png(rows):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def element(group, number, vr, value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, int):
        value = struct.pack("<H", value)
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB") else b" "
    head = struct.pack("<HH", group, number) + vr.encode()
    long = vr in ("OB", "OW")
    return head + (struct.pack("<HI", 0, len(value)) if long else struct.pack("<H", len(value))) + value


def dicom(rows, number):
    """CT in Hounsfield units plus 1024, explicit VR little endian (PS3.5 A.2)."""
    uid = f"2.25.{900_000_000 + number}"
    meta = b"".join([
        element(0x0002, 0x0001, "OB", b"\0\1"),
        element(0x0002, 0x0002, "UI", "1.2.840.10008.5.1.4.1.1.2"),
        element(0x0002, 0x0003, "UI", uid),
        element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1"),
    ])
    meta = element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta))) + meta
    body = b"".join([
        element(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
        element(0x0008, 0x0018, "UI", uid),
        element(0x0008, 0x0060, "CS", "CT"),
        element(0x0008, 0x1030, "LO", f"Chest {number // 4 + 1}"),
        element(0x0010, 0x0020, "LO", f"EXAMPLE-{number // 4 + 1}"),
        element(0x0020, 0x000D, "UI", f"2.25.{800_000_000 + number // 4}"),
        element(0x0020, 0x000E, "UI", f"2.25.{700_000_000 + number // 4}"),
        element(0x0020, 0x0013, "IS", str(number % 4 + 1)),
        element(0x0028, 0x0002, "US", 1),
        element(0x0028, 0x0004, "CS", "MONOCHROME2"),
        element(0x0028, 0x0010, "US", SIDE),
        element(0x0028, 0x0011, "US", SIDE),
        element(0x0028, 0x0100, "US", 16),
        element(0x0028, 0x0101, "US", 12),
        element(0x0028, 0x0102, "US", 11),
        element(0x0028, 0x0103, "US", 0),
        element(0x0028, 0x1050, "DS", "40"),
        element(0x0028, 0x1051, "DS", "400"),
        element(0x0028, 0x1052, "DS", "-1024"),
        element(0x0028, 0x1053, "DS", "1"),
        element(0x7FE0, 0x0010, "OW", b"".join(struct.pack(f"<{SIDE}H", *row) for row in rows)),
    ])
    return b"\0" * 128 + b"DICM" + meta + body


def circles(number):
    return [(30 + 17 * ((number * 3 + k) % 5), 25 + 31 * ((number + k * 2) % 3), 6 + 3 * k) for k in range(1 + number % 3)]


def write(path, count, name, label, draw):
    lines = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            image = name.format(number)
            archive.writestr(image, draw(circles(number), number))
            lines += [f"{image},{label},{x - r},{y - r},{2 * r + 1},{2 * r + 1}\n" for x, y, r in circles(number)]
        archive.writestr("label.csv", "".join(lines))
    print(f"{path}: {count} images, {len(lines)} boxes")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "chest-ct.zip", 12, "scan/IM{:04}", "nodule", lambda c, n: dicom(picture(c, 1000, 1090), n))
    write(folder / "cells.zip", 8, "cells/{:02}.png", "Nodule", lambda c, n: png(picture(c, 40, 230)))


if __name__ == "__main__":
    main()
