// figures_duckdb.mjs -- the raw queries of bench/figures.c (DIR/raw.sql) over the same rows in DuckDB, one thread.
// Wants @duckdb/node-api where node finds it (npm install --prefix DIR @duckdb/node-api) and python3 for the copy.
// usage: node bench/figures_duckdb.mjs DIR     DIR as given to bench_figures
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const dir = process.argv[2] ?? '/tmp';
const require = createRequire(`${dir}/`);
const { DuckDBInstance } = require('@duckdb/node-api');

const tables = {
  service_record: 'id, org, state, event, volunteer, n, hours, served_on',
  volunteer_event: 'id, state, drive, held_on',
  study_participation: 'id, org, state, issue, learner, n',
  study_issue: 'id, state, published_on',
  lecture_attendance: 'id, org, state, session, attendee, n',
  lecture_session: 'id, org, state, lecturer, held_on',
  lecturer: 'id, state, corps, listed_on, delisted_on',
  lecture_corps: 'id, kind',
};
const copy = `
import csv, sqlite3, sys
db = sqlite3.connect("file:" + sys.argv[1] + "/figures.db?mode=ro", uri=True)
with open(sys.argv[1] + "/" + sys.argv[2] + ".csv", "w", newline="") as f:
    w = csv.writer(f)
    cur = db.execute("SELECT " + sys.argv[3] + " FROM " + sys.argv[2])
    w.writerow([c[0] for c in cur.description])
    w.writerows(cur)
`;

const instance = await DuckDBInstance.create(`:memory:`, { threads: '1' });
const db = await instance.connect();
for (const [table, columns] of Object.entries(tables)) {
  execFileSync('python3', ['-c', copy, dir, table, columns]);
  await db.run(`CREATE TABLE ${table} AS SELECT * FROM read_csv('${dir}/${table}.csv', header = true, all_varchar = true)`);
  for (const c of columns.split(', '))
    if (!['state', 'kind'].includes(c) && !c.endsWith('_on'))
      await db.run(`ALTER TABLE ${table} ALTER ${c} TYPE BIGINT`);
}
let total = 0;
for (const line of readFileSync(`${dir}/raw.sql`, 'utf8').trim().split('\n')) {
  const [figure, sql] = line.split('\t');
  let best = Infinity, value;
  for (let i = 0; i < 3; i++) {
    const start = process.hrtime.bigint();
    value = (await (await db.run(sql)).getRows())[0][0];
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e6);
  }
  total += best;
  console.log(`  ${figure.padEnd(24)} ${String(value).padStart(12)}  ${best.toFixed(1).padStart(8)} ms`);
}
console.log(`DuckDB, one thread, best of 3, all of them: ${total.toFixed(1)} ms`);
