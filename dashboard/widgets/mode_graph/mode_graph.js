// Draws a picture that Python has laid out, and keeps it as wide as there is room for.

const SVG = "http://www.w3.org/2000/svg", LEAST_SCALE = 0.5
const sizes = new WeakMap()

export default function ({ data, parentElement }) {
  const graph = parentElement.querySelector(".graph")
  graph.setAttribute("aria-label", data.summary)
  const sheet = element("div", "sheet")
  sheet.append(lines(data.picture), ...data.picture.boxes.map(box => drawn(box, data.colours)))
  sheet.append(...data.picture.lines.filter(line => line.label).map(label))
  graph.replaceChildren(sheet)
  fit(graph, sheet, data.picture)
  sizes.get(graph)?.disconnect()
  const observer = new ResizeObserver(() => fit(graph, sheet, data.picture))
  observer.observe(graph)
  sizes.set(graph, observer)
  graph.dataset.painted = data.picture.boxes.length
  return () => observer.disconnect()
}

function fit(graph, sheet, { width, height }) {
  const room = graph.clientWidth
  const scale = Math.max(LEAST_SCALE, Math.min(1, room / width))
  Object.assign(sheet.style, {
    width: `${width}px`, height: `${height}px`, transform: `scale(${scale})`,
    marginLeft: `${Math.max(0, (room - width * scale) / 2)}px`, marginBottom: `${height * (scale - 1)}px`,
  })
}

function element(kind, name, text = "") {
  const made = document.createElement(kind)
  made.className = name
  made.textContent = text
  return made
}

function drawn(box, colours) {
  const made = element("div", `box ${box.shape}${box.optional ? " optional" : ""}${box.final ? " final" : ""}`)
  Object.assign(made.style, {
    left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px`,
  })
  made.dataset.step = box.id
  if (box.shape === "pill") made.append(element("span", "name", box.name))
  else made.append(head(box), ...body(box, colours))
  return made
}

function head(box) {
  const made = element("div", "head"), name = element("span", "name", box.name)
  name.title = box.name
  made.append(name)
  if (box.optional) {
    const only = element("span", "only", "if asked for")
    only.title = "Run only where a condition goes on with it"
    made.append(only)
  }
  const kind = box.shape === "loop" ? "↻ loop" : box.shape === "if" ? "◇ if" : box.kind === "stage" ? "" : box.kind
  made.append(element("span", "kind", kind))
  return made
}

function body(box, colours) {
  if (box.shape === "loop") return [gate(box)]
  if (box.shape === "if") return [conditionOf(box)]
  const cards = element("div", "cards")
  cards.style.gridTemplateColumns = `repeat(${box.across}, minmax(0, 1fr))`
  cards.append(...box.cards.map(card => cardOf(card, colours)))
  return [cards]
}

function conditionOf(box) {
  const made = element("div", "condition", box.condition)
  made.title = box.condition
  return made
}

function gate(box) {
  const made = element("div", "gate")
  const times = `at most ${box.max_rounds} ${box.max_rounds === 1 ? "time" : "times"}`
  const until = conditionOf({ condition: `until ${box.condition}` })
  made.append(until, element("div", "times", `else again, ${times}`))
  return made
}

function cardOf({ model, role, times }, colours) {
  const made = element("div", "card"), row = element("div", "row"), dot = element("span", "dot")
  const name = element("span", "model", model.split("/").slice(1).join("/") || model)
  dot.style.background = colours[model] ?? "currentColor"
  row.append(dot, name)
  if (times > 1) row.append(element("span", "count", `× ${times}`))
  made.title = role ? `${model}\n${role}` : model
  made.append(row)
  if (role) made.append(element("div", "role", role))
  return made
}

function lines({ width, height, lines }) {
  const made = document.createElementNS(SVG, "svg")
  made.setAttribute("viewBox", `0 0 ${width} ${height}`)
  made.setAttribute("aria-hidden", "true")
  for (const line of lines) {
    const path = document.createElementNS(SVG, "path"), tip = document.createElementNS(SVG, "path")
    path.setAttribute("class", `line ${line.style}`)
    path.setAttribute("d", line.style === "again" ? corners(line.points) : curve(line.points))
    tip.setAttribute("class", `tip ${line.style}`)
    tip.setAttribute("d", arrow(line))
    made.append(path, tip)
  }
  return made
}

// Straight down out of one point, straight down into the next.
function curve([[x, y], ...rest]) {
  let path = `M${x},${y}`
  for (const [toX, toY] of rest) {
    const middle = (y + toY) / 2
    path += `C${x},${middle} ${toX},${middle} ${toX},${toY}`
    ;[x, y] = [toX, toY]
  }
  return path
}

function corners([[x, y], [right, bottom], [, top], [end]], r = 10) {
  return `M${x},${y}H${right - r}Q${right},${bottom} ${right},${bottom - r}V${top + r}Q${right},${top} ${right - r},${top}H${end}`
}

function arrow({ points, style }) {
  const [x, y] = points.at(-1)
  return style === "again" ? `M${x},${y}l7,-4v8z` : `M${x},${y}l-4,-7h8z`
}

function label({ points, label, style }) {
  const made = element("div", `label ${style}`, label)
  const [[x, y], [toX, toY]] = style === "again" ? points.slice(1, 3) : points.slice(-2)
  Object.assign(made.style, { left: `${(x + toX) / 2}px`, top: `${(y + toY) / 2}px` })
  return made
}
