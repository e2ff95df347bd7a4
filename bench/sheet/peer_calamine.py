# python-calamine, a reader written in Rust
import sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
print(sum(v != "" for n in book.sheet_names for row in book.get_sheet_by_name(n).to_python() for v in row), "cells")
