/* Every table and picture can be saved: as numbers (CSV) or as a picture (SVG, PNG). */
(function () {
  "use strict";
  var START = "\ufeff";

  function save(name, text) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([START + text], { type: "text/csv" }));
    link.download = fileName(name) + ".csv";
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  function fileName(name) {
    return (document.title.split(" – ")[0] + " " + name).replace(/[^\w.-]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 120);
  }

  function quoted(value) {
    var text = String(value);
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function lines(rows) {
    return rows.map(function (row) { return row.map(quoted).join(","); }).join("\r\n") + "\r\n";
  }

  function plain(text) {
    text = text.replace(/\s+/g, " ").trim();
    if (text === "–") { return ""; }
    return /^[−+]?[\d.]+$/.test(text) ? text.replace("−", "-") : text;
  }

  /* The number behind a cell as it was computed, not as it is rounded on the page. */
  function cellValues(cell) {
    var exact = cell.querySelector("data");
    var holder = exact ? exact : cell;
    var first = exact ? exact.value : cell.classList.contains("n") && cell.dataset.value !== undefined ? cell.dataset.value : plain(cell.textContent);
    return [first, holder.dataset.low, holder.dataset.high];
  }

  function tableRows(table) {
    var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (head) { return plain(head.textContent); });
    var body = [];
    Array.prototype.forEach.call(table.tBodies, function (part) {
      Array.prototype.forEach.call(table.everyRow ? table.everyRow() : part.rows, function (row) { body.push(Array.prototype.map.call(row.cells, cellValues)); });
    });
    var wide = heads.map(function (_, k) { return body.some(function (row) { return row[k] && (row[k][1] !== undefined || row[k][2] !== undefined); }); });
    var title = [];
    heads.forEach(function (head, k) { title.push(head); if (wide[k]) { title.push(head + " low", head + " high"); } });
    return [title].concat(body.map(function (row) {
      var out = [];
      row.forEach(function (one, k) { out.push(one[0]); if (wide[k]) { out.push(one[1] || "", one[2] || ""); } });
      return out;
    }));
  }

  function list(values) {
    if (!values) { return []; }
    if (!values.bdata) { return values; }
    var bytes = Uint8Array.from(atob(values.bdata), function (c) { return c.charCodeAt(0); });
    // the digits that 32 bits hold, and none that only look like more
    return Array.from(new Float32Array(bytes.buffer), function (v) { return Number(v.toPrecision(7)); });
  }

  function figureRows(figure) {
    var rows = [["series", "sweep", "x", "y", "standard error of y"]];
    figure.data.forEach(function (trace, k) {
      var x = list(trace.x), y = list(trace.y), error = list(trace.error_y && trace.error_y.array);
      var own = trace.meta && trace.meta.sweep;
      var name = trace.name || (trace.yaxis === "y2" ? "command" : own ? "current" : "series " + (k + 1));
      x.forEach(function (value, i) {
        var of = own || (trace.customdata && typeof trace.customdata[i][0] === "number" ? trace.customdata[i][0] : "");
        rows.push([name, of, value === null ? "" : value, y[i] === null ? "" : y[i], error[i] === undefined ? "" : error[i]]);
      });
    });
    return rows;
  }

  function savePicture(plot, format) {
    var figure = window.permeantFigure(plot, false);
    figure.layout.paper_bgcolor = "#ffffff";
    figure.layout.width = Math.max(plot.offsetWidth, 480);
    figure.layout.height = plot.offsetHeight;
    window.Plotly.downloadImage(figure, {
      format: format, filename: fileName(plot.id), width: figure.layout.width, height: figure.layout.height, scale: format === "png" ? 3 : 1
    });
  }

  function addButtons(after, what, actions) {
    var row = document.createElement("p");
    row.className = "save";
    actions.forEach(function (one) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = one[0];
      button.setAttribute("aria-label", "Save " + what + " as " + one[0]);
      button.addEventListener("click", one[1]);
      row.appendChild(button);
    });
    after.parentNode.insertBefore(row, after.nextSibling);
  }

  Array.prototype.forEach.call(document.querySelectorAll(".scroll"), function (part) {
    var table = part.querySelector("table");
    if (!table || !table.tHead) { return; }
    var what = part.getAttribute("aria-label");
    addButtons(part, "the table " + what, [["CSV", function () { save(what, lines(tableRows(table))); }]]);
  });
  if (!window.Plotly) { return; }
  Array.prototype.forEach.call(document.querySelectorAll(".plot"), function (plot) {
    var caption = plot.parentNode.querySelector("figcaption");
    addButtons(caption, "the picture " + plot.id, [
      ["SVG", function () { savePicture(plot, "svg"); }],
      ["PNG", function () { savePicture(plot, "png"); }],
      ["CSV", function () { save(plot.id, lines(figureRows(window.permeantFigure(plot, false)))); }]
    ]);
  });
})();
