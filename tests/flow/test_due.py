#!/usr/bin/python3
"""Time-driven work and the outbox: notices and alarms come once, messages go only where they may, and go again when they failed."""
import base64
import http.server
import json
import os
import socketserver
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, holders, laid_down, rows, run, test

DAY = "2026-11-%02dT10:00:00+08:00"


def city():
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "--now", DAY % 1, "init", "--city", "临澜市", "--region", "330100")
    return db


def at(db, day, *args, **more):
    return run("--db", db, "--now", DAY % day, "--json", *args, **more)


class Hook(http.server.BaseHTTPRequestHandler):
    got, answer = [], 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Hook.got.append((self.path, body, self.headers["Idempotency-Key"]))
        self.send_response(Hook.answer)
        if Hook.answer == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *a):
        pass


class Mail(socketserver.StreamRequestHandler):
    got = []

    def handle(self):
        self.wfile.write(b"220 mail\r\n")
        text, in_data = [], False
        for line in self.rfile:
            if in_data:
                if line == b".\r\n":
                    in_data = False
                    Mail.got.append(b"".join(text).decode())
                    self.wfile.write(b"250 ok\r\n")
                else:
                    text.append(line)
                continue
            word = line.split()[0].upper()
            in_data = word == b"DATA"
            self.wfile.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
            if word == b"QUIT":
                return


class Served:
    def __init__(self, kind, handler):
        self.s = kind(("127.0.0.1", 0), handler)
        threading.Thread(target=self.s.serve_forever, daemon=True).start()
        self.port = self.s.server_address[1]

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.s.shutdown()
        self.s.server_close()


@test
def a_city_without_a_backup_is_alarmed_once_a_day_and_the_alarm_goes_to_the_hook():
    db = city()
    Hook.got, Hook.answer = [], 200
    with Served(http.server.HTTPServer, Hook) as hook:
        at(db, 1, "outbox", "set", "hook", f"http://127.0.0.1:{hook.port}/in/")
        equal(at(db, 2, "due", "run").json["failed"], 0)
        equal(Hook.got, [], "eight days are not over")
        for _ in range(2):
            at(db, 12, "due", "run")
        equal([g[:2] for g in Hook.got], [("/in/alert", "backup: 11")])
        at(db, 13, "due", "run")
        equal([g[2] for g in Hook.got], ["outbox-1", "outbox-2"], "each with its own key")
    rows(db, "INSERT INTO setting(name, value) VALUES ('backup_at', ?)", str(1794300000000))  # 2026-11-10
    with Served(http.server.HTTPServer, Hook) as hook:
        at(db, 14, "due", "run")
    equal(len(Hook.got), 2, "a backup ends the alarm")


@test
def what_was_not_taken_goes_again_and_a_redirect_is_not_followed():
    db = city()
    Hook.got, Hook.answer = [], 302
    with Served(http.server.HTTPServer, Hook) as hook:
        at(db, 1, "outbox", "set", "hook", f"http://127.0.0.1:{hook.port}")
        equal(at(db, 12, "due", "run", code=1).json, {"ran": 8, "failed": 0, "sent": 0, "unsent": 1})
        equal([g[0] for g in Hook.got], ["/alert"], "nobody went elsewhere")
        equal(at(db, 12, "due", "run").json["unsent"], 0, "not again at once")
        equal(at(db, 12, "outbox").json, {"waiting": 1, "given_up": 0, "sent": 0})
        Hook.answer = 204
        equal(at(db, 13, "due", "run").json["sent"], 2, "the old one and today's")
        equal(at(db, 13, "outbox").json, {"waiting": 0, "given_up": 0, "sent": 2})
    equal(holders(laid_down(db), "backup: 11"), [], "messages lie sealed")


@test
def mail_goes_by_the_configured_server_with_an_id_of_its_own():
    db = city()
    Mail.got = []
    with Served(socketserver.TCPServer, Mail) as mail:
        for name, value in (("mail", f"smtp://127.0.0.1:{mail.port}"), ("from", "qinghe@example.org"), ("alerts", "duty@example.org")):
            at(db, 1, "outbox", "set", name, value)
        equal(at(db, 12, "due", "run").json["sent"], 1)
    equal(len(Mail.got), 1)
    for want in ("To: <duty@example.org>", "Message-ID: <outbox-1@qinghe>", "From: <qinghe@example.org>"):
        if want not in Mail.got[0]:
            raise AssertionError(Mail.got[0])


@test
def without_a_channel_messages_wait_and_a_folder_is_one():
    db = city()
    equal(at(db, 12, "due", "run").json["unsent"], 0)
    equal(at(db, 12, "outbox").json["waiting"], 1)
    folder = os.path.join(T.dir, "out")
    os.mkdir(folder)
    at(db, 12, "outbox", "set", "folder", folder)
    equal(at(db, 12, "due", "run").json["sent"], 1)
    equal(os.listdir(folder), ["1-alert.txt"])


@test
def addresses_that_lead_elsewhere_cannot_be_configured():
    db = city()
    for name, value in (("hook", "http://example.org/x"), ("hook", "file:///etc/passwd"), ("hook", "gopher://x/"), ("hook", "https://"),
                        ("hook", "https://a@b/"), ("hook", "http://169.254.169.254/latest"), ("mail", "https://x"), ("mail", "smtp://a b"),
                        ("from", "nobody"), ("nothing", "x")):
        at(db, 1, "outbox", "set", name, value, code=2)


@test
def the_end_of_an_authorisation_is_told_once():
    db = city()
    for row in ((1, "2026-11-20", None), (2, "2026-11-20", 1), (3, "2027-11-20", None), (4, "2026-10-01", None)):
        rows(db, "INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, approved_by, at, revoked_at, state)"
             " VALUES (?, 5, 'county', 1, 'care', '2026-01-01', ?, 6, 0, ?, 'approved')", *row)
    at(db, 2, "due", "run")
    planned = [(t["rule"], t["subject"]) for t in at(db, 2, "due").json if t["rule"] == "authorisation.notice"]
    equal(planned, [])
    for day in (7, 7, 8, 9):
        at(db, day, "due", "run")
    equal(rows(db, "SELECT subject, CASE WHEN done_at IS NULL THEN 0 ELSE 1 END FROM due WHERE rule = 'authorisation.notice'"), [("1", 1)])


@test
def sessions_and_codes_past_their_end_are_swept():
    db = city()
    for i, end in enumerate((1793500000000, 1799999999999)):
        rows(db, "INSERT INTO session(token, person, made_at, seen_at, expires_at, level, proven, org, device, place)"
             " VALUES (?, 1, 0, 0, ?, 0, 0, 0, 0, '')", bytes([i]) * 32, end)
    before = rows(db, "SELECT count(*) FROM claim")
    at(db, 12, "due", "run")
    equal(rows(db, "SELECT count(*) FROM session"), [(1,)])
    equal(rows(db, "SELECT count(*) FROM claim"), before, "a code of last week stays")


@test
def the_head_of_the_audit_chain_is_signed_every_day_and_mailed_where_a_place_is_named():
    db = city()
    Mail.got = []
    with Served(socketserver.TCPServer, Mail) as mail:
        for name, value in (("mail", f"smtp://127.0.0.1:{mail.port}"), ("from", "qinghe@example.org"), ("heads", "notary@example.org")):
            at(db, 1, "outbox", "set", name, value)
        for day in (2, 2, 3):
            at(db, day, "due", "run")
    heads = [line for line in run("--db", db, "audit", "heads").out.splitlines() if line.startswith("qinghe-audit-head 1 ")]
    equal(len(heads), 2, "one a day, not one a pass")
    sent = [m for m in Mail.got if "To: <notary@example.org>" in m]
    equal(len(sent), 2)
    for head, letter in zip(heads, sent):
        equal(base64.b64decode(letter.split("base64", 1)[1]).decode(), head, "the whole line, signature and all")
    kept = os.path.join(T.dir, "heads.txt")
    open(kept, "w").write("\n".join(heads) + "\n")
    equal(run("--db", db, "verify", "audit", "--heads", kept).code, 0)


@test
def what_was_kept_long_enough_goes_by_itself_thirty_days_after_it_was_told():
    db = city()
    at(db, 1, "add", "feedback", "told_on=2019-01-05", "kind=suggestion", "body=多办几场")
    told = run("--db", db, "--now", DAY % 1, "--json", "retention", "--dry-run").json
    assert told["deleted"] + told["skeletons"] + told["held"] > 0, told
    for _ in range(2):
        equal(at(db, 2, "due", "run").json["failed"], 0)
    equal(len(rows(db, "SELECT at FROM due WHERE rule = 'retention.run'")), 1, "told once")
    equal(rows(db, "SELECT count(*) FROM retention_run"), [(0,)], "nothing goes before its day")
    run("--db", db, "--now", "2026-12-01T10:00:00+08:00", "due", "run")
    equal(rows(db, "SELECT count(*) FROM retention_run"), [(0,)])
    run("--db", db, "--now", "2026-12-02T11:00:00+08:00", "due", "run")
    runs = rows(db, "SELECT deleted + skeletons FROM retention_run")
    equal(len(runs), 1)
    assert runs[0][0] == told["deleted"] + told["skeletons"], (runs, told)
    run("--db", db, "verify", "audit")


@test
def a_clock_that_jumps_loses_nothing_and_does_nothing_twice():
    """A machine whose clock was wrong, put right, and wrong the other way: ticks once each, the chain whole, ids and versions in order."""
    db = city()
    programme = at(db, 2, "add", "programme", "name=净滩行动", "kind=drive").json["id"]
    at(db, 2, "due", "run")
    ahead = ("--db", db, "--now", "2031-01-01T10:00:00+08:00", "--json")
    run(*ahead, "set", "programme", programme, "name=净滩行动二")
    run(*ahead, "due", "run")
    signed = rows(db, "SELECT count(*) FROM audit_signed")[0][0]
    # Back: what is due in the future is not due, what was done is done; edits go on behind the versions that stand.
    equal(at(db, 3, "due", "run").json["failed"], 0)
    assert rows(db, "SELECT count(*) FROM audit_signed")[0][0] - signed <= 1
    at(db, 3, "set", "programme", programme, "name=净滩行动三")
    equal([v["version"] for v in at(db, 3, "show", "programme", programme, "--history").json], [1, 2, 3])
    equal(at(db, 3, "show", "programme", programme).json["name"], "净滩行动三")
    other = at(db, 3, "add", "programme", "name=护苗行动", "kind=drive").json["id"]
    equal(other, programme + 1)
    # Long before the city was founded, and far away again.
    early = ("--db", db, "--now", "2020-01-01T10:00:00+08:00", "--json")
    run(*early, "set", "programme", other, "name=护苗行动二")
    run(*early, "due", "run")
    told = run(*early, "status", code=None).json
    equal((told["backup_overdue"], told["growth_bytes_per_day"]), (False, -1))
    run(*ahead, "due", "run")
    equal(rows(db, "SELECT count(*) FROM due WHERE done_at IS NOT NULL GROUP BY rule, subject, at HAVING count(*) > 1"), [])
    seqs = [n for n, in rows(db, "SELECT seq FROM audit ORDER BY seq")]
    equal(seqs, list(range(1, len(seqs) + 1)))
    for q in (("verify", "audit"), ("check",)):
        run(*ahead, *q)


done()
