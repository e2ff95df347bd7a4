#!/usr/bin/python3
"""The books of a small fund: balanced, unbalanced, and beside the bank's statement."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, run, test


def q(*args, **kw):
    return run("--db", os.path.join(T.dir, "c.db"), "--now", "2025-06-30T10:00:00+08:00", "--lang", "zh", "--json", *args, **kw)


def add(register, **fields):
    return q("add", register, *[f"{k}={v}" for k, v in fields.items()]).json["id"]


def voucher(number, *lines):
    v = add("voucher", fund="#1", number=number, dated_on="2025-03-05", summary="收到捐赠款", made_by="#1", approved_by="#2",
            state="posted")
    for i, (account, amount) in enumerate(lines, 1):
        add("voucher_line", voucher=f"#{v}", line_no=i, account=f"#{account}", amount=amount, note="LS001")


def fund():
    q("init", "--city", "临澜市", "--region", "3399")
    for name in ("张甲", "李乙"):
        add("person", name=name)
    add("recipient_body", name="临澜市慈善会", credit_code="91350100M000100Y43", kind="charity", registered_on="2010-01-01")
    add("fund", name="创业基金", kind="startup", recipient="#1", founded="2020-01-01")
    add("fund_account", fund="#1", code="1002", name="银行存款", kind="asset", opened_on="2020-01-01")
    add("fund_account", fund="#1", code="4101", name="捐赠收入", kind="income", opened_on="2020-01-01")
    voucher("记1", (1, "500.00"), (2, "-500.00"))


@test
def a_fund_balances_until_a_voucher_does_not():
    fund()
    f = q("ledger", "trial-balance").json[0]
    equal((f["sum"], f["found"]), (0, []))
    equal([(a["debit"], a["credit"], a["balance"]) for a in f["accounts"]], [(50000, 0, 50000), (0, 50000, -50000)])
    voucher("记2", (1, "80.00"), (2, "-79.99"))
    f = q("ledger", "trial-balance", code=1).json[0]
    equal((f["sum"], len(f["found"]), "记2" in f["found"][0]), (1, 1, True))
    equal(q("ledger", "trial-balance", "--on", "2025-03-04").json[0]["sum"], 0)


@test
def a_bank_line_matches_by_amount_and_reference():
    fund()
    equal(len(q("ledger", "reconcile", code=1).json[0]["open"]), 1)
    add("bank_line", fund="#1", booked_on="2025-05-05", serial="ls 001", amount="500.00")
    f = q("ledger", "reconcile").json[0]
    equal((f["by_reference"], f["open"]), (1, []))
    add("bank_line", fund="#1", booked_on="2025-05-06", serial="LS002", amount="7.00")
    equal([(o["side"], o["amount"]) for o in q("ledger", "reconcile", code=1).json[0]["open"]], [("bank", 700)])


done()
