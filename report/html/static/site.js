// Only additions: a click on a cell leads to that cell on its question's page (the question's link does without).
"use strict";
document.documentElement.classList.add("js");
(() => {
  const table = document.getElementById("matrix");
  const heads = table.tHead.rows[table.tHead.rows.length - 1].querySelectorAll("[data-at]");
  const columns = [...heads].map(head => head.dataset.at);
  const widths = new Map([...table.querySelectorAll("td[colspan]")].map(cell => [cell, cell.colSpan]));  // filters change them
  // Browsers leave alone what is half in view; whoever goes by keyboard must see all of it.
  table.addEventListener("focusin", event => event.target.scrollIntoView({block: "nearest", inline: "nearest"}));
  table.addEventListener("click", event => {
    const cell = event.target.closest("td[class]:not(.void, .absent, .m)");
    if (!cell || event.target.closest("a") || String(getSelection())) return;
    const row = cell.parentElement;
    let column = 0;
    for (let each = cell.previousElementSibling; each.tagName === "TD"; each = each.previousElementSibling) column += widths.get(each) || 1;
    const at = row.classList.contains("any") ? columns[column].replace(/[^-]*$/, "none") : columns[column];
    location.href = row.querySelector("th a").href + "#" + at;
  });
})();
if (typeof canifork !== "undefined" && canifork.apply) {
  const {form, apply, recall, search} = canifork;
  form.addEventListener("change", event => { if (event.target.name !== "q" && event.target.type !== "file") apply(); });
  form.querySelector('[type="reset"]').addEventListener("click", event => {
    event.preventDefault();
    form.reset();
    document.getElementById("need").ariaPressed = "false";
    canifork.say("machine");
    search();
  });
  addEventListener("popstate", () => { recall(); search(); });
  recall();
  search();
}
