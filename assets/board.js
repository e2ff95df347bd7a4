/* The board of figures: draws the table that stands under each chart. SVG, rich-text tips, no inline style from a string: the
 * page's security policy allows no other. Without this script the tables are the page. */
(function () {
	"use strict";
	if (!window.echarts) return;
	var colour = function (name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); };
	function numbers(table, column) {
		return Array.prototype.map.call(table.tBodies[0].rows, function (r) { var v = r.cells[column].dataset.v; return v === "" ? null : Number(v); });
	}
	Array.prototype.forEach.call(document.querySelectorAll("[data-chart]"), function (box) {
		var details = box.nextElementSibling, table = details.querySelector("table"), units = box.dataset.chart === "units";
		var names = Array.prototype.map.call(table.tBodies[0].rows, function (r) { return r.cells[0].textContent; });
		var now = numbers(table, 1), before = numbers(table, 2);
		if (!now.concat(before).some(function (v) { return v; })) return;
		box.classList.add("on");
		if (units) box.classList.add(names.length > 24 ? "tall2" : names.length > 8 ? "tall1" : "tall0");
		var text = { color: colour("--muted"), fontSize: 13 }, line = { lineStyle: { color: colour("--line") } };
		var category = { type: "category", data: names, axisLabel: text, axisLine: line, axisTick: { show: false }, inverse: units };
		var value = { type: "value", axisLabel: { color: text.color, fontSize: 13, hideOverlap: true }, splitLine: line, min: 0 };
		var chart = window.echarts.init(box, null, { renderer: "svg" });
		chart.setOption({
			animation: false,
			textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
			grid: { left: 8, right: 24, top: units && box.clientWidth < 560 ? 60 : 36, bottom: 8, containLabel: true },
			legend: { top: 4, left: 8, textStyle: text, itemGap: box.clientWidth < 560 ? 8 : 28, data: [box.dataset.now, box.dataset.before], icon: "rect", itemWidth: 14, itemHeight: 10 },
			tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, valueFormatter: function (v) { return v === null || v === undefined ? "—" : v + " " + box.dataset.unit; } },
			xAxis: units ? value : category,
			yAxis: units ? category : value,
			series: [
				{ name: box.dataset.now, type: "bar", data: now, itemStyle: { color: colour("--t1") }, barMaxWidth: 22 },
				{ name: box.dataset.before, type: units ? "bar" : "line", data: before, itemStyle: { color: colour(units ? "--t2" : "--muted") }, barMaxWidth: 22, symbolSize: 6 }
			]
		});
		details.open = false;
		window.addEventListener("resize", function () { chart.resize(); });
	});
})();
