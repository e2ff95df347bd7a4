"""Keys: sealed values stay sealed everywhere, a destroyed key opens nothing anywhere, backups come back with today's keys,
paper brings the root key back."""
import hashlib
import http.client
import json
import os
import threading
import shutil
import subprocess
import sys
import threading
import time
from site_http import Site
from tap import ENGINE, QINGHE, T, done, equal, holders, laid_down, rows, run, sql, start, test

# Canaries: as they are typed, and as they could lie about.
NAME, ID, PHONE, NOTE = "欧阳晓梅", "34052419800101001X", "19912345678", "母亲在外地务工由祖母照料"
OTHER = "司马相如"
PLAIN = "岸边净滩行动甲乙丙"
CANARIES = [w.encode(e) for w in (NAME, ID, PHONE, NOTE, OTHER) for e in ("utf-8", "gb18030", "utf-16-le")] + \
           [w.encode().hex().encode() for w in (NAME, ID, PHONE, NOTE, OTHER)]


def path(name):
    return os.path.join(T.dir, name)


def city(*more, name="c.db"):
    db = path(name)
    run("--db", db, "--now", "2025-06-30T10:00:00+08:00", "init", "--city", "临澜市", *more)
    return on(db)


def on(db, now="2025-06-30T10:00:00+08:00"):
    def q(*a, **k):
        return run("--db", db, "--now", now, *a, **k)
    q.db = db
    return q


def request(person):
    return (f"person=#{person}", "asked_by=self", "kind=copy", "asked_on=2025-06-01", "due_on=2025-06-16",
            "refusal=" + NOTE)


def people(q):
    a = q("add", "person", "name=" + NAME, "citizen_id=" + ID, "phone=" + PHONE, "--json").json["id"]
    b = q("add", "person", "name=" + OTHER, "--json").json["id"]
    q("add", "data_request", *request(a))
    q("set", "person", a, "phone=19987654321")
    return a, b


def no_plaintext(folder):
    for base, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(base, name), "rb") as f:
                text = f.read()
            for word in CANARIES:
                if word in text:
                    raise AssertionError(f"{word!r} stands in {name}")


@test
def nothing_sealed_lies_in_the_clear_in_database_log_key_store_or_backup():
    q = city()
    # A connection that stays keeps SQLite's write-ahead log on disk; a server keeps its own.
    keep = None
    if ENGINE == "sqlite":
        keep = subprocess.Popen([sys.executable, "-c", "import sqlite3,sys;c=sqlite3.connect(sys.argv[1]);"
                                 "c.execute('select count(*) from person').fetchone();print('on',flush=True);sys.stdin.read()",
                                 q.db], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        keep.stdout.readline()
    people(q)
    q("add", "person", "name=" + NAME + "二", "phone=" + PHONE)
    q("add", "programme", "name=" + PLAIN, "kind=drive")
    q("person", "find", NAME)
    q("backup", path("b.parcel"))
    q("key", "export", path("k.parcel"))
    files = laid_down(q.db)
    equal(any(n.endswith("-wal") or "/pg_wal/" in n for n in files), True, "the log is there to be looked at")
    found = {n for _, n in holders(files, PLAIN)}
    equal(any(n.endswith("-wal") or "/pg_wal/" in n for n in found), True, "what is not sealed is found in the log")
    if ENGINE != "sqlite":
        equal(any("/base/" in n for n in found), True, "and in the pages")
    equal(holders(files, *CANARIES), [])
    no_plaintext(T.dir)
    if keep:
        keep.communicate()
    for name in ("c.db.key", "c.db.keys", "b.parcel", "k.parcel"):
        equal(os.stat(path(name)).st_mode & 0o007, 0, name + " is nobody else's")


@test
def a_shredded_person_is_unreadable_here_and_in_the_oldest_backup():
    q = city()
    a, b = people(q)
    before = q("list", "person", "--json").json
    q("backup", path("old.parcel"))
    shutil.copy(q.db + ".key", path("thief.key"))
    q("person", "shred", a, code=2)
    q("person", "shred", a, "--reason", "本人要求", "--confirm", b, code=2)
    equal(q("show", "person", a, "--json").json["name"], NAME, "nothing happened yet")
    equal(q("person", "shred", a, "--reason", "本人要求", "--confirm", a, "--json").json["people"], 1)
    row = q("show", "person", a, "--json").json
    equal((row["name"], row["citizen_id"], row["phone"], row["birth_date"]), (None,) * 4, "live")
    equal([v["name"] for v in q("show", "person", a, "--history", "--json").json], [None, None], "history")
    for text in (NAME, "晓梅", "oyxm", ID, PHONE, "19987654321"):
        equal(q("person", "find", text).out, "", "found by " + text)
    equal(q("show", "person", b, "--json").json["name"], OTHER, "the other")
    equal(len(q("list", "person", "--json").json), len(before), "rows stay")
    equal(json.loads(q("check", "--json").out)["sealed"]["bad"], 0, "check")
    q("verify", "audit")
    q("key", "rotate")
    q("person", "shred", a, "--reason", "又一次", "--confirm", a)  # twice does no harm
    q("add", "data_request", *request(a), code=3)

    r = run("restore", path("old.parcel"), "--to", path("r.db"), "--keys-of", q.db, "--json")
    equal(r.json["verified"], True)
    old = on(path("r.db"))
    equal(old("show", "person", a, "--json").json["name"], None, "in the oldest backup, with today's keys")
    equal(old("person", "find", NAME).out, "", "found in the backup")
    equal(old("show", "person", b, "--json").json["name"], OTHER, "the other, in the backup")


@test
def a_merged_person_goes_with_the_survivor():
    q = city()
    a = q("add", "person", "name=" + NAME, "citizen_id=" + ID, "--json").json["id"]
    b = q("add", "person", "name=" + NAME, "phone=" + PHONE, "--json").json["id"]
    q("person", "merge", a, b)
    equal(q("person", "shred", a, "--reason", "本人要求", "--confirm", a, "--json").json["people"], 2)
    equal([q("show", "person", p, "--json").json["name"] for p in (a, b)], [None, None])
    q("check")


@test
def a_key_store_from_before_the_shredding_does_not_bring_the_person_back():
    q = city()
    a, b = people(q)
    q("key", "export", path("k.parcel"))
    q("person", "shred", a, "--reason", "本人要求", "--confirm", a)
    for end in ("", "-wal", "-shm"):
        if os.path.exists(q.db + ".keys" + end):
            os.unlink(q.db + ".keys" + end)
    equal("密钥库" in q("--lang", "zh", "show", "person", b, code=2).err, True, "a lost key store is said")
    q("key", "import", path("k.parcel"))
    equal(q("show", "person", a, "--json").json["name"], None, "destroyed")
    equal(q("show", "person", b, "--json").json["name"], OTHER, "the other")
    q("check")


@test
def copies_of_the_key_store_are_taken_away_when_a_generation_has_passed():
    q = city()
    os.mkdir(path("copies"))
    q("key", "export", path("copies"))
    (first,) = os.listdir(path("copies"))
    os.utime(os.path.join(path("copies"), first), (1, 1))
    open(path("copies/notes.txt"), "w").close()
    os.utime(path("copies/notes.txt"), (1, 1))
    on(q.db, "2025-08-30T10:00:00+08:00")("key", "export", path("copies"))
    left = os.listdir(path("copies"))
    equal((first in left, "notes.txt" in left, len(left)), (False, True, 2))


@test
def the_two_sheets_of_paper_bring_the_root_key_back_and_a_slip_is_found_in_its_line():
    q = city()
    a, _ = people(q)
    sheets = q("key", "init").out
    again = q("key", "init").out
    equal(sheets == again, False, "each drawing is new")
    with open(q.db + ".key") as f:
        root = next(line for line in f if line.startswith("root ")).split()[1]
    equal(root in sheets.replace(" ", ""), False, "no sheet holds the key")
    with open(path("sheets.txt"), "w") as f:
        f.write(sheets)
    q("key", "verify", "--shares", path("sheets.txt"))
    lines = sheets.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("3  "))
    slip = lines[:]
    slip[at] = slip[at].replace(slip[at][3], "0" if slip[at][3] != "0" else "1", 1)
    with open(path("slip.txt"), "w") as f:
        f.write("\n".join(slip))
    os.rename(q.db + ".key", path("gone.key"))
    equal("line 3" in run("--db", q.db, "--lang", "en", "key", "recover", "--shares", path("slip.txt"), code=2).err, True)
    mixed = sheets.split("\f")[0] + "\f" + again.split("\f")[1]
    with open(path("mixed.txt"), "w") as f:
        f.write(mixed)
    run("--db", q.db, "key", "recover", "--shares", path("mixed.txt"), code=2)
    with open(path("typed.txt"), "w") as f:  # in capitals, without blanks within the lines
        f.write("\n".join(line.upper().replace(" ", "") for line in lines))
    run("--db", q.db, "key", "recover", "--shares", path("typed.txt"))
    equal(q("show", "person", a, "--json").json["name"], NAME)
    equal(os.stat(q.db + ".key").st_mode & 0o777, 0o600)


@test
def after_the_machine_is_lost_paper_copy_and_backup_give_the_city_back():
    q = city()
    a, b = people(q)
    with open(path("sheets.txt"), "w") as f:
        f.write(q("key", "init").out)
    q("backup", path("b.parcel"))
    q("key", "export", path("k.parcel"))
    digest = q("digest").out
    os.mkdir(path("new"))
    new = on(path("new/c.db"))
    new("restore", path("b.parcel"), code=2)  # no keys yet
    new("key", "recover", "--shares", path("sheets.txt"))
    new("key", "import", path("k.parcel"))
    new("restore", path("b.parcel"))
    equal(new("digest").out, digest)
    equal(new("show", "person", a, "--json").json["name"], NAME)
    new("restore", path("b.parcel"), code=2)  # never over a city


@test
def a_damaged_or_foreign_backup_is_refused_and_leaves_nothing():
    q = city()
    people(q)
    q("backup", path("b.parcel"))
    q("backup", path("b.parcel"), code=2)
    with open(path("b.parcel"), "rb") as f:
        whole = f.read()
    for i, bad in enumerate((whole[:-1], whole[:len(whole) // 2], whole[:5000] + b"x" + whole[5001:], whole + b"x",
                             b"SQLite format 3\0", b"")):
        with open(path("bad.parcel"), "wb") as f:
            f.write(bad)
        run("restore", path("bad.parcel"), "--to", path(f"r{i}.db"), "--keys-of", q.db, code=2)
        equal(os.path.exists(path(f"r{i}.db")), False)
    stranger = city(name="s.db")
    run("restore", path("b.parcel"), "--to", path("r.db"), "--keys-of", stranger.db, code=2)


@test
def a_backup_taken_while_others_write_is_one_moment():
    q = city()
    q("add", "person", "name=" + NAME)
    csv = path("p.csv")
    with open(csv, "w") as f:
        f.write("姓名,出生年月\n" + "".join(f"{OTHER}{chr(0x4e00 + i)},2008-01\n" for i in range(3000)))
    writer = start([QINGHE, "--db", q.db, "--now", "2025-06-30T10:00:00+08:00", "import", "person", csv,
                               "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    made = [q("backup", path(f"b{i}.parcel"), "--json").json for i in range(2)]
    equal(writer.wait(), 0, "the import")
    for i, _ in enumerate(made):
        r = run("restore", path(f"b{i}.parcel"), "--to", path(f"r{i}.db"), "--keys-of", q.db, "--json")
        equal(r.json["verified"], True, f"backup {i}")


@test
def sealed_values_move_to_the_national_suite_and_back_while_both_are_read():
    q = city()
    a, _ = people(q)
    digest = q("digest").out
    moved = q("key", "rotate", "--suite", "national", "--json").json["values"]
    if moved < 6:
        raise AssertionError(f"only {moved} values were moved")
    equal(q("key", "verify", "--json").json["suite"], 2)
    equal(q("digest").out, digest)
    equal(q("show", "person", a, "--history", "--json").json[0]["phone"], PHONE)
    equal(q("key", "rotate", "--json").json["values"], 0, "nothing is left to move")
    equal(q("key", "rotate", "--suite", "international", "--json").json["values"], moved)
    equal(q("digest").out, digest)
    q("check")


@test
def the_indexes_get_a_new_key_under_load_and_whoever_searches_finds_the_same():
    from site_http import Browser, Site
    s = Site(("org", "--org", "330100", "code=C1", "name=海州县团委", "kind=county"))
    q = s.cli
    clerk = q("--json", "add", "person", "--org", "C1", "name=何静").json["id"]
    boss = q("--json", "add", "person", "--org", "C1", "name=市里的人").json["id"]
    q("account", "grant", "county_staff", f"#{clerk}", "--org", "C1")
    q("authorise", "grant", f"#{clerk}", "county_staff", "identity", "--by", f"#{boss}")
    for i in range(40):
        q("add", "person", "--org", "C1", f"name=张小{chr(0x4e00 + i)}", f"phone=199{i:08}", f"citizen_id={ID}" if i == 0 else "birth_month=2012-05")
    for i in range(3):
        q("add", "volunteer_event", "--org", "C1", f"title=净滩{i}", "kind=cleanup", f"starts_at=2026-03-0{i + 1} 09:00", "state=completed", code=None)
    b = Browser(s).enter(q("--json", "account", "code", f"#{clerk}").json["code"])
    token = b.csrf()

    def found(text):
        r = b.ask("POST", "/find.json", {"csrf": token, "q": text})
        equal(r.status, 200, text)
        return sorted(x["id"] for x in json.loads(r.text))
    asked = ("张小一", "zx" + "y", "张小丁")
    by_number = lambda: [[x["id"] for x in q("--json", "list", "person", "--where", w).json] for w in (f"citizen_id = '{ID}'", "phone = '19900000007'")]
    before, figures = [found(t) for t in asked], q("--json", "figures", "--year", "2026").json
    numbers = by_number()
    assert all(before) and all(len(x) == 1 for x in numbers), (before, numbers)
    saved = b.ask("POST", "/r/person/views", {"csrf": token, "label": "我的", "query": "state=valid"})
    equal(saved.status, 303)
    hashes = lambda: {h for h, in rows(s.db, "SELECT h FROM find")}
    old, stop, slips = hashes(), threading.Event(), []

    def write():
        n = 0
        while not stop.is_set() and n < 60:
            n += 1
            r = b.ask("POST", "/r/org/new", {"csrf": token, "code": f"X{n}", "name": f"支部{n}", "kind": "branch"})
            if r.status >= 500:
                slips.append(r.status)
    t = threading.Thread(target=write)
    t.start()
    told = q("--json", "key", "rotate", "--index", "--suite", "national").json
    stop.set()
    t.join()
    equal(slips, [], "others work on meanwhile")
    assert told["indexed"] >= 42 and told["values"] > 40, told
    equal(old & hashes(), set(), "no entry is under the old key")
    equal([found(t) for t in asked], before, "the running server finds the same")
    equal(by_number(), numbers)
    equal(q("--json", "figures", "--year", "2026").json, figures)
    r = q("add", "person", "--org", "C1", "name=另一个", f"citizen_id={ID}", code=None)
    assert r.code != 0, "an ID that stands once is still known"
    new = q("--json", "add", "person", "--org", "C1", "name=新来的人").json["id"]
    equal(found("新来的人"), [new], "what is written after is found")
    assert "我的" in b.get("/r/person").text, "a view kept at the desk opens in the other suite"
    suites = {row[0][3] for row in rows(s.db, "SELECT body FROM kept")}
    equal(suites, {2}, "what is kept at the desk moved with the rest")
    left = ("rotation_begun_at", "index_next", "index_old")
    equal([q("--json", "key", "verify").json[x] for x in left], [0, 0, 0], "nothing is left to do")
    # killed before the keys came under their generation, and the index under its key
    later = 1 + max(int(r[0]) for r in rows(s.db, "SELECT value FROM setting WHERE name = 'key_rotate_at'"))
    after = 1 + int(rows(s.db, "SELECT value FROM setting WHERE name = 'blind_generation'")[0][0])
    rows(s.db, f"UPDATE setting SET value = '{later + 5000}' WHERE name = 'key_rotate_at'")
    rows(s.db, f"INSERT INTO setting(name, value) VALUES ('blind_next', '{after} 0 person')")
    halved = q("--json", "key", "verify").json
    equal((halved["rotation_begun_at"], halved["index_next"]), (later + 5000, after))
    text = q("--lang", "en", "key", "verify").out
    assert "has not come to its end" in text and "key rotate --index goes on" in text, text
    again = q("--json", "key", "rotate", "--index").json["indexed"]
    equal([q("--json", "key", "verify").json[x] for x in left], [0, 0, 0], "it went on and came to its end")
    assert again >= told["indexed"]
    equal([found(t) for t in asked], before)
    q("check")
    q("verify", "audit")
    s.stop()


@test
def a_national_city_seals_indexes_and_recovers_like_any_other():
    q = city("--crypto", "national")
    equal(sql(q.db, "SELECT value FROM setting WHERE name = 'audit_hash'"), "sm3", "the audit's chain too")
    q("verify", "audit")
    a, _ = people(q)
    equal(q("key", "verify", "--json").json["suite"], 2)
    equal("suite national" in open(q.db + ".key").read(), True)
    equal(q("person", "find", NAME).out.count("#"), 1)
    with open(path("sheets.txt"), "w") as f:
        f.write(q("key", "init").out)
    os.unlink(q.db + ".key")
    run("--db", q.db, "key", "recover", "--shares", path("sheets.txt"), "--suite", "national")
    equal(q("show", "person", a, "--json").json["name"], NAME)
    no_plaintext(T.dir)
    q("check")


@test
def a_passphrase_on_the_key_file_is_asked_for():
    q = city()
    a, _ = people(q)
    with open(path("words"), "w") as f:
        f.write("潮水退去 贝壳还在 夜里听海\n")
    with open(path("wrong"), "w") as f:
        f.write("潮水退去 贝壳不在 夜里听海\n")
    words = {"QINGHE_PASSPHRASE_FILE": path("words")}
    q("key", "lock", code=2)
    q("key", "lock", env=words)
    equal("root " in open(q.db + ".key").read(), False)
    q("show", "person", a, code=2)
    q("show", "person", a, code=2, env={"QINGHE_PASSPHRASE_FILE": path("wrong")})
    equal(q("show", "person", a, "--json", env=words).json["name"], NAME)
    q("key", "unlock", env=words)
    equal(q("show", "person", a, "--json").json["name"], NAME)


@test
def keys_rotate_and_change_their_suite_while_others_write_and_nothing_is_lost():
    """Clients write and read sealed names over HTTP; meanwhile generations end and values move between the suites."""
    site = Site(("org", "code=C1", "name=海州县团委", "kind=county", "parent=330100"))
    q = site.cli
    staff, boss = (q("--json", "add", "person", "--org", "C1", "name=" + n).json["id"] for n in ("县里的人", "市里的人"))
    q("account", "grant", "county_staff", f"#{staff}", "--org", "C1")
    q("account", "grant", "city_staff", f"#{boss}", "--org", "330100")
    q("--as", f"#{boss}", "authorise", "grant", f"#{staff}", "county_staff", "identity")
    ms, token = int(site.now_s() * 1000), "0123456789abcdef" * 4
    rows(site.db, "INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at) VALUES (?,'staff',NULL,0,0,0,?)", staff, ms)
    rows(site.db, "INSERT INTO token(id, hash, person, name, scope, proven, duty, org, made_at, expires_at) VALUES (1,?,?,'t',15,2,0,0,?,?)",
         hashlib.sha256(token.encode()).digest(), staff, ms, ms + 86400000)
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Accept": "application/json"}
    written, read, faults, stop = {}, [0], [], threading.Event()

    def client(n):
        c, k = http.client.HTTPConnection(site.host, timeout=30), 0
        while not stop.is_set():
            name = f"欧阳{chr(0x4e00 + n)}{chr(0x4e00 + k)}"
            c.request("POST", "/r/person", json.dumps({"name": name, "org": "C1"}), {**headers, "Idempotency-Key": f"{n}-{k}"})
            r = c.getresponse()
            text = r.read()
            if r.status not in (200, 201):
                faults.append((r.status, text))
                return
            row = json.loads(text)["id"]
            written[row] = name
            c.request("GET", f"/r/person/{row}", headers=headers)
            r = c.getresponse()
            text = r.read().decode()
            read[0] += 1
            if r.status != 200 or name not in text:
                faults.append((r.status, text))
            k += 1
    threads = [threading.Thread(target=client, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    for more in ((), ("--suite", "national"), (), ("--suite", "international")):
        q("key", "rotate", *more)
        time.sleep(0.2)
    stop.set()
    for t in threads:
        t.join()
    equal(faults[:2], [])
    assert len(written) > 20 and read[0] > 20, (len(written), read)
    equal(site.stop(), 0)
    q("export", "person", "-o", path("p.ndjson"))
    with open(path("p.ndjson"), encoding="utf-8") as f:
        stands = {r["id"]: r["name"] for r in map(json.loads, f)}
    equal({i: n for i, n in written.items() if stands.get(i) != n}, {}, "lost or unreadable")
    q("check")
    q("key", "verify")


done()
