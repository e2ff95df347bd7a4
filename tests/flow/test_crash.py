#!/usr/bin/python3
"""kill -9 at random during imports and edits: what was acknowledged stands, nothing is half done, the city checks clean, and
importing again completes. About 15 seconds; QINGHE_LONG=1: some minutes."""
import http.client
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(__file__))
import tap
from tap import QINGHE, T, done, equal, run, skip, test

SECONDS = 240 if os.environ.get("QINGHE_LONG") else 10
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ROWS = 900


def citizen_id(n):
    body = f"3701021999{n // 900 % 12 + 1:02d}01{n % 900 + 1:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS)) % 11]


def q(*args, **kw):
    return run("--db", os.path.join(T.dir, "c.db"), "--lang", "en", *args, **kw)


def listed(register, where=None):
    more = ["--where", where] if where else []
    r = q("--json", "list", register, "--limit", 1000, *more).json
    return r["rows"] if isinstance(r, dict) else r


def new_city():
    q("init", "--city", "临澜市", "--region", "3799")
    q("add", "programme", "name=净滩行动", "kind=drive")
    for i in range(3):
        q("add", "volunteer_event", f"title=净滩{i}", f"held_on=2025-03-0{i + 1}", "drive=净滩行动", "hours=8", "state=completed")


def write_file(seed):
    """Rows of one import, with hours by its seed: another seed edits the same rows."""
    path = os.path.join(T.dir, f"{seed}.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write("活动名称,服务日期,姓名,身份证号,时长\n")
        for i in range(ROWS):
            f.write(f"净滩{i % 3},2025-03-0{i % 3 + 1},人{i // 3},{citizen_id(i // 3)},{(i * 7 + seed * 5) % 12 / 2 + 1}\n")
    return path


def start(*args):
    return tap.start([QINGHE, "--db", os.path.join(T.dir, "c.db"), *map(str, args)], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)


def killed(p, after):
    """Its answer when it came before the kill, else None."""
    time.sleep(after)
    p.send_signal(signal.SIGKILL)
    out = p.communicate()[0]
    return out if p.returncode == 0 else None


def holds(acknowledged):
    q("check")
    stands = {r["id"]: r for r in listed("theme")}
    for row, name in acknowledged["added"].items():
        assert row in stands, f"theme #{row} was acknowledged and is gone"
    for row, remark in acknowledged["set"].items():
        versions = {r for r in remark}
        assert stands[row]["opens_on"] in versions, (stands[row], versions)
    imports = listed("service_record")
    assert len(imports) == ROWS or not acknowledged["imported"], f"{len(imports)} of {ROWS} rows of an acknowledged import stand"
    equal(all(r["version"] >= 1 for r in imports), True)


def timed(*args):
    began = time.monotonic()
    out = start("--json", *args).communicate()[0]
    return time.monotonic() - began, json.loads(out)


@test
def killed_at_random_nothing_acknowledged_is_lost():
    new_city()
    rng = random.Random(11)
    new_theme = lambda n: ("add", "theme", f"name=主题{n}", "opens_on=2025-01-01", "closes_on=2025-12-31")
    # How long each takes by itself here and on this engine: some are killed before that, some after.
    import_s, whole = timed("import", "service_record", write_file(0))
    add_s, first = timed(*new_theme(0))
    acknowledged = {"added": {first["id"]: "主题0"}, "set": {}, "imported": whole["inserted"], "edits": 0}
    end = time.monotonic() + SECONDS
    n = kills = 0
    while time.monotonic() < end or kills < 5 and n < 400:  # a busy machine starts programs slowly
        n += 1
        importing = start("--json", "import", "service_record", write_file(n % 3), "--overwrite")
        adding = start("--json", *new_theme(n))
        row = rng.choice(list(acknowledged["added"]))
        day = f"2025-02-{n % 28 + 1:02d}"
        editing = start("--json", "set", "theme", row, f"opens_on={day}")
        for what, p, usual in rng.sample([("import", importing, import_s), ("add", adding, add_s), ("set", editing, add_s)], 3):
            answer = killed(p, rng.random() * 1.6 * usual)
            kills += answer is None
            if what == "import" and answer:
                told = json.loads(answer)
                acknowledged["imported"] += told["inserted"] + told["updated"]
            if what == "add" and answer:
                acknowledged["added"][json.loads(answer)["id"]] = f"主题{n}"
            if what == "set" and answer is not None:
                acknowledged["set"][row] = [day]
                acknowledged["edits"] += 1
            elif what == "set" and row in acknowledged["set"]:
                acknowledged["set"][row].append(day)  # it may have been written without an answer
            elif what == "set":
                acknowledged["set"][row] = ["2025-01-01", day]
        if n % 8 == 0:
            holds(acknowledged)
    holds(acknowledged)
    assert kills >= 5, kills
    written = len(acknowledged["added"]) + acknowledged["edits"] + acknowledged["imported"]
    print(f"# {kills} points, {written} acknowledged (lost 0): {acknowledged['imported']} rows of imports, "
          f"{len(acknowledged['added'])} added, {acknowledged['edits']} edited")
    file = write_file(7)
    r = q("--json", "import", "service_record", file, "--overwrite").json
    equal((r["rows"], r["rejected"]), (ROWS, 0))
    again = q("--json", "import", "service_record", file).json
    equal((again["inserted"], again["updated"], again["unchanged"]), (0, 0, ROWS))
    equal(q("--json", "figures", "--year", 2025, "vol.attend").json[0]["value"], ROWS)
    equal(q("--json", "figures", "--year", 2025, "vol.attend.people").json[0]["value"], ROWS // 3)
    q("check")


@test
def two_programs_write_side_by_side():
    new_city()
    both = [start("--json", "import", "service_record", write_file(1)), start("--json", "import", "service_record", write_file(1))]
    out = [json.loads(p.communicate()[0]) for p in both]
    equal([p.returncode for p in both], [0, 0], str(out))
    equal(sum(r["inserted"] for r in out), ROWS)
    q("check")
    equal(q("--json", "figures", "--year", 2025, "vol.attend").json[0]["value"], ROWS)


def aborted(argv, ready, folder):
    """A program that may leave cores as large as they like, dead by SIGABRT once ready(p): what lies in its folder then."""
    os.mkdir(folder)
    p = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
    try:
        ready(p)
    finally:
        p.send_signal(signal.SIGABRT)
    equal(p.wait(), -signal.SIGABRT)
    p.stdout.close()
    return [os.path.join(folder, n) for n in os.listdir(folder)]


@test
def a_server_or_a_command_that_dies_leaves_no_core():
    """What either had opened (names, keys) would lie in it."""
    where = lambda name: os.path.join(T.dir, name)
    left = aborted(["/bin/sleep", "60"], lambda p: time.sleep(0.2), where("control"))
    if not left:
        skip("this machine keeps cores elsewhere (/proc/sys/kernel/core_pattern)")
    name = "欧阳晓梅"
    q("init", "--city", "临澜市", "--region", "3799")
    q("add", "person", "name=" + name)
    assert name in q("list", "person").out

    def serving(p):
        host = urllib.parse.urlsplit(p.stdout.readline().decode().strip()).netloc
        c = http.client.HTTPConnection(host, timeout=20)
        c.request("GET", "/sign-in")
        equal(c.getresponse().status, 200)
    db = os.path.join(T.dir, "c.db")
    equal(aborted([QINGHE, "--db", db, "serve", "--listen", "127.0.0.1:0"], serving, where("server")), [])
    fifo = where("never.csv")
    os.mkfifo(fifo)
    equal(aborted([QINGHE, "--db", db, "import", "person", fifo], lambda p: time.sleep(0.5), where("command")), [])


NOBODY = 65534


def looked_into(pid):
    """Can another process of the same user read its memory?"""
    ask = f"open('/proc/{pid}/mem', 'rb')"
    return subprocess.run([sys.executable, "-c", ask], user=NOBODY, group=NOBODY, extra_groups=(), capture_output=True).returncode == 0


@test
def another_program_of_the_same_user_reads_neither_a_servers_nor_a_commands_memory():
    """Undumpable, so that a collector of cores behind a pipe (systemd-coredump) gets nothing either."""
    if os.getuid() != 0:
        skip("only root can be another user")
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": (), "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    q("init", "--city", "临澜市", "--region", "3799")
    for path in [T.dir] + [os.path.join(T.dir, n) for n in os.listdir(T.dir)]:
        os.chown(path, NOBODY, NOBODY)
    fifo, db = os.path.join(T.dir, "never.csv"), os.path.join(T.dir, "c.db")
    os.mkfifo(fifo)
    started = []
    try:
        started.append(subprocess.Popen(["/bin/sleep", "60"], **as_nobody))
        time.sleep(0.1)
        if not looked_into(started[0].pid):
            skip("this kernel lets nobody look into another's memory")
        started.append(tap.start([QINGHE, "--db", db, "serve", "--listen", "127.0.0.1:0"], **as_nobody))
        assert started[1].stdout.readline().startswith(b"http"), "the server runs"
        started.append(tap.start([QINGHE, "--db", db, "import", "person", fifo], **as_nobody))
        time.sleep(0.5)
        for p, what in zip(started[1:], ("server", "command")):
            assert p.poll() is None and not looked_into(p.pid), what
    finally:
        for p in started:
            p.kill()
            p.wait()
            p.stdout.close()


if __name__ == "__main__":
    done()
