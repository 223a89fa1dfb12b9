// One icicle on the page: its state, what the reader does to it, and what it tells Python.

const KEYBOARD_PAUSE = 120, ANSWER_TIME = 3000, MOST_CRUMBS = 5
const told = number => number.toLocaleString("en-US")

class Icicle {
  constructor(root) {
    const find = selector => root.querySelector(selector)
    Object.assign(this, {
      frame: find(".icicle"), canvas: find("canvas"), tooltip: find(".tooltip"), crumbs: find(".crumbs"),
      legend: find(".legend"), said: find(".said"), announcement: find(".announcement"), up: find(".up"), top: find(".top"),
    })
    this.painter = new Painter(this.canvas)
    Object.assign(this, { selected: -1, hovered: -1, scroll: 0, under: 0, asked: {} })
    this.listen()
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.canvas)
    // Who goes back wants that, whatever was asked for a moment before.
    this.onBack = () => { this.asked = {} }
    addEventListener("popstate", this.onBack)
  }

  update(data, tell) {
    this.tell = tell
    this.theme = themeOf(this.frame)
    this.frame.style.height = `${data.height}px`
    if (data.rev !== this.rev) this.load(data)
    this.draw()
  }

  load(data) {
    this.rev = data.rev
    this.parts = new Parts(data)
    Object.assign(this, { selected: -1, hovered: -1, under: 0, shown: {}, asked: {} })
    this.parts.lay(0)
    this.drawCrumbs()
    this.canvas.setAttribute("aria-label", `${data.summary}. Arrow keys select a part, Enter draws it alone; the table below has the same.`)
    this.drawLegend(data.legend)
  }

  // The address bar leads. An answer to an older key press is passed over while a newer one is on its way.
  follow({ of, selected, under }) {
    if (of !== this.parts?.data.of) return
    if (!this.isStale("entered", under ?? "") && this.shown.under !== (under ?? "")) {
      this.shown.under = under ?? ""
      this.under = this.parts.placeOf.get(under) ?? 0
      this.scroll = 0
    }
    this.parts.lay(this.under)
    if (!this.isStale("picked", selected ?? "") && this.shown.selected !== (selected ?? "")) {
      this.shown.selected = selected ?? ""
      this.selected = this.parts.placeOf.get(selected) ?? -1
      if (this.selected >= 0) this.reveal(this.selected)
    }
    this.drawCrumbs()
    this.draw()
  }

  isStale(name, id) {
    const asked = this.asked[name]
    if (asked && id !== asked.id && Date.now() - asked.at < ANSWER_TIME) return true
    delete this.asked[name]
    return false
  }

  say(name, id, pause = 0) {
    this.asked[name] = { id, at: Date.now() }
    clearTimeout(this.pending)
    if (pause) this.pending = setTimeout(() => this.tell(name, id), pause)
    else this.tell(name, id)
  }

  select(place, pause = 0) {
    if (place < 0) return
    this.selected = place
    this.shown.selected = this.parts.data.id[place]
    this.announcement.textContent = this.facts(place).join(", ")
    this.reveal(place)
    this.draw()
    this.say("picked", this.parts.data.id[place], pause)
  }

  enter(place) {
    if (place < 0 || place === this.under) return
    const id = place === 0 ? "" : this.parts.data.id[place]
    Object.assign(this, { under: place, scroll: 0, hovered: -1 })
    this.shown.under = id
    this.parts.lay(place)
    this.hideTooltip()
    this.drawCrumbs()
    this.draw()
    this.say("entered", id)
  }

  leave() { this.enter(this.parts.data.parent[this.under]) }

  reveal(place) {
    if (!this.parts.within(place)) return
    const top = this.parts.levelOf(place) * ROW, room = this.canvas.clientHeight
    if (top < this.scroll) this.scroll = top
    else if (top + ROW > this.scroll + room) this.scroll = top + ROW - room
    this.keepScrollInside()
  }

  keepScrollInside() {
    this.scroll = Math.max(0, Math.min(this.scroll, this.parts.levels.length * ROW - this.canvas.clientHeight))
  }

  placeAt(x, y) {
    return this.parts.at(Math.floor((y + this.scroll) / ROW), x / this.painter.width, 2 / this.painter.width)
  }

  facts(place) {
    const { data } = this.parts
    return [data.name[place], data.model[place], data.facts[place], data.limit[place], data.error[place]].filter(Boolean)
  }

  drawCrumbs() {
    const path = this.parts.path(this.under), { name } = this.parts.data
    const cut = path.length > MOST_CRUMBS ? [path[0], null, ...path.slice(2 - MOST_CRUMBS)] : path
    const items = cut.flatMap((place, index) => [...(index ? [this.separator("›")] : []), place === null ? this.separator(`… ${path.length - MOST_CRUMBS + 1} more`) : this.crumb(place, name[place])])
    this.crumbs.replaceChildren(...items)
    this.up.disabled = this.top.disabled = this.under === 0
  }

  separator(text) { return Object.assign(document.createElement("span"), { textContent: text }) }

  crumb(place, text) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: text })
    if (place === this.under) button.setAttribute("aria-current", "location")
    button.onclick = () => this.enter(place)
    return button
  }

  drawLegend(entries) {
    this.legend.replaceChildren(...entries.map(([kind, text]) => {
      const swatch = document.createElement("i"), entry = document.createElement("span")
      if (kind.startsWith("#")) swatch.style.setProperty("--colour", kind)
      else swatch.className = kind
      entry.append(swatch, text)
      return entry
    }))
  }

  showTooltip(place, x, y) {
    const { data } = this.parts
    const line = (text, className = "") => Object.assign(document.createElement("div"), { textContent: text, className })
    const title = Object.assign(document.createElement("b"), { textContent: data.name[place] })
    const lines = [data.model[place], ...data.facts[place].split("\n")].filter(Boolean).map(text => line(text))
    if (data.limit[place]) lines.push(line(data.limit[place], "limit"))
    if (data.error[place]) lines.push(line(data.error[place], "error"))
    this.tooltip.replaceChildren(title, ...lines)
    this.tooltip.style.display = "block"
    const below = y + 24 + this.tooltip.offsetHeight < this.canvas.clientHeight
    this.tooltip.style.left = `${Math.max(0, Math.min(x + 16, this.canvas.clientWidth - 274))}px`
    this.tooltip.style.top = `${below ? y + 18 : Math.max(0, y - 12 - this.tooltip.offsetHeight)}px`
  }

  hideTooltip() { this.tooltip.style.display = "none" }

  draw() {
    if (this.parts) this.frameRequest ??= requestAnimationFrame(() => { this.frameRequest = undefined; this.paint() })
  }

  paint() {
    if (!this.parts.count || !this.painter.resize()) return
    this.keepScrollInside()
    const { parts, theme, scroll, selected, hovered, under } = this
    this.painter.paint({ parts, theme, scroll, selected, hovered })
    this.countNarrow()
    this.sayHidden()
    // For tests, which cannot see into a canvas.
    Object.assign(this.canvas.dataset, {
      painted: parts.end[under] - under, narrow: this.narrow, rows: parts.levels.length, row: ROW, scroll,
      selected: parts.data.id[selected] ?? "", under: parts.data.id[under] ?? "",
    })
  }

  countNarrow() {
    const { parts, under, painter } = this, counted = `${this.rev}:${under}:${painter.width}`
    if (counted === this.counted) return
    this.counted = counted
    this.narrow = parts.narrowerThan(NARROW / painter.width)
    const total = parts.end[under] - under
    this.tooNarrow = this.narrow ? `${told(this.narrow)} of ${told(total)} parts are too narrow to see: double click what they stand in.` : ""
  }

  // What is out of sight, and how to get there.
  sayHidden() {
    const rows = this.parts.levels.length, shown = Math.floor(this.canvas.clientHeight / ROW), first = Math.round(this.scroll / ROW) + 1
    const below = rows > shown ? `Rows ${told(first)} to ${told(first + shown - 1)} of ${told(rows)}.` : ""
    const said = [below, this.tooNarrow].filter(Boolean).join(" ")
    if (this.said.textContent !== said) this.said.textContent = said
  }

  destroy() {
    this.observer.disconnect()
    removeEventListener("popstate", this.onBack)
    clearTimeout(this.pending)
    cancelAnimationFrame(this.frameRequest)
  }
}
