"use strict";
(() => {
  const all = (selector, of = document) => Array.from(of.querySelectorAll(selector));
  const make = (name, attributes = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  };

  // Tables: a heading sorts by its column, and the other way round the next time.
  const value = (cell) => cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
  const sort = (table, column, head) => {
    // What is much comes first, as that is mostly looked for.
    const up = head.getAttribute("aria-sort") === (head.classList.contains("n") ? "descending" : null)
      || head.getAttribute("aria-sort") === "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [value(row.cells[column]), row]);
    rows.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]));
    body.append(...rows.map((row) => row[1]));
  };
  for (const table of all("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      const button = make("button", { type: "button", title: "sort" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => sort(table, column, head));
    });
  }

  // Search: rows with all the words stay.
  for (const table of all("table.searchable")) {
    const rows = Array.from(table.tBodies[0].rows, (row) => [row, row.textContent.toLowerCase()]);
    if (rows.length < 2) continue;
    const input = make("input", { type: "search", name: "search", placeholder: "Search: address, token, outcome", "aria-label": "Search connections" });
    const count = make("output", { "aria-live": "polite" });
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown++;
      }
      count.textContent = words.length ? `${shown} of ${rows.length}` : "";
    });
    table.closest(".scroll").before(make("div", { class: "tools" }, input, count));
  }

  // Connections: one at a time where there are many.
  const sections = all("section.connection");
  const few = 3;
  const list = document.getElementById("connections");
  if (list && sections.length > 1) {
    const before = make("button", { type: "button" }, "← Previous");
    const after = make("button", { type: "button" }, "Next →");
    const whole = make("button", { type: "button" }, "Show all");
    list.after(make("nav", { class: "steps", "aria-label": "Choose a connection" }, before, after, whole));
    let at = -1;
    const show = (which) => {
      at = which;
      sections.forEach((section, i) => { section.hidden = at >= 0 && i !== at; });
      before.disabled = at <= 0;
      after.disabled = at >= sections.length - 1;
      whole.disabled = at < 0;
      for (const row of all("tr.chosen")) row.classList.remove("chosen");
      const link = at >= 0 && list.querySelector(`a[href="#${sections[at].id}"]`);
      if (link) link.closest("tr").classList.add("chosen");
    };
    const go = (which) => { location.hash = sections[which].id; };
    before.addEventListener("click", () => go(at - 1));
    after.addEventListener("click", () => go(at + 1));
    whole.addEventListener("click", () => { history.replaceState(null, "", location.pathname + location.search); show(-1); });
    const follow = () => {
      const which = sections.findIndex((section) => "#" + section.id === location.hash);
      if (which >= 0) {
        show(which);
        sections[which].scrollIntoView();
      }
    };
    window.addEventListener("hashchange", follow);
    show(sections.length > few ? 0 : -1);
    follow();
    // The whole row of a table leads to its connection.
    for (const link of all("tbody th a", list)) {
      const row = link.closest("tr");
      row.classList.add("linked");
      row.addEventListener("click", (event) => {
        if (event.target !== link && !String(getSelection())) link.click();
      });
    }
  }

  // On paper nothing can be unfolded.
  window.addEventListener("beforeprint", () => { for (const part of all("details")) part.open = true; });

  // Graphs: the values at the pointer, or where the arrow keys have moved to.
  const scales = {
    B: [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]],
    "bit/s": [[1e9, "Gbit/s"], [1e6, "Mbit/s"], [1e3, "kbit/s"], [1, "bit/s"]],
    ns: [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]],
  };
  const format = (n, unit) => {
    const [of, name] = scales[unit].find(([size]) => n >= size) || [1, scales[unit].at(-1)[1]];
    return `${Number((n / of).toPrecision(3))} ${name}`;
  };
  // The lines of a path: [x, y, x, y]. Curves are written with M, h, v and l only.
  const lines = (path) => {
    const found = [];
    let x = 0, y = 0;
    for (const [, command, first, second] of path.getAttribute("d").matchAll(/([Mhvl])(-?\d+)(?: ?(-?\d+))?/g)) {
      const a = Number(first), b = Number(second || 0);
      const from = [x, y];
      if (command === "M") { x = a; y = b; continue; }
      if (command === "v") y += a; else x += a;
      if (command === "l") y += b;
      if (command !== "v") found.push([...from, x, y]);
    }
    return found;
  };
  const at = (found, x) => {
    const piece = found.find((line) => line[0] <= x && x <= line[2]);
    if (!piece) return undefined;
    const [x0, y0, x1, y1] = piece;
    return x1 === x0 ? y0 : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  };
  const readable = (plot) => {
    const grid = plot.querySelector("svg.data").viewBox.baseVal;
    const { x: span, y: top, unit } = plot.dataset;
    const output = make("output", { class: "readout" });
    plot.closest("figure").append(output);
    const cross = document.createElementNS("http://www.w3.org/2000/svg", "line");
    cross.setAttribute("class", "cross");
    cross.setAttribute("y2", "100%");
    let curves;
    let place = 0;
    const read = (share) => {
      place = Math.min(Math.max(share, 0), 1);
      curves ||= all("path.line", plot).map((path) => [path.dataset.label,
        [path, ...all("path.dots", path.parentNode)].flatMap(lines)]);
      cross.setAttribute("x1", place * 100 + "%");
      cross.setAttribute("x2", place * 100 + "%");
      plot.append(cross);
      const text = [format(place * span, "ns")];
      for (const [label, found] of curves) {
        const y = at(found, place * grid.width);
        text.push(`${label}: ${y === undefined ? "–" : format((1 - y / grid.height) * top, unit)}`);
      }
      output.textContent = text.join("\n");
    };
    const leave = () => { cross.remove(); output.textContent = ""; };
    const box = plot.closest(".frame");
    box.addEventListener("pointermove", (event) => {
      const size = plot.getBoundingClientRect();
      read((event.clientX - size.left) / size.width);
    });
    box.addEventListener("pointerleave", leave);
    plot.setAttribute("tabindex", "0");
    plot.addEventListener("blur", leave);
    plot.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -0.01, ArrowRight: 0.01, Home: -1, End: 1 }[event.key];
      if (by) {
        read(place + by);
        event.preventDefault();
      } else if (event.key === "Escape") leave();
    });
  };
  for (const plot of all("svg.plot")) if (plot.querySelector("svg.data")) readable(plot);
})();
