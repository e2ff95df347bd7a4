/* Enhancement only; every page works without it. Keys: / find, j k move in a list, Enter opens, f the filter. */
(function () {
	"use strict";
	var rows = document.querySelectorAll(".list tbody tr"), at = -1;
	function typing(e) {
		return /^(input|select|textarea)$/i.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey;
	}
	function move(by) {
		if (!rows.length) return;
		if (at >= 0) rows[at].classList.remove("at");
		at = Math.max(0, Math.min(rows.length - 1, at + by));
		rows[at].classList.add("at");
		var link = rows[at].querySelector("a");
		if (link) link.focus({ preventScroll: true });
		rows[at].scrollIntoView({ block: "nearest" });
	}
	document.addEventListener("keydown", function (e) {
		if (typing(e)) return;
		var find = document.querySelector(".find input[type=search]"), filter = document.querySelector(".say details");
		if (e.key === "/" && find) { find.focus(); e.preventDefault(); }
		else if (e.key === "j") move(1);
		else if (e.key === "k") move(-1);
		else if (e.key === "f" && filter) { filter.open = !filter.open; if (filter.open) filter.querySelector("select, input[type=text]").focus(); e.preventDefault(); }
	});
	/* One press, one send: a form that is on its way cannot be sent twice. */
	document.addEventListener("submit", function (e) {
		var button = e.target.querySelector("button[type=submit], button:not([type])");
		if (e.target.method !== "post" || !button) return;
		if (e.target.dataset.sent) { e.preventDefault(); return; }
		e.target.dataset.sent = "1";
		button.setAttribute("aria-busy", "true");
	});
	window.addEventListener("pageshow", function () {
		document.querySelectorAll("form[data-sent]").forEach(function (f) { delete f.dataset.sent; });
	});
})();
