import * as s from "/work/wt/web/tests/browser/site.mjs";
const site = await s.open();
const p = await s.page(site);
await s.claim(site, p); await p.screenshot({path:"/tmp/web/s-signin.png"});
await s.signIn(site, p);
const state = await p.context().storageState();
const pages = { home:"/", registers:"/registers", list:"/r/volunteer_event", list2:"/r/lecture_session", rec:"/r/volunteer_event/1", rec2:"/r/service_record/5", figures:"/figures", figure:"/figures/vol.attend", trace:"/figures/vol.attend/trace", scope:"/scope?back=/figures", me:"/me", nf:"/r/nothing", find:"/find", report:"/report/2026"};
const only = process.argv.slice(2);
for (const [w,l,t] of [[1440,"zh","d"],[390,"zh","m"],[1440,"en","e"]]) {
  const q = await s.page(site, {width:w, height: w<500?844:900, lang:l, state});
  for (const [n,u] of Object.entries(pages)) {
    if (only.length && !only.includes(n)) continue;
    const t0=Date.now();
    const r = await q.goto(site.url+u+(u.includes("?")?"&":"?")+"lang="+l);
    console.log(n,t,r.status(),Date.now()-t0+"ms", (await r.body()).length, q.errors.splice(0).join(" | "));
    await q.screenshot({path:`/tmp/web/s-${n}-${t}.png`, fullPage:true});
  }
}
console.log("exit", await site.close());
