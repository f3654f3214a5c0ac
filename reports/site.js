document.querySelectorAll("table.sortable thead th").forEach(function (head) {
  var place = Array.prototype.indexOf.call(head.parentNode.children, head);
  var body = head.closest("table").tBodies[0];
  var button = document.createElement("button");
  button.type = "button";
  while (head.firstChild) { button.appendChild(head.firstChild); }
  head.appendChild(button);
  function key(row) {
    var cell = row.children[place];
    var said = cell.getAttribute("data-value") || cell.textContent.trim();
    var number = /^[+–-]?[\d,.]+%?$/.test(said) ? parseFloat(said.replace(/,/g, "")) : NaN;
    return isNaN(number) ? said : number;
  }
  button.addEventListener("click", function () {
    var up = head.getAttribute("aria-sort") !== "ascending";
    head.parentNode.querySelectorAll("th").forEach(function (each) { each.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    Array.prototype.slice.call(body.rows).sort(function (one, other) {
      var a = key(one), b = key(other);
      if (typeof a !== typeof b) { return typeof a === "number" ? -1 : 1; }
      var order = typeof a === "number" ? a - b : a.localeCompare(b);
      return up ? order : -order;
    }).forEach(function (row) { body.appendChild(row); });
  });
});
