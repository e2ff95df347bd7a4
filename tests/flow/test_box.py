#!/usr/bin/env python3
"""Files that were made to do harm: each is refused with a reason, in flat memory, and changes nothing."""
import io
import os
import struct
import subprocess
import time
import warnings
import zipfile

from tap import QINGHE, T, done, equal, run, test

warnings.simplefilter("ignore")  # the same name twice is meant
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
RELATIONS = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
             f'Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>'


def sheet(rows):
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def workbook(name, parts, **more):
    path = os.path.join(T.dir, name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for part, text in {"[Content_Types].xml": TYPES, "xl/workbook.xml": BOOK,
                           "xl/_rels/workbook.xml.rels": RELATIONS, **parts}.items():
            z.writestr(part, text)
        for part, text in more.items():
            z.writestr(part, text)
    return path


def refused(path, *words, seconds=5.0, megabytes=64):
    """Exit 2, one of the words on stderr, nothing on stdout; our own process stays small (children are the box)."""
    start = time.monotonic()
    p = subprocess.Popen([QINGHE, "--lang", "en", "sheet", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = p.stdout.read(), p.stderr.read().decode()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    spent = time.monotonic() - start
    equal(p.returncode, 2, f"{path}: {err}")
    equal(out, b"", "nothing half-said")
    if not any(w in err for w in words):
        raise AssertionError(f"{path}: {err}")
    if spent > seconds or usage.ru_maxrss > megabytes * 1024:
        raise AssertionError(f"{path}: {spent:.2f} s, {usage.ru_maxrss >> 10} MB")
    return err


@test
def an_honest_workbook_of_this_make_is_read():
    got = run("sheet", workbook("good.xlsx", {"xl/worksheets/sheet1.xml": sheet(ROW % "甲")}), "--json").json
    equal(got["sheets"][0]["cells"], {"A1": "甲"})


@test
def a_doctype_is_refused_at_once_whether_it_swells_or_fetches():
    laughs = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(10)) + "]>"
    away = '<!DOCTYPE l SYSTEM "file:///etc/passwd">'
    for i, doctype in enumerate((laughs, away)):
        refused(workbook(f"d{i}.xlsx", {"xl/worksheets/sheet1.xml": doctype + sheet(ROW % "&k;")}), "DOCTYPE")
        refused(workbook(f"w{i}.xlsx", {"xl/workbook.xml": doctype + BOOK}), "DOCTYPE")


@test
def a_part_that_swells_a_thousandfold_is_refused_in_flat_memory():
    path = workbook("bomb.xlsx", {})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as z, z.open("xl/worksheets/sheet1.xml", "w") as part:
        head, tail = sheet(ROW % "\n").split("\n")
        part.write(head.encode())
        for _ in range(300):
            part.write(b"0" * (1 << 20))  # piece by piece: what we hold would count as the program's memory
        part.write(tail.encode())
    if os.path.getsize(path) > 400 << 10:
        raise AssertionError("no bomb")
    refused(path, "times", "larger")


@test
def too_many_entries_and_too_much_to_unpack_are_refused():
    path = os.path.join(T.dir, "many.xlsx")
    with zipfile.ZipFile(path, "w") as z:
        for i in range(2500):
            z.writestr(f"xl/{i}.xml", "x")
    refused(path, "2000", "entries")
    path = os.path.join(T.dir, "much.xlsx")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        noise = os.urandom(1 << 16) + b"0" * (1 << 20)
        for i in range(1100):
            z.writestr(f"xl/{i}.xml", noise)
    refused(path, "MB", "unpack", "large")


@test
def paths_that_climb_out_are_refused_and_write_nothing():
    for i, name in enumerate(("../../evil", "/etc/evil", "xl/../../evil", "..\\evil", "C:\\evil")):
        path = workbook(f"slip{i}.xlsx", {"xl/worksheets/sheet1.xml": sheet(ROW % "x")}, **{name: "x"})
        if i < 4:
            refused(path, "name", "path", "..")
    equal(os.path.exists(os.path.join(T.dir, "../evil")), False)


@test
def entries_that_overlap_or_bear_one_name_twice_are_refused():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as z:
        for name, text in {"[Content_Types].xml": TYPES, "xl/workbook.xml": BOOK, "xl/worksheets/sheet1.xml": "aaaa"}.items():
            z.writestr(name, text)
    data = bytearray(raw.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 42:at + 46] = struct.pack("<I", 0)  # the last entry begins where the first does
    path = os.path.join(T.dir, "overlap.xlsx")
    open(path, "wb").write(data)
    refused(path, "overlap", "damaged", "same", "broken")
    path = os.path.join(T.dir, "twice.xlsx")
    with zipfile.ZipFile(path, "w") as z:
        for _ in range(2):
            z.writestr("xl/workbook.xml", BOOK)
    refused(path, "twice", "same")


@test
def the_kind_is_told_by_content_not_by_name():
    for name, head in (("a.xlsx", b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200), ("b.xlsx", b"%PDF-1.7\n"),
                       ("c.csv", b"\x89PNG\r\n\x1a\n\x00\x00"), ("d.csv", b"\x7fELF\x02\x01\x01" + b"\x00" * 64)):
        path = os.path.join(T.dir, name)
        open(path, "wb").write(head)
        refused(path, "")
    # the same bytes are a .pdf for one reader and an archive for another: the head decides, so it is no archive here
    zipped = open(workbook("p.xlsx", {"xl/worksheets/sheet1.xml": sheet(ROW % "x")}), "rb").read()
    path = os.path.join(T.dir, "polyglot.xlsx")
    open(path, "wb").write(b"%PDF-1.7\n" + zipped)
    refused(path, "not a spreadsheet")


@test
def a_sheet_that_promises_more_than_any_may_hold_is_read_or_refused_but_never_believed():
    big = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{ROW % "x"}</sheetData></worksheet>'
    shared = f'<sst xmlns="{MAIN}" count="4000000000" uniqueCount="4000000000"><si><t>x</t></si></sst>'
    path = workbook("promise.xlsx", {"xl/worksheets/sheet1.xml": big, "xl/sharedStrings.xml": shared})
    equal(run("sheet", path, "--json").json["sheets"][0]["cells"], {"A1": "x"})
    refused(workbook("far.xlsx", {"xl/worksheets/sheet1.xml": sheet('<row r="9999999"><c r="A9999999"><v>1</v></c></row>')}),
            "row", "rows")


@test
def a_truncated_or_flipped_workbook_never_ends_the_program():
    whole = open(workbook("whole.xlsx", {"xl/worksheets/sheet1.xml": sheet(ROW % "甲" * 1)}), "rb").read()
    path = os.path.join(T.dir, "hurt.xlsx")
    for i in range(0, len(whole), max(1, len(whole) // 40)):
        for hurt in (whole[:i], whole[:i] + bytes([whole[i] ^ 0x41]) + whole[i + 1:]):
            open(path, "wb").write(hurt)
            r = run("sheet", path, "--json", code=None)
            if r.code not in (0, 2):
                raise AssertionError(f"byte {i}: exit {r.code} {r.err}")


done()
