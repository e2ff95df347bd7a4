// SheetJS: the whole workbook, dates as dates
const XLSX = require('xlsx');
const book = XLSX.readFile(process.argv[2], { dense: true, cellDates: true, cellHTML: false, cellFormula: false });
let cells = 0;
for (const name of book.SheetNames) for (const row of book.Sheets[name]) if (row) for (const c of row) if (c) cells++;
console.log(cells + ' cells');
