#!/usr/bin/python3
"""bench/sheet/run.py [BUILD]: reading 100,000 rows x 12 from .xlsx, ours against peers, in one run.

Peers: exceljs and SheetJS (npm ci from the lock file here), openpyxl where installed, python-calamine where a Python that
has it is named by $CALAMINE_PYTHON. Each reader runs three times in turn; the best wall time and its peak memory count."""
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "../../build"))


def once(command):
    start = time.monotonic()
    p = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = p.stdout.read().decode().strip()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        raise SystemExit(f"{command}: exit {p.returncode}")
    return time.monotonic() - start, usage.ru_maxrss / 1024, out


def main():
    if not os.path.isdir(os.path.join(HERE, "node_modules")):
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True)
    subprocess.run(["ninja", "-C", BUILD, "bench_sheet_make", "bench_sheet_read"], check=True, stdout=subprocess.DEVNULL)
    readers = {
        "qinghe": [f"{BUILD}/bench_sheet_read"],
        "qinghe without its box": [f"{BUILD}/bench_sheet_read", "--bare"],
        "exceljs 4.4.0, streaming": ["node", f"{HERE}/peer_exceljs.js"],
        "SheetJS 0.18.5": ["node", f"{HERE}/peer_sheetjs.js"],
    }
    if subprocess.run(["/usr/bin/python3", "-c", "import openpyxl"], stderr=subprocess.DEVNULL).returncode == 0:
        readers["openpyxl, read-only"] = ["/usr/bin/python3", f"{HERE}/peer_openpyxl.py"]
    if os.environ.get("CALAMINE_PYTHON"):
        readers["python-calamine"] = [os.environ["CALAMINE_PYTHON"], f"{HERE}/peer_calamine.py"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.xlsx")
        subprocess.run([f"{BUILD}/bench_sheet_make", path], check=True)
        best = {}
        for _ in range(3):
            for name, command in readers.items():
                best[name] = min(best.get(name, (1e9, 0, "")), once(command + [path]))
        print(f"100,000 x 12, {os.path.getsize(path) / 1e6:.1f} MB")
        own = best["qinghe"]
        for name, (seconds, mb, out) in best.items():
            print(f"{name:28} {seconds:7.2f} s {mb:7.1f} MB  time x{seconds / own[0]:.1f}  memory x{mb / own[1]:.1f}  {out}")


main()
