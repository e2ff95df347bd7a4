#!/usr/bin/python3
"""A vote over the registers: its count against an independent recount, its board checked by the program that shares no code,
keys and signatures made by openssl, every change in the database refused by name."""
import datetime
import os
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
from city import City, citizen
from tap import PROGRAM, QINGHE, T, done, equal, rows, run, skip, start, test

VERIFIER = os.path.join(os.path.dirname(PROGRAM), "qinghe-board-verify")


def openssl(*args):
    return subprocess.run(["openssl", *args], stdout=subprocess.PIPE, check=True).stdout


class Voter:
    """A credential of its own: key and signatures by openssl, never by our code."""

    def __init__(self, n):
        self.pem = os.path.join(T.dir, f"voter{n}.pem")
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.pem)
        self.key = openssl("pkey", "-in", self.pem, "-pubout", "-outform", "DER")[-32:].hex()

    def sign(self, text):
        path = os.path.join(T.dir, "text")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return openssl("pkeyutl", "-sign", "-inkey", self.pem, "-rawin", "-in", path).hex()


class Vote(City):
    def __init__(self):
        super().__init__()
        self.contest = self.add("contest", name="讲解员大赛", kind="explainer", held_on="2025-11-01")
        self.entries = []
        for _ in range(3):
            row = self.add("entry", contest=f"#{self.contest}", entrant=self.person("20120101"), guardian_consent_on="2025-09-01")
            self.sql("UPDATE entry SET state = 'accepted' WHERE id = ?", row)
            self.entries.append(row)
        self.poll = self.add("poll", title="人气投票", contest=f"#{self.contest}", tier="发放凭据投票", opens_on="2025-10-01",
                             closes_on="2025-10-07")
        self.state("closed")

    def sql(self, text, *args):
        return rows(self.db, text, *args)

    def state(self, state):
        self.sql("UPDATE poll SET state = ? WHERE id = ?", state, self.poll)

    def credential(self, token):
        return self.add("poll_credential", poll=f"#{self.poll}", token=token, kind="发放")

    def ballot(self, credential, picks, minute, signature=None):
        at = datetime.datetime(2025, 10, 2, 9, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=8))) + \
            datetime.timedelta(minutes=minute)
        more = {"signature": signature(int(at.timestamp() * 1000))} if signature else {}
        return self.add("ballot", poll=f"#{self.poll}", cast_at=at.isoformat(),
                        picks="、".join(f"#{self.entries[p]}" for p in picks),
                        **({"credential": f"#{credential}"} if credential else {}), **more)

    def annul(self, row):
        self.do("annul", "ballot", row, annul_reason="machine", reason="机器刷票")

    def signed(self):
        """Four voters; one votes twice, one's last ballot is annulled."""
        voters = [Voter(i) for i in range(4)]
        rows = [self.credential(v.key) for v in voters]
        cast = []
        for minute, (who, pick) in enumerate([(0, 0), (1, 1), (2, 1), (0, 2), (3, 0)]):
            v = voters[who]

            def signature(ms, v=v, pick=pick):
                return v.sign(f"v1|poll-{self.poll}|{v.key}|{self.entries[pick]}|{ms}")
            cast.append(self.ballot(rows[who], [pick], minute, signature))
        self.annul(cast[4])
        return cast

    def board(self, code=0):
        path = os.path.join(T.dir, "board.ndjson")
        r = self.q("contest", "board", f"#{self.poll}", "-o", path, code=code)
        return path if code == 0 else r.err


@test
def the_last_ballot_of_each_credential_counts():
    c = Vote()
    a, b, d = (c.credential(x) for x in ("aa", "bb", "dd"))
    c.ballot(a, [0, 1], 5)
    c.ballot(a, [2], 3)  # earlier, though written later
    c.ballot(b, [1], 1)
    gone = c.ballot(b, [0], 9)
    c.annul(gone)  # b's last: no earlier one comes back
    c.ballot(None, [0], 2)
    got = c.q("--json", "contest", "tally", "人气投票").json
    e = c.entries
    equal(got, {"poll": c.poll, "credentials": 3, "voters": 1, "ballots": 5, "annulled": 1, "anonymous": 1,
                "votes": [{"entry": e[0], "votes": 1}, {"entry": e[1], "votes": 1}]})
    assert d and "3个凭据" in c.q("contest", "tally", f"#{c.poll}").out


@test
def nothing_is_counted_before_the_close_or_for_strangers():
    c = Vote()
    for state in ("draft", "approved", "open", "void"):
        c.state(state)
        c.q("contest", "tally", f"#{c.poll}", code=2)
        c.q("contest", "board", f"#{c.poll}", code=2)
    c.state("published")
    c.q("contest", "tally", f"#{c.poll}")
    run("--db", c.db, "--as", c.person(), "contest", "tally", f"#{c.poll}", code=3)
    c.q("contest", "tally", "没有的投票", code=2)


@test
def a_signed_vote_becomes_a_board_that_the_other_program_accepts():
    c = Vote()
    c.signed()
    board = c.board()
    lines = open(board, encoding="utf-8").read().splitlines()
    e = c.entries
    equal(lines[-1], f'{{"tally":{{"{e[0]}":0,"{e[1]}":2,"{e[2]}":1}},"voters":3,"ballots":5,"annulled":1}}')
    run("contest", "verify", board)
    got = c.q("--json", "contest", "tally", f"#{c.poll}").json
    equal({v["entry"]: v["votes"] for v in got["votes"]}, {e[1]: 2, e[2]: 1})
    equal(c.q("contest", "board", f"#{c.poll}").out.splitlines(), lines, "the same bytes again")
    c.state("published")
    p = start([QINGHE, "--db", c.db, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        at = p.stdout.readline().strip().rstrip("/") + f"/street/votes/{c.poll}"
        served = urllib.request.urlopen(at + "/board.ndjson", timeout=30)
        equal(served.read().decode().splitlines(), lines, "the street hands out the same board")
        with urllib.request.urlopen(urllib.request.Request(at, headers={"Accept-Language": "en"}), timeout=30) as page:
            assert "So few voted" in page.read().decode(), "of three voters no count is shown"
        c.state("closed")
        try:
            urllib.request.urlopen(at + "/board.ndjson", timeout=30)
            raise AssertionError("a board before the result is published")
        except urllib.error.HTTPError as e:
            equal(e.code, 404)
    finally:
        p.terminate()
        p.wait(20)
    if not os.path.exists(VERIFIER):
        skip("no qinghe-board-verify beside the program")
    subprocess.run([VERIFIER, board], check=True, stdout=subprocess.DEVNULL)


@test
def a_ballot_that_was_changed_in_the_database_is_named():
    c = Vote()
    cast = c.signed()
    changes = [("UPDATE ballot SET picks = ? WHERE id = ?", f",{c.entries[2]},", cast[1]),
               ("UPDATE ballot SET cast_at = cast_at + ? WHERE id = ?", 1, cast[1]),
               ("UPDATE ballot SET signature = ? || substr(signature, 2) WHERE id = ?", "z", cast[1]),
               ("UPDATE ballot SET credential = credential + ? WHERE id = ?", 1, cast[1]),
               ("UPDATE ballot SET signature = ? WHERE id = ?", None, cast[1])]
    for text, *args in changes:
        before = c.sql("SELECT picks, cast_at, signature, credential FROM ballot WHERE id = ?", cast[1])[0]
        c.sql(text, *args)
        assert f"#{cast[1]}" in c.board(code=2), text
        c.sql("UPDATE ballot SET picks = ?, cast_at = ?, signature = ?, credential = ? WHERE id = ?", *before, cast[1])
    run("contest", "verify", c.board())


@test
def an_open_vote_has_a_count_and_no_board():
    c = Vote()
    c.ballot(c.credential("wx-digest"), [0], 1)
    assert "公钥" in c.board(code=2)


done()
