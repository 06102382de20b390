(function () {
  "use strict";
  var PRINT_WIDTH = 660;
  var dark = window.matchMedia("screen and (prefers-color-scheme: dark)");
  var plots = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  var config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg" }
  };

  function painted(value, colours) {
    if (typeof value === "string") {
      return Object.prototype.hasOwnProperty.call(colours, value) ? colours[value] : value;
    }
    if (Array.isArray(value)) {
      return typeof value[0] === "number" ? value : value.map(function (item) { return painted(item, colours); });
    }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) {
        copy[key] = key === "bdata" ? value[key] : painted(value[key], colours);
      });
      return copy;
    }
    return value;
  }

  function draw(plot, printing) {
    var script = document.querySelector('script[data-figure="' + plot.id + '"]');
    var figure = painted(JSON.parse(script.textContent), dark.matches && !printing ? figureColours(script) : {});
    var options = Object.assign({}, config, {
      responsive: !printing,
      toImageButtonOptions: { format: "svg", filename: document.title + " " + plot.id }
    });
    if (printing) {
      figure.layout.width = PRINT_WIDTH;
      figure.layout.height = plot.offsetHeight;
    }
    return window.Plotly.react(plot, figure.data, figure.layout, options);
  }

  function figureColours(script) {
    return JSON.parse(script.textContent).dark;
  }

  /* Pointing at a point of the I-V marks the sweep that it was measured in. */
  function link(plot) {
    var other = document.getElementById(plot.dataset.linkedTo || "");
    if (!other) { return; }
    function show(sweep) {
      var wanted = other.data.map(function (trace) {
        return sweep === null || trace.meta.sweep === sweep ? 1 : 0.12;
      });
      window.Plotly.restyle(other, { opacity: wanted });
    }
    plot.on("plotly_hover", function (event) {
      var found = event.points[0] && event.points[0].customdata;
      if (found) { show(found[0]); }
    });
    plot.on("plotly_unhover", function () { show(null); });
  }

  /* A point that stands for a cell leads to the page of the cell. */
  function lead(plot) {
    if (!plot.dataset.pages) { return; }
    plot.on("plotly_click", function (event) {
      var found = event.points[0] && event.points[0].customdata;
      if (found) { window.location.href = plot.dataset.pages + encodeURIComponent(found[0]) + ".html"; }
    });
  }

  function drawAll(printing) {
    plots.forEach(function (plot) { draw(plot, printing); });
  }

  if (!window.Plotly) {
    plots.forEach(function (plot) {
      plot.textContent = "This picture needs the file plotly.min.js of the folder assets beside the page. Its numbers are in the tables.";
      plot.classList.add("notice");
    });
    return;
  }

  var next = 0;
  (function step() {
    if (next < plots.length) {
      draw(plots[next], false);
      next += 1;
      window.setTimeout(step, 0);
      return;
    }
    plots.forEach(link);
    plots.forEach(lead);
    document.documentElement.dataset.plots = "drawn";
  })();

  var opened = [];
  dark.addEventListener("change", function () { drawAll(false); });
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.filter.call(document.querySelectorAll("details"), function (d) { return !d.open; });
    opened.forEach(function (d) { d.open = true; });
    drawAll(true);
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
    drawAll(false);
  });
})();
