(function () {
  "use strict";
  var table = document.getElementById("cell-table");
  var body = table.tBodies[0];
  var page = Number(table.dataset.page);
  var limit = page;
  var rows = Array.prototype.slice.call(body.rows);
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var filter = document.getElementById("filter");
  var attention = document.getElementById("attention");
  var shown = document.getElementById("shown");
  var more = document.querySelector(".more");
  var collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  var texts = null;
  var keys = {};

  function key(column) {
    if (!keys[column]) {
      var numeric = heads[column].dataset.kind === "number";
      keys[column] = new Map(rows.map(function (row) {
        var cell = row.cells[column];
        if (numeric) { return [row, cell.dataset.value === undefined ? null : Number(cell.dataset.value)]; }
        var text = cell.textContent.trim();
        return [row, text === "" || text === "–" ? null : text];
      }));
    }
    return keys[column];
  }

  function sort(column) {
    var down = heads[column].getAttribute("aria-sort") === "ascending";
    var of = key(column);
    var numeric = heads[column].dataset.kind === "number";
    rows.sort(function (a, b) {
      var x = of.get(a), y = of.get(b);
      if (x === null || y === null) { return (x === null) - (y === null); }
      var order = numeric ? x - y : collator.compare(x, y);
      return down ? -order : order;
    });
    heads.forEach(function (head, k) {
      if (k === column) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); }
      else { head.removeAttribute("aria-sort"); }
    });
    limit = page;
    update();
  }

  /* Only what is shown stands in the page: laying out ten thousand rows takes seconds. */
  function update() {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !texts) {
      texts = new Map(rows.map(function (row) { return [row, row.textContent.toLowerCase()]; }));
    }
    var found = 0, standing = document.createDocumentFragment();
    rows.forEach(function (row) {
      var fits = (!attention.value || row.dataset.attention === attention.value) &&
        words.every(function (word) { return texts.get(row).indexOf(word) >= 0; });
      if (fits) { found += 1; }
      if (fits && found <= limit) { row.className = ""; standing.appendChild(row); }
    });
    body.replaceChildren(standing);
    var visible = Math.min(found, limit);
    shown.textContent = visible === rows.length ? "" : visible + " of " + rows.length + " cells" + (found === visible || found === rows.length ? "" : ", " + found + " found");
    more.hidden = found <= limit;
  }

  heads.forEach(function (head, column) {
    if (head.dataset.kind === "none") { return; }
    var button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    while (head.firstChild) { button.appendChild(head.firstChild); }
    head.appendChild(button);
    button.addEventListener("click", function () { sort(column); });
  });
  filter.addEventListener("input", function () { limit = page; update(); });
  attention.addEventListener("change", function () { limit = page; update(); });
  document.getElementById("more").addEventListener("click", function () { limit += page; update(); });
  document.getElementById("every").addEventListener("click", function () { limit = rows.length; update(); });
  table.everyRow = function () { return rows; };
  update();
})();
