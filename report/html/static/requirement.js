// "My requirement": for the chosen platforms, methods and versions, what is safe, what needs care, what does not work.
"use strict";
(() => {
  const {form, rows, said, element, say, listeners} = canifork;
  const button = document.getElementById("need");
  const GOOD = "y", BAD = new Set(["n", "c", "h", "u"]);

  // 'safe': yes in every chosen cell, version and build. 'not': yes nowhere. Else 'notes', and why.
  function judge(row, choice) {
    const cells = said(row, choice);
    const parts = cells.flatMap(cell => [
      ...cell.parts.map(part => ({...part, label: cell.label})),
      ...cell.builds.flatMap(build => build.parts.map(part => ({...part, label: `${cell.label} ${build.label}`}))),
    ]);
    if (!parts.length) return null;
    if (parts.every(part => part.css === GOOD)) return {kind: "safe", notes: []};
    if (parts.every(part => BAD.has(part.css))) return {kind: "not", notes: []};
    return {kind: "notes", notes: parts.filter(part => part.css !== GOOD)};
  }

  function note(notes) {
    const texts = [...new Set(notes.map(part => `${part.label}: ${part.text} ${part.ranges}`.trim()))];
    const shown = texts.slice(0, 4).join("; ");
    return texts.length > 4 ? `${shown}; ${fill(_("and {n} more"), {n: texts.length - 4})}` : shown;
  }

  const names = (group, on) => [...form.querySelectorAll(`[name="${group}"]`)].filter(box => on.includes(box.value)).map(box => box.parentElement.textContent.trim());
  const list = items => new Intl.ListFormat(document.documentElement.lang, {type: "conjunction"}).format(items);

  function section(css, glyph, title, found) {
    return element("div", {}, element("h2", {class: css}, `${glyph} ${title} (${found.length})`),
      element("ul", {tabindex: "0", role: "list", "aria-label": title}, ...found.map(([row, {notes}]) => element("li", {},
        element("a", {href: row.link.getAttribute("href"), lang: "en"}, row.text),
        notes.length ? element("small", {}, " " + note(notes)) : null))));
  }

  function show(choice) {
    if (button.ariaPressed !== "true") { say("need"); return; }
    if (!choice.os.length || !choice.method.length || choice.low > choice.high) {
      say("need", element("p", {class: "bad"}, _("Choose at least one platform, one method and a range of versions.")));
      return;
    }
    const found = {safe: [], notes: [], not: []};
    for (const row of rows) {
      const verdict = row.shown ? judge(row, choice) : null;
      if (verdict) found[verdict.kind].push([row, verdict]);
    }
    const sentence = fill(_("On {os}, with {method}, Python {from} to {to}: {safe} safe, {notes} with notes, {not} not."), {
      os: list(names("os", choice.os)), method: list(choice.method), from: choice.from, to: choice.to,
      safe: found.safe.length, notes: found.notes.length, not: found.not.length,
    });
    say("need", element("h2", {}, _("My requirement")), element("p", {}, element("strong", {}, sentence)),
      element("p", {}, _("Safe: yes in every chosen place, on every tested release and build. Not: no, unavailable, a hang or a crash in all of them. Everything else has a note; what is untested is never safe. Search and theme narrow the list.")),
      element("div", {class: "parts"}, section("y", "✓", _("Safe"), found.safe),
        section("f", "~", _("With notes"), found.notes), section("n", "✗", _("Not"), found.not)));
  }

  button.addEventListener("click", () => {
    button.ariaPressed = String(button.ariaPressed !== "true");
    canifork.apply();
  });
  listeners.push(show);
})();
