(function () {
  "use strict";
  var PRINT_WIDTH = 660, NARROW = 520, ENTRY_HEIGHT = 21, BELOW_AXIS = 54;
  var dark = window.matchMedia("screen and (prefers-color-scheme: dark)");
  var plots = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  var hidden = {};
  var config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toImage"]
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

  function figureOf(plot, inTheDark) {
    var given = JSON.parse(document.querySelector('script[data-figure="' + plot.id + '"]').textContent);
    var figure = inTheDark ? painted(given, given.dark) : given;
    var off = hidden[plot.id] || {};
    figure.data.forEach(function (trace) {
      if (trace.meta && off[trace.meta.sweep]) { trace.visible = false; }
    });
    return figure;
  }

  /* On a phone the entries of a legend stand below each other: the picture grows by them. */
  function makeRoomForLegend(plot, layout, data, printing) {
    plot.ownHeight = plot.ownHeight || parseFloat(plot.style.height);
    var entries = layout.showlegend ? data.filter(function (trace) { return trace.showlegend !== false; }).length : 0;
    var narrow = entries > 2 && plot.offsetWidth < NARROW && !printing;
    var more = narrow ? entries * ENTRY_HEIGHT : 0;
    plot.style.height = plot.ownHeight + more + "px";
    if (narrow) {
      layout.legend.y = -BELOW_AXIS / (plot.ownHeight - layout.margin.t - layout.margin.b);
      layout.margin.b += more;
    }
  }

  /* What is folded away has no width yet, and is drawn when it is opened. */
  function draw(plot, printing) {
    if (plot.closest("details:not([open])") && !printing) { return; }
    var figure = figureOf(plot, dark.matches && !printing);
    makeRoomForLegend(plot, figure.layout, figure.data, printing);
    if (printing) {
      figure.layout.width = PRINT_WIDTH;
      figure.layout.height = plot.offsetHeight;
    }
    window.Plotly.react(plot, figure.data, figure.layout, Object.assign({}, config, { responsive: !printing }));
    plots.forEach(connect);
  }

  /* Pointing at a point marks the sweep that it was measured in, and the other way round. */
  function connect(plot) {
    var traces = document.getElementById(plot.dataset.linkedTo || "");
    if (!plot.data || plot.dataset.connected) { return; }
    if (plot.dataset.linkedTo && !(traces && traces.data)) { return; }
    plot.dataset.connected = "yes";
    if (plot.dataset.pages) { lead(plot); }
    if (!traces) { return; }
    plot.on("plotly_hover", function (event) {
      var found = event.points[0] && event.points[0].customdata;
      if (found) { markSweep(traces, found[0]); }
    });
    plot.on("plotly_unhover", function () { markSweep(traces, null); });
    traces.on("plotly_hover", function (event) {
      var found = event.points[0] && event.points[0].data.meta;
      if (found) { markPoints(plot, found.sweep); }
    });
    traces.on("plotly_unhover", function () { markPoints(plot, null); });
  }

  function markSweep(traces, sweep) {
    var wanted = traces.data.map(function (trace) {
      return sweep === null || trace.meta.sweep === sweep ? 1 : 0.12;
    });
    window.Plotly.restyle(traces, { opacity: wanted });
  }

  function markPoints(plot, sweep) {
    if (plot.marked === sweep) { return; }
    plot.marked = sweep;
    var at = [], wanted = [];
    plot.data.forEach(function (trace, k) {
      if (!trace.customdata) { return; }
      at.push(k);
      wanted.push(sweep === null ? 1 : trace.customdata.map(function (one) { return one[0] === sweep ? 1 : 0.15; }));
    });
    if (at.length) { window.Plotly.restyle(plot, { "marker.opacity": wanted }, at); }
  }

  /* A point that stands for a cell leads to the page of the cell. */
  function lead(plot) {
    plot.on("plotly_click", function (event) {
      var found = event.points[0] && event.points[0].customdata;
      if (found) { window.location.href = plot.dataset.pages + encodeURIComponent(found[0]) + ".html"; }
    });
  }

  function press(button, on) { button.setAttribute("aria-pressed", on ? "true" : "false"); }

  /* A button a sweep, which hides and shows it. */
  function addSweepButtons(plot) {
    var sweeps = [];
    figureOf(plot, false).data.forEach(function (trace) {
      if (trace.meta && trace.meta.sweep !== undefined && sweeps.indexOf(trace.meta.sweep) < 0) { sweeps.push(trace.meta.sweep); }
    });
    if (sweeps.length < 2) { return; }
    var off = hidden[plot.id] = {};
    var row = document.createElement("div");
    row.className = "sweeps";
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", "Sweeps to show");
    row.appendChild(document.createTextNode("Sweeps "));
    function add(text, label, action) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", function () { action(button); draw(plot, false); });
      row.appendChild(button);
      return button;
    }
    var single = sweeps.map(function (sweep) {
      var button = add(String(sweep), "Show sweep " + sweep, function () {
        off[sweep] = !off[sweep];
        press(button, !off[sweep]);
      });
      press(button, true);
      return button;
    });
    [["all", false], ["none", true]].forEach(function (wish) {
      add(wish[0], "Show " + wish[0] + " of the sweeps", function () {
        sweeps.forEach(function (sweep, k) { off[sweep] = wish[1]; press(single[k], !wish[1]); });
      });
    });
    plot.parentNode.insertBefore(row, plot.nextSibling);
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

  window.permeantFigure = figureOf;
  plots.forEach(addSweepButtons);
  var next = 0;
  (function step() {
    if (next < plots.length) {
      draw(plots[next], false);
      next += 1;
      window.setTimeout(step, 0);
      return;
    }
    document.documentElement.dataset.plots = "drawn";
  })();

  Array.prototype.forEach.call(document.querySelectorAll("details"), function (part) {
    part.addEventListener("toggle", function () {
      if (!part.open || printing) { return; }
      Array.prototype.forEach.call(part.querySelectorAll(".plot"), function (plot) { draw(plot, false); });
    });
  });

  var opened = [], printing = false;
  dark.addEventListener("change", function () { drawAll(false); });
  window.addEventListener("beforeprint", function () {
    printing = true;
    opened = Array.prototype.filter.call(document.querySelectorAll("details"), function (d) { return !d.open; });
    opened.forEach(function (d) { d.open = true; });
    drawAll(true);
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
    printing = false;
    drawAll(false);
  });
})();
