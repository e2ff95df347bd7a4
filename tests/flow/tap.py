"""tap.py -- flow tests: the program driven from the command line, results as TAP.

    from tap import test, skip, run, done
    @test
    def a_sentence_that_tells_what_holds(): ...
    done()

Every test function runs with a fresh folder T.dir (cwd stays the repository)."""
import json
import os
import subprocess
import sys
import tempfile
import traceback

QINGHE = os.path.abspath(os.environ.get("QINGHE", "build/qinghe"))
DATA = os.environ.get("QINGHE_DATA", "../shared/data")
_tests = []


class Skip(Exception):
    pass


class T:
    dir = None


def skip(why):
    raise Skip(why)


def data(path):
    """A file of the shared data; the test is skipped where it is not there."""
    full = os.path.join(DATA, path)
    if not os.path.exists(full):
        skip(f"no {path} here")
    return full


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


def run(*args, code=0, stdin=None, env=None, timeout=280):
    """Run the program; the exit code must be `code` (None: any)."""
    p = subprocess.run([QINGHE, *map(str, args)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
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
    sys.exit(1 if failed else 0)
