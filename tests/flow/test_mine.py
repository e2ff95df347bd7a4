#!/usr/bin/python3
"""What a resident comes for: signing up with places and a waiting list, hours, a certificate that whoever holds it verifies."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import branch
from site_http import Browser, Site
from tap import T, done, equal, test


def resident(site, name, handle):
    who = next(r["id"] for r in site.cli("--json", "list", "person", "--limit", "100").json if r["name"] == name)
    b = Browser(site)
    equal(b.claim(site.cli("--json", "account", "code", f"#{who}").json["code"], handle).status, 303)
    return b


@test
def places_are_taken_in_order_and_who_waits_moves_up():
    s = Site()
    branch.make(lambda *a: s.cli("--lang", "zh", *a).out, T.dir)
    event = s.cli("--json", "add", "volunteer_event", "--org", "BR1", "title=冬日送暖", "held_on=2026-12-05", "capacity=1", "place=青柳村").json["id"]
    s.cli("add", "volunteer_event", "--org", "BR1", "title=已经过去", "held_on=2026-11-01", "state=planned")
    s.cli("add", "volunteer_event", "--org", "BR1", "title=大人的事", "held_on=2026-12-06", "min_age=40")
    a, b = resident(s, "赵明", "volunteer1"), resident(s, "钱丽然", "volunteer2")
    equal(a.get("/").getheader("Location"), "/mine")
    page = a.get("/mine").text
    assert "冬日送暖" in page and "1 place left" in page and "已经过去" not in page, page
    sign = lambda who, **f: who.post("/mine/signup", {"event": event, **f}, token_from="/mine")
    equal(sign(a).getheader("Location"), "/mine?done=signup")
    assert "the unit confirms it" in a.get("/mine").text
    equal(sign(a).status, 409, "twice")
    equal(sign(b).status, 303)
    page = b.get("/mine").text
    assert "Waiting list, number 1" in page and "full, 1 waits" in page and "赵明" not in page, page
    equal(sign(a, act="leave").status, 303)
    assert "the unit confirms it" in b.get("/mine").text, "moved up"
    equal(sign(a).status, 303, "again, at the end of the list")
    old = s.cli("--json", "list", "volunteer_event", "--where", "title = '大人的事'").json[0]["id"]
    r = sign(a, event=old)
    assert r.status == 422 and "under the event" in r.text, r.text
    past = s.cli("--json", "list", "volunteer_event", "--where", "title = '已经过去'").json[0]["id"]
    equal(sign(a, event=past).status, 422)
    late = s.cli("--json", "add", "volunteer_event", "--org", "BR1", "title=早已截止", "held_on=2026-12-20", "signup_until=2026-11-23").json["id"]
    page = a.get("/mine").text
    assert "Signing up has ended" in page and "sign up until 23 November" in page, page
    r = sign(a, event=late)
    assert r.status == 422 and "has ended" in r.text
    equal(a.get("/figures").status, 403, "a resident has no desk")
    equal(a.get("/jot").status, 403)
    s.stop()


@test
def a_certificate_says_what_is_confirmed_and_is_verified_by_number_and_code():
    s = Site()
    branch.make(lambda *a: s.cli("--lang", "zh", *a).out, T.dir)
    a, b = resident(s, "孙强然", "volunteer1"), resident(s, "李敏", "volunteer2")
    page = a.get("/mine").text
    assert "6 h" in page and "3 events" in page, page
    org = re.search(r'<option value="(\d+)">青柳村团支部', page)[1]
    r = a.post("/mine/certificate", {"org": org, "from": "2026-09-01", "to": "2026-11-24"}, token_from="/mine")
    equal(r.status, 303, r.text)
    at = r.getheader("Location")
    page = a.get(at).text
    number, where = re.search(r"ZY2026-\d{8}-\d\d", page)[0], re.search(r"/verify/[^<]+", page)[0]
    code = re.search(r'class="mono">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]
    assert "<b>孙强然</b>" in page and ">4 h</b>" in page and "12 September" in page and '<svg class="q"' in page, page
    equal(where, "/verify/" + number)
    equal(s.cli("--json", "id", "check", number).json["valid"], True)
    equal(b.get(at).status in (403, 404), True, "nobody else's")
    anybody = Browser(s)
    blank = anybody.get(where).text
    assert "孙" not in blank and "青柳村" not in blank, "the number alone tells nothing"
    wrong = anybody.get(where + "?k=AAAA-AAAA")
    assert wrong.status == 404 and "letter by letter" in wrong.text and "青柳村" not in wrong.text
    other = anybody.get(f"/verify/{number[:-1]}{(int(number[-1]) + 1) % 10}?k=" + code)
    equal((other.status, "青柳村" in other.text), (404, False))
    good = anybody.get(where + "?k=" + code.lower().replace("-", ""))
    assert good.status == 200 and "genuine" in good.text and "孙**" in good.text and "孙强然" not in good.text and "4 h" in good.text, good.text
    equal(s.cli("--json", "figures", "--year", "2026", "--org", "BR1", "vol.certificates").json[0]["value"], 1)
    s.cli("do", "void", "service_certificate", at.split("/")[-1], "reason=写错了")
    assert "withdrawn" in anybody.get(where + "?k=" + code).text
    r = b.post("/mine/certificate", {"org": org, "from": "2026-01-01", "to": "2026-02-01"}, token_from="/mine")
    assert r.status == 404 and "nothing to certify" in r.text
    s.stop()


done()
