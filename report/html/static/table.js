// The table as data, read from the page itself, and the filters. The address holds their state.
"use strict";
Object.assign(canifork, (() => {
  const table = document.getElementById("matrix");
  const form = document.getElementById("tools");
  const heads = [...table.tHead.rows[1].querySelectorAll("[data-at]")];
  const columns = heads.map(head => {
    const [, os, method] = /^(.*)-([^-]*)$/.exec(head.dataset.at);
    return {os, method: head.classList.contains("na") ? "" : method};
  });
  const groups = [...table.tHead.rows[0].querySelectorAll("[scope=colgroup]")];
  const series = [...form.elements.from.options].map(option => option.value);
  const number = text => { const [major, minor] = text.split("."); return major * 1000 + Number(minor); };

  // "≤3.8–3.10,", "3.14+", "3.13.1": the series that a span covers, as numbers.
  function span(text) {
    const found = /^≤?(\d+\.\d+)[\w.]*(?:–(\d+\.\d+)[\w.]*)?(\+)?/.exec(text);
    if (!found) return null;
    const low = number(found[1]);
    return {low: text.startsWith("≤") ? 0 : low, high: found[3] ? Infinity : found[2] ? number(found[2]) : low};
  }

  const spans = text => text.split(/[ ,]+/).map(span).filter(Boolean);
  groups.flatMap(group => Array(group.colSpan).fill(spans(group.dataset.covers)))
    .forEach((covers, at) => { columns[at].covers = covers; });

  function part(p) {
    const state = p.querySelector("b");
    const ranges = [...p.childNodes].filter(node => ["#text", "SPAN"].includes(node.nodeName))
      .map(node => node.textContent.trim()).filter(Boolean).join(" ");
    return {
      element: p, css: state.className || p.parentElement.classList[0], text: state.textContent,
      ranges, spans: spans(ranges),
      differs: Boolean(p.querySelector("mark")),
    };
  }

  function cell(td, at, span) {
    const parts = [...td.querySelectorAll(":scope > p")].map(part);
    const builds = [...td.querySelectorAll(":scope > .b")].map(line => ({
      element: line, label: line.firstChild.textContent, parts: [...line.querySelectorAll("p")].map(part),
    }));
    return {td, columns: columns.slice(at, at + span), at, span, asked: td.dataset.label !== undefined, parts, builds};
  }

  function row(tr) {
    let at = 0;
    const cells = [...tr.querySelectorAll("td:not(.m)")].map(td => {
      const found = cell(td, at, td.colSpan);
      at += found.span;
      return found;
    });
    const link = tr.querySelector("th a");
    return {tr, id: tr.id, link, text: link.textContent, theme: tr.id.split(".")[0], cells};
  }

  const rows = [...table.querySelectorAll("tbody tr[id]")].map(row);
  const themes = [...table.tBodies];
  const listeners = [];
  for (const body of themes) form.elements.theme.add(new Option(body.id.slice("theme-".length)));

  const values = name => [...form.querySelectorAll(`[name="${name}"]:checked`)].map(box => box.value);
  function chosen() {
    return {
      os: values("os"), method: values("method"), theme: form.elements.theme.value, label: form.elements.label.value,
      from: form.elements.from.value, to: form.elements.to.value,
      low: number(form.elements.from.value || "0.0"), high: number(form.elements.to.value || "999.0"),
      differs: form.elements.differs.checked, changed: form.elements.changed.checked, fold: form.elements.fold.checked,
    };
  }
  const inside = (found, choice) => !found.spans.length || found.spans.some(s => s.low <= choice.high && s.high >= choice.low);
  const wanted = (column, choice) => choice.os.includes(column.os) && (!column.method || choice.method.includes(column.method));
  const visible = (each, choice) => each.columns.some(column => wanted(column, choice));

  // The chosen series between a column's oldest and newest that none of its targets has: only its head says so.
  function lacking({covers}, choice) {
    const gaps = series.filter(name => number(name) >= choice.low && number(name) <= choice.high
      && covers.some(s => s.high < number(name)) && covers.some(s => s.low > number(name))
      && !covers.some(s => s.low <= number(name) && s.high >= number(name)));
    return gaps.length ? [{css: OUTCOMES.untested.css, text: `${OUTCOMES.untested.glyph} ${OUTCOMES.untested.word}`, ranges: gaps.join(", "), differs: false}] : [];
  }

  // What a row shows of the chosen cells: all parts that lie in the chosen versions.
  function shownParts(each, choice) {
    return each.cells.filter(one => one.asked && visible(one, choice)).map(one => ({
      label: one.td.dataset.label,
      parts: [...one.parts.filter(found => inside(found, choice)), ...lacking(one.columns[0], choice)],
      builds: one.builds.map(build => ({label: build.label, parts: build.parts.filter(found => inside(found, choice))})),
    }));
  }

  function passes(each, choice, whole) {
    if (choice.theme && each.theme !== choice.theme) return false;
    if (choice.label && !each.tr.classList.contains(`l-${choice.label}`)) return false;
    if (each.found === 0) return false;
    if (whole) return true;  // the style sheet does what remains
    const cells = shownParts(each, choice);
    const lines = cells.flatMap(one => [one.parts, ...one.builds.map(build => build.parts)]);
    if (!cells.length) return false;
    if (choice.differs && !lines.flat().some(found => found.differs)) return false;
    return !choice.changed || lines.some(line => line.filter(found => found.css !== OUTCOMES.untested.css).length > 1);
  }

  function showColumns(choice) {
    const shown = columns.map(column => wanted(column, choice));
    heads.forEach((head, at) => { head.hidden = !shown[at]; });
    let at = 0;
    for (const group of groups) {
      const full = Number(group.dataset.span ||= group.colSpan);
      const left = shown.slice(at, at + full).filter(Boolean).length;
      group.hidden = !left;
      group.colSpan = left || 1;
      at += full;
    }
    return shown;
  }

  function showRow(each, choice, shown, whole) {
    for (const one of each.cells) {
      const left = shown.slice(one.at, one.at + one.span).filter(Boolean).length;
      one.td.hidden = !left;
      if (one.span > 1) one.td.colSpan = left || 1;
      if (whole && !each.narrowed) continue;
      for (const found of [...one.parts, ...one.builds.flatMap(build => build.parts)]) found.element.hidden = !whole && !inside(found, choice);
      for (const build of one.builds) build.element.hidden = !whole && !build.parts.some(found => inside(found, choice));
    }
    each.narrowed = !whole;
  }

  // What the style sheet hides. Asking the browser instead would make it style every row: 0.8 s.
  const folds = (has, choice) => (choice.differs && !has.contains("differs"))
    || (choice.changed && !has.contains("changed")) || (choice.fold && has.contains("same"));

  function apply() {
    const choice = chosen();
    const all = choice.os.length === form.querySelectorAll('[name="os"]').length
      && choice.method.length === form.querySelectorAll('[name="method"]').length;
    const versions = choice.from === series[0] && choice.to === series[series.length - 1];
    const shown = showColumns(choice);
    for (const each of rows) {
      showRow(each, choice, shown, versions);
      each.tr.hidden = !passes(each, choice, all && versions);
      each.shown = !each.tr.hidden;
    }
    for (const each of rows) each.seen = each.shown && !folds(each.tr.classList, choice);
    const folded = each => choice.fold && !choice.differs && !choice.changed && each.shown && each.tr.classList.contains("same");
    const alive = new Set(rows.filter(each => each.seen || folded(each)).map(each => each.tr.parentElement));
    for (const body of themes) body.hidden = !alive.has(body);
    const left = rows.filter(each => each.seen).length;
    document.getElementById("shown").textContent =
      fill(ngettext("{n} of {all} question", "{n} of {all} questions", rows.length), {n: left, all: rows.length});
    for (const listener of listeners) listener(choice);
    remember();
  }

  // The address: only what differs from the default is in it.
  function remember() {
    const state = new URLSearchParams();
    for (const name of ["os", "method"]) {
      const on = values(name);
      if (on.length < form.querySelectorAll(`[name="${name}"]`).length) state.set(name, on.join(",") || "none");
    }
    const {from, to, theme, label, q} = form.elements;
    if (from.selectedIndex > 0 || to.selectedIndex > 0) state.set("python", `${from.value}-${to.value}`);
    for (const each of [theme, label]) if (each.value) state.set(each.name, each.value);
    for (const name of ["differs", "changed", "fold"]) if (form.elements[name].checked) state.set(name, "1");
    if (q.value.trim() && q.value.length <= 500) state.set("q", q.value.trim());
    if (document.getElementById("need").ariaPressed === "true") state.set("need", "1");
    const query = String(state).replace(/%2C/g, ",");
    try {
      history.replaceState(null, "", (query ? "?" + query : location.pathname) + location.hash);
    } catch { /* a browser that does not let a file change its address: the filters work, but are not remembered */ }
  }

  function recall() {
    const state = new URLSearchParams(location.search);
    form.reset();
    for (const name of ["os", "method"]) {
      if (state.has(name)) for (const box of form.querySelectorAll(`[name="${name}"]`)) box.checked = state.get(name).split(",").includes(box.value);
    }
    const range = /^(\d+\.\d+)-(\d+\.\d+)$/.exec(state.get("python") || "");
    if (range) [form.elements.from.value, form.elements.to.value] = range.slice(1).map((text, end) => series.includes(text) ? text : series[end && series.length - 1]);
    const {theme, label, q} = form.elements;
    for (const each of [theme, label]) if ([...each.options].some(option => option.value === state.get(each.name))) each.value = state.get(each.name);
    for (const name of ["differs", "changed", "fold"]) form.elements[name].checked = state.get(name) === "1";
    q.value = (state.get("q") || "").slice(0, 500);
    document.getElementById("need").ariaPressed = String(state.get("need") === "1");
  }

  // On a phone the first screen belongs to the search and the answers.
  if (matchMedia("(max-width: 44rem)").matches) for (const each of document.querySelectorAll(".filters, .key")) each.open = false;

  return {table, form, rows, columns, chosen, shownParts, apply, recall, listeners};
})());
