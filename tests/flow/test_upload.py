#!/usr/bin/python3
"""Files in forms: taken by what they are, sealed, out again only as a download and only to who may see the row."""
import base64
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from branch import secretary
from site_http import Browser, Site
from tap import T, done, equal, test

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
    return send_to(b, path, path, fields, files)


def send_to(b, path, form, fields, files=()):
    page = b.get(form).text
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
    # Large, and the first that the threads of a new server are asked for: 413 is for strangers.
    token = b.csrf("/r/lecture_attendance/new")
    body, headers = multipart([("csrf", token), *row], [("proof", "large.jpg", JPEG + b"x" * 200000)])
    s.stop()
    s.start()
    for _ in range(2):
        r = b.ask("POST", "/r/lecture_attendance/new", raw=body, headers={**headers, "Origin": "http://" + b.host})
        assert r.status in (303, 409), (r.status, r.text[:500])
    stranger = Browser(s)
    equal(stranger.get(at + "/file/proof").status in (303, 401), True)
    # A reference to a stored file is never taken as text; an edit without a file leaves it.
    form = [("session", "反诈宣讲"), ("n", "31"), ("proof", "a" * 64 + " " + "b" * 43 + " x.jpg"), ("_act", "save")]
    equal(send(b, at + "/edit", form).status, 303)
    equal(b.get(at + "/file/proof", binary=True).body == JPEG, True)
    equal(send(b, at + "/edit", [("session", "反诈宣讲"), ("n", "31"), ("_drop.proof", "1"), ("_act", "save")]).status, 303)
    equal(b.get(at + "/file/proof").status, 404)
    s.stop()


PHOTO = base64.b64decode("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/ABK0v//Z")
EXIF = b"\xff\xe1\x00\x38Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00GPS 28.6N 121.4E home"


def photo_with_place():
    return PHOTO[:2] + EXIF[:2] + (len(EXIF) - 2).to_bytes(2, "big") + EXIF[4:] + PHOTO[2:]


@test
def a_photo_is_kept_without_its_place_while_everybody_in_it_consents():
    s = Site()
    b, made = secretary(s)
    event = made["events"][-1]
    of = f"volunteer_event:{event}"
    page = b.get(f"/photos/new?of={of}").text
    assert "without a consent to pictures" in page and 'name="who"' not in page, page
    post = lambda *fields, picture=photo_with_place(): send_to(b, "/photos/new", f"/photos/new?of={of}", [("of", of), *fields], [("picture", "IMG_1.jpg", picture)])
    equal(post(("faces", "none"), picture=SVG).status, 422, "no picture")
    equal(post(("faces", "none"), picture=JPEG).status, 422, "damaged")
    equal(post(picture=PHOTO).status, 422, "who can be seen is not said")
    r = post(("faces", "none"), ("caption", "净滩的岸线"))
    equal(r.status, 303, r.text)
    at = r.getheader("Location").split("?")[0]
    bytes_ = b.get(at + "/picture", binary=True)
    equal((bytes_.status, bytes_.getheader("Content-Type"), bytes_.getheader("Cache-Control")), (200, "image/jpeg", "no-store"))
    assert bytes_.body[:3] == b"\xff\xd8\xff" and b"GPS" not in bytes_.body and b"Exif" not in bytes_.body
    at_size = bytes_.body.index(b"\xff\xc0")
    equal(bytes_.body[at_size + 5:at_size + 9], b"\x00\x10\x00\x08", "turned upright: 8 wide, 16 high")
    came = [r["volunteer"] for r in s.cli("--json", "list", "service_record", "--where", f"event = {event}").json]
    r = post(("faces", "some"), ("who", came[0]))
    assert r.status == 422 and "not kept" in r.text, r.text
    consent = s.cli("--json", "add", "consent", "--org", "BR1", f"person=#{came[0]}", "purpose_id=media", "given_on=2026-11-20", "text_version=paper", "by_guardian=false", "verified=paper").json["id"]
    assert post(("faces", "some"), ("who", came[0]), ("who", came[1])).status == 422, "one of two"
    r = post(("faces", "some"), ("who", came[0]))
    equal(r.status, 303, r.text)
    shown = r.getheader("Location").split("?")[0]
    assert shown + "/thumb" in b.get("/photos?year=2026").text and at in b.get(f"/photos?of={of}").text
    assert shown not in b.get("/photos?year=2025").text
    nobody = Browser(s)
    assert nobody.get(shown + "/picture").status in (303, 401, 403)
    # With an article it is public, while everybody in it consents.
    with open(os.path.join(T.dir, "articles.csv"), "w", encoding="utf-8") as f:
        f.write("标题,类别,发布日期,正文\n净滩归来,工作动态,2026-11-20,一早出发。\n")
    s.cli("import", "article", os.path.join(T.dir, "articles.csv"), "--org", "CY1")
    article = s.cli("--json", "list", "article").json[0]["id"]
    number = {x: x.rsplit("/", 1)[1] for x in (at, shown)}
    out, draft = f"/street/articles/{article}", s.cli("--json", "add", "article", "--org", "CY1", "title=未发", "kind=news").json["id"]
    assert "<img" not in nobody.get(out).text
    equal(nobody.get(f"{out}/{number[at]}.jpg").status, 404, "a photo that stands with no article")
    s.rows(f"UPDATE photo SET article = {article}")
    page = nobody.get(out).text
    assert f'<img src="{out}/{number[at]}-thumb.jpg" alt="净滩的岸线"' in page and f"{number[shown]}-thumb.jpg" in page, page
    r = nobody.get(f"{out}/{number[shown]}.jpg", binary=True)
    equal((r.status, r.getheader("Content-Type"), r.getheader("Cache-Control"), r.body[:3]), (200, "image/jpeg", "no-store", b"\xff\xd8\xff"))
    equal((nobody.get(f"/street/articles/{draft}/{number[shown]}.jpg").status, nobody.get(f"{out}/{number[shown]}.png").status), (404, 404))
    s.cli("do", "consent_withdraw", "consent", consent)
    page = nobody.get(out).text
    assert f"{number[at]}-thumb.jpg" in page and f"/{number[shown]}-" not in page, "withdrawn: at once out of the public page"
    equal(nobody.get(f"{out}/{number[shown]}.jpg").status, 404)
    equal((b.get(shown).status, b.get(shown + "/picture").status, b.get(at).status), (404, 404, 200), "withdrawn: gone, the other stays")
    assert shown not in b.get("/photos").text
    equal(s.cli("--json", "list", "photo_person").json, [])
    equal(s.rows("SELECT count(*) FROM history WHERE register = 'photo'"), "0")
    row = "/r/photo/" + at.rsplit("/", 1)[1]
    equal(b.get(row + "/file/picture").status, 200, "its file, of one who may read the row")
    s.cli("do", "void", "photo", row.rsplit("/", 1)[1], "reason=拍摄对象要求撤下")
    equal((b.get(row).status, b.get(row + "/file/picture").status, b.get(at).status), (200, 404, 404), "taken down: the row stays, no byte goes out")
    s.cli("check")
    people = {p["name"]: p["id"] for p in s.cli("--json", "list", "person", "--org", "BR1", "--limit", "100").json}
    first, second = people[made["people"][0]], people[made["people"][1]]
    s.cli("add", "theme", "name=学习身边榜样", "opens_on=2026-11-01", "closes_on=2026-11-30")
    day = s.cli("--json", "add", "league_day", "--org", "BR1", "theme=学习身边榜样", "held_on=2026-11-20").json["id"]
    rite = s.cli("--json", "add", "admission", "--org", "BR1", "kind=league", "title=入团仪式", "held_on=2026-11-21").json["id"]
    s.cli("add", "admission_member", "--org", "BR1", f"admission=#{rite}", f"member=#{second}")
    named = lambda of: {made["people"][i] for i, n in enumerate(made["people"]) if n in b.get(f"/photos/new?of={of}").text}
    equal(named(f"league_day:{day}"), set(made["people"]), "no register tells who came: the unit's own people")
    equal(named(f"admission:{rite}"), set(), "minors, without a clearance: nobody")
    s.cli("authorise", "duty", "branch_secretary", "admission", "--by", "#1")
    equal(named(f"admission:{rite}"), {made["people"][1]}, "who was admitted, nobody else")
    assert f"/photos?of=league_day:{day}" in b.get(f"/r/league_day/{day}").text, "the record leads to its photos"
    of = f"admission:{rite}"
    equal(send_to(b, "/photos/new", f"/photos/new?of={of}", [("of", of), ("faces", "some"), ("who", str(first))], [("picture", "a.jpg", PHOTO)]).status, 400, "who did not take part")
    equal(send_to(b, "/photos/new", f"/photos/new?of={of}", [("of", of), ("faces", "none")], [("picture", "a.jpg", PHOTO)]).status, 303)
    equal([r["admission"] for r in s.cli("--json", "list", "photo", "--where", "state = 'kept'").json], [rite])
    s.stop()


done()
