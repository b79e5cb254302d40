// "My requirements": for the chosen platforms, methods and versions, what works everywhere, what depends, what works nowhere.
"use strict";
(() => {
  const {form, rows, shownParts, element, say, listeners} = canifork;
  const button = document.getElementById("need");
  const GOOD = OUTCOMES.yes.css, BAD = new Set([OUTCOMES.no, OUTCOMES.crash, OUTCOMES.hang, OUTCOMES.unavailable].map(style => style.css));

  // everywhere: yes in every chosen cell, version and build; nowhere: no, or worse, in all of them; else it depends, and on what.
  function judge(row, choice) {
    if (row.tr.classList.contains("l-information")) return null;  // yes is not the wanted answer, or there is none
    const cells = shownParts(row, choice);
    const parts = cells.flatMap(cell => [
      ...cell.parts.map(part => ({...part, label: cell.label})),
      ...cell.builds.flatMap(build => build.parts.map(part => ({...part, label: `${cell.label} ${build.label}`}))),
    ]);
    if (!parts.length) return null;
    if (parts.every(part => part.css === GOOD)) return {kind: "everywhere", notes: []};
    if (parts.every(part => BAD.has(part.css))) return {kind: "nowhere", notes: []};
    return {kind: "depends", notes: parts.filter(part => part.css !== GOOD)};
  }

  function note(notes) {
    const texts = [...new Set(notes.map(part => `${part.label}: ${part.text} ${part.ranges}`.trim()))];
    const shown = texts.slice(0, 4).join("; ");
    return texts.length > 4 ? `${shown}; ${fill(_("and {n} more"), {n: texts.length - 4})}` : shown;
  }

  const names = (group, on) => [...form.querySelectorAll(`[name="${group}"]`)].filter(box => on.includes(box.value)).map(box => box.parentElement.textContent.trim());
  const list = items => new Intl.ListFormat(document.documentElement.lang, {type: "conjunction"}).format(items);

  function section({css, glyph}, title, found) {
    return element("div", {}, element("h2", {class: css}, `${glyph} ${title} (${found.length})`),
      element("ul", {tabindex: "0", role: "list", "aria-label": title}, ...found.map(([row, {notes}]) => element("li", {},
        element("a", {href: row.link.getAttribute("href"), ...(row.link.lang ? {lang: row.link.lang} : {})}, row.text),
        notes.length ? element("small", {}, " " + note(notes)) : null))));
  }

  function show(choice) {
    if (button.ariaPressed !== "true") { say("need"); return; }
    if (!choice.os.length || !choice.method.length || choice.low > choice.high) {
      say("need", element("p", {class: "bad"}, _("Choose at least one platform, one method and a range of versions.")));
      return;
    }
    const found = {everywhere: [], depends: [], nowhere: []};
    for (const row of rows) {
      const verdict = row.shown ? judge(row, choice) : null;
      if (verdict) found[verdict.kind].push([row, verdict]);
    }
    const sentence = fill(_("On {os}, with {method}, Python {from} to {to}: {everywhere} work everywhere, {depends} depend, {nowhere} work nowhere."), {
      os: list(names("os", choice.os)), method: list(choice.method), from: choice.from, to: choice.to,
      everywhere: found.everywhere.length, depends: found.depends.length, nowhere: found.nowhere.length,
    });
    say("need", element("h2", {}, _("My requirements")), element("p", {}, element("strong", {}, sentence)),
      element("p", {}, _("Works everywhere: yes in every chosen cell, on every tested release and build. Works nowhere: no, unavailable, hang or crash in all of them. Everything else depends; what is untested never counts as working. Search and theme narrow the list.")),
      element("div", {class: "parts"},
        section(OUTCOMES.yes, _("Works everywhere"), found.everywhere),
        section(OUTCOMES.flaky, _("Depends"), found.depends),
        section(OUTCOMES.no, _("Works nowhere"), found.nowhere)));
  }

  button.addEventListener("click", () => {
    button.ariaPressed = String(button.ariaPressed !== "true");
    canifork.apply();
  });
  listeners.push(show);
})();
