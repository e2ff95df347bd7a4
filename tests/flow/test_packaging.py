#!/usr/bin/python3
"""The service as it is installed: how exposed systemd finds it, what it is made of, what a running server has given up."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, done, equal, run, skip, start, test


@test
def the_unit_is_exposed_at_most_1_5_by_systemds_measure():
    if not shutil.which("systemd-analyze"):
        skip("no systemd-analyze here")
    p = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=15", "packaging/qinghe.service"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    score = re.search(r"exposure level for qinghe.service: ([\d.]+)", p.stdout)
    print(f"# {score[1] if score else p.stdout[-300:]}")
    equal((p.returncode, float(score[1]) <= 1.5), (0, True), p.stdout[-300:])


@test
def the_bill_of_materials_is_that_of_the_program():
    p = subprocess.run(["tools/sbom", QINGHE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    equal((p.returncode, p.stderr), (0, ""))
    with open("packaging/sbom.json", encoding="utf-8") as f:
        if f.read() != p.stdout:
            raise AssertionError("packaging/sbom.json differs: look at the new parts, then tools/sbom > packaging/sbom.json")


def status(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


@test
def a_running_server_has_shut_itself_in_and_so_have_its_threads():
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "init", "--city", "临澜市", "--region", "330100")
    p = start([QINGHE, "--db", db, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        p.stdout.readline()
        threads = os.listdir(f"/proc/{p.pid}/task")
        for t in threads:
            s = status(f"{p.pid}/task/{t}")
            equal((s["NoNewPrivs"].strip(), s["Seccomp"].strip()), ("1", "2"), f"thread {t}")
        with open(f"/proc/{p.pid}/limits") as f:
            core = next(line for line in f if line.startswith("Max core file size"))
        equal(core.split()[4:6], ["0", "0"])
        children = open(f"/proc/{p.pid}/task/{p.pid}/children").read().split()
        equal(len(children), 1, "the zygote")
        held = {os.readlink(f"/proc/{children[0]}/fd/{fd}") for fd in os.listdir(f"/proc/{children[0]}/fd")}
        if any(db in h for h in held):
            raise AssertionError(f"the zygote holds {held}")
        with open(f"/proc/{children[0]}/maps") as f:
            if db in f.read():
                raise AssertionError("the zygote has the city mapped")
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(30)
    equal((p.returncode, p.stderr.read().decode()), (0, ""))
    for _ in range(100):
        if not os.path.exists(f"/proc/{children[0]}") or status(children[0])["State"].startswith("Z"):
            return
        time.sleep(0.02)
    raise AssertionError("the zygote outlives its owner")


@test
def install_puts_the_unit_and_the_documents_in_their_places():
    with open("meson.build", encoding="utf-8") as f:
        text = f.read()
    for want in ("packaging/qinghe.service", "install_data"):
        if want not in text:
            raise AssertionError(f"meson.build does not install {want}")
    target = os.path.join(T.dir, "root")
    p = subprocess.run(["meson", "install", "--no-rebuild", "-C", os.path.dirname(QINGHE), "--destdir", target],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(p.returncode, 0, p.stdout[-500:])
    for path in ("usr/local/bin/qinghe", "usr/local/lib/systemd/system/qinghe.service", "usr/local/share/doc/qinghe/security.md",
                 "usr/local/share/doc/qinghe/sbom.json"):
        equal(os.path.exists(os.path.join(target, path)), True, path)


done()
