"""city.py -- a small city made row by row, for flow tests: people with valid citizen IDs, records, moves, figures."""
import os

from tap import T, run

W = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def citizen(birth, serial):
    body = f"110101{birth}{serial:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, W)) % 11]


class City:
    def __init__(self, name="city"):
        self.db = os.path.join(T.dir, name + ".db")
        self.people = 0
        run("--db", self.db, "init", "--city", "清河市")
        self.add("org", code="X1", name="东山区委", kind="county", parent="共青团清河市委员会", founded="2000-01-01")

    def q(self, *args, code=0):
        return run("--db", self.db, "--lang", "zh", "--now", "2026-01-10T09:00:00+08:00", *args, code=code)

    def write(self, register, at, fields, code=0):
        place = [] if register in ("org", "person") else ["--org", at]
        return self.q("--json", "add", register, *place, *[f"{k}={v}" for k, v in fields.items()], code=code)

    def add(self, register, at="X1", **fields):
        return self.write(register, at, fields).json["id"]

    def refused(self, words, register, **fields):
        r = self.write(register, "X1", fields, code=2)
        assert words in r.err, (words, r.err)

    def person(self, birth="20000101"):
        self.people += 1
        one = chr(0x4E00 + self.people)
        return f"#{self.add('person', name=f'王{one}', citizen_id=citizen(birth, self.people * 2 + 1), identified='是')}"

    def do(self, move, register, row, code=0, **fields):
        return self.q("do", move, register, row, *[f"{k}={v}" for k, v in fields.items()], code=code)

    def figure(self, name, year=2025):
        figures = self.q("--json", "figures", "--year", year, name).json
        return figures[0] if isinstance(figures, list) else figures

    def value(self, name, year=2025):
        return self.figure(name, year)["value"]
