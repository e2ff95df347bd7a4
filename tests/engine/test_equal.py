#!/usr/bin/python3
"""The demo city of one seed on both engines, asked the same: every answer is equal to the byte. The figures of the city and of
its counties over a year, a quarter and a month, the rows behind each figure, each register's rows as files, the report in
all its forms, the yearly pack, the lists of the rules; then both are served, and every page that links lead to is compared,
for anybody and for the city's staff. Wants $QINGHE_TEST_DB; only in ./check engines, for it takes minutes."""
import collections
import difflib
import json
import os
import re
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../flow"))
from tap import PROGRAM, QINGHE, SERVER, T, done, drop_schemas, equal, run, skip, test
import site_http
from site_http import Browser, Site
import tempfile

NOW = "2026-01-20T10:00:00+08:00"
PEOPLE = os.environ.get("QINGHE_EQUAL_PEOPLE", "1000")
if not SERVER:
    print("1..0 # SKIP no PostgreSQL: $QINGHE_TEST_DB")
    sys.exit(0)
folder = tempfile.TemporaryDirectory(prefix="qinghe-equal-")


class City:
    def __init__(self, name, program):
        self.name, self.db, self.program = name, os.path.join(folder.name, name + ".db"), program

    def __call__(self, *args, code=None):
        return run("--db", self.db, "--now", NOW, "--lang", "zh", *args, code=code, program=self.program)


BOTH = [City("lite", PROGRAM), City("pg", QINGHE)]
for city in BOTH:
    city("demo", "--people", PEOPLE, "--year", 2025, "--seed", 7, code=0)


def first_difference(a, b):
    if isinstance(a, bytes):
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        return f"byte {at} of {len(a)} and {len(b)}: {a[max(0, at - 60):at + 60]!r} <> {b[max(0, at - 60):at + 60]!r}"
    return "\n".join(list(difflib.unified_diff(a.splitlines(), b.splitlines(), lineterm="", n=0))[:8])[:1500]


class Asked:
    """What was compared, and how much of it differs."""

    def __init__(self):
        self.n, self.bytes, self.bad = 0, 0, []

    def hold(self, what, a, b):
        self.n += 1
        self.bytes += len(a)
        if a != b:
            self.bad.append(f"{what}: {first_difference(a, b)}")

    def command(self, *args, empty=False, ok=(0, 1)):
        a, b = (c(*args) for c in BOTH)
        what = " ".join(map(str, args))
        self.hold(what, (f"exit {a.code}\n" + a.out + a.err).replace(BOTH[0].db, "DB"),
                  (f"exit {b.code}\n" + b.out + b.err).replace(BOTH[1].db, "DB"))
        if a.code not in ok or not (empty or a.out):
            self.bad.append(f"{what}: exit {a.code} {a.err[:300]}")
        return a

    def file(self, end, *args, members=None):
        """A command that writes a file (-o); members: those of a .zip, instead of its bytes."""
        got = []
        for c in BOTH:
            path = os.path.join(T.dir, c.name + end)
            r = c(*args, "-o", path)
            if r.code not in (0, 1):
                self.bad.append(f"{c.name} {' '.join(map(str, args))}: exit {r.code} {r.err[:300]}")
                return
            if members:
                with zipfile.ZipFile(path) as z:
                    got.append({n: z.read(n) for n in z.namelist()})
            else:
                with open(path, "rb") as f:
                    got.append(f.read())
        what = " ".join(map(str, args)) + " " + end
        if not members:
            return self.hold(what, *got)
        self.hold(what, "\n".join(sorted(got[0])), "\n".join(sorted(got[1])))
        for n in sorted(got[0]):
            self.hold(f"{what} {n}", got[0][n], got[1].get(n, b""))

    def settle(self, least):
        print(f"# {self.n} answers, {self.bytes} bytes", flush=True)
        if self.bad:
            raise AssertionError(f"{len(self.bad)} of {self.n} differ\n" + "\n".join(self.bad[:25]))
        equal(self.n >= least, True, f"{self.n} answers, wanted at least {least}")


@test
def every_figure_of_the_city_and_its_counties_is_equal():
    x = Asked()
    x.command("digest")
    for span in (["--year", 2025], ["--year", 2024], ["--period", "2025Q3"], ["--period", "2025-03"], ["--period", "2025-01-01..2025-10-17"]):
        x.command("figures", *span, "--json")
    x.command("figures", "--year", 2025)
    orgs = [r for r in x.command("list", "org", "--limit", 1000, "--json").json if r["kind"] in ("county", "school")]
    for o in orgs[:8]:
        x.command("figures", "--year", 2025, "--org", o["code"], "--json")
    equal(len(orgs) > 3, True, "counties and schools")
    x.settle(12)


@test
def the_rows_behind_each_figure_are_equal():
    x = Asked()
    ids = [f["id"] for f in BOTH[0]("figures", "--year", 2025, "--json").json]
    for f in ids:
        x.command("trace", f, "--year", 2025, "--ndjson", empty=True, ok=(0, 2))  # 2: a rate, whose parts have rows
    x.settle(100)


@test
def every_register_written_to_a_file_is_equal():
    x = Asked()
    registers = [r["id"] for r in run("registers", "--json", program=PROGRAM).json]
    for i, r in enumerate(registers):
        x.file(".ndjson", "export", r)
        x.file((".csv", ".xlsx", ".json")[i % 3], "export", r)
    x.settle(200)


@test
def the_report_and_the_yearly_pack_are_equal():
    x = Asked()
    for end in (".docx", ".html", ".md"):
        x.file(end, "report", "--year", 2025, "--draft")
        x.file(end, "report", "--year", 2025, "--draft", "--public")
    x.command("report", "--year", 2025, "--draft", "-o", os.path.join(T.dir, "r.md"), "--bundle", os.path.join(T.dir, "r.zip"), "--json", empty=True)
    x.file(".docx", "report", "freeze", "--year", 2025)
    x.file(".zip", "compliance", "--year", 2025, members=True)
    x.settle(10)


@test
def what_the_rules_find_and_the_books_are_equal():
    x = Asked()
    for ask in (["quality"], ["coverage"], ["ledger", "trial-balance"], ["ledger", "reconcile"], ["rescue", "list"], ["retention", "--dry-run"],
                ["contest", "tally", "#1"], ["verify", "audit"], ["audit", "list", "--limit", 1000], ["account", "list"], ["authorise", "list"],
                ["outbox"], ["model", "show"]):
        x.command(*ask, empty=True)
        x.command(*ask, "--json", empty=True)
    x.settle(26)


# What each server or session has of its own: its address as a QR picture, tokens of forms, the key by which a form is taken once.
ANEW = [(re.compile(r'<svg class="q".*?</svg>', re.S), "QR"), (re.compile(r'(name="(?:csrf|_key|key)" value=")[^"]+'), r"\1"), (re.compile(r'("csrf": ?")[^"]+'), r"\1")]


def page(visitor, path):
    r = visitor.ask("GET", path, binary=True)
    body = r.body
    if (r.getheader("Content-Type") or "").startswith(("text/", "application/json", "application/xml", "application/atom")):
        text = body.decode("utf-8").replace(visitor.host, "HOST")
        for what, by in ANEW:
            text = what.sub(by, text)
        body = text
    return r.status, r.getheader("Content-Type"), body


LINK = re.compile(r'(?:href|src|data-href)="(/[^"#]*)')
# Files of the program; how a machine fares; one's own sessions and secrets; files that tell when they were made.
NEVER = re.compile(r"^/(assets|sign-out|status|metrics|me)\b|\.pdf$|format=xlsx|\.xlsx$")


def kind_of(path):
    """Pages of one sort, of which a few are enough."""
    return re.sub(r"\d+", "N", path.split("?")[0])


def crawl(x, visitors, starts, most, of_a_kind):
    todo, seen, kinds = collections.deque(starts), set(starts), collections.Counter()
    while todo and x.n < most:
        path = todo.popleft()
        a, b = (page(v, path) for v in visitors)
        x.hold(path + " status", str(a[:2]), str(b[:2]))
        if type(a[2]) is not type(b[2]):
            continue
        x.hold(path, a[2], b[2])
        if not isinstance(a[2], str):
            continue
        for m in LINK.finditer(a[2]):
            to = m[1].replace("&amp;", "&")
            kind = kind_of(to)
            if to not in seen and not NEVER.search(to) and kinds[kind] < of_a_kind:
                seen.add(to)
                kinds[kind] += 1
                todo.append(to)


class Served:
    def __enter__(self):
        self.sites = []
        for c in BOTH:
            site_http.QINGHE = c.program
            self.sites.append(Site(now=NOW, db=c.db))
        return self.sites

    def __exit__(self, *_):
        for s in self.sites:
            s.stop()


@test
def every_public_page_is_equal():
    x = Asked()
    with Served() as sites:
        crawl(x, [Browser(s) for s in sites], ["/street", "/street/figures", "/street/data", "/street/figures.csv", "/street/events", "/sitemap.xml",
              "/street/events.ics", "/street/articles.atom", "/sign-in"], 1500, 12)
    x.settle(60)


@test
def every_page_of_the_citys_staff_is_equal():
    x = Asked()
    with Served() as sites:
        staff = []
        for c, s in zip(BOTH, sites):
            code = c("account", "code", "city_staff", "--json", code=0).json["code"]
            staff.append(Browser(s).enter(code, "hejing2"))
        starts = ["/"] + sorted({m[1] for m in re.finditer(r"^GET +(/[^ {]*) ", run("routes", program=PROGRAM).out, re.M)})
        crawl(x, staff, [s for s in starts if not NEVER.search(s)], 2000, 4)
    x.settle(150)


try:
    done()
finally:
    drop_schemas(folder.name)
    folder.cleanup()
