/* 记一笔 with a script: the search in the list, those of last time, the number on the button. Everything here is a comfort:
 * the form does as much without it. */
(function () {
	"use strict";
	var form = document.getElementById("jot");
	if (!form) return;
	var find = document.getElementById("jot-find"), again = document.getElementById("jot-again"),
		list = document.getElementById("jot-who"), button = form.querySelector(".commit .go"), title = form.elements.title;
	function all(what, from) { return Array.prototype.slice.call((from || form).querySelectorAll(what)); }
	function boxes() { return all("input[name=who]"); }
	function words(text) { return text.split(/[\s、，,；;|\/]+/).filter(function (w) { return /[一-鿿]/.test(w); }).length; }

	function count() {
		var n = boxes().filter(function (b) { return b.checked; }).length + words(form.elements.names.value);
		var heads = parseInt(form.elements.heads.value, 10);
		n = n || (heads > 0 ? heads : 0);
		button.textContent = n ? form.dataset.goN.replace("%d", n) : form.dataset.go;
	}
	function like() { return form.querySelector("input[name=like]:checked"); }

	/* What was chosen says how it was called, who came and how long it took. */
	function chosen() {
		var l = like(), people = l ? l.dataset.people : "", n = people ? people.split(",").length - 2 : 0;
		title.placeholder = l && !form.elements.kind.value ? l.dataset.title : "";
		form.elements.hours.placeholder = l && l.dataset.hours ? l.dataset.hours : form.elements.hours.placeholder;
		if (!list) return;
		boxes().reverse().forEach(function (b) {
			var came = people.indexOf("," + b.value + ",") >= 0, row = b.closest("li");
			row.classList.toggle("again", came);
			if (came) list.insertBefore(row, list.firstElementChild);
		});
		again.hidden = !n;
		again.textContent = again.dataset.words.replace("%d", n);
	}
	function tick(b, on) { b.checked = on; }

	if (list) {
		find.hidden = false;
		find.addEventListener("input", function () {
			var text = find.value.trim().toLowerCase();
			all("li", list).forEach(function (row) {
				row.hidden = text !== "" && row.dataset.i.indexOf(text) !== 0 && row.textContent.toLowerCase().indexOf(text) < 0;
			});
		});
		/* Enter ticks the only one that is left, or the only one of just these initials, and the field is free for the next. */
		find.addEventListener("keydown", function (e) {
			if (e.key !== "Enter") return;
			e.preventDefault();
			var left = all("li", list).filter(function (row) { return !row.hidden; });
			if (left.length > 1) left = left.filter(function (row) { return row.dataset.i === find.value.trim().toLowerCase(); });
			if (left.length !== 1) return;
			tick(left[0].querySelector("input"), true);
			find.value = "";
			find.dispatchEvent(new Event("input"));
			count();
		});
		again.addEventListener("click", function () {
			all("li.again input", list).forEach(function (b) { tick(b, true); });
			count();
		});
	}
	/* A page that was opened days ago, or without a net: its today is today's. */
	all("input[data-back]").forEach(function (r) {
		var day = new Date(Date.now() - 86400000 * r.dataset.back);
		if (document.documentElement.dataset.kept) r.value = day.getFullYear() + "-" + ("0" + (day.getMonth() + 1)).slice(-2) + "-" + ("0" + day.getDate()).slice(-2);
	});
	form.addEventListener("focusin", function (e) {
		if (e.target.name === "day") form.querySelector("input[name=when][value=other]").checked = true;
	});
	form.addEventListener("change", function (e) {
		if (e.target.name === "like" || e.target.name === "kind") chosen();
		count();
	});
	form.addEventListener("input", count);
	chosen();
	count();
})();
