"""tap.py -- flow tests: the program driven from the command line, results as TAP.

    from tap import test, skip, run, done
    @test
    def a_sentence_that_tells_what_holds(): ...
    done()

Every test function runs with a fresh folder T.dir (cwd stays the repository).

With $QINGHE_TEST_DB (postgresql://...) the same tests run on PostgreSQL: tools/on-postgres stands for the program and
takes each database file for a schema. ENGINE says which; a test that looks into SQLite's file says sqlite_only()."""
import contextlib
import ctypes
import glob
import hashlib
import json
import mmap
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import zlib

QINGHE = os.path.abspath(os.environ.get("QINGHE", "build/qinghe"))
SERVER = os.environ.get("QINGHE_TEST_DB")
ENGINE = "postgresql" if SERVER else "sqlite"
PROGRAM = QINGHE
if SERVER and os.path.basename(QINGHE) != "on-postgres":
    os.environ["QINGHE_PROGRAM"] = QINGHE
    QINGHE = os.path.abspath("tools/on-postgres")
DATA = os.environ.get("QINGHE_DATA", "../shared/data")
_tests = []


class Skip(Exception):
    pass


class T:
    dir = None


def skip(why):
    raise Skip(why)


def sqlite_only(why="it looks into SQLite's file"):
    if ENGINE != "sqlite":
        skip(why)


def schema(path):
    """What tools/on-postgres makes of a database file's name."""
    return "f" + hashlib.md5(path.encode()).hexdigest()[:20]


@contextlib.contextmanager
def raw(path):
    """A connection of SQLite's own to a city's file, committed at the end. It knows nothing of the checksums in the pages
    (src/store/pages.h): where it is the last one to go, and so copies the log into the file, they are put right."""
    import sqlite3

    def stands():
        return os.path.exists(path + "-wal"), os.stat(path).st_mtime_ns
    before = stands()
    c = sqlite3.connect(path, timeout=30)
    c.execute("PRAGMA wal_autocheckpoint = 0")
    try:
        yield c
        c.commit()
        wrote = c.total_changes
    finally:
        c.close()
    if not os.path.exists(path + "-wal") and (wrote or stands() != before):
        page_sums(path)


def page_sums(path):
    with open(path, "r+b") as f:
        pages = f.read()
        if pages[20] != 8:
            return
        for at in range(0, len(pages), 4096):
            body = pages[at:at + 4088] + (at // 4096 + 1).to_bytes(4, "big")
            right = body + zlib.crc32(body).to_bytes(4, "big")
            if right != pages[at:at + 4096]:
                f.seek(at)
                f.write(right)


def sql(path, text):
    """Statements put to a city's database behind the program's back; the last one's first column as text, joined by |."""
    if ENGINE == "sqlite":
        with raw(path) as c:
            rows = [c.execute(t).fetchall() for t in text.split(";") if t.strip()][-1]
        return "|".join(str(r[0]) for r in rows)
    p = subprocess.run(["psql", "-qtAX", "-d", SERVER, "-c", f"SET search_path = {schema(path)}; {text}"], capture_output=True, text=True, check=True)
    return p.stdout.strip().replace("\n", "|")


def _literal(v):
    if v is None:
        return "NULL"
    if isinstance(v, bytes):
        return f"'\\x{v.hex()}'::bytea"
    return str(int(v)) if isinstance(v, int) else "'" + v.replace("'", "''") + "'"


def _value(v):
    return bytes.fromhex(v[2:]) if isinstance(v, str) and re.fullmatch(r"\\x([0-9a-f]{2})*", v) else v


def rows(path, text, *args):
    """One statement with ? for each of args, behind the program's back; its rows as tuples."""
    if ENGINE == "sqlite":
        with raw(path) as c:
            return c.execute(text, args).fetchall()
    parts = text.split("?")
    text = "".join(p + (_literal(args[i]) if i < len(args) else "") for i, p in enumerate(parts))
    reads = re.match(r"\s*(SELECT|WITH)\b", text, re.I)
    return _psql(path, text, lambda pairs: tuple(_value(v) for _, v in pairs), reads)


def dicts(path, text):
    """The rows of one statement by the names of their columns."""
    if ENGINE == "sqlite":
        import sqlite3
        with raw(path) as c:
            c.row_factory = sqlite3.Row
            return c.execute(text).fetchall()
    return _psql(path, text, lambda pairs: {k: _value(v) for k, v in pairs}, True)


def _psql(path, text, row, reads):
    if reads:
        text = f"SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM ({text}) q"
    # more than an argument of a program may hold goes by the standard input
    p = subprocess.run(["psql", "-qtAX", "-v", "ON_ERROR_STOP=1", "-d", SERVER], input=f"SET search_path = {schema(path)}; {text}",
                       capture_output=True, text=True)
    if p.returncode:
        raise AssertionError(p.stderr[-500:] + text[:300])
    return json.loads(p.stdout, object_pairs_hook=row) if reads else []


def laid_down(path):
    """The files in which a city's rows lie raw. On PostgreSQL: all of the server's folder, its write-ahead log and its own
    log as well, after a checkpoint."""
    if ENGINE == "sqlite":
        return [path + end for end in ("", "-wal") if os.path.exists(path + end)]
    p = subprocess.run(["psql", "-qtAX", "-U", "postgres", "-d", SERVER.replace("qinghe@", "postgres@"), "-c", "CHECKPOINT", "-c",
                        "SHOW data_directory"], capture_output=True, text=True, check=True)
    folder = os.path.dirname(p.stdout.strip())
    return [os.path.join(base, n) for base, _, names in os.walk(folder) for n in names]


def holders(files, *words):
    """Which of words (text or bytes) stand in which of files, raw: [(word, file)]. A file that went meanwhile holds none."""
    words = [w.encode() if isinstance(w, str) else w for w in words]
    found = []
    for name in files:
        try:
            if os.path.getsize(name) and os.path.isfile(name):
                with open(name, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
                    found += [(w, name) for w in words if m.find(w) >= 0]
        except (FileNotFoundError, ValueError):
            pass
    return found


def copy_city(path, to):
    """A city with its key file once more, under another name."""
    if ENGINE == "sqlite":
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                shutil.copy(path + end, to + end)
    else:
        old, new = schema(path), schema(to)
        text = (f"SET client_min_messages = error; DROP SCHEMA IF EXISTS {new} CASCADE; CREATE SCHEMA {new}; DO $$ DECLARE t text; BEGIN"
                f" FOR t IN SELECT relname FROM pg_class WHERE relnamespace = '{old}'::regnamespace AND relkind = 'r' LOOP"
                f" EXECUTE format('CREATE TABLE {new}.%1$I (LIKE {old}.%1$I INCLUDING ALL); INSERT INTO {new}.%1$I"
                f" SELECT * FROM {old}.%1$I', t); END LOOP; END $$")
        subprocess.run(["psql", "-qX", "-d", SERVER, "-v", "ON_ERROR_STOP=1", "-c", text], check=True, capture_output=True)
    for end in (".key", ".keys", ".keys-wal", ".keys-shm"):
        if os.path.exists(path + end):
            shutil.copy(path + end, to + end)


def drop_schemas(folder):
    names = ", ".join(schema(k[:-4]) for k in glob.glob(folder + "/**/*.key", recursive=True))
    if SERVER and names:
        subprocess.run(["psql", "-qX", "-d", SERVER, "-c", f"SET client_min_messages = error; DROP SCHEMA IF EXISTS {names} CASCADE"],
                       capture_output=True)


def data(path):
    """A file of the shared data; the test is skipped where it is not there."""
    full = os.path.join(DATA, path)
    if not os.path.exists(full):
        skip(f"no {path} here")
    return full


def printed(pdf):
    """The text of a PDF, without blanks at line ends."""
    r = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True)
    return r.stdout.decode()


def test(f):
    _tests.append(f)
    return f


class Result:
    def __init__(self, p):
        self.code = p.returncode
        self.out = p.stdout.decode("utf-8", "replace")
        self.err = p.stderr.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines() if line]


def url(path):
    """The address that tools/on-postgres makes of a database file's name."""
    return f"{SERVER}{'&' if '?' in SERVER else '?'}options=-csearch_path%3D{schema(path)}"


def _end_with_the_test():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: whatever ends the test, a kill -9 too


def start(argv, **how):
    """A program that runs beside the test (a server, a long command): subprocess.Popen, and it never outlives the test. To be
    called on the main thread: it is this thread's end that the kernel watches."""
    assert threading.current_thread() is threading.main_thread()
    return subprocess.Popen(argv, preexec_fn=_end_with_the_test, **how)


def run(*args, code=0, stdin=None, env=None, timeout=280, program=None):
    """Run the program (PROGRAM: it takes files for files on either engine); the exit code must be `code` (None: any)."""
    p = subprocess.run([program or QINGHE, *map(str, args)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=timeout, env={**os.environ, **(env or {})})
    r = Result(p)
    if code is not None and r.code != code:
        raise AssertionError(f"qinghe {' '.join(map(str, args))}: exit {r.code}, wanted {code}\n"
                             f"{r.err[-2000:]}{r.out[-500:]}")
    return r


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, wanted {want!r}")


def done():
    print(f"1..{len(_tests)}")
    failed = 0
    for i, f in enumerate(_tests, 1):
        name = f.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory(prefix="qinghe-") as d:
            T.dir = d
            try:
                f()
                print(f"ok {i} - {name}", flush=True)
            except Skip as s:
                print(f"ok {i} - {name} # SKIP {s}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {i} - {name}", flush=True)
                for line in traceback.format_exc().splitlines():
                    print("# " + line, flush=True)
            drop_schemas(d)
    sys.exit(1 if failed else 0)
