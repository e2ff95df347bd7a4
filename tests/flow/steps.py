"""steps.py -- moves of rows (do:MOVE of permissions.tsv) tried on the walk's city: from a state that they do not start in, by
who may; from their own, by who may not, on rows of the own unit and of elsewhere; and by who may. For test_permissions.py."""
import os
import re

from walk import HERE

FOLDER = os.path.join(HERE, "../../model/registers")


def moves():
    """{register: ({state}, {move: (from, to)})}, from the files themselves."""
    out = {}
    for name in sorted(os.listdir(FOLDER)):
        text = open(os.path.join(FOLDER, name), encoding="utf-8").read()
        part = {k: re.search(rf"^{k}:\n(.*?)(?=^\w|\Z)", text, re.M | re.S) for k in ("states", "moves")}
        if all(part.values()):
            told = re.findall(r"^  (\w+): \{.*?from: (\w+|\[[^]]*\]), to: (\w+)", part["moves"][1], re.M)
            out[re.search(r"^register: (\w+)", text, re.M)[1]] = (set(re.findall(r"^  (\w+):", part["states"][1], re.M)),
                                                                   {m: (re.findall(r"\w+", a), b) for m, a, b in told})
    return out


def walk(w, sessions):
    """-> (faults, {what: how often}). Every second move of a register, the one or the other by its place among them."""
    wrong, done = [], {"out of order": 0, "by who may not": 0, "elsewhere": 0, "made": 0}

    def post(name, i, move, role, state):
        """Whether the row moved; it is put back."""
        was = w.sql(f'SELECT state, version FROM "{name}" WHERE id = ?', i)[0]
        w.sql(f'UPDATE "{name}" SET state = ? WHERE id = ?', state, i)
        status, _, text = sessions[role].ask("POST", f"/r/{name}/{i}/do/{move}", {"_version": was[1], "_reason": "x"})
        now = w.sql(f'SELECT state, version FROM "{name}" WHERE id = ?', i)[0]
        w.sql(f'UPDATE "{name}" SET state = ?, version = ? WHERE id = ?', was[0], now[1] + 5, i)
        if status >= 500:
            wrong.append((name, move, role, status, text[:200]))
        return status == 303 or now[0] != state

    for n, (name, (states, known)) in enumerate(sorted(moves().items())):
        lines = [l for l in w.lines if l[0] == name and l[1].startswith("do:")]
        for move, (starts, to) in list(sorted(known.items()))[n % 2::2]:
            may = {l[3] for l in lines if l[1] == "do:" + move}
            by = next((r for r in w.who if r in may and w.expected(r, name)), None)
            if by is None:
                continue
            i = min(w.expected(by, name))
            for state in sorted(states - set(starts))[:1]:
                done["out of order"] += 1
                if post(name, i, move, by, state):
                    wrong.append((name, move, by, "out of order, from " + state))
            others = [r for r in w.who if r not in may and r != "guardian"]
            for other in [others[n % len(others)]] + [r for r in others if i in w.expected(r, name)][:1]:
                done["by who may not"] += 1
                if post(name, i, move, other, starts[0]):
                    wrong.append((name, move, other, "by who may not"))
            far = [x for x, in w.sql(f'SELECT id FROM "{name}" ORDER BY id') if not any(x in w.expected(r, name) for r in (by,))]
            for x in far[:1]:
                done["elsewhere"] += 1
                if post(name, x, move, by, starts[0]):
                    wrong.append((name, move, by, "on a row of elsewhere", x))
            done["made"] += post(name, i, move, by, starts[0])
    return wrong, done
