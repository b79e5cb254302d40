// Only an addition: a click on a cell leads to that cell on its question's page. The question's link does without.
"use strict";
document.documentElement.classList.add("js");
const table = document.querySelector("table.matrix");
const columns = [...table.tHead.rows[1].cells].map(head => head.dataset.at);
table.addEventListener("click", event => {
  const cell = event.target.closest("td[data-label]");
  if (!cell || event.target.closest("a") || String(getSelection())) return;
  const row = cell.parentElement;
  let column = 0;
  for (let each = cell.previousElementSibling; each.tagName === "TD"; each = each.previousElementSibling) column += each.colSpan;
  const at = row.classList.contains("any") ? columns[column].replace(/[^-]*$/, "none") : columns[column];
  location.href = row.querySelector("th a").href + "#" + at;
});
