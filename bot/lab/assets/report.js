
"use strict";
// Sorts the failures by the column whose heading is pressed; again turns the order. Without this, the table is as it is.
const table = document.querySelector("table.sortable");
const headings = table ? [...table.tHead.rows[0].cells] : [];
const order = new Intl.Collator("en", { numeric: true });
headings.forEach((heading, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const falling = heading.getAttribute("aria-sort") === "ascending";
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const text = (row) => row.cells[column].textContent;
    rows.sort((one, other) => order.compare(text(one), text(other)) * (falling ? -1 : 1));
    table.tBodies[0].append(...rows);
  });
});
