// exceljs, streaming reader: every cell of every sheet
const ExcelJS = require('exceljs');
(async () => {
  const book = new ExcelJS.stream.xlsx.WorkbookReader(process.argv[2],
    { worksheets: 'emit', sharedStrings: 'cache', styles: 'cache', hyperlinks: 'ignore', entries: 'emit' });
  let cells = 0;
  for await (const sheet of book) {
    for await (const row of sheet) row.eachCell((c) => { if (c.value !== null) cells++; });
  }
  console.log(cells + ' cells');
})();
