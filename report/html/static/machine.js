// "This machine": reads a run file in the page and shows where it differs from what is published.
// The file is untrusted: its size is limited, its words come from fixed sets, and it is only ever shown as text.
"use strict";
(() => {
  const {rows, element, say} = canifork;
  const MAX_BYTES = 64 << 20, MAX_LINES = 20000, MAX_TEXT = 160, MAX_SHOWN = 500;
  const METHODS = new Set(["fork", "spawn", "forkserver", "none"]);
  const text = (value, limit = MAX_TEXT) => {
    const found = typeof value === "string" ? value : JSON.stringify(value) ?? "";
    return found.length > limit ? found.slice(0, limit - 1) + "…" : found;
  };
  class Refused extends Error {}

  function read(source) {
    const lines = source.split("\n").filter(line => line.trim());
    if (lines.length > MAX_LINES) throw new Refused(_("It has more lines than any run file."));
    const parsed = lines.map((line, at) => {
      try {
        return JSON.parse(line);
      } catch {
        if (at === lines.length - 1 && at) return {};  // a run that was cut off
        throw new Refused(fill(_("Line {n} is not JSON."), {n: at + 1}));
      }
    });
    const [header, ...rest] = parsed;
    if (!header || header.kind !== "header" || header.schema !== 1 || typeof header.target !== "string") {
      throw new Refused(_("Its first line is not a run file header of schema 1. `nox -s probe` writes run files to results/<target>.jsonl."));
    }
    const verdicts = new Map();
    for (const one of rest) {
      if (one === null || one.kind !== "verdict" || typeof one.probe !== "string" || one.probe.length > 200) continue;
      if (!METHODS.has(one.method) || !Object.hasOwn(OUTCOMES, one.outcome)) continue;
      const key = `${one.probe} ${one.method}`;
      verdicts.set(key, [...(verdicts.get(key) || []), {outcome: one.outcome, value: text(one.value, 400), detail: text(one.detail ?? "")}]);
    }
    return {target: text(header.target), facts: header.facts ?? {}, verdicts};
  }

  // The published target that is most like it: the same ID, else the same system, implementation and nearest version.
  function nearest(run) {
    const parts = id => { const [implementation, version, system, machine, libc] = id.split("-"); return {implementation, version, system, machine, libc, free: id.includes("+freethreaded")}; };
    const mine = parts(run.target);
    const number = text => (text || "0").split(/[.+]/).slice(0, 3).reduce((sum, piece) => sum * 1000 + (parseInt(piece, 10) || 0), 0);
    const distance = id => {
      const other = parts(id);
      return (other.system !== mine.system) * 1e12 + (other.implementation !== mine.implementation) * 1e11 + (other.free !== mine.free) * 1e10
        + (other.machine !== mine.machine) * 1e4 + (other.libc !== mine.libc) * 1e4 + Math.abs(number(other.version) - number(mine.version));
    };
    return ANSWERS.targets.includes(run.target) ? run.target : [...ANSWERS.targets].sort((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1))[0];
  }

  function compare(run, target) {
    const at = ANSWERS.targets.indexOf(target);
    const found = {differ: [], same: 0, alone: 0};
    const links = new Map(rows.map(row => [row.id, row]));
    for (const [key, attempts] of run.verdicts) {
      const [id, method] = key.split(" ");
      const row = links.get(id);
      const there = Object.hasOwn(ANSWERS.cells, key) ? ANSWERS.cells[key] : null;
      const style = styles.get(there ? there[0][at] : OUTCOMES.untested.css);
      const here = attempts.find(one => OUTCOMES[one.outcome] !== style) || attempts[0];
      if (!row || !style || style === OUTCOMES.untested) { found.alone++; continue; }
      const value = there[1] ? there[1][at] : null;
      const agree = OUTCOMES[here.outcome] === style && (style !== OUTCOMES.value || value === null || value === here.value);
      if (agree) found.same++;
      else found.differ.push({row, method, here, style, value: value ?? ""});
    }
    return found;
  }

  const styles = new Map(Object.values(OUTCOMES).map(style => [style.css, style]));
  const outcome = ({css, glyph, word}, value) => element("b", {class: css}, `${glyph} ${css === OUTCOMES.value.css ? text(value) : word}`);

  function table(run, target, found) {
    const head = [_("Question"), _("Method"), _("This machine"), _("Published")];
    const line = ({row, method, here, style, value}) => element("tr", {},
      element("th", {scope: "row"}, element("a", {href: row.link.getAttribute("href"), lang: "en"}, row.text)),
      element("td", {}, method === "none" ? _("any method") : method),
      element("td", {}, outcome(OUTCOMES[here.outcome], here.value), here.detail && here.outcome !== "yes" ? element("small", {lang: "en"}, " " + here.detail) : null),
      element("td", {}, outcome(style, value)));
    return element("table", {}, element("caption", {class: "vh"}, fill(_("Where {mine} differs from {other}"), {mine: run.target, other: target})),
      element("thead", {}, element("tr", {}, ...head.map(name => element("th", {scope: "col"}, name)))),
      element("tbody", {}, ...found.differ.slice(0, MAX_SHOWN).map(line)));
  }

  function show(run, target) {
    const found = compare(run, target);
    const choice = element("select", {id: "beside"}, ...ANSWERS.targets.map(id => element("option", id === target ? {selected: ""} : {}, id)));
    choice.addEventListener("change", () => { show(run, choice.value); document.getElementById("beside").focus(); });
    const sentence = fill(_("{mine} compared with {other}: {differ} answers differ, {same} are the same, {alone} are not published."),
      {mine: run.target, other: target, differ: found.differ.length, same: found.same, alone: found.alone});
    say("machine", element("h2", {}, _("This machine")), element("p", {}, element("strong", {}, sentence)),
      element("p", {}, element("label", {for: "beside"}, _("Compare with") + " "), choice, " ", element("small", {}, _("The file stays in your browser; nothing is uploaded."))),
      found.differ.length ? table(run, target, found) : "");
  }

  async function open(file) {
    try {
      if (file.size > MAX_BYTES) throw new Refused(fill(_("It is larger than {n} MiB."), {n: MAX_BYTES >> 20}));
      const run = read(await file.text());
      await canifork.load("answers.js");
      if (!ANSWERS.targets.length) throw new Refused(_("Nothing is published yet."));
      show(run, nearest(run));
    } catch (error) {
      const why = error instanceof Refused ? error.message : _("It cannot be read, or the published answers cannot be loaded.");
      say("machine", element("h2", {}, _("This machine")), element("p", {class: "bad"}, `${text(file.name, 80)}: ${why}`));
    }
  }

  document.getElementById("run").addEventListener("change", event => { if (event.target.files.length) open(event.target.files[0]); });
  canifork.open = open;
})();
