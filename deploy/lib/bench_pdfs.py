# SPDX-License-Identifier: Apache-2.0
"""Writes the documents that `deploy/bench pdf` signs.

usage: bench_pdfs.py FOLDER

Each holds the words `serial 0000000000000000` once, in an uncompressed stream: whoever signs changes the digits, so that
no document is signed twice. The same bytes come out each time.
"""
import pathlib
import random
import sys
import zlib

SERIAL = b"serial 0000000000000000"


class File:
    def __init__(self, streams):
        self.parts, self.size, self.places, self.streams = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"], 15, {}, streams

    def append(self, data):
        self.parts.append(data)
        self.size += len(data)

    def add(self, number, body):
        self.places[number] = (1, self.size, 0)
        self.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def stream(self, number, entries, data):
        self.add(number, b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data))

    def pack(self, number, objects):
        """An object stream (ISO 32000-2, 7.5.7)."""
        head, body = b"", b""
        for index, (own, text) in enumerate(objects):
            head += b"%d %d " % (own, len(body))
            body += text + b"\n"
            self.places[own] = (2, number, index)
        self.stream(number, b"/Type/ObjStm/Filter/FlateDecode/N %d/First %d" % (len(objects), len(head)), zlib.compress(head + body))

    def finish(self, path):
        start = self.size
        if self.streams:
            own = max(self.places) + 1
            self.places[own] = (1, start, 0)
            rows = b"".join(
                b"%c%s%s" % (kind, first.to_bytes(4, "big"), second.to_bytes(2, "big"))
                for kind, first, second in [(0, 0, 65535)] + [self.places[n] for n in range(1, own + 1)]
            )
            entries = b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R/Filter/FlateDecode" % (own + 1)
            self.stream(own, entries, zlib.compress(rows))
        else:
            count = max(self.places) + 1
            rows = b"".join(b"%010d 00000 n \n" % self.places[n][1] for n in range(1, count))
            self.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows))
            self.append(b"trailer\n<</Size %d/Root 1 0 R>>" % count)
        self.append(b"\nstartxref\n%d\n%%%%EOF\n" % start)
        path.write_bytes(b"".join(self.parts))


FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def text(page):
    lines = [b"BT /F1 11 Tf 14 TL 56 780 Td (Offer, page %d) Tj T*" % (page + 1)]
    lines += [b"(%d. The fee for item %d is %d a month.) Tj T*" % (n, n * 37 + page, n * 11) for n in range(1, 13)]
    if page == 0:
        lines.append(b"(" + SERIAL + b") Tj")
    return b"\n".join(lines) + b"\nET\nq 480 0 0 120 56 420 cm /I1 Do Q\n"


def pictures(path, size, noise):
    """Pages of text, each with a picture; about `size` bytes."""
    pages = max(1, (size - 2500) // 1_000_000 + 1)
    rows = max(1, (size - 2200 - pages * 900) // pages // 768)
    file = File(streams=False)
    kids = b" ".join(b"%d 0 R" % (4 + page * 3) for page in range(pages))
    file.add(1, b"<</Type/Catalog/Pages 2 0 R>>")
    file.add(2, b"<</Type/Pages/Count %d/MediaBox[0 0 595 842]/Kids[%s]>>" % (pages, kids))
    file.add(3, FONT)
    for page in range(pages):
        own = 4 + page * 3
        resources = b"<</Font<</F1 3 0 R>>/XObject<</I1 %d 0 R>>>>" % (own + 2)
        file.add(own, b"<</Type/Page/Parent 2 0 R/Contents %d 0 R/Resources%s>>" % (own + 1, resources))
        file.stream(own + 1, b"", text(page))
        entries = b"/Type/XObject/Subtype/Image/Width 256/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8" % rows
        file.stream(own + 2, entries, noise.randbytes(rows * 768))
    file.finish(path)


def many(path, streams, noise):
    """60,000 objects: 400 pages in a tree, the rest structure elements."""
    pages, objects = 400, {}
    branch = lambda page: 10 + page // 20
    leaf = lambda page: 100 + page * 2
    objects[1] = b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 4 0 R/MarkInfo<</Marked true>>>>"
    objects[2] = b"<</Type/Pages/Count %d/MediaBox[0 0 595 842]/Kids[%s]>>" % (
        pages, b" ".join(b"%d 0 R" % branch(page) for page in range(0, pages, 20)))
    objects[3] = FONT
    for page in range(pages):
        if page % 20 == 0:
            kids = b" ".join(b"%d 0 R" % leaf(page + index) for index in range(20))
            objects[branch(page)] = b"<</Type/Pages/Parent 2 0 R/Count 20/Kids[%s]>>" % kids
        resources = b"<</Font<</F1 3 0 R>>>>"
        objects[leaf(page)] = b"<</Type/Page/Parent %d 0 R/Contents %d 0 R/Resources%s/StructParents %d>>" % (
            branch(page), leaf(page) + 1, resources, page)
    first, last = 1_000, 60_000 - 1
    objects[4] = b"<</Type/StructTreeRoot/K %d 0 R>>" % first
    filler = b"" if streams else b"/Alt(A paragraph of the agreement, marked for those who listen.)"
    for number in range(first, last):
        page = number * pages // last
        objects[number] = b"<</Type/StructElem/S/P/P 4 0 R/Pg %d 0 R/K %d%s>>" % (leaf(page), number % 10, filler)
    contents = {leaf(page) + 1: text(page).replace(b"q 480 0 0 120 56 420 cm /I1 Do Q\n", b"") for page in range(pages)}
    file = File(streams)
    for number in set(range(1, last)) - set(objects) - set(contents):
        objects[number] = b"null"
    for number, data in sorted(contents.items()):
        file.stream(number, b"", data)
    if streams:
        order = sorted(objects)
        for place in range(0, len(order), 100):
            file.pack(last + place // 100, [(number, objects[number]) for number in order[place:place + 100]])
    else:
        for number in sorted(objects):
            file.add(number, objects[number])
    file.finish(path)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(4)
    pictures(folder / "30k.pdf", 31_800, noise)
    pictures(folder / "1m.pdf", 1_000_000, noise)
    pictures(folder / "10m.pdf", 9_860_000, noise)
    pictures(folder / "100m.pdf", 97_200_000, noise)
    many(folder / "60k_table.pdf", False, noise)
    many(folder / "60k_streams.pdf", True, noise)


if __name__ == "__main__":
    main()
