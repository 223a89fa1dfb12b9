// Draws the average run: a tree of rows that fold. Everything that is said in it was made in Python.

const OTHER = "#94A3B8"
const WIDTHS = "minmax(150px, 1.1fr) 40px minmax(140px, 1.6fr) 60px minmax(40px, 0.35fr) 78px 44px"
const RARE = { failed: "52px", runs: "66px" }  // columns that are there only if any row has something in them
const HEADS = [
  ["Stage, role, model", "", "Each line stands inside the one above it that is less indented."],
  ["Calls", "number", "Model calls of an average run."],
  ["", "axis", "When it is under way in an average run. Solid: what the run waits for. Pale: beside something slower."],
  ["Waits", "number", "How long an average run waits for it: its part of the critical path. The stages' add up to the latency."],
  ["", "", ""],
  ["Cost", "number", "US dollars of an average run. The stages' add up to the run's."],
  ["", "number", "Its share of the run's cost."],
]
const RARE_HEADS = {
  failed: ["Failed", "number", "The share of its own spans that ended in an error."],
  runs: ["In runs", "number", "Runs in which it occurs, where that is not all of them."],
}
const KINDS = { run: "#64748B", stage: "#94A3B8", request: "#64748B", rlm_node: "#7C8DA6", call: "#64748B" }

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".structure"), grid = element("div", "grid")
  grid.setAttribute("role", "treegrid")
  grid.setAttribute("aria-label", data.summary)
  const rare = Object.keys(RARE).filter(name => data.rows.some(row => row[name]))
  grid.style.setProperty("--columns", [WIDTHS, ...rare.map(name => RARE[name])].join(" "))
  const rows = data.rows.map(row => bodyRow(row, rare))
  grid.append(headRow(data.axis, rare), ...rows)
  place.replaceChildren(grid)
  const tree = new Tree(data.rows, rows)
  grid.addEventListener("click", event => tree.clicked(event))
  grid.addEventListener("keydown", event => tree.pressed(event))
  tree.show()
  place.dataset.painted = rows.length
}

class Tree {
  constructor(data, rows) {
    this.data = data
    this.rows = rows
    this.open = data.map(row => row.is_open)
    rows[0]?.setAttribute("tabindex", "0")
  }

  show() {
    let shutAt = Infinity
    this.data.forEach((row, at) => {
      if (row.depth <= shutAt) shutAt = Infinity
      this.rows[at].hidden = row.depth > shutAt
      if (row.has_below) this.rows[at].setAttribute("aria-expanded", String(this.open[at]))
      if (!this.open[at] && row.depth < shutAt) shutAt = row.depth
    })
  }

  fold(at, open = !this.open[at]) {
    if (!this.data[at].has_below) return
    this.open[at] = open
    this.show()
  }

  clicked(event) {
    const row = event.target.closest(".body")
    if (row) this.fold(this.rows.indexOf(row))
  }

  pressed(event) {
    const at = this.rows.indexOf(event.target.closest(".body"))
    if (at < 0) return
    const act = {
      ArrowDown: () => this.focus(at, 1), ArrowUp: () => this.focus(at, -1),
      ArrowRight: () => this.fold(at, true), ArrowLeft: () => this.fold(at, false), Enter: () => this.fold(at),
    }[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }

  focus(at, step) {
    let next = at + step
    while (this.rows[next]?.hidden) next += step
    if (!this.rows[next]) return
    this.rows[at].setAttribute("tabindex", "-1")
    this.rows[next].setAttribute("tabindex", "0")
    this.rows[next].focus()
  }
}

function element(kind, name, text = "") {
  const made = document.createElement(kind)
  made.className = name
  made.textContent = text
  return made
}

function cell(name, text = "", role = "gridcell") {
  const made = element("div", name, text)
  made.setAttribute("role", role)
  return made
}

function headRow(axis, rare) {
  const row = element("div", "row head")
  row.setAttribute("role", "row")
  for (const [text, name, title] of [...HEADS, ...rare.map(name => RARE_HEADS[name])]) {
    const made = cell(name, text, "columnheader")
    made.title = title
    if (name === "axis") made.append(element("span", "", "0"), ...axis.map(each => element("span", "", each)))
    row.append(made)
  }
  return row
}

function bodyRow(data, rare) {
  const row = element("div", `row body ${data.kind}`)
  row.setAttribute("role", "row")
  row.setAttribute("aria-level", data.depth + 1)
  row.setAttribute("tabindex", "-1")
  row.style.setProperty("--colour", data.colour || KINDS[data.kind] || OTHER)
  row.title = data.title
  row.append(
    nameOf(data), cell("number", data.calls), track(data), cell("number", data.seconds), costBar(data),
    cell("number", data.cost), cell("number dim", data.cost_share),
    ...rare.map(name => cell(name === "failed" ? "number failed" : "number dim", data[name])),
  )
  return row
}

function nameOf(data) {
  const made = cell("name"), fold = element("button", data.has_below ? "fold" : "fold none")
  made.style.paddingLeft = `${Math.max(0, data.depth - 1) * 16}px`
  fold.tabIndex = -1
  fold.setAttribute("aria-hidden", "true")
  made.append(fold)
  if (data.colour) {
    const dot = element("span", "dot")
    dot.style.background = data.colour
    made.append(dot)
  }
  made.append(element("span", "label", data.name))
  if (data.note) made.append(element("span", "note", data.note))
  return made
}

function track(data) {
  const made = cell("track")
  if (!data.length) return made
  const bar = element("div", "bar"), waited = element("div", "waited")
  Object.assign(bar.style, {
    left: `${data.start * 100}%`, width: `${data.length * 100}%`, opacity: 0.35 + 0.65 * data.faint,
  })
  waited.style.width = `${data.waited * 100}%`
  bar.append(element("div", "all"), waited)
  made.append(bar)
  return made
}

function costBar(data) {
  const made = cell("cost"), part = element("span", "")
  part.style.width = `${data.cost_bar * 100}%`
  made.append(part)
  return made
}
