# openpyxl, read-only mode
import sys
import openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
print(sum(v is not None for s in book for row in s.iter_rows(values_only=True) for v in row), "cells")
