#!/usr/bin/python3
"""qinghe serve over HTTP: claiming, signing in, pages and JSON at the same addresses, what is refused, how it stops."""
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, PASSWORD, Site
from tap import QINGHE, T, done, equal, run, sql, test

EVENT = ("volunteer_event", "title=净滩行动", "held_on=2026-04-12", "service_field=生态环保", "state=completed")


@test
def strangers_are_led_to_the_door():
    s = Site()
    r = s.get("/figures?period=2025")
    equal((r.status, r.getheader("Location")), (303, "/sign-in?next=%2Ffigures%3Fperiod%3D2025"))
    r = s.get("/figures.json")
    equal((r.status, r.getheader("Content-Type"), r.getheader("WWW-Authenticate")), (401, "application/problem+json", "Bearer"))
    equal(json.loads(r.text)["status"], 401)
    equal(json.loads(s.get("/healthz").text)["status"], "ok")
    equal(s.get("/sign-in").status, 200)
    equal(s.stop(), 0)


@test
def a_code_is_good_once_and_a_password_must_hold():
    s = Site()
    bad = {"code": s.code, "handle": "hejing", "password": "password", "again": "password"}
    r = s.ask("POST", "/claim", bad)
    assert r.status == 422 and 'aria-invalid="true"' in r.text and "password" not in re.sub(r"<[^>]*>", "", r.text).split("once more")[-1]
    r = s.ask("POST", "/claim", {**bad, "password": PASSWORD, "again": "other"})
    equal(r.status, 422)
    equal(s.claim().status, 303)
    equal(s.claim().status, 422)
    s.enrol()
    equal(s.sign_in("wrong password").status, 403)
    r = s.sign_in_whole(next="/registers")
    equal((r.status, r.getheader("Location")), (303, "/registers"))
    assert re.fullmatch(r"session=[^;]{20,}; Path=/; HttpOnly; SameSite=Lax", [v for k, v in r.getheaders() if v.startswith("session")][0])
    equal(s.get("/").status, 200)
    r = s.sign_in_whole(next="//evil.example")
    equal((r.status, r.getheader("Location")), (303, "/"), "an address elsewhere is no place to go on to")
    s.stop()


@test
def guessing_is_slowed_down_with_429():
    s = Site()
    equal(s.claim().status, 303)
    seen = [s.sign_in(f"guess {i}", ).status for i in range(12)]
    assert seen[0] == 403 and 429 in seen, seen
    r = s.sign_in("guess")
    assert r.status == 429 and int(r.getheader("Retry-After")) >= 1
    s.stop()


@test
def every_page_answers_html_and_json_with_strict_headers():
    s = Site(EVENT).enter()
    routes = run("--json", "routes").json
    assert len(routes) > 15
    for r in routes:
        if r["method"] != "GET":
            continue
        path = r["path"].replace("{register}", "volunteer_event").replace("{id}", "1").replace("{figure}", "vol.events")
        path = path.replace("{move}", "cancel").replace("{year}", "2026").replace("{group}", "volunteer").replace("{name}", "none.css").replace("{person}", "1")
        closed = ("/finder", "/invites")  # to the first administrator
        absent = "none.css" in path or "{" in path or path.endswith("/asks") or path.startswith(("/finder/1", "/photos/1", "/collections/1", "/notices/1", "/certificates/1", "/surveys/1", "/awards/1", "/model/changes/1", "/report/go/1", "/street/", "/apply/"))
        for accept in ("text/html", "application/json"):
            a = s.get(path, headers={"Accept": accept})
            assert a.status in (200, 303, 400 if path == "/photos/new" else 403 if path in closed or path.startswith(("/model/new/", "/model/files/")) else 404 if absent else 200), f"{path} {accept}: {a.status} {a.text[:300]}"
            for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
                assert a.getheader(name), f"{path} has no {name}"
            assert "unsafe" not in a.getheader("Content-Security-Policy")
            if "json" in (a.getheader("Content-Type") or ""):
                json.loads(a.text)
            elif a.status == 200 and "<html" in a.text:
                assert "<script>" not in a.text and "style=" not in a.text and " onclick" not in a.text, path
    s.stop()


@test
def json_says_what_the_command_line_says():
    s = Site(EVENT, ("volunteer_event", "title=敬老", "held_on=2026-05-01", "state=completed")).enter()
    rows = s.json("/r/volunteer_event")["rows"]
    equal([r["title"] for r in rows], ["敬老", "净滩行动"])
    one = s.json("/r/volunteer_event/1.json")
    equal((one["record"]["title"], one["record"]["version"], one["history"][0]["kind"]), ("净滩行动", 1, "add"))
    told = {f["id"]: f["value"] for f in run("--db", s.db, "--now", NOW, "--json", "figures", "--year", "2026").json}
    web = {f["id"]: f["value"] for f in s.json("/figures?period=2026")}
    shared = {k for k in web if k in told}
    assert len(shared) > 50
    equal({k: web[k] for k in shared}, {k: told[k] for k in shared})
    trace = s.json("/figures/vol.events.all/trace?period=2026")
    equal((trace["value"], [r["id"] for r in trace["rows"]]), (2, [1, 2]))
    equal(s.json("/r/volunteer_event?where=service_field%20%3D%20%27ecology%27")["rows"][0]["id"], 1)
    s.stop()


@test
def forms_from_elsewhere_are_refused():
    s = Site().enter()
    token = s.csrf()
    evil = {"Origin": "https://evil.example"}
    equal(s.ask("POST", "/sign-out", {"csrf": token}, evil).status, 403)
    equal(s.ask("POST", "/sign-out", {"csrf": token}, {"Sec-Fetch-Site": "cross-site"}).status, 403)
    equal(s.ask("POST", "/sign-out", {"csrf": "x" * len(token)}).status, 403)
    equal(s.ask("POST", "/sign-out", {}).status, 403)
    equal(s.ask("POST", "/sign-in", {"handle": "hejing", "password": PASSWORD}, evil).status, 403)
    equal(s.get("/sign-out").status, 405)
    equal(s.ask("POST", "/sign-out", {"csrf": token, "more": "1"}).status, 400)
    equal(s.get("/").status, 200)
    assert s.csrf() != token, "the token is masked anew in every page"
    equal(s.ask("POST", "/sign-out", {"csrf": token}).status, 303)
    equal(s.get("/", headers={"Accept": "text/html"}).status, 303)
    s.stop()


@test
def a_session_survives_the_server_and_ends_for_good():
    s = Site().enter()
    equal(s.stop(), 0)
    s.start()
    equal(s.get("/").status, 200)
    old = dict(s.cookies)
    equal(s.ask("POST", "/sign-out", {"csrf": s.csrf()}).status, 303)
    s.cookies = old
    equal(s.get("/").status, 303)
    s.stop()


@test
def errors_say_what_to_do_and_never_more():
    s = Site(EVENT).enter()
    for path, status in (("/r/volunter_event", 404), ("/r/volunteer_event/99", 404), ("/r/volunteer_event/x", 404), ("/nowhere", 404),
                         ("/r/volunteer_event?state=nothing", 404), ("/figures?period=never", 400), ("/figures?org=nowhere", 404),
                         ("/r/volunteer_event?after=x", 400), ("/figures/none", 404), ("/report/abc", 404), ("/a/../b", 400)):
        r = s.get(path)
        equal(r.status, status, path)
        if status != 400 or "report" in path:
            assert "<h1>" in r.text and "<html" in r.text, path
        p = s.get(path, headers={"Accept": "application/problem+json"})
        equal((p.status, p.getheader("Content-Type")), (status, "application/problem+json"), path)
    assert "Is it volunteer_event?" in s.get("/r/volunter_event").text
    r = s.get("/r/volunteer_event?where=tilte%20%3D%201")
    assert r.status == 200 and 'aria-invalid="true"' in r.text, "a fault in the filter stands at the filter"
    s.stop()


@test
def a_refused_page_leaves_its_row_in_the_audit_chain():
    db = os.path.join(T.dir, "demo.db")
    run("--quiet", "--db", db, "demo", "--people", "500")
    s = Site(db=db).enter(run("--db", db, "account", "code", "branch_secretary").out.split()[0])
    for path in ("/r/care_child/1", "/r/case_party/1"):
        equal(s.get(path).status, 403, path)
    r = s.get("/figures?org=nowhere")
    assert r.status in (403, 404)
    equal(s.stop(), 0)
    rows = sql(db, "SELECT subject || ' ' || result FROM audit WHERE action = 'read'").split("|")
    assert "care_child:1 denied" in rows and "case_party:1 denied" in rows, rows
    run("--db", db, "check")


HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "{{7*7}}", "&lt;b&gt;", "a\u202eb"]


@test
def an_account_without_a_role_sees_no_figures_and_chooses_no_unit():
    s = Site(("org", "--org", "330100", "code=C1", "name=东山区委", "kind=county"), ("person", "--org", "C1", "name=何静"), EVENT)
    person = sql(s.db, 'SELECT MAX(id) FROM "person"')[0][0]
    s.code = run("--db", s.db, "--now", NOW, "--json", "account", "code", f"#{person}").json["code"]
    s.enter()
    for path in ("/figures", "/figures/vol.events", "/figures/vol.events/trace", "/report/2026", "/coverage", "/scope",
                 "/figures?org=C1&period=2026", "/figures?org=330100"):
        equal(s.get(path).status, 403, path)
    equal((s.get("/").status, s.get("/").getheader("Location")), (303, "/mine"))
    equal(s.get("/me").status, 200)
    s.stop()
    for command in (("figures", "--year", "2026"), ("figures", "--year", "2026", "--org", "C1"), ("trace", "vol.events", "--year", "2026"),
                    ("report", "--year", "2026", "--draft", "-o", os.path.join(T.dir, "r.md")), ("coverage",), ("quality",)):
        run("--db", s.db, "--now", NOW, "--as", f"#{person}", *command, code=3)


@test
def hostile_texts_stay_texts():
    s = Site(*[("volunteer_event", f"title={t}", "held_on=2026-04-12", f"place={t}") for t in HOSTILE]).enter()
    page = s.get("/r/volunteer_event").text
    for i, t in enumerate(HOSTILE):
        for text in (page, s.get(f"/r/volunteer_event/{i + 1}").text):
            escaped = t.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")
            assert escaped in text, t
            assert "<script>alert" not in text and "<img" not in text and "' onmouseover='" not in text
    for t in HOSTILE[:4]:
        r = s.get("/r/volunteer_event?where=" + urllib.parse.quote(t))
        assert "<script>alert" not in r.text and "<img" not in r.text
        r = s.get("/" + urllib.parse.quote(t, safe=""))
        assert "<script>alert" not in r.text and "<img" not in r.text
    s.stop()


@test
def language_is_chosen_by_address_cookie_and_browser():
    s = Site().enter()
    assert '<html lang="zh-CN">' in s.get("/", headers={"Accept-Language": "fr"}).text
    assert '<html lang="en">' in s.get("/", headers={"Accept-Language": "en-GB"}).text
    assert '<html lang="zh-CN">' in s.get("/?lang=zh").text
    assert '<html lang="zh-CN">' in s.get("/", headers={"Accept-Language": "en"}).text, "the cookie remembers"
    s.stop()


@test
def a_public_address_without_tls_is_refused():
    s = Site()
    equal(s.stop(), 0)
    r = run("--db", s.db, "--lang", "en", "serve", "--listen", "0.0.0.0:0", code=3)
    assert "--tls" in r.err
    run("--db", s.db, "serve", "--listen", "nonsense", code=2)
    run("--db", s.db, "serve", "--tls", "only-one", code=2)


@test
def what_scanners_usually_ask_for_is_not_there():
    s = Site().enter()
    with open("tests/flow/usual_paths.txt", encoding="utf-8") as f:
        usual = f.read().split()
    known = {r["path"] for r in run("--json", "routes").json}
    assert len(usual) > 60
    got = {w: s.get("/" + w).status for w in usual if "/" + w.removesuffix(".json") not in known}
    equal({w: status for w, status in got.items() if status not in (400, 404)}, {}, "as the administrator")
    s.stop()


@test
def by_tls_nothing_older_than_1_2_is_spoken():
    s = Site()
    s.stop()
    cert, key = (os.path.join(T.dir, n) for n in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                    "-days", "2", "-keyout", key, "-out", cert], check=True, capture_output=True)
    p = subprocess.Popen([QINGHE, "--db", s.db, "serve", "--listen", "127.0.0.1:0", "--tls", f"{cert},{key}"], stdout=subprocess.PIPE)
    port = urllib.parse.urlsplit(p.stdout.readline().decode().strip()).port

    def spoken(version):
        c = ssl.create_default_context(cafile=cert)
        c.set_ciphers("ALL:@SECLEVEL=0")
        c.minimum_version = c.maximum_version = version
        with socket.create_connection(("127.0.0.1", port), 20) as plain, c.wrap_socket(plain, server_hostname="localhost") as t:
            t.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return t.version(), t.recv(16)[:15]
    try:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            equal(spoken(version)[1], b"HTTP/1.1 200 OK", version)
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            try:
                raise AssertionError(spoken(version))
            except ssl.SSLError as e:
                assert not re.search("NO_PROTOCOLS|NO_CIPHERS", str(e)), f"this client cannot ask for {version}: {e}"
        with socket.create_connection(("127.0.0.1", port), 20) as plain:
            plain.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"HTTP/1.1" not in plain.recv(100), "plain words on the port of TLS"
    finally:
        p.terminate()
        p.wait(20)
        p.stdout.close()


@test
def stopping_lets_the_requests_at_hand_finish():
    s = Site().enter()
    c = http.client.HTTPConnection(s.host, timeout=30)
    body = urllib.parse.urlencode({"handle": "hejing", "password": PASSWORD})
    c.request("POST", "/sign-in", body, {"Content-Type": "application/x-www-form-urlencoded"})
    time.sleep(0.03)
    s.p.send_signal(signal.SIGTERM)
    equal(c.getresponse().status, 303)
    c.close()
    equal(s.p.wait(20), 0)


done()
