// One timeline on the page: its state, what the reader does to it, and what it tells Python.

const KEYBOARD_PAUSE = 120, ANSWER_TIME = 3000, CLICK_SLACK = 4
const timelines = new WeakMap()

class Timeline {
  constructor(root) {
    const find = selector => root.querySelector(selector)
    Object.assign(this, {
      frame: find(".timeline"), canvas: find("canvas"), tooltip: find(".tooltip"), searchBox: find(".search"),
      matchCount: find(".matches"), announcement: find(".announcement"),
    })
    this.painter = new Painter(this.canvas)
    Object.assign(this, { selected: -1, hovered: -1, scroll: 0, drag: null, showCritical: true, asked: null, shownId: null })
    this.listen(find)
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.canvas)
  }

  update(data, tell) {
    this.tell = tell
    this.theme = themeOf(this.frame)
    this.painter.minimap = null
    this.frame.style.height = `${data.height}px`  // the frame around it has none that a percentage could mean
    if (data.rev !== this.rev) this.load(data)
    this.follow(data.selected)
    this.draw()
  }

  load(data) {
    this.rev = data.rev
    const folded = this.spans ? [...this.spans.folded].map(row => this.spans.data.id[row]) : []
    this.spans = new Spans(data)
    // A trace still being recorded keeps what the reader folded.
    for (const id of folded) if (this.spans.rowOf.has(id)) this.spans.fold(this.spans.rowOf.get(id))
    this.time = new TimeWindow(this.spans.total)
    Object.assign(this, { selected: -1, hovered: -1, shownId: null })
    this.search(this.searchBox.value)
    this.canvas.setAttribute("aria-label", `Timeline of a trace: ${data.summary}. Arrow keys select a span; the Spans tab has the same as a table.`)
  }

  // The address bar leads. An answer to an older key press is passed over while a newer one is on its way.
  follow(id) {
    if (this.asked && Date.now() - this.asked.at < ANSWER_TIME && id !== this.asked.id) return
    this.asked = null
    if (id === this.shownId) return
    this.shownId = id
    this.selected = this.spans.rowOf.get(id) ?? -1
    if (this.selected >= 0) this.reveal(this.selected)
  }

  select(row, pause = 0) {
    const id = this.spans.data.id[row]
    Object.assign(this, { selected: row, shownId: id, asked: { id, at: Date.now() } })
    this.announcement.textContent = this.facts(row).join(", ")
    this.reveal(row)
    this.draw()
    clearTimeout(this.pending)
    if (pause) this.pending = setTimeout(() => this.tell("picked", id), pause)
    else this.tell("picked", id)
  }

  reveal(row) {
    this.spans.uncover(row)
    const top = this.spans.position[row] * ROW, room = this.canvas.clientHeight - HEADER
    if (top < this.scroll) this.scroll = top
    else if (top + ROW > this.scroll + room) this.scroll = top + ROW - room
    this.keepScrollInside()
    this.time.bringIn(this.spans.data.start[row], this.spans.data.end[row])
  }

  keepScrollInside() {
    const longest = this.spans.visible.length * ROW - (this.canvas.clientHeight - HEADER)
    this.scroll = Math.max(0, Math.min(this.scroll, longest))
  }

  search(text) {
    this.spans.search(text)
    this.countMatches()
    this.draw()
  }

  countMatches() {
    const { matches, query } = this.spans, at = matches.indexOf(this.selected) + 1
    const all = `${matches.length} match${matches.length === 1 ? "" : "es"}`
    this.matchCount.textContent = !query ? "" : at ? `${at} of ${all}` : all
  }

  facts(row) {
    const { data } = this.spans
    return [data.name[row], data.model[row], data.duration[row], data.cost[row], data.mark[row]].filter(Boolean)
  }

  showTooltip(row, x, y) {
    const { data, total } = this.spans
    const share = (data.end[row] - data.start[row]) / total * 100
    const title = document.createElement("b")
    title.textContent = data.name[row]
    const lines = [
      data.model[row], `${data.duration[row]} · ${share.toFixed(share < 10 ? 1 : 0)} % of the trace`,
      `${data.self[row]} its own · starts at ${tickLabel(data.start[row], Math.max(0.1, data.start[row] / 1000))}`,
      data.cost[row] && `Cost ${data.cost[row]}${data.call[row] ? "" : " underneath"}`, data.mark[row],
    ].filter(Boolean).map(text => Object.assign(document.createElement("div"), { textContent: text }))
    if (data.error[row]) lines.push(Object.assign(document.createElement("div"), { className: "error", textContent: data.error[row] }))
    this.tooltip.replaceChildren(title, ...lines)
    this.tooltip.style.display = "block"
    const below = y + 28 + this.tooltip.offsetHeight < this.canvas.clientHeight
    this.tooltip.style.left = `${Math.max(0, Math.min(x + 16, this.canvas.clientWidth - 254))}px`
    this.tooltip.style.top = `${below ? y + 18 : Math.max(0, y - 12 - this.tooltip.offsetHeight)}px`
  }

  hideTooltip() { this.tooltip.style.display = "none" }

  draw() {
    if (this.spans) this.frameRequest ??= requestAnimationFrame(() => { this.frameRequest = undefined; this.paint() })
  }

  paint() {
    if (!this.painter.resize()) return
    this.keepScrollInside()
    const { spans, time, theme, scroll, selected, hovered, drag, showCritical } = this
    this.painter.paint({ spans, time, theme, scroll, selected, hovered, drag, showCritical })
    // For tests, which cannot see into a canvas.
    Object.assign(this.canvas.dataset, {
      painted: spans.count, visible: spans.visible.length, selected: spans.data.id[selected] ?? "",
      header: HEADER, row: ROW, bars: this.painter.columns.bars, from: time.from, to: time.to,
    })
  }

  destroy() {
    this.observer.disconnect()
    clearTimeout(this.pending)
    cancelAnimationFrame(this.frameRequest)
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!timelines.has(parentElement)) timelines.set(parentElement, new Timeline(parentElement))
  const timeline = timelines.get(parentElement)
  timeline.update(data, setTriggerValue)
  return () => {
    timeline.destroy()
    timelines.delete(parentElement)
  }
}
