#!/usr/bin/env python3
"""messy.py OUT.xlsx UNIT_CODE UNIT_NAME: a sheet of volunteer events with the faults that offices send: a title and a line of
instructions above the header, a column that means nothing, full-width digits, dates in four spellings and one that is
none, a day number, merged and blank cells, hours in words, a unit that there is not, a row twice, a sum and a note."""
import datetime
import sys

import openpyxl

out, code, unit = sys.argv[1:4]
book = openpyxl.Workbook()
s = book.active
s.title = "活动明细"
s.append(["临澜市志愿服务活动汇总表（最终）", None, None, None, None, None, None])
s.merge_cells("A1:F1")                                                               # 1 a title
s.append(["填表说明：日期写全，时长按小时"])                                              # 2 instructions
s.append(["序号", "活动名称", "活动日期", "活动时长", "单位", "备注2", "系列行动"])                   # 3 the header in row 3; 4 a column of no field
s.append([1, "春季植树一", "2026.3.12", "2小时", code, "x", "净滩行动"])                              # 5 a date with dots
s.append([2, "春季植树二", "２０２６－０３－１３", "１.５小时", code, None, "净滩行动"])                   # 6 full-width digits
s.append([3, "春季植树三", 46095, "1:30", code, None, "净滩行动"])                                     # 7 a day number
s.append([4, "  春季植树四 ", datetime.date(2026, 3, 15), "90分钟", unit, None, "净滩行动"])             # 8 blanks around, a unit by its name
s.append([5, "春季植树五", "2026-13-02", "2小时", code, None, "净滩行动"])                             # 9 a month that there is not: refused
s.append([6, "春季植树六", "2026年3月17日", "2小时", "没有这个单位", None, "净滩行动"])                  # 10 a unit that there is not: refused
s.append([7, "春季植树七", "2026/3/18", "好多", code, None, "净滩行动"])                               # 11 hours in words: refused
s.append([8, "春季植树一", "2026.3.12", "2小时", code, "x", "净滩行动"])                               # 12 the first row again
s.append([])
s.append(["合计", None, None, "约20小时"])                                                # 13 a sum
s.append(["注：本表由各单位报送"])                                                         # 14 a note
hidden = book.create_sheet("汇总")
hidden.sheet_state = "hidden"                                                           # 15 a hidden sheet
hidden.append(["活动名称", "活动日期"])
hidden.append(["不该导入", "2026-01-01"])
book.save(out)
