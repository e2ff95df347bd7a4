#!/usr/bin/python3
"""Files in forms: taken by what they are, sealed, out again only as a download and only to who may see the row."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from branch import secretary
from site_http import Browser, Site
from tap import done, equal, test

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def multipart(fields, files):
    edge = "----edge7f3a"
    out = b""
    for n, v in fields:
        out += f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
    for n, name, b in files:
        out += f'--{edge}\r\nContent-Disposition: form-data; name="{n}"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + b + b"\r\n"
    return out + f"--{edge}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={edge}"}


def send(b, path, fields, files=()):
    page = b.get(path).text
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    version = re.search(r'name="_version" value="(\d+)"', page)
    body, headers = multipart([("csrf", token), *([("_version", version[1])] if version else []), *fields], files)
    return b.ask("POST", path, raw=body, headers={**headers, "Origin": "http://" + b.host})


@test
def a_file_comes_by_the_form_and_goes_out_as_a_download_to_who_may_see_it():
    s = Site()
    b, made = secretary(s)
    s.cli("add", "lecture_session", "--org", "BR1", "title=反诈宣讲", "held_on=2026-11-20", "state=completed")
    row = [("session", "反诈宣讲"), ("n", "30"), ("org", "青柳村团支部"), ("_act", "save")]
    page = b.get("/r/lecture_attendance/new").text
    assert 'enctype="multipart/form-data"' in page and 'type="file"' in page
    for name, bytes_ in (("page.svg", SVG), ("photo.jpg", SVG), ("run.jpg", b"MZ\x90\x00" + b"x" * 500)):
        r = send(b, "/r/lecture_attendance/new", row, [("proof", name, bytes_)])
        assert r.status == 422 and "Only pictures" in r.text, (name, r.status)
    r = send(b, "/r/lecture_attendance/new", row, [("proof", "现场 合影.jpg", JPEG)])
    equal(r.status, 303, r.text)
    at = r.getheader("Location").split("?")[0]
    page = b.get(at).text
    assert f'href="{at}/file/proof"' in page and "现场 合影.jpg" in page, page
    r = b.get(at + "/file/proof", binary=True)
    equal((r.status, r.body == JPEG), (200, True))
    assert r.getheader("Content-Disposition").startswith("attachment"), r.getheader("Content-Disposition")
    assert "sandbox" in ",".join(v for k, v in r.getheaders() if k == "Content-Security-Policy")
    equal(r.getheader("X-Content-Type-Options"), "nosniff")
    stranger = Browser(s)
    equal(stranger.get(at + "/file/proof").status in (303, 401), True)
    # A reference to a stored file is never taken as text; an edit without a file leaves it.
    form = [("session", "反诈宣讲"), ("n", "31"), ("proof", "a" * 64 + " " + "b" * 43 + " x.jpg"), ("_act", "save")]
    equal(send(b, at + "/edit", form).status, 303)
    equal(b.get(at + "/file/proof", binary=True).body == JPEG, True)
    equal(send(b, at + "/edit", [("session", "反诈宣讲"), ("n", "31"), ("_drop.proof", "1"), ("_act", "save")]).status, 303)
    equal(b.get(at + "/file/proof").status, 404)
    s.stop()


done()
