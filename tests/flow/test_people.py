#!/usr/bin/python3
"""People and sessions over HTTP: the second factor, phones bound to a unit, tokens of programs, hand-over, ends of sessions,
limits, proxies, password rules. Each test is a rule of security.md 2 (13-16, 19, 23-30, 36, 45)."""
import html
import os
import re
import sys
import urllib.parse
import time

sys.path.insert(0, os.path.dirname(__file__))
from site_http import PASSWORD, PROXY, Browser, Site, one_of_fifty, totp
from tap import T, done, equal, holders, laid_down, printed, run, sql, test

ORG = ("org", "code=C1", "name=海州县团委", "kind=county", "parent=330100")
BRANCH = ("org", "code=B1", "name=青柳村团支部", "kind=branch", "parent=C1")
OTHER = ("org", "code=B2", "name=石门村团支部", "kind=branch", "parent=C1")


def link_code(site, org="B1"):
    """One link as the sheet of the command line has it."""
    out = os.path.join(T.dir, "links.html")
    site.cli("account", "links", "--all", "--base", "https://linlan.example", "-o", out)
    page = open(out, encoding="utf-8").read()
    name = {"B1": "青柳村团支部", "B2": "石门村团支部"}[org]
    assert page.count("<svg") == 2 and "https://linlan.example/bind" in page
    return re.search(name + r"</b>.*?<code>([0-9A-Z-]{24})</code>", page, re.S)[1]


def bound(site, org="B1", pin="204857", name="柳青", bind=None):
    b = Browser(site)
    b.agent = "Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0"
    code = link_code(site, org)
    r = b.ask("POST", "/bind", {"code": code})
    assert r.status == 200 and 'name="pin"' in r.text and 'name="name"' in r.text, r.text
    b, r = (bind or (lambda s, *what: (b, b.ask("POST", *what))))(site, "/bind", {"code": code, "name": name, "pin": pin, "again": pin})
    equal((r.status, r.getheader("Location")), (303, "/"))
    return b, code


@test
def staff_have_no_session_without_the_second_factor_and_a_code_is_good_once():
    s = Site(serve=PROXY)
    won, r = one_of_fifty(s, "/claim", {"code": s.code, "handle": "hejing", "password": PASSWORD, "again": PASSWORD})
    s.cookies = won.cookies
    equal((sql(s.db, "SELECT count(*) FROM session"), sql(s.db, "SELECT count(*) FROM audit WHERE action = 'account_claim' AND result = 'ok'")), ("1", "1"))
    equal(r.getheader("Location"), "/me/second-factor")
    for path in ("/", "/r/org", "/figures", "/me", "/accounts"):
        equal(s.get(path).getheader("Location").split("?")[0], "/me/second-factor", path)
    equal(s.get("/figures.json").status, 401)
    equal(s.post("/me/second-factor", {"code": "000000"}).status, 422)
    s.enrol()
    equal(s.get("/").status, 200)
    used = totp(s.secret, s.now())
    other = Browser(s)
    r = other.sign_in()
    equal((r.status, r.getheader("Location")), (303, "/sign-in/code"))
    equal(other.get("/").getheader("Location"), "/sign-in/code?next=%2F")
    token = other.csrf("/sign-in/code")
    equal(other.ask("POST", "/sign-in/code", {"csrf": token, "code": used}).status, 403, "used when it was set up")
    paper = s.recovery.pop()
    equal(other.ask("POST", "/sign-in/code", {"csrf": token, "code": paper}).status, 303)
    equal(other.get("/").status, 200)
    third = Browser(s)
    equal(third.sign_in(code=paper).status, 403, "a code on paper is good once")
    equal(third.sign_in(code=totp(s.secret, s.now() + 30)).status, 303, "the next code, all in one form")
    rows = sql(s.db, "SELECT count(*) FROM audit WHERE action IN ('factor_prove', 'sign_in') AND result = 'denied'")
    assert int(rows) >= 2, rows
    s.stop()


@test
def a_session_is_new_at_every_step_and_ends_idle_old_by_hand_and_by_password():
    s = Site()
    other = Browser(s)
    other.cookies["session"] = "planted-by-somebody-else-000000000000000000"
    other.claim(s.code)
    first = other.cookies["session"]
    assert not first.startswith("planted")
    other.enrol()
    assert other.cookies["session"] != first, "a new token once the second factor stands"
    dead = Browser(s)
    dead.cookies["session"] = first
    equal(dead.get("/").status, 303, "the half session is gone")
    second = Browser(s)
    second.recovery = other.recovery
    equal(second.sign_in_whole().status, 303)
    page = second.get("/me").text
    equal(page.count('action="/me/sessions/end"'), 2)
    theirs = re.findall(r'name="id" value="([0-9a-f]{16})"', page)
    equal(second.post("/me/sessions/end-others", token_from="/me").status, 303)
    equal(other.get("/").status, 303, "ended from elsewhere")
    equal(second.post("/me/sessions/end", {"id": theirs[0]}, token_from="/me").status in (303, 404), True)
    equal(second.sign_in_whole().status, 303)
    wrong = second.post("/me/password", {"password": "not this one", "new": "another quiet field", "again": "another quiet field"})
    equal(wrong.status, 422)
    third = Browser(s)
    third.recovery = other.recovery
    third.sign_in_whole()
    r = second.post("/me/password", {"password": PASSWORD, "new": "another quiet field", "again": "another quiet field"})
    equal((r.status, r.getheader("Location")), (303, "/me?done=password"))
    equal((second.get("/").status, third.get("/").status), (200, 303), "the one that changed it stays, all others end")
    equal(third.sign_in().status, 403, "the old password")
    s.later("2026-11-24T10:31:00+08:00")
    equal(second.get("/").status, 303, "idle")
    r = second.sign_in_whole(password="another quiet field")
    equal(r.status, 303)
    out = second.post("/sign-out", token_from="/me")
    equal(out.getheader("Clear-Site-Data"), '"cache", "storage"')
    equal(second.get("/").status, 303)
    s.stop()


@test
def a_phone_is_bound_by_a_link_once_and_reaches_its_unit_alone():
    s = Site(ORG, BRANCH, OTHER, ("volunteer_event", "--org", "B1", "title=本村净滩", "held_on=2026-05-01", "state=completed"),
             ("volunteer_event", "--org", "B2", "title=别村植树", "held_on=2026-05-02", "state=completed"), serve=PROXY)
    b, code = bound(s, bind=one_of_fifty)
    equal(sql(s.db, "SELECT count(*) FROM device"), "1", "fifty had the link at once")
    equal(b.get("/").status, 200)
    page = b.get("/r/volunteer_event").text
    assert "本村净滩" in page and "别村植树" not in page
    for path in ("/r/volunteer_event?org=B2", "/r/volunteer_event?org=C1"):
        assert b.get(path).status in (403, 404), path
    equal(b.get("/accounts").status, 403)
    equal(b.get("/me/second-factor").status, 403)
    again = Browser(s)
    equal(again.ask("POST", "/bind", {"code": code}).status, 422, "the link is dead")
    del b.cookies["session"]
    equal(b.ask("POST", "/pin", {"pin": "111222"}).status, 403)
    equal(b.ask("POST", "/pin", {"pin": "204857"}).status, 303)
    equal(b.get("/").status, 200)
    thief = Browser(s)
    equal(thief.ask("POST", "/pin", {"pin": "204857"}).status, 403, "the PIN without the phone")
    equal(holders(laid_down(s.db), code, code.replace("-", ""), b.cookies["phone"], b.cookies["session"]), [],
          "only keyed hashes stand in the database")
    s.stop()


@test
def ten_wrong_pins_wipe_the_phone():
    s = Site(ORG, BRANCH, OTHER)
    b, _ = bound(s)
    seen, clock = [], 0
    for i in range(40):
        r = b.ask("POST", "/pin", {"pin": f"91827{i % 10}"})
        seen.append(r.status)
        if "phone" not in b.cookies:
            break
        if r.status == 429:
            clock += 20
            b.cookies.pop("session", None)
            s.later(f"2026-11-24T{10 + clock // 60}:{clock % 60:02}:00+08:00")
    assert 429 in seen and seen.count(403) == 10, seen
    equal(b.get("/").status, 303)
    equal(sql(s.db, "SELECT count(*) FROM audit WHERE action = 'device_wiped'"), "1")
    s.stop()


@test
def a_token_does_what_its_scope_says_and_no_more():
    s = Site(ORG, BRANCH, ("volunteer_event", "title=净滩", "held_on=2026-05-01", "state=completed")).enter()
    r = s.post("/me/tokens", {"name": "同步", "registers": "read", "figures": "", "days": "30", "password": PASSWORD})
    equal(r.status, 200)
    text = re.search(r"qh_[A-Za-z0-9_-]{43}", r.text)[0]
    p = Browser(s)

    def ask(path, method="GET", form=None):
        return p.ask(method, path, form, {"Authorization": "Bearer " + text, "Accept": "application/json"})
    equal(ask("/r/volunteer_event").status, 200)
    for path in ("/figures", "/me", "/accounts", "/me/tokens"):
        equal(ask(path).status, 403, path)
    equal(ask("/r/volunteer_event/new", "POST", {"title": "x"}).status in (403, 404, 405), True)
    equal(holders(laid_down(s.db), text), [])
    listed = s.get("/me/tokens").text
    assert text not in listed and "同步" in listed
    equal(s.post("/me/tokens/end", {"id": re.search(r'name="id" value="(\d+)"', listed)[1]}, token_from="/me/tokens").status, 303)
    equal(ask("/r/volunteer_event").status, 401, "revoked")
    made = run("--db", s.db, "--now", s.now_text, "--json", "--as", "hejing", "account", "token", "夜里", "--scope", "figures:read", "--days", "1").json
    text = made["token"]
    equal((ask("/figures").status, ask("/r/volunteer_event").status), (200, 403))
    s.later("2026-11-25T10:01:00+08:00")
    equal(ask("/figures").status, 401, "over")
    s.stop()


@test
def a_duty_passes_from_one_to_the_next_and_the_phone_with_it():
    s = Site(ORG, BRANCH, OTHER)
    b, _ = bound(s, name="柳青")
    giver = sql(s.db, "SELECT person FROM device")
    s.cli("add", "venue", "--org", "B1", "name=青年之家", "kind=youth_home", "opened_on=2026-01-05", f"keeper=#{giver}")
    taker = s.cli("add", "person", "--org", "B1", "name=接任者").out.split("#")[1].split()[0]
    r = b.post("/handover", {"taker": "#" + taker, "remark": "印章一枚"})
    equal((r.status, r.getheader("Location")), (303, "/handover/1"))
    page = b.get("/handover/1").text
    assert "印章一枚" in page and "Branch secretary" in page
    r = b.get("/handover/1.pdf")
    equal((r.status, r.getheader("Content-Type"), r.body[:5]), (200, "application/pdf", b"%PDF-"))
    text = printed(r.body)
    assert all(w in text for w in ("Hand-over sheet", "印章一枚", "接任者", "Witnessed by", "Branch secretary")), text
    equal(b.post("/handover/1", {"act": "take"}).status, 403, "one side does not confirm for the other")
    equal(b.post("/handover/1", {"act": "give"}).status, 200)
    equal(b.get("/").status, 200, "half signed changes nothing")
    out = s.cli("handover", "take", "1").out
    fresh = re.search(r"[0-9A-Z-]{24}", out)[0]
    equal(b.get("/").status, 303, "the giver's phone and session have ended")
    equal(b.ask("POST", "/pin", {"pin": "204857"}).status, 403)
    n = Browser(s)
    equal(n.ask("POST", "/bind", {"code": fresh, "pin": "375911", "again": "375911"}).status, 303)
    equal(n.get("/").status, 200)
    equal(sql(s.db, "SELECT keeper FROM venue"), taker, "what hangs on the duty went over")
    equal(sql(s.db, "SELECT count(*) FROM history WHERE register = 'venue' AND kind = 'set'"), "1", "as an edit with its history")
    equal(sql(s.db, "SELECT count(*) FROM audit WHERE action = 'handover' AND result = 'ok'"), "1")
    s.stop()


@test
def who_has_duties_in_two_units_works_in_one_at_a_time_and_chooses():
    s = Site(ORG, ("org", "--org", "330100", "code=C2", "name=陵川县团委", "kind=county")).enter()
    ids = {r["code"]: r["id"] for r in s.cli("--json", "list", "org").json}
    who = s.cli("--json", "add", "person", "--org", "C1", "name=何静").json["id"]
    for role, org in (("county_staff", "C1"), ("county_staff", "C2"), ("media_editor", "C2")):
        s.cli("account", "grant", role, f"#{who}", "--org", org)
    rows = {c: s.cli("--json", "add", "venue", "--org", c, f"name={c}之家", "kind=youth_home", "opened_on=2026-01-05").json["id"] for c in ("C1", "C2")}
    b = Browser(s).enter(s.cli("--json", "account", "code", f"#{who}").json["code"], "both")

    def seen():
        return {r["id"] for r in b.json("/r/venue")["rows"]}
    equal(seen(), {rows["C1"]}, "the oldest duty's unit, and not both")
    page = b.get("/me").text
    assert "海州" in page and "陵川" in page and page.count("/me/duty") == 1, "the other duty is offered"
    equal(b.post("/me/duty", {"org": ids["C2"]}, token_from="/me").status, 303)
    equal(seen(), {rows["C2"]})
    equal(b.get(f"/r/venue/{rows['C1']}").status, 403)
    equal(b.post("/me/duty", {"org": ids["330100"]}, token_from="/me").status, 403, "where one holds nothing there is no duty")
    equal(b.post("/me/duty", {"org": ids["C1"]}, token_from="/me").status, 303)
    equal(seen(), {rows["C1"]})
    # The same at the command line.
    for unit, want in (("", "C1"), ("@C1", "C1"), ("@C2", "C2")):
        equal({r["id"] for r in s.cli("--as", f"both{unit}", "--json", "list", "venue").json}, {rows[want]}, unit)
    s.cli("--as", "both@330100", "list", "venue", code=3)
    s.cli("--as", "both@nowhere", "list", "venue", code=2)
    # The duty ends while the session stands in it: the other one is left, and no more.
    equal(b.post("/me/duty", {"org": ids["C2"]}, token_from="/me").status, 303)
    for role in ("county_staff", "media_editor"):
        s.cli("account", "end", role, f"#{who}", "--org", "C2")
    equal(seen(), {rows["C1"]})
    s.stop()


@test
def an_administrator_makes_codes_ends_sessions_and_disables():
    s = Site(ORG, *[("org", f"code=N{i}", f"name=第{i}团支部", "kind=branch", "parent=C1") for i in range(9)]).enter()
    who = s.cli("add", "person", "--org", "C1", "name=何静").out.split("#")[1].split()[0]
    page = f"/accounts/{who}"
    equal(s.post(page, {"act": "grant", "role": "county_staff", "org": "C1"}).status, 303)
    code = re.search(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", s.post(page, {"act": "code"}).text)[0]
    b = Browser(s).enter(code, "county")
    equal(b.get("/").status, 200)
    equal(b.get("/accounts").status, 403)
    assert "county" in s.get("/accounts").text
    equal(s.post(page, {"act": "sessions"}).status, 303)
    equal(b.get("/").status, 303)
    equal(b.sign_in_whole(handle="county").status, 303)
    equal(s.post(page, {"act": "disable"}).status, 303)
    equal((b.get("/").status, b.sign_in(handle="county").status), (303, 403))
    equal(s.post(page, {"act": "enable"}).status, 303)
    equal(s.post(page, {"act": "factor"}).status, 303)
    r = b.sign_in(handle="county")
    equal(r.getheader("Location"), "/me/second-factor")
    assert "eight a page" in s.get("/accounts/links").text
    r = s.post("/accounts/links", {"kind": "branch", "role": "branch_secretary", "as": "pdf"})
    equal((r.status, r.getheader("Content-Type")), (200, "application/pdf"))
    sheets = printed(r.body).split("\f")
    equal(len([x for x in sheets if x.strip()]), 2, "nine slips on two sheets")
    codes = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}", "".join(sheets))
    equal(len(set(codes)), 9)
    equal(Browser(s).ask("POST", "/bind", {"code": codes[0], "pin": "375911", "again": "375911", "name": "周禾"}).status, 303)
    assert "Every unit has" in s.post("/accounts/links", {"kind": "branch", "role": "branch_secretary"}).text
    s.stop()


@test
def guessing_is_slowed_recorded_and_locks_out_nobody_from_elsewhere():
    s = Site(serve=("--proxy", "127.0.0.1")).enter()
    thief = {"X-Forwarded-For": "203.0.113.66"}
    b = Browser(s)
    seen = [b.ask("POST", "/sign-in", {"handle": "hejing", "password": f"guess {i}"}, thief).status for i in range(8)]
    assert seen[0] == 403 and seen[-1] == 429, seen
    owner = Browser(s)
    owner.recovery = s.recovery
    r = owner.ask("POST", "/sign-in", {"handle": "hejing", "password": PASSWORD, "code": owner.recovery.pop()}, {"X-Forwarded-For": "198.51.100.9"})
    equal(r.status, 303, "the owner signs in from elsewhere meanwhile")
    assert int(sql(s.db, "SELECT count(*) FROM audit WHERE action = 'limit' AND detail = 'from:203.0.113.66'")) >= 1
    s.stop()
    s.serve = ()
    s.start()
    for i in range(8):
        r = b.ask("POST", "/sign-in", {"handle": "hejing", "password": f"guess {i}"}, {"X-Forwarded-For": f"203.0.113.{i}"})
    equal(r.status, 429, "a header that nobody is believed for moves no limit")
    s.stop()


@test
def cookies_are_bound_to_the_host_behind_tls():
    s = Site(serve=("--origin", "https://linlan.example"))
    r = s.ask("POST", "/claim", {"code": s.code, "handle": "hejing", "password": PASSWORD, "again": PASSWORD}, {"Origin": "https://linlan.example"})
    cookies = [v for k, v in r.getheaders() if k == "Set-Cookie"] + [v for k, v in s.get("/sign-in?lang=en").getheaders() if k == "Set-Cookie"]
    assert len(cookies) >= 2
    for c in cookies:
        assert c.startswith("__Host-") and "Secure" in c and "HttpOnly" in c and "SameSite=Lax" in c and "Path=/" in c, c
    equal(r.getheader("Strict-Transport-Security"), "max-age=31536000; includeSubDomains")
    s.stop()


@test
def level_three_wants_three_classes_and_a_new_password_after_ninety_days():
    s = Site()
    sql(s.db, "INSERT INTO setting(name, value) VALUES ('password_policy', 'level3')")
    equal(s.claim().status, 422, "small letters and blanks are two classes")
    word = "A quiet field of rice 7"
    equal(s.ask("POST", "/claim", {"code": s.code, "handle": "hejing", "password": word, "again": word}).status, 303)
    s.enrol()
    s.later("2027-03-01T10:00:00+08:00")
    r = s.sign_in(password=word, code=s.recovery.pop())
    equal(r.getheader("Location"), "/me/password")
    equal(s.get("/").getheader("Location"), "/me/password?next=%2F")
    new = "Another quiet field 8"
    r = s.post("/me/password", {"password": word, "new": new, "again": new})
    equal(r.status, 303)
    equal(s.get("/").status, 200)
    s.stop()


@test
def a_resident_sees_own_data_with_a_password_alone():
    s = Site(ORG)
    who = s.cli("add", "person", "--org", "C1", "name=陈小河").out.split("#")[1].split()[0]
    s.cli("account", "grant", "student", "#" + who, "--org", "C1")
    code = s.cli("--json", "account", "code", "#" + who).json["code"]
    b = Browser(s)
    r = b.claim(code, "chenxh")
    equal((r.status, r.getheader("Location")), (303, "/"))
    equal(b.get("/me").status, 200)
    equal(b.get("/accounts").status, 403)
    equal(b.get("/r/person/1").status in (403, 404), True, "somebody else's row")
    s.stop()


@test
def a_burst_of_searches_waits():
    s = Site().enter()
    token = s.csrf()
    seen = [s.ask("POST", "/find", {"csrf": token, "q": f"张{i}"}) for i in range(33)]
    equal([r.status for r in seen[:30]], [200] * 30)
    equal((seen[32].status, seen[32].getheader("Retry-After") is not None), (429, True))
    s.stop()


@test
def exports_traces_copies_and_conditions_have_a_measure_for_each_account():
    s = Site(ORG).enter()
    ways = ("/r/org/export?format=csv", "/me/data/copy", "/figures/vol.events/trace")
    seen = [s.get(ways[i % 3]).status for i in range(24)]
    assert 200 in seen[:3] and 429 not in seen[:20] and seen[23] == 429, seen
    r = s.get(ways[0])
    assert r.status == 429 and int(r.getheader("Retry-After")) > 0 and "Wait" in r.text, r.text[-500:]
    equal(s.get("/r/org").status, 200, "the list itself is open meanwhile")
    seen = [s.get("/r/org?where=" + urllib.parse.quote(f"code = 'C{i}'")).status for i in range(124)]
    assert 429 not in seen[:120] and seen[123] == 429, seen
    equal(sql(s.db, "SELECT count(*) FROM audit WHERE action = 'limit' AND result = 'denied'"), "1", "told once a minute")
    s.stop()


@test
def the_code_of_a_demo_is_told_of_a_demo_only():
    s = Site().enter()
    assert s.cli("account", "totp", "hejing", code=3).err
    s.stop()


done()
